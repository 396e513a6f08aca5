import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { order } from "../../generated/typescript/order.js";
import {
  createCodec,
  createConsumer,
  createProducer,
  type EmitOptions,
  type Event,
  type EventHeader,
  PulsarMessageId,
  schemaOf,
} from "../../src/runtime/index.js";
import { partitionOf } from "../../src/runtime/murmur.js";
import { createWebSocketClient, type WebSocketClient } from "../../src/runtime/websocket/index.js";
import { useBroker } from "./broker.js";
import { type Read, type Registered, useJavaPeer, usePythonPeer } from "./peer.js";
import { asRead, events } from "./sample-orders.js";

const broker = useBroker();
const java = useJavaPeer(broker);
const python = usePythonPeer(broker);
const tenant = `inter-${process.pid}`;
let client: WebSocketClient;

beforeAll(async () => {
  await broker.rest("PUT", `tenants/${tenant}`, { adminRoles: [], allowedClusters: ["standalone"] });
  await broker.rest("PUT", `namespaces/${tenant}/sales`);
  await broker.rest("POST", `namespaces/${tenant}/sales/isAllowAutoUpdateSchema`, false);
  await broker.rest("POST", `namespaces/${tenant}/sales/retention`, {
    retentionTimeInMinutes: -1,
    retentionSizeInMB: -1,
  });
  client = createWebSocketClient({ serviceUrl: broker.webSocketUrl, adminUrl: broker.adminUrl });
});
afterAll(() => client.close());

const newTopic = async (name: string, partitions: number): Promise<string> => {
  await broker.rest("PUT", `persistent/${tenant}/sales/${name}/partitions`, partitions);
  return `persistent://${tenant}/sales/${name}`;
};

describe("a key goes to the partition", () => {
  // Not a power of two, so that every bit of the hash counts.
  const partitions = 7;
  const letters = ["a", "é", "日", "😀", "\u0000", "\uffff", " ", "/", '"'];
  const keys = [
    ...Array.from({ length: 200 }, (_, index) => `order-${index ** 3}`),
    ...letters.flatMap((letter) => Array.from({ length: 20 }, (_, index) => letter.repeat(index + 1))),
    ...letters.flatMap((letter) => letters.map((other) => `${letter}${other}x`)),
  ];
  const expected = keys.map((key) => partitionOf(key, partitions));
  const partitionsOf = async (name: string, own: WebSocketClient): Promise<readonly number[]> => {
    const producer = await own.createProducer({ topic: await newTopic(name, partitions) });
    await Promise.all(keys.map((partitionKey) => producer.send({ data: Buffer.of(), partitionKey })));
    const reader = await client.createReader({
      topic: producer.getTopic(),
      startMessageId: PulsarMessageId.earliest(),
    });
    const found = new Map<string, number>();
    while (await reader.hasNext()) {
      const message = await reader.readNext();
      found.set(message.getPartitionKey(), PulsarMessageId.from(message.getMessageId()).partition);
    }
    await reader.close();
    return keys.map((key) => found.get(key) ?? Number.NaN);
  };

  it("that evgen computes", async () => {
    expect(await partitionsOf("keys-evgen", client)).toEqual(expected);
    expect(new Set(expected).size).toBe(partitions);
  });

  it("that the Java client sends it to", async () => {
    expect(await java.partitions(await newTopic("keys-java", partitions), keys)).toEqual(expected);
  });

  it("that the Python client sends it to, with a router of its own", async () => {
    expect(await python.partitions(await newTopic("keys-python", partitions), keys)).toEqual(expected);
  });

  it("that the broker's WebSocket service sends it to, where evgen does not know the partitions", async () => {
    const plain = createWebSocketClient({ serviceUrl: broker.webSocketUrl });
    expect(await partitionsOf("keys-broker", plain)).toEqual(expected);
    await plain.close();
  });
});

describe.each(["avro", "json"] as const)("events in %s of all three clients on one topic", (encoding) => {
  const topic = { ...order.topic, url: `persistent://${tenant}/sales/orders-${encoding}`, encoding };
  const aggregate = { ...order, topic };
  const type = encoding === "avro" ? "AVRO" : "JSON";
  const registered: Registered = { topic: topic.url, type, definition: schemaOf(topic).schema };
  const writers = ["evgen", "java", "python"] as const;
  const perWriter = 25;

  /** Events of seven orders in turn; where they are numbered, each writer goes on where the one before it has ended. */
  const sample = (writer: (typeof writers)[number], index: number) => {
    const [definition, header, data] = events[index % events.length] as (typeof events)[number];
    const aggregateId = `00000000-0000-4000-8000-${String(index % 7).padStart(12, "0")}`;
    const sequence = header.sequence === undefined ? undefined : header.sequence + writers.indexOf(writer);
    const own: EventHeader = { ...header, id: `${writer}-${String(index).padStart(2, "0")}`, aggregateId, sequence };
    return { definition, header: own, data };
  };
  const samplesOf = (writer: (typeof writers)[number]) =>
    Array.from({ length: perWriter }, (_, index) => sample(writer, index));
  const samples = writers.flatMap(samplesOf);
  /** As others read it, and as they are told to write it. */
  const foreign = (withBranch: boolean) =>
    samples.map(({ header, data }, index) => {
      const { id, aggregateId, sequence = null } = header;
      const seen = asRead(withBranch)[(index % perWriter) % events.length];
      if (encoding === "avro") return { ...seen, id, aggregateId, sequence };
      const own = { ...seen, id, aggregateId, sequence, time: Date.parse(header.time), data };
      // evgen leaves out what is null, others need not.
      if (index >= perWriter) return own;
      return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null));
    });
  const foreignOf = (writer: (typeof writers)[number]) => {
    const from = writers.indexOf(writer) * perWriter;
    const all = foreign(true).slice(from, from + perWriter);
    return all.map((event, index) => ({ key: sample(writer, index).header.aggregateId, event }));
  };
  const byId = <Item>(items: readonly Item[], idOf: (item: Item) => unknown): readonly Item[] =>
    items.toSorted((a, b) => (String(idOf(a)) < String(idOf(b)) ? -1 : 1));
  const register = async (name: string) => {
    const url = await newTopic(name, 3);
    const schema = { type, schema: registered.definition, properties: {} };
    await broker.rest("POST", `schemas/${tenant}/sales/${name}/schema`, schema);
    return url;
  };

  beforeAll(async () => {
    await register(`orders-${encoding}`);
    const methods = Object.fromEntries(order.events.map((event) => [event.type, event]));
    const producer = await createProducer(client, aggregate, methods);
    for (const { header, data } of samplesOf("evgen"))
      await producer[header.type]?.(header.aggregateId, data as never, header as EmitOptions);
    await producer.close();
    await java.write(registered, foreignOf("java"));
    await python.write(registered, foreignOf("python"));
  });

  /** All that was written, a key in one partition whoever wrote, and what evgen says beside the payload. */
  const expectAll = (found: readonly Read[], withBranch: boolean) => {
    const sorted = byId(found, ({ event }) => event["id"]);
    expect(sorted.map(({ event }) => event)).toEqual(foreign(withBranch));
    for (const { key, partition, event } of sorted)
      expect([key, partition]).toEqual([event["aggregateId"], partitionOf(key, 3)]);
    const [first] = sorted;
    expect(first?.eventTime).toBe(Date.parse("2026-01-05T10:00:00.123Z"));
    expect(first?.properties).toMatchObject({
      ...{ ce_specversion: "1.0", ce_id: "evgen-00", ce_type: "shop.sales.OrderPlaced.v2", ce_subject: first?.key },
    });
  };

  it("are read by the Java client with the registered schema", async () => {
    expectAll(await java.read(registered, "java", samples.length), true);
  });

  it("are read by the Python client with the registered schema", async () => {
    expectAll(await python.read(registered, "python", samples.length), false);
  });

  it("are handled by evgen, in the order of their keys", async () => {
    const handled: Event[] = [];
    const handlers = Object.fromEntries(
      order.events.map(({ type }) => [type, (event: never) => void handled.push(event)]),
    );
    const consumer = await createConsumer(client, [aggregate], { subscription: "evgen", handlers });
    await expect.poll(() => handled.length + consumer.counts.parked, { timeout: 120_000 }).toBe(samples.length);
    await consumer.close();
    expect(byId(handled, ({ id }) => id)).toEqual(samples.map(({ header, data }) => ({ ...header, data })));
    for (const key of new Set(handled.map(({ aggregateId }) => aggregateId))) {
      const own = handled.filter(({ aggregateId }) => aggregateId === key).map(({ id }) => id);
      expect(own).toEqual(own.toSorted());
    }
  });

  it("are read by a Java client that finds the schema itself, where they were sent with one", async () => {
    const found = await java.read({ topic: topic.url, type }, "auto", samples.length);
    const own = found.filter(({ properties }) => "ce_id" in properties);
    const others = found.filter(({ properties }) => !("ce_id" in properties));
    expect(byId(others, ({ event }) => event["id"]).map(({ event }) => event)).toEqual(foreign(true).slice(perWriter));
    // A message over WebSocket does not say which schema it has.
    for (const { event } of own) expect(event).toEqual({ $bytes: expect.any(Number) });

    const url = await register(`orders-${encoding}-with-schema`);
    const codec = await createCodec({ topic, aggregates: [aggregate] });
    const ours = samplesOf("evgen").map(({ definition, header, data }) => ({
      key: header.aggregateId,
      payload: codec.encode(definition, header, data).toString("base64"),
    }));
    await java.write({ ...registered, topic: url }, ours);
    const again = await java.read({ topic: url, type }, "auto", perWriter);
    expect(byId(again, ({ event }) => event["id"]).map(({ event }) => event)).toEqual(
      foreign(true).slice(0, perWriter),
    );
  });
});

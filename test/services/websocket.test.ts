import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  PulsarMessageId,
  type TransportConsumer,
  TransportFailed,
  UnsupportedByTransport,
} from "../../src/runtime/index.js";
import { createWebSocketClient, type WebSocketClient } from "../../src/runtime/websocket/index.js";
import { useBroker } from "./broker.js";
import { openProxy } from "./proxy.js";

const broker = useBroker();
const tenant = `ws-${process.pid}`;
let client: WebSocketClient;

beforeAll(async () => {
  await broker.rest("PUT", `tenants/${tenant}`, { adminRoles: [], allowedClusters: ["standalone"] });
  for (const namespace of ["n", "enforced"]) await broker.rest("PUT", `namespaces/${tenant}/${namespace}`);
  await broker.rest("POST", `namespaces/${tenant}/n/deduplication`, true);
  const retention = { retentionTimeInMinutes: -1, retentionSizeInMB: -1 };
  await broker.rest("POST", `namespaces/${tenant}/n/retention`, retention);
  await broker.rest("POST", `namespaces/${tenant}/enforced/schemaValidationEnforced`, true);
  client = createWebSocketClient({ serviceUrl: broker.webSocketUrl, adminUrl: broker.adminUrl });
});
afterAll(() => client.close());

const newTopic = () => `persistent://${tenant}/n/${randomUUID()}`;
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

/** Everything in a topic, as numbers. */
const stored = async (topic: string): Promise<readonly number[]> => {
  const reader = await client.createReader({ topic, startMessageId: PulsarMessageId.earliest() });
  const found: number[] = [];
  while (await reader.hasNext()) found.push(Number((await reader.readNext()).getData().toString()));
  await reader.close();
  return found;
};

/** Acknowledges what it gets until it has each of so many once. */
const consume = async (consumer: TransportConsumer, count: number): Promise<readonly number[]> => {
  const seen = new Set<number>();
  while (seen.size < count) {
    const message = await consumer.receive();
    seen.add(Number(message.getData().toString()));
    // A connection that breaks takes acknowledgements with it: the message comes again.
    await consumer.acknowledge(message).catch(() => {});
  }
  return [...seen];
};

describe("a broker that goes away", () => {
  it.runIf(broker.isOwn).each(["kill", "stop"] as const)(
    "%s and start under load: each message is stored once, in order, and arrives",
    async (how) => {
      const topic = newTopic();
      const events: string[] = [];
      const own = createWebSocketClient({
        ...{ serviceUrl: broker.webSocketUrl, adminUrl: broker.adminUrl },
        onConnection: ({ kind }) => events.push(kind),
      });
      const producer = await own.createProducer({ topic, sendTimeoutMs: 120_000 });
      const consumer = await own.subscribe({ topic, subscription: "s", subscriptionInitialPosition: "Earliest" });
      const consuming = consume(consumer, 5000);
      let gone: Promise<void> | undefined;
      const sends: Promise<unknown>[] = [];
      for (const number of numbers(0, 5000)) {
        if (number === 2000) gone = broker[how]().then(broker.start);
        const sent = producer.send({ data: Buffer.from(String(number)), partitionKey: `k${number % 7}` });
        sends.push(sent);
        // Some hundred are always on their way.
        if (sends.length > 300) await sends[sends.length - 300];
      }
      await Promise.all(sends);
      await gone;
      expect(await stored(topic)).toEqual(numbers(0, 5000));
      expect([...(await consuming)].toSorted((a, b) => a - b)).toEqual(numbers(0, 5000));
      expect(events).toContain("lost");
      expect(events).toContain("restored");
      await own.close();
    },
  );
});

describe("a connection that breaks", () => {
  it("while much is on its way to several partitions: each message is stored once, in the order of its key", async () => {
    const topic = newTopic();
    await broker.rest("PUT", `persistent/${topic.slice("persistent://".length)}/partitions`, 3);
    const proxy = await openProxy(broker.webSocketUrl);
    const own = createWebSocketClient({ serviceUrl: proxy.url, adminUrl: broker.adminUrl });
    const producer = await own.createProducer({ topic });
    const consumer = await own.subscribe({ topic, subscription: "s", subscriptionInitialPosition: "Earliest" });
    const consuming = consume(consumer, 3000);
    const sends: Promise<unknown>[] = [];
    for (const number of numbers(0, 3000)) {
      if (number % 400 === 399) proxy.cut();
      sends.push(producer.send({ data: Buffer.from(String(number)), partitionKey: `k${number % 7}` }));
      if (sends.length > 300) await sends[sends.length - 300];
    }
    await Promise.all(sends);
    const kept = await stored(topic);
    expect(kept.toSorted((a, b) => a - b)).toEqual(numbers(0, 3000));
    for (const key of numbers(0, 7)) {
      const own = kept.filter((number) => number % 7 === key);
      expect(own).toEqual(own.toSorted((a, b) => a - b));
    }
    expect((await consuming).length).toBe(3000);
    await own.close();
    await proxy.close();
  });

  it("without a word is noticed, and made anew", async () => {
    const topic = newTopic();
    const proxy = await openProxy(broker.webSocketUrl);
    const lost: string[] = [];
    const own = createWebSocketClient({
      ...{ serviceUrl: proxy.url, pingInterval: 200 },
      onConnection: ({ kind }) => lost.push(kind),
    });
    const producer = await own.createProducer({ topic });
    const consumer = await own.subscribe({ topic, subscription: "s", subscriptionInitialPosition: "Earliest" });
    await producer.send({ data: Buffer.from("0") });
    proxy.freeze(true);
    const sending = producer.send({ data: Buffer.from("1") });
    while (lost.filter((kind) => kind === "lost").length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    proxy.freeze(false);
    await sending;
    expect([...(await consume(consumer, 2))]).toEqual([0, 1]);
    await own.close();
    await proxy.close();
  });

  it("takes a reader on where it was", async () => {
    const topic = newTopic();
    const producer = await client.createProducer({ topic });
    await Promise.all(numbers(0, 500).map((number) => producer.send({ data: Buffer.from(String(number)) })));
    const proxy = await openProxy(broker.webSocketUrl);
    const own = createWebSocketClient({ serviceUrl: proxy.url, adminUrl: broker.adminUrl });
    const reader = await own.createReader({ topic, startMessageId: PulsarMessageId.earliest() });
    const found: number[] = [];
    while (await reader.hasNext()) {
      found.push(Number((await reader.readNext()).getData().toString()));
      if (found.length % 120 === 0) proxy.cut();
    }
    expect(found).toEqual(numbers(0, 500));
    await own.close();
    await proxy.close();
  });

  it("fails a send that takes too long, with what keeps it", async () => {
    const topic = newTopic();
    const proxy = await openProxy(broker.webSocketUrl);
    const own = createWebSocketClient({ serviceUrl: proxy.url });
    const producer = await own.createProducer({ topic, sendTimeoutMs: 300 });
    await proxy.close();
    await expect(producer.send({ data: Buffer.from("x") })).rejects.toThrow(
      /TimeOut: not connected: .*(ECONNREFUSED|lost)/,
    );
    const opening = createWebSocketClient({ serviceUrl: proxy.url, operationTimeout: 300 }).createProducer({ topic });
    await expect(opening).rejects.toThrow(/^Failed to create producer: TimeOut: .*ECONNREFUSED/);
    await own.close();
  });
});

describe("a frame that is longer than the broker takes", () => {
  it("fails alone, also when this side does not know the limit", async () => {
    const topic = newTopic();
    const own = createWebSocketClient({ serviceUrl: broker.webSocketUrl, maxFrameSize: 100_000_000 });
    const producer = await own.createProducer({ topic });
    const sizes = [10, 2_000_000, 20, 30];
    const results = await Promise.allSettled(sizes.map((size) => producer.send({ data: Buffer.alloc(size, "1") })));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect((results[1] as PromiseRejectedResult).reason.message).toContain("MessageTooBig: Text message size");
    expect((await stored(topic)).length).toBe(3);
    await own.close();
  });
});

describe("what a broker refuses", () => {
  it("has its reason", async () => {
    const topic = newTopic();
    const producer = await client.createProducer({ topic });
    const refused = async (opening: Promise<unknown>) => {
      const error = await opening.catch((one: unknown) => one);
      expect(error).toBeInstanceOf(TransportFailed);
      return error as TransportFailed;
    };
    const busy = await refused(client.createProducer({ topic, producerName: producer.getProducerName() }));
    expect(busy.code).toBe("ProducerBusy");
    expect(busy.reason).toContain("is already connected to topic");
    await client.subscribe({ topic, subscription: "s" });
    expect((await refused(client.subscribe({ topic, subscription: "s" }))).message).toBe(
      "Failed to create consumer: ConsumerBusy: Exclusive consumer is already connected",
    );
    const missing = await refused(client.createProducer({ topic: `persistent://${tenant}/nothing/t` }));
    expect(missing.message).toBe("Failed to create producer: TopicNotFound: Namespace not found");
  });

  it("is a producer without schema where schemas are enforced", async () => {
    const path = `${tenant}/enforced/t`;
    await broker.rest("POST", `schemas/${path}/schema`, {
      type: "AVRO",
      schema: JSON.stringify({ type: "record", name: "T", fields: [] }),
      properties: {},
    });
    const opening = client.createProducer({ topic: `persistent://${path}` });
    await expect(opening).rejects.toThrow(/IncompatibleSchema: Producers cannot connect.* without a schema/);
  });

  it("is what the transport cannot do, before anything is asked of the broker", async () => {
    const topic = newTopic();
    await expect(client.createProducer({ topic, accessMode: "Exclusive" })).rejects.toThrow(UnsupportedByTransport);
    const plain = createWebSocketClient({ serviceUrl: broker.webSocketUrl });
    expect(plain.capabilities.seek).toBe(false);
    const consumer = await plain.subscribe({ topic, subscription: "s" });
    await expect(consumer.seekTimestamp(0)).rejects.toThrow("adminUrl");
    const producer = await plain.createProducer({ topic });
    await expect(producer.send({ data: Buffer.from("x"), sequenceId: 1 })).rejects.toThrow("adminUrl");
    await plain.close();
  });
});

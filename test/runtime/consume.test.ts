import { describe, expect, it } from "vitest";
import { derivedId } from "../../src/runtime/ids.js";
import {
  type AggregateDefinition,
  type Consumer,
  type ConsumerDefinition,
  type ConsumerNotice,
  createCodec,
  createDefinedConsumer,
  createManualClock,
  createMemoryBroker,
  createMemoryStore,
  createProducer,
  type Event,
  type EventDefinition,
  type EventHeader,
  type MemoryBroker,
  MemoryMessageId,
  type Message,
  type ProjectionDefinition,
  ProjectionError,
  parkingProperties,
  RowsOutdated,
  runProjection,
  type SubscriptionDefinition,
  schemaOf,
  type TopicDefinition,
} from "../../src/runtime/index.js";
import { added, both, branch, functions, gone, renamed, smallModel, subscription } from "./small-model.js";

const { topic, counter } = smallModel("avro");

const header = (
  definition: EventDefinition,
  version: number,
  id: string,
  more: Partial<EventHeader> = {},
): EventHeader => ({
  id,
  type: definition.type,
  version,
  aggregateId: "k1",
  time: "2026-01-05T10:00:00.000Z",
  metadata: {},
  ...more,
});

/** Publishes events as an older or newer program would have. */
const publishStored = async (
  broker: MemoryBroker,
  stored: readonly { definition: EventDefinition; header: EventHeader; data: unknown }[],
  from: { topic: TopicDefinition; counter: AggregateDefinition } = { topic, counter },
) => {
  const producer = await broker.client().createProducer({ topic: from.topic.url });
  for (const one of stored) {
    const definition = { type: one.definition.type, versions: one.definition.versions.slice(0, one.header.version) };
    const aggregate = { ...from.counter, events: [definition] };
    const codec = await createCodec({ topic: from.topic, aggregates: [aggregate] });
    await producer.send({ data: codec.encode(definition, one.header, one.data), partitionKey: one.header.aggregateId });
  }
};

const consume = (
  broker: MemoryBroker,
  handle: (event: Event<string, never>, attempt: number) => Promise<void> | void,
  more: Partial<SubscriptionDefinition> = {},
  settings: object = {},
): Promise<Consumer> => {
  const definition: ConsumerDefinition = {
    name: "Test",
    aggregates: [counter],
    events: ["Added", "Renamed"],
    subscription: subscription(more),
  };
  const handler = (event: never, { attempt }: { attempt: number }) => handle(event, attempt);
  return createDefinedConsumer(broker.client(), definition, {
    handlers: { Added: handler, Renamed: handler },
    functions,
    ...settings,
  });
};

const dead = async (broker: MemoryBroker): Promise<Message[]> => {
  const reader = await broker
    .client()
    .createReader({ topic: "persistent://a/b/dead", startMessageId: MemoryMessageId.earliest() });
  const messages: Message[] = [];
  while (reader.hasNext()) messages.push(await reader.readNext());
  return messages.filter((message) => message.getProperties()["evgen_mark"] === undefined);
};

const reasons = (messages: readonly Message[]) =>
  messages.map((message) => `${message.getProperties()["ce_id"]} ${message.getProperties()[parkingProperties.reason]}`);

const open = () => createMemoryBroker({ topics: [topic] });

const produce = async (broker: MemoryBroker) => createProducer(broker.client(), counter, { added, renamed });

describe.each(["avro", "json"] as const)("the decode path, in %s", (encoding) => {
  const model = smallModel(encoding);
  const decode = async (definition: EventDefinition, version: number, data: unknown) => {
    const old = { type: definition.type, versions: definition.versions.slice(0, version) };
    const writer = await createCodec({ topic: model.topic, aggregates: [{ ...model.counter, events: [old] }] });
    const reader = await createCodec({ topic: model.topic, aggregates: [model.counter], functions });
    return reader.decode(writer.encode(old, header(definition, version, "e1", { sequence: 4 }), data));
  };

  it("upcasts from every version", async () => {
    expect(await decode(added, 1, { text: "four" })).toMatchObject({
      kind: "events",
      upcast: true,
      events: [{ id: "e1", type: "Added", version: 1, sequence: 4, data: { amount: 8 } }],
    });
    expect(await decode(added, 2, { amount: 3 })).toMatchObject({ events: [{ version: 2, data: { amount: 6 } }] });
    expect(await decode(added, 3, { amount: 3 })).toMatchObject({ upcast: false, events: [{ data: { amount: 3 } }] });
  });

  it("checks what a function of the user's has made", async () => {
    expect(await decode(added, 2, { amount: 99 })).toMatchObject({
      kind: "invalid",
      reason: expect.stringContaining("upcast to 3"),
      problems: [{ pointer: "/amount" }],
    });
  });

  it("reads a retired event as its parts, or as nothing", async () => {
    expect(await decode(both, 1, { amount: 1, name: "n" })).toMatchObject({
      events: [
        { id: derivedId("e1", "0"), type: "Added", index: 0, sequence: 4, data: { amount: 1 } },
        { id: derivedId("e1", "1"), type: "Renamed", index: 1, sequence: 4, data: { name: "n" } },
      ],
    });
    expect(await decode(gone, 1, {})).toMatchObject({ kind: "events", events: [] });
  });

  it("tells a newer version, an unknown type and another aggregate's event from each other", async () => {
    const newer = smallModel(encoding, 6, [branch("AddedV4", { amount: "int" }), branch("NewV1", {})]);
    const write = async (type: string, version: number) => {
      const schema = { type: "object" };
      const definition: EventDefinition = { type, versions: Array.from({ length: version }, () => ({ schema })) };
      const codec = await createCodec({ topic: newer.topic, aggregates: [{ ...newer.counter, events: [definition] }] });
      return codec.encode(definition, header(definition, version, "e1"), { amount: 1 });
    };
    const reader = await createCodec({ topic: model.topic, aggregates: [model.counter], functions });
    expect(reader.decode(await write("Added", 4))).toMatchObject({ kind: "newer-version", header: { version: 4 } });
    expect(reader.decode(await write("New", 1))).toMatchObject({ kind: "unknown-type", header: { type: "New" } });
    const other = await createCodec({ topic: model.topic, aggregates: [{ ...model.counter, events: [renamed] }] });
    expect(other.decode(await write("Added", 2))).toMatchObject({ kind: "other-aggregate" });
  });
});

describe("a consumer", () => {
  it("hands events out in order per key, several keys at once", async () => {
    const broker = open();
    const producer = await produce(broker);
    const seen = new Map<string, number[]>();
    let running = 0;
    let most = 0;
    const consumer = await consume(broker, async ({ aggregateId, data }) => {
      most = Math.max(most, ++running);
      await new Promise((go) => setImmediate(go));
      seen.set(aggregateId, [...(seen.get(aggregateId) ?? []), (data as { amount: number }).amount]);
      running--;
    });
    for (let i = 0; i < 50; i++) for (let key = 0; key < 8; key++) void producer.added(`k${key}`, { amount: i });
    await producer.flush();
    await consumer.whenCaughtUp();
    const order = Array.from({ length: 50 }, (_, i) => i);
    expect([...seen.values()]).toEqual(Array.from({ length: 8 }, () => order));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
    expect(consumer.counts).toMatchObject({ handled: 400, failed: 0, inFlight: 0 });
    await consumer.close();
  });

  it("retries with growing pauses, then parks the key and goes on with the others", async () => {
    const clock = createManualClock();
    const broker = open();
    const stored = ["p1", "p2", "p3"].map((id) => ({
      definition: renamed,
      header: header(renamed, 1, id),
      data: { name: id },
    }));
    const fine = {
      definition: renamed,
      header: header(renamed, 1, "f", { aggregateId: "other" }),
      data: { name: "f" },
    };
    const attempts: [number, number][] = [];
    const handled: string[] = [];
    const consumer = await consume(
      broker,
      ({ id }, attempt) => {
        if (id === "p2") {
          attempts.push([attempt, clock.now()]);
          throw new Error("broken");
        }
        handled.push(id);
      },
      {},
      { clock },
    );
    const since = clock.now();
    await publishStored(broker, [...stored, fine]);
    await clock.advance(50);
    expect(handled).toEqual(["p1", "f"]);
    await clock.advance(1000);
    await consumer.whenCaughtUp();
    expect(attempts.map(([attempt, at]) => [attempt, at - since])).toEqual([
      [1, 0],
      [2, 100],
      [3, 300],
    ]);
    expect([...consumer.parkedKeys]).toEqual(["k1"]);
    const parked = await dead(broker);
    expect(parked.map((one) => one.getProperties()[parkingProperties.reason])).toEqual(["failed", "blocked"]);
    expect(parked[0]?.getPartitionKey()).toBe("k1");
    expect(parked[0]?.getProperties()).toMatchObject({
      [parkingProperties.error]: "broken",
      [parkingProperties.attempts]: "3",
      [parkingProperties.consumer]: "Test",
      [parkingProperties.originMessageId]: expect.stringMatching(/^\(1,1,\d,-1\)$/),
    });
    expect(broker.backlog(topic.url, "s")).toBe(0);
    await consumer.close();
  });

  it("parks what is no event, with the reason", async () => {
    const broker = open();
    const client = broker.client();
    const raw = await client.createProducer({ topic: topic.url });
    await raw.send({ data: Buffer.from("rubbish"), partitionKey: "x" });
    await raw.send({ data: Buffer.from("rubbish without a key") });
    const consumer = await consume(broker, () => {});
    await consumer.whenCaughtUp();
    expect((await dead(broker)).map((one) => one.getProperties()[parkingProperties.reason])).toEqual([
      "invalid",
      "invalid",
    ]);
    expect([...consumer.parkedKeys]).toEqual(["x"]);
    await consumer.close();
  });

  it("halts at a newer event where the policy says so, and acknowledges nothing more", async () => {
    const newer = smallModel("avro", 6, [branch("AddedV4", { amount: "int" })]);
    const definition: EventDefinition = { type: "Added", versions: Array.from({ length: 4 }, () => ({ schema: {} })) };
    const broker = open();
    await publishStored(
      broker,
      [
        { definition, header: header(definition, 4, "new"), data: { amount: 1 } },
        { definition: renamed, header: header(renamed, 1, "after"), data: { name: "after" } },
      ],
      newer,
    );
    const handled: string[] = [];
    const consumer = await consume(broker, ({ id }) => void handled.push(id), { newer: "halt" });
    const message = "Test has halted: Added version 4 is newer than this code, which knows version 3";
    await expect(consumer.whenCaughtUp()).rejects.toThrow(message);
    await expect(consumer.closed).rejects.toThrow(message);
    expect(broker.backlog(topic.url, "s")).toBe(2);
    expect(handled).toEqual([]);
  });

  it("skips or parks a newer event", async () => {
    const newer = smallModel("avro", 6, [branch("AddedV4", { amount: "int" })]);
    const definition: EventDefinition = { type: "Added", versions: Array.from({ length: 4 }, () => ({ schema: {} })) };
    const stored = [
      { definition, header: header(definition, 4, "new"), data: { amount: 1 } },
      { definition: renamed, header: header(renamed, 1, "after"), data: { name: "after" } },
    ];
    for (const policy of ["skip", "park"] as const) {
      const broker = open();
      await publishStored(broker, stored, newer);
      const handled: string[] = [];
      const consumer = await consume(broker, ({ id }) => void handled.push(id), { newer: policy });
      await consumer.whenCaughtUp();
      const parked = (await dead(broker)).map((one) => one.getProperties()[parkingProperties.reason]);
      expect([handled, parked]).toEqual(policy === "skip" ? [["after"], []] : [[], ["newer-version", "blocked"]]);
      await consumer.close();
    }
  });

  it("halts when too many keys would be parked, and acknowledges nothing more", async () => {
    const broker = open();
    const keys = ["a", "b", "c"];
    await publishStored(
      broker,
      keys.map((aggregateId) => ({
        definition: renamed,
        header: header(renamed, 1, aggregateId, { aggregateId }),
        data: { name: "" },
      })),
    );
    const consumer = await consume(
      broker,
      () => {
        throw new Error("database gone");
      },
      { retry: { attempts: 1, minBackoff: 1, maxBackoff: 1 } },
      { maxParkedKeys: 2 },
    );
    await expect(consumer.closed).rejects.toThrow(
      /more than 2 keys would be parked; the last one, "[abc]": database gone/,
    );
    expect(broker.backlog(topic.url, "s")).toBe(1);
  });

  it("notices duplicates by sequence, by id, and gaps", async () => {
    const broker = open();
    const notices: ConsumerNotice["kind"][] = [];
    const handled: string[] = [];
    const consumer = await consume(
      broker,
      ({ id }) => void handled.push(id),
      {},
      {
        onNotice: (notice: ConsumerNotice) => notices.push(notice.kind),
      },
    );
    const one = (id: string, sequence?: number) => ({
      definition: renamed,
      header: header(renamed, 1, id, { sequence }),
      data: { name: "" },
    });
    await publishStored(broker, [one("a", 1), one("b", 2), one("a", 1), one("d", 4), one("b", 2), one("x"), one("x")]);
    await consumer.whenCaughtUp();
    expect(handled).toEqual(["a", "b", "d", "x"]);
    expect(notices).toEqual(["handled", "handled", "duplicate", "gap", "handled", "duplicate", "handled", "duplicate"]);
    expect(consumer.counts).toMatchObject({ handled: 4, duplicates: 3, gaps: 1 });
    await consumer.close();
  });

  it("is effectively once under doubled deliveries, lost acknowledgements and disconnections", async () => {
    const broker = open();
    const producer = await produce(broker);
    const handled: string[] = [];
    const consumer = await consume(broker, async ({ id }) => {
      await new Promise((go) => setImmediate(go));
      handled.push(id);
    });
    broker.faults.duplicateDeliveries(50);
    broker.faults.dropAcknowledgements(20);
    broker.faults.shuffleKeys(3);
    for (let i = 0; i < 200; i++) {
      await producer.added(`k${i % 7}`, { amount: 1 }, { id: `e${i}`, sequence: Math.floor(i / 7) + 1 });
      if (i % 50 === 49) broker.faults.disconnect();
    }
    broker.faults.disconnect();
    await consumer.whenCaughtUp();
    expect(handled.length).toBe(200);
    expect(new Set(handled).size).toBe(200);
    expect(broker.backlog(topic.url, "s")).toBe(0);
    await consumer.close();
  });

  it("stops gracefully: what runs ends and is acknowledged, the rest comes back", async () => {
    const broker = open();
    const producer = await produce(broker);
    for (let i = 0; i < 10; i++) await producer.renamed("k1", { name: String(i) });
    const handled: string[] = [];
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let begun: () => void = () => {};
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const first = await consume(broker, async ({ data }) => {
      begun();
      await gate;
      handled.push((data as { name: string }).name);
    });
    await started;
    const closing = first.close();
    release();
    await closing;
    await first.closed;
    expect(handled).toEqual(["0"]);
    expect(broker.backlog(topic.url, "s")).toBe(9);
    const second = await consume(broker, ({ data }) => void handled.push((data as { name: string }).name));
    await second.whenCaughtUp();
    expect(handled).toEqual(Array.from({ length: 10 }, (_, i) => String(i)));
    await second.close();
  });

  it("without order: leaves redelivery and dead letters to the broker", async () => {
    const clock = createManualClock();
    const broker = createMemoryBroker({ topics: [topic], clock });
    const attempts: number[] = [];
    const consumer = await consume(
      broker,
      ({ id }, attempt) => {
        if (id === "bad") {
          attempts.push(attempt);
          throw new Error("broken");
        }
      },
      { type: "shared" },
      { clock },
    );
    const one = (id: string) => ({ definition: renamed, header: header(renamed, 1, id), data: { name: "" } });
    await publishStored(broker, [one("bad"), one("good")]);
    await clock.advance(1000);
    await consumer.whenCaughtUp();
    expect(attempts).toEqual([1, 2, 3]);
    expect(consumer.counts.handled).toBe(1);
    expect(consumer.parkedKeys.size).toBe(0);
    expect((await dead(broker)).map((message) => message.getProperties()["REAL_TOPIC"])).toEqual([topic.url]);
    await consumer.close();
  });

  it("parks with a schema, or without where the dead-letter topic has another", async () => {
    const broker = open();
    broker.registerSchema("persistent://a/b/dead", { ...schemaOf(topic), schemaType: "Json" });
    await publishStored(broker, [{ definition: renamed, header: header(renamed, 1, "a"), data: { name: "" } }]);
    const consumer = await consume(
      broker,
      () => {
        throw new Error("x");
      },
      { retry: { attempts: 1, minBackoff: 1, maxBackoff: 1 } },
    );
    await consumer.whenCaughtUp();
    expect(reasons(await dead(broker))).toEqual(["undefined failed"]);
    await consumer.close();
  });
});

describe("a projection", () => {
  type Row = { total: number; names: readonly string[]; state: string };
  const definition = (on: unknown): ProjectionDefinition<{ id: string }, Row, Event> => ({
    name: "Totals",
    aggregates: [counter],
    store: "memory",
    subscription: subscription({ type: "failover", retry: { attempts: 1, minBackoff: 1, maxBackoff: 1 } }),
    key: ["id"],
    row: {
      type: "object",
      properties: { total: { type: "integer", maximum: 10 }, names: { type: "array" }, state: { type: "string" } },
      required: ["total", "names", "state"],
      additionalProperties: false,
    },
    version: 1,
    table: "totals",
    columns: {
      id: { name: "id", type: "string" },
      total: { name: "total", type: "int" },
      names: { name: "names", type: "json" },
      state: { name: "state", type: "string" },
    },
    fingerprint: "0000000000000000",
    initial: { total: 0, names: [] },
    indexes: [],
    on: on as never,
  });

  it("starts new rows with what is initial, once per event, and parks what leaves a row incomplete", async () => {
    const broker = open();
    const producer = await produce(broker);
    const totals = definition({
      Added: ({ aggregateId, data }: Event<string, { amount: number }>) => ({
        key: { id: aggregateId },
        set: aggregateId === "half" ? {} : { state: "open" },
        increment: { total: data.amount },
      }),
      Renamed: ({ aggregateId, data }: Event<string, { name: string }>) =>
        data.name === "gone"
          ? { key: { id: aggregateId }, delete: true }
          : data.name.startsWith("-")
            ? { key: { id: aggregateId }, remove: { names: data.name.slice(1) } }
            : { key: { id: aggregateId }, append: { names: data.name } },
    });
    const store = createMemoryStore();
    const errors: unknown[] = [];
    const projection = await runProjection(broker.client(), store, totals, {
      functions,
      onNotice: (notice) => notice.kind === "failed" && errors.push(notice.error),
    });
    broker.faults.duplicateDeliveries(3);
    await producer.added("a", { amount: 2 }, { sequence: 1 });
    await producer.added("a", { amount: 3 }, { sequence: 2 });
    for (const name of ["x", "y", "x", "-x"]) await producer.renamed("a", { name });
    await producer.added("b", { amount: 1 });
    await producer.renamed("b", { name: "gone" });
    await producer.added("half", { amount: 1 });
    await producer.added("c", { amount: 11 });
    await projection.whenCaughtUp();
    expect(store.all(totals)).toEqual([{ key: { id: "a" }, row: { state: "open", total: 5, names: ["y"] } }]);
    expect(errors).toHaveLength(2);
    const incomplete = errors.find(
      (error) => error instanceof ProjectionError && error.missing.length > 0,
    ) as ProjectionError;
    expect(incomplete).toMatchObject({
      projection: "Totals",
      key: { id: "half" },
      missing: ["state"],
      event: { type: "Added" },
    });
    expect(incomplete.message).toContain("state would be missing");
    expect([...projection.parkedKeys].toSorted()).toEqual(["c", "half"]);
    await projection.close();
  });

  it("goes on with rows of other code only where it is told to, and builds those of another version anew", async () => {
    const broker = open();
    const producer = await produce(broker);
    const counting = definition({
      Added: ({ aggregateId, data }: Event<string, { amount: number }>) => ({
        key: { id: aggregateId },
        set: { state: "open" },
        increment: { total: data.amount },
      }),
      Renamed: () => undefined,
    });
    const store = createMemoryStore();
    await producer.added("a", { amount: 2 });
    const first = await runProjection(broker.client(), store, counting, { functions });
    await first.whenCaughtUp();
    await first.close();

    const changed = { ...counting, fingerprint: "1111111111111111" };
    await expect(runProjection(broker.client(), store, changed, { functions })).rejects.toThrow(RowsOutdated);
    const going = await runProjection(broker.client(), store, changed, { functions, outdated: "go-on" });
    await going.close();

    const second = { ...changed, version: 2, subscription: { ...changed.subscription, name: "reader-v2" } };
    const building = await runProjection(broker.client(), store, second, { functions });
    await producer.added("a", { amount: 3 });
    await building.whenCaughtUp();
    const row = (total: number) => [{ key: { id: "a" }, row: { state: "open", total, names: [] } }];
    expect(store.all(second)).toEqual(row(2));
    await store.promote("totals", "totals_v2");
    expect(store.all(second)).toEqual(row(5));
    await building.close();
  });
});

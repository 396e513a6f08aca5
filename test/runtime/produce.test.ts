import { describe, expect, it } from "vitest";
import { isUuid } from "../../src/runtime/ids.js";
import {
  AlreadyClosed,
  createManualClock,
  createMemoryBroker,
  createProducer,
  type MemoryBroker,
  MemoryMessageId,
  newId,
  type OutgoingMessage,
  type ProducerClient,
  SchemaRefused,
  SendFailed,
  type TransportProducerConfig,
  UnsupportedByTransport,
  ValidationFailed,
} from "../../src/runtime/index.js";
import { added, renamed, smallModel } from "./small-model.js";

const { topic, counter } = smallModel("json");
const open = () => createMemoryBroker({ topics: [topic] });

const payloads = async (broker: MemoryBroker) => {
  const reader = await broker.client().createReader({ topic: topic.url, startMessageId: MemoryMessageId.earliest() });
  const found: Record<string, unknown>[] = [];
  while (reader.hasNext()) found.push(JSON.parse((await reader.readNext()).getData().toString()));
  return found;
};

/** A client whose sends end when the test says so. */
const slowClient = () => {
  const sent: { message: OutgoingMessage; confirm: () => void; fail: (error: Error) => void }[] = [];
  const configs: TransportProducerConfig[] = [];
  let closed = false;
  const client: ProducerClient = {
    async createProducer(config) {
      configs.push(config);
      return {
        send: (message) =>
          new Promise((resolve, reject) => {
            sent.push({ message, confirm: () => resolve(MemoryMessageId.earliest()), fail: reject });
          }),
        flush: async () => null,
        close: async () => {
          closed = true;
          return null;
        },
        getProducerName: () => "slow",
        getTopic: () => config.topic,
        isConnected: () => !closed,
      };
    },
  };
  return { client, sent, configs, isClosed: () => closed };
};

const settle = () => new Promise((go) => setImmediate(go));

describe("a producer", () => {
  it("stamps events, and carries causation, correlation and metadata on", async () => {
    const clock = createManualClock();
    const broker = open();
    const producer = await createProducer(
      broker.client(),
      counter,
      { added, renamed },
      { clock, metadata: { tenant: "t" } },
    );
    await producer.added("k1", { amount: 1 });
    const cause = { id: "c1", correlationId: "root", type: "X", version: 1, aggregateId: "x", time: "", metadata: {} };
    await producer.renamed(
      "k1",
      { name: "n" },
      { causation: cause, metadata: { actor: "a" }, sequence: 2, id: "own", time: "2020-01-01T00:00:00.000Z" },
    );
    const [first, second] = (await payloads(broker)) as [Record<string, unknown>, Record<string, unknown>];
    expect(first).toMatchObject({
      type: "Added",
      version: 3,
      aggregateId: "k1",
      time: clock.now(),
      metadata: { tenant: "t" },
      data: { amount: 1 },
    });
    expect(isUuid(first["id"] as string)).toBe(true);
    expect(second).toMatchObject({
      id: "own",
      sequence: 2,
      causationId: "c1",
      correlationId: "root",
      metadata: { tenant: "t", actor: "a" },
    });
    expect(Object.keys(first)).not.toContain("sequence");
  });

  it("refuses what is not valid, naming the event, and sends nothing", async () => {
    const broker = open();
    const producer = await createProducer(broker.client(), counter, { added, renamed });
    const refused = async (sending: Promise<unknown>) => {
      const error = await sending.then(
        () => undefined,
        (one: unknown) => one,
      );
      expect(error).toBeInstanceOf(ValidationFailed);
      return (error as Error).message;
    };
    expect(await refused(producer.added("k1", { amount: 1.5 }))).toBe(
      'Added version 3 of "k1" is not valid: /amount must be integer',
    );
    expect(await refused(producer.added("x".repeat(21), { amount: 1 }))).toContain("counterId of Added");
    expect(await refused(producer.added("", { amount: 1 }))).toContain("must be text that is not empty");
    expect(await refused(producer.added("k", { amount: 1 }, { time: "yesterday" }))).toContain("/time");
    expect(await refused(producer.added("k", { amount: 1 }, { sequence: 0 }))).toContain("/sequence");
    expect(await refused(producer.added("k", { amount: 1 }, { metadata: { a: 1 as unknown as string } }))).toContain(
      "/metadata/a",
    );
    expect(await refused(producer.renamed("k", { name: "\ud800" }))).toContain("/name");
    expect(await payloads(broker)).toEqual([]);
  });

  it("says which send failed, and loses none of the others", async () => {
    const broker = open();
    const producer = await createProducer(broker.client(), counter, { added, renamed });
    broker.faults.failSends(1);
    const results = await Promise.allSettled(
      [1, 2, 3].map((amount) => producer.added("k", { amount }, { id: `e${amount}` })),
    );
    expect(results.map((result) => result.status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    const failure = (results[0] as PromiseRejectedResult).reason as SendFailed;
    expect(failure).toBeInstanceOf(SendFailed);
    expect(failure.event).toMatchObject({ id: "e1", type: "Added", aggregateId: "k" });
    expect(failure.message).toBe('Added e1 of "k" was not sent: Failed to send message: TimeOut');
    expect(await payloads(broker)).toHaveLength(2);
  });

  it("keeps so many in flight, in order, and loses nothing when it is closed", async () => {
    const { client, sent, isClosed } = slowClient();
    const producer = await createProducer(client, counter, { added, renamed }, { maxInFlight: 3 });
    const all = Promise.all(Array.from({ length: 8 }, (_, amount) => producer.added("k", { amount })));
    await settle();
    expect(sent).toHaveLength(3);
    const closing = producer.close();
    await expect(producer.added("k", { amount: 9 })).rejects.toThrow(AlreadyClosed);
    for (let i = 0; i < 8; i++) {
      expect(isClosed()).toBe(false);
      sent[i]?.confirm();
      await settle();
    }
    await closing;
    await all;
    expect(isClosed()).toBe(true);
    expect(producer.close()).toBe(producer.close());
    expect(sent.map(({ message }) => JSON.parse(message.data.toString()).data.amount)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ]);
  });

  it("closes its transport also when what was left could not be flushed", async () => {
    const { client, sent, isClosed } = slowClient();
    const broken: ProducerClient = {
      async createProducer(config) {
        const producer = await client.createProducer(config);
        return { ...producer, flush: () => Promise.reject(new Error("Failed to flush producer: TimeOut")) };
      },
    };
    const producer = await createProducer(broken, counter, { added, renamed });
    const sending = producer.added("k", { amount: 1 });
    await expect(producer.close()).rejects.toThrow("TimeOut");
    expect(isClosed()).toBe(true);
    sent[0]?.fail(new Error("closed"));
    await expect(sending).rejects.toThrow("closed");
  });

  it("stores no header that nobody could read, whoever made it", async () => {
    const broker = open();
    const metadata = { tenant: 1 as unknown as string };
    const wrong = await createProducer(broker.client(), counter, { added, renamed }, { metadata });
    await expect(wrong.added("k", { amount: 1 })).rejects.toThrow("/metadata/tenant must be text");
    const producer = await createProducer(broker.client(), counter, { added, renamed });
    const correlationId = 7 as unknown as string;
    await expect(producer.added("k", { amount: 1 }, { correlationId })).rejects.toThrow("/correlationId must be text");
    await expect(producer.added("k", { amount: 1 }, { causationId: correlationId })).rejects.toThrow("/causationId");
    expect(await payloads(broker)).toEqual([]);
  });

  it("flushes what came before, and does not wait for what comes later", async () => {
    const { client, sent } = slowClient();
    const producer = await createProducer(client, counter, { added, renamed });
    const first = producer.added("k", { amount: 1 });
    let flushed = false;
    const flushing = producer.flush().then(() => {
      flushed = true;
    });
    const later = producer.added("k", { amount: 2 });
    await settle();
    expect(flushed).toBe(false);
    sent[0]?.confirm();
    await first;
    await flushing;
    sent[1]?.fail(new Error("late"));
    await expect(later).rejects.toThrow("late");
  });

  it("says how keys are hashed and which schema it has, to the client", async () => {
    const { client, configs } = slowClient();
    await createProducer(
      client,
      counter,
      { added, renamed },
      { name: "relay", accessMode: "Exclusive", batching: false },
    );
    expect(configs[0]).toMatchObject({
      topic: topic.url,
      hashingScheme: "Murmur3_32Hash",
      producerName: "relay",
      accessMode: "Exclusive",
      batchingEnabled: false,
      schema: { schemaType: "Json", name: "CounterEvent", schema: JSON.stringify(topic.envelope) },
    });
    const capabilities = { schemas: false, seek: false, exclusiveProducers: false, confirmedAcknowledgements: false };
    await createProducer({ ...client, capabilities }, counter, { added, renamed });
    expect(configs[1]).not.toHaveProperty("schema");
    const exclusive = createProducer(
      { ...client, capabilities },
      counter,
      { added, renamed },
      { accessMode: "Exclusive" },
    );
    await expect(exclusive).rejects.toThrow(UnsupportedByTransport);
    await expect(createProducer(client, counter, { added, renamed }, { maxInFlight: 1001 })).rejects.toThrow(
      RangeError,
    );
  });
});

describe("a schema that the broker refuses", () => {
  const own = smallModel("json");
  it("is named, with what differs from the registered one", async () => {
    const broker = createMemoryBroker({ topics: [own.topic], autoUpdateSchema: false });
    const envelope = JSON.parse(JSON.stringify(own.topic.envelope)) as { fields: { name: string; type: unknown }[] };
    const data = envelope.fields.find(({ name }) => name === "data");
    const branches = data?.type as { name: string; fields: { name: string; type: string }[] }[];
    const gone = branches.pop();
    const changed = branches[0]?.fields[0];
    if (changed !== undefined) changed.type = "long";
    envelope.fields.push({ name: "extra", type: "string" });
    broker.registerSchema(own.topic.url, { schemaType: "Avro", name: "x", schema: JSON.stringify(envelope) });
    const error = await createProducer(broker.client(), own.counter, { added, renamed }).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(SchemaRefused);
    const { differences, message } = error as SchemaRefused;
    expect(differences).toContain("its type is Json, and Avro is registered");
    expect(differences).toContain(`data.${gone?.name} is not registered`);
    expect(differences).toContain("extra is registered, and this code does not know it");
    expect(differences.join()).toContain(`data.${branches[0]?.name}.${changed?.name} is `);
    expect(message).toContain(
      `.CounterEvent (JSON) on ${own.topic.url}: Failed to create producer: IncompatibleSchema: Schema not found`,
    );
    expect(message).toContain("evgen apply");
  });

  it("cannot be presented by every transport, and the error says so", async () => {
    const broker = createMemoryBroker({ topics: [own.topic], schemaValidationEnforced: true });
    broker.registerSchema(own.topic.url, { schemaType: "Json", name: "x", schema: JSON.stringify(own.topic.envelope) });
    const capabilities = { schemas: false, seek: false, exclusiveProducers: false, confirmedAcknowledgements: false };
    const opening = createProducer({ ...broker.client(), capabilities }, own.counter, { added, renamed });
    await expect(opening).rejects.toThrow("This transport presents no schema, and the namespace enforces one");
  });

  it("is told apart from all else that may be refused", async () => {
    const broker = createMemoryBroker({ topics: [own.topic] });
    await createProducer(broker.client(), own.counter, { added, renamed }, { name: "one" });
    const second = createProducer(broker.client(), own.counter, { added, renamed }, { name: "one" });
    await expect(second).rejects.toMatchObject({ name: "TransportFailed", code: "ProducerBusy" });
  });
});

describe("sequence ids", () => {
  it("are given to all events or to none, and never with batches", async () => {
    const producer = await createProducer(open().client(), counter, { added, renamed }, { batching: false });
    await producer.added("k", { amount: 1 }, { sequenceId: 7 });
    await expect(producer.added("k", { amount: 1 })).rejects.toThrow("to all its events or to none");
    await expect(producer.added("k", { amount: 1 }, { sequenceId: -1 })).rejects.toThrow("integer from 0");
    const batching = await createProducer(open().client(), counter, { added, renamed });
    await expect(batching.added("k", { amount: 1 }, { sequenceId: 7 })).rejects.toThrow("batching: false");
  });
});

describe("ids", () => {
  it("ascend, also within a millisecond and when the clock steps back", () => {
    const ids = [...Array.from({ length: 20_000 }, () => newId(1_800_000_000_000)), newId(1_700_000_000_000)];
    expect(ids.every(isUuid)).toBe(true);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]?.[14]).toBe("7");
  });
});

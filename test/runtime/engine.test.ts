import { describe, expect, it } from "vitest";
import {
  type AggregateDefinition,
  type ConsumerSettings,
  createCodec,
  createConsumer,
  createManualClock,
  createMemoryBroker,
  createMemoryStore,
  createProducer,
  type Event,
  type EventHeader,
  type HandlerContext,
  type MemoryBroker,
  MemoryMessageId,
  parkingProperties,
  runProjection,
  type SubscriptionDefinition,
} from "../../src/runtime/index.js";
import { added, renamed, smallModel, subscription } from "./small-model.js";

const { topic, counter } = smallModel("avro");
const otherTopic = { ...topic, url: "persistent://a/b/others" };
const other: AggregateDefinition = { ...counter, name: "Other", topic: otherTopic };
const open = (more: object = {}) => createMemoryBroker({ topics: [topic, otherTopic], ...more });
const once = { attempts: 1, minBackoff: 1, maxBackoff: 1 };

type Renamed = Event<"Renamed", { name: string }>;
type More = ConsumerSettings & Partial<Pick<SubscriptionDefinition, "type" | "retry">>;

/** Consumes `Renamed` of some aggregates, without any functions. */
const consume = (
  broker: MemoryBroker,
  handle: (event: Renamed, context: HandlerContext) => Promise<void> | void,
  more: More = {},
  aggregates: readonly AggregateDefinition[] = [counter],
) =>
  createConsumer(broker.client(), aggregates, {
    subscription: "s",
    deadLetterTopic: "persistent://a/b/dead",
    handlers: { Renamed: handle },
    retry: { attempts: 3, minBackoff: 100, maxBackoff: 1000 },
    ...more,
  });

const producerOf = (broker: MemoryBroker, aggregate = counter) =>
  createProducer(broker.client(), aggregate, { added, renamed });

const dead = async (broker: MemoryBroker) => {
  const start = MemoryMessageId.earliest();
  const reader = await broker.client().createReader({ topic: "persistent://a/b/dead", startMessageId: start });
  const found: (string | undefined)[] = [];
  while (reader.hasNext()) {
    const message = await reader.readNext();
    if (message.getProperties()["evgen_mark"] !== undefined) continue;
    const reason = message.getProperties()[parkingProperties.reason];
    found.push(`${message.getPartitionKey()} ${reason} ${message.getProperties()[parkingProperties.error]}`);
  }
  return found;
};

const settle = () => new Promise((go) => setImmediate(go));

/** A promise and what resolves it. */
const gate = () => {
  let pass: () => void = () => {};
  const passed = new Promise<void>((resolve) => {
    pass = resolve;
  });
  return { passed, pass: () => pass() };
};

/** What nobody has looked at while something runs; the listeners of the test runner are told nothing. */
const unhandledDuring = async (run: () => Promise<void>): Promise<unknown[]> => {
  const found: unknown[] = [];
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason) => found.push(reason));
  try {
    await run();
    await settle();
    await settle();
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
  return found;
};

/** An event as another program stored it. */
const store = async (broker: MemoryBroker, header: Partial<EventHeader>, version: number, data: unknown) => {
  const definition = { type: "Added", versions: added.versions.slice(0, version) };
  const codec = await createCodec({ topic, aggregates: [{ ...counter, events: [definition] }] });
  const whole = { id: "e", type: "Added", version, aggregateId: "k", time: "2026-01-05T10:00:00.000Z", metadata: {} };
  const producer = await broker.client().createProducer({ topic: topic.url });
  const payload = codec.encode(definition, { ...whole, ...header }, data);
  await producer.send({ data: payload, partitionKey: header.aggregateId ?? "k" });
};

describe("a consumer of several topics", () => {
  it("is not held up by one where nothing comes", async () => {
    const broker = open();
    const handled: string[] = [];
    const consumer = await consume(broker, ({ data }) => void handled.push(data.name), { maxInFlight: 1 }, [
      counter,
      other,
    ]);
    const producer = await producerOf(broker, other);
    for (const name of ["a", "b", "c"]) await producer.renamed("k", { name });
    await consumer.whenCaughtUp();
    expect(handled).toEqual(["a", "b", "c"]);
    await consumer.close();
  });

  it("does not take the keys of one for those of another", async () => {
    const broker = open();
    const handled: string[] = [];
    const fail = ({ data }: Renamed) => {
      if (data.name === "bad") throw new Error("broken");
      handled.push(data.name);
    };
    const consumer = await consume(broker, fail, { retry: once }, [counter, other]);
    await (await producerOf(broker)).renamed("k", { name: "bad" });
    await consumer.whenCaughtUp();
    await (await producerOf(broker, other)).renamed("k", { name: "fine" });
    await consumer.whenCaughtUp();
    expect(handled).toEqual(["fine"]);
    expect(await dead(broker)).toEqual(["k failed broken"]);
    await consumer.close();
  });
});

describe("events that are not wanted", () => {
  it("need no functions, are not validated, and are never parked", async () => {
    const broker = open();
    await store(broker, { id: "e1", sequence: 1 }, 2, { amount: 1 });
    await (await producerOf(broker)).renamed("k", { name: "n" }, { sequence: 2 });
    const handled: string[] = [];
    const consumer = await consume(broker, ({ data }) => void handled.push(data.name));
    await consumer.whenCaughtUp();
    expect(handled).toEqual(["n"]);
    expect(consumer.counts).toMatchObject({ handled: 1, skipped: 1, gaps: 0, parked: 0 });
    await consumer.close();
  });

  it("are passed over by a projection that ignores them", async () => {
    const broker = open();
    await store(broker, {}, 2, { amount: 1 });
    await (await producerOf(broker)).renamed("k", { name: "n" });
    const names = {
      name: "Names",
      aggregates: [counter],
      store: "memory",
      subscription: subscription(),
      key: ["id"],
      row: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
      table: "names",
      columns: { id: { name: "id", type: "string" }, name: { name: "name", type: "string" } },
      fingerprint: "0000000000000000",
      indexes: [],
      on: {
        Added: () => undefined,
        Renamed: ({ aggregateId, data }: Renamed) => ({ key: { id: aggregateId }, set: { name: data.name } }),
      },
    } as const;
    const rows = createMemoryStore();
    const projection = await runProjection<{ id: string }, { name: string }, Event<"Added" | "Renamed", never>>(
      broker.client(),
      rows,
      names as never,
    );
    await projection.whenCaughtUp();
    expect(rows.all(names as never)).toEqual([{ key: { id: "k" }, row: { name: "n" } }]);
    expect(projection.counts).toMatchObject({ handled: 1, skipped: 1, parked: 0 });
    await projection.close();
  });

  it("are acknowledged, also behind one that is parked", async () => {
    const broker = open();
    const producer = await producerOf(broker);
    await producer.renamed("k", { name: "bad" });
    await producer.added("k", { amount: 1 });
    const consumer = await consume(
      broker,
      () => {
        throw new Error("broken");
      },
      { retry: once },
    );
    await consumer.whenCaughtUp();
    expect(await dead(broker)).toEqual(["k failed broken"]);
    await consumer.close();
  });
});

describe("a consumer that stops", () => {
  it("by itself is never silent, also when somebody waited for it to catch up", async () => {
    const broker = open();
    const consumer = await consume(
      broker,
      () => {
        throw new Error("broken");
      },
      { retry: once, maxParkedKeys: 0 },
    );
    await consumer.whenCaughtUp();
    const unhandled = await unhandledDuring(async () => {
      await (await producerOf(broker)).renamed("k", { name: "n" });
      await consumer.whenCaughtUp().catch(() => {});
    });
    expect(unhandled.map(String)).toEqual([expect.stringContaining("more than 0 keys would be parked")]);
    await expect(consumer.whenCaughtUp()).rejects.toThrow("more than 0 keys");
  });

  it("halts when its own notices fail, and does not take that for a failed handler", async () => {
    const broker = open();
    const handled: string[] = [];
    const consumer = await consume(broker, ({ data }) => void handled.push(data.name), {
      onNotice: ({ kind }) => {
        if (kind === "handled") throw new Error("no logs");
      },
    });
    const closed = expect(consumer.closed).rejects.toThrow("no logs");
    await (await producerOf(broker)).renamed("k", { name: "n" });
    await closed;
    expect(handled).toEqual(["n"]);
    expect(await dead(broker)).toEqual([]);
  });

  it("in a pause between attempts leaves the event for the next one", async () => {
    const clock = createManualClock();
    const broker = open();
    await (await producerOf(broker)).renamed("k", { name: "n" });
    let tries = 0;
    const fail = () => {
      tries++;
      throw new Error("not yet");
    };
    const first = await consume(broker, fail, { clock });
    await settle();
    expect(tries).toBe(1);
    await first.close();
    expect(clock.waiting).toBe(0);
    const handled: string[] = [];
    const second = await consume(broker, ({ data }) => void handled.push(data.name));
    await second.whenCaughtUp();
    expect([tries, handled, await dead(broker)]).toEqual([1, ["n"], []]);
    await second.close();
  });

  it("waits for a handler that never ends no longer than it was told, and has told it to end", async () => {
    const clock = createManualClock();
    const broker = open();
    await (await producerOf(broker)).renamed("k", { name: "n" });
    const started = gate();
    let signal: AbortSignal | undefined;
    const hang = (_event: Renamed, context: HandlerContext) => {
      signal = context.signal;
      started.pass();
      return new Promise<void>(() => {});
    };
    const consumer = await consume(broker, hang, { clock, closeTimeout: 5000 });
    await started.passed;
    let closed = false;
    const closing = consumer.close().then(() => {
      closed = true;
    });
    await clock.advance(4999);
    expect([closed, signal?.aborted]).toEqual([false, true]);
    await clock.advance(1);
    await closing;
    expect(broker.backlog(topic.url, "s")).toBe(1);
    await consumer.closed;
  });

  it("does not go on asking whether it is quiet when its transport cannot say that it is drained", async () => {
    const clock = createManualClock();
    const broker = open();
    await (await producerOf(broker)).renamed("k", { name: "n" });
    const memory = broker.client();
    const client = {
      createProducer: memory.createProducer,
      createReader: memory.createReader,
      capabilities: memory.capabilities,
      async subscribe(config: Parameters<typeof memory.subscribe>[0]) {
        const consumer = await memory.subscribe(config);
        return new Proxy(consumer, {
          get(target, name) {
            if (name === "whenDrained") return undefined;
            const value: unknown = Reflect.get(target, name);
            return typeof value === "function" ? value.bind(target) : value;
          },
        });
      },
    };
    const started = gate();
    const handlers = {
      Renamed: () => {
        started.pass();
        return new Promise<void>(() => {});
      },
    };
    const consumer = await createConsumer(client, [counter], { subscription: "s", handlers, clock, closeTimeout: 1 });
    await started.passed;
    const caughtUp = consumer.whenCaughtUp({ quiet: 10 });
    await clock.advance(100);
    const closing = consumer.close();
    await clock.advance(1);
    await Promise.all([closing, caughtUp]);
    await clock.advance(100);
    expect(clock.waiting).toBe(0);
  });
});

describe("a handler that fails", () => {
  it("may throw what it likes", async () => {
    const broker = open();
    const thrown = new Map<string, unknown>([
      ["nothing", undefined],
      ["null", null],
      ["bare", Object.create(null)],
      ["odd", Object.assign(new Error(), { message: { a: 1 } })],
      ["symbol", Symbol("s")],
    ]);
    const producer = await producerOf(broker);
    for (const name of thrown.keys()) await producer.renamed(name, { name });
    const consumer = await consume(
      broker,
      ({ data }) => {
        throw thrown.get(data.name);
      },
      { retry: once },
    );
    await consumer.whenCaughtUp();
    expect((await dead(broker)).toSorted()).toEqual([
      "bare failed something was thrown that has no text",
      "nothing failed undefined",
      "null failed null",
      "odd failed [object Object]",
      "symbol failed Symbol(s)",
    ]);
    await consumer.close();
  });

  it("is not tried again where one attempt is all there is, also without order", async () => {
    const broker = open();
    await (await producerOf(broker)).renamed("k", { name: "n" });
    let tries = 0;
    const fail = () => {
      tries++;
      throw new Error("broken");
    };
    const consumer = await consume(broker, fail, { type: "shared", retry: once });
    await consumer.whenCaughtUp();
    expect([tries, consumer.parkedKeys.size, await dead(broker)]).toEqual([1, 0, ["k failed broken"]]);
    await consumer.close();
  });

  it("keeps the order of its key, whatever fails between", async () => {
    const clock = createManualClock();
    const broker = open({ clock });
    const producer = await producerOf(broker);
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    for (let i = 1; i <= 30; i++) for (const key of keys) await producer.renamed(key, { name: String(i) });
    const seen = new Map<string, number[]>(keys.map((key) => [key, []]));
    let calls = 0;
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on("warning", warned);
    const flaky = async ({ aggregateId, data }: Renamed) => {
      await settle();
      // So that now and then many keys pause at once.
      if (++calls % 60 < 25) throw new Error("now and then");
      seen.get(aggregateId)?.push(Number(data.name));
    };
    const consumer = await consume(broker, flaky, { clock, maxInFlight: 600, retry: { ...once, attempts: 50 } });
    const caughtUp = consumer.whenCaughtUp();
    let done = false;
    void caughtUp.then(() => {
      done = true;
    });
    while (!done) await clock.advance(1000);
    const order = Array.from({ length: 30 }, (_, index) => index + 1);
    expect([...seen.values()]).toEqual(keys.map(() => order));
    expect(consumer.counts).toMatchObject({ handled: 600, parked: 0 });
    process.off("warning", warned);
    expect(warnings).toEqual([]);
    await consumer.close();
  });
});

describe("a consumer among others", () => {
  it("takes over what one had that was killed, in order", async () => {
    const broker = open();
    const producer = await producerOf(broker);
    for (let i = 1; i <= 20; i++) await producer.renamed("k", { name: String(i) }, { sequence: i });
    const seen: string[] = [];
    const client = broker.client();
    const reached = gate();
    await createConsumer(client, [counter], {
      subscription: "s",
      type: "failover",
      handlers: {
        Renamed: ({ data }: Renamed) => {
          if (data.name === "8") {
            reached.pass();
            return new Promise<void>(() => {});
          }
          seen.push(data.name);
          return undefined;
        },
      },
    });
    const standby = await consume(broker, ({ data }) => void seen.push(data.name), { type: "failover" });
    await reached.passed;
    client.crash();
    await standby.whenCaughtUp();
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 1)));
    await standby.close();
  });

  it("handles messages without a key one by one, and parks them one by one", async () => {
    const broker = open();
    const codec = await createCodec({ topic, aggregates: [counter] });
    const producer = await broker.client().createProducer({ topic: topic.url });
    const header = { type: "Renamed", version: 1, time: "2026-01-05T10:00:00.000Z", metadata: {}, aggregateId: "k" };
    for (const name of ["bad", "fine"]) {
      await producer.send({ data: codec.encode(renamed, { ...header, id: name }, { name }) });
    }
    const handled: string[] = [];
    const consumer = await consume(
      broker,
      ({ data }) => {
        if (data.name === "bad") throw new Error("broken");
        handled.push(data.name);
      },
      { retry: once },
    );
    await consumer.whenCaughtUp();
    expect([handled, await dead(broker), consumer.parkedKeys.size]).toEqual([["fine"], [" failed broken"], 0]);
    await consumer.close();
  });
});

import { describe, expect, it } from "vitest";
import {
  type AggregateDefinition,
  type Consumer,
  type ConsumerSettings,
  createCodec,
  createConsumer,
  createManualClock,
  createMemoryBroker,
  createProducer,
  type Event,
  type HandlerContext,
  type MemoryBroker,
  type MemoryClient,
  MemoryMessageId,
  parkingProperties,
  type SubscriptionDefinition,
} from "../../src/runtime/index.js";
import { createKeeper } from "./log-keeper.js";
import { added, branch, functions, renamed, smallModel } from "./small-model.js";

const { topic, counter } = smallModel("avro");
const dlq = "persistent://a/b/dead";
const once = { attempts: 1, minBackoff: 1, maxBackoff: 1 };
const open = (more: object = {}) => createMemoryBroker({ topics: [topic], ...more });

type Renamed = Event<"Renamed", { name: string }>;
type Handle = (event: Renamed, context: HandlerContext) => Promise<void> | void;
type More = ConsumerSettings & Partial<Pick<SubscriptionDefinition, "type" | "retry" | "newer">>;

const consume = (
  broker: MemoryBroker,
  handle: Handle,
  more: More = {},
  client: MemoryClient = broker.client(),
  aggregates: readonly AggregateDefinition[] = [counter],
): Promise<Consumer> =>
  createConsumer(client, aggregates, {
    subscription: "s",
    deadLetterTopic: dlq,
    handlers: { Renamed: handle },
    retry: once,
    functions,
    ...more,
  });

const producerOf = (broker: MemoryBroker) => createProducer(broker.client(), counter, { added, renamed });

/** What lies in the dead-letter topic: events with their reasons, or marks. */
const dead = async (broker: MemoryBroker, marks = false) => {
  const reader = await broker.client().createReader({ topic: dlq, startMessageId: MemoryMessageId.earliest() });
  const found: string[] = [];
  while (reader.hasNext()) {
    const message = await reader.readNext();
    const properties = message.getProperties();
    const mark = properties["evgen_mark"];
    if (mark !== undefined && marks) found.push(mark);
    if (mark === undefined && !marks) {
      found.push(`${message.getPartitionKey()} ${properties["ce_id"]} ${properties[parkingProperties.reason]}`);
    }
  }
  await reader.close();
  return found;
};

const settle = () => new Promise((go) => setImmediate(go));

const until = async (condition: () => boolean) => {
  for (let i = 0; i < 10_000 && !condition(); i++) await settle();
  if (!condition()) throw new Error("it never came to be");
};

const names = (seen: readonly Renamed[]) => seen.map(({ data }) => data.name);

describe("a key that is parked", () => {
  it("stays so over a restart, and in order; the others go on", async () => {
    const broker = open();
    const producer = await producerOf(broker);
    const seen: Renamed[] = [];
    let broken = true;
    const handle: Handle = (event) => {
      if (broken && event.data.name === "k1") throw new Error("broken");
      seen.push(event);
    };
    const send = (key: string, name: string) => producer.renamed(key, { name }, { id: name });
    const first = await consume(broker, handle);
    await send("k", "k1");
    await first.whenCaughtUp();
    await first.close();
    broken = false;
    await send("k", "k2");
    await send("other", "o1");
    const second = await consume(broker, handle);
    await second.whenCaughtUp();
    expect(names(seen)).toEqual(["o1"]);
    expect([...second.parkedKeys]).toEqual(["k"]);
    expect(await dead(broker)).toEqual(["k k1 failed", "k k2 blocked"]);
    expect(await second.redrive()).toEqual({ resolved: 2, failed: 0 });
    await send("k", "k3");
    await second.whenCaughtUp();
    expect(names(seen)).toEqual(["o1", "k1", "k2", "k3"]);
    expect(second.parkedKeys.size).toBe(0);
    await until(() => broker.backlog(dlq, "evgen-dlq") === 0);
    await second.close();
  });

  it("is known to the other consumers of the subscription, also to one that it moves to", async () => {
    const broker = open();
    const producer = await producerOf(broker);
    const seen: Renamed[] = [];
    const handle: Handle = (event) => {
      if (event.data.name === "bad") throw new Error("broken");
      seen.push(event);
    };
    const client = broker.client();
    const first = await consume(broker, handle, {}, client);
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    for (const key of keys) await producer.renamed(key, { name: "bad" });
    await first.whenCaughtUp();
    const second = await consume(broker, handle);
    for (const key of keys) await producer.renamed(key, { name: "later" });
    await second.whenCaughtUp();
    client.crash();
    for (const key of keys) await producer.renamed(key, { name: "last" });
    await second.whenCaughtUp();
    expect(seen).toEqual([]);
    expect(second.parkedKeys.size).toBe(20);
    expect((await dead(broker)).length).toBe(60);
    await second.close();
  });

  it("is not parked twice when the process ends before it could acknowledge", async () => {
    const broker = open();
    const producer = await producerOf(broker);
    const client = broker.client();
    const handle: Handle = () => {
      throw new Error("broken");
    };
    await consume(broker, handle, {}, client);
    await until(() => broker.stored(dlq) === 1 && broker.backlog(dlq, "evgen-dlq") === 0);
    broker.faults.dropAcknowledgements(1);
    await producer.renamed("k", { name: "bad" });
    await until(() => broker.stored(dlq) === 2);
    await settle();
    client.crash();
    expect(broker.backlog(topic.url, "s")).toBe(1);
    const second = await consume(broker, handle);
    await second.whenCaughtUp();
    expect((await dead(broker)).length).toBe(1);
    await second.close();
  });

  it("takes along what nobody wants, where it is numbered: else its stream would have a hole", async () => {
    const broker = open();
    const producer = await producerOf(broker);
    const keeper = createKeeper();
    let broken = true;
    const handle: Handle = (event, { mark }) => {
      if (broken) throw new Error("broken");
      keeper.take(event, mark);
    };
    const consumer = await consume(broker, handle, { guard: keeper.guard });
    await producer.renamed("k", { name: "" }, { id: "e1", sequence: 1 });
    await producer.added("k", { amount: 1 }, { id: "e2", sequence: 2 });
    await consumer.whenCaughtUp();
    broken = false;
    expect(await consumer.redrive()).toEqual({ resolved: 2, failed: 0 });
    await producer.renamed("k", { name: "" }, { id: "e3", sequence: 3 });
    await consumer.whenCaughtUp();
    expect(keeper.effects.get("k")).toEqual(["e1", "e3"]);
    expect(consumer.counts).toMatchObject({ gaps: 0, duplicates: 0 });
    await consumer.close();
  });

  it("halts the consumer when too many events are", async () => {
    const broker = open();
    const producer = await producerOf(broker);
    for (let i = 0; i < 5; i++) await producer.renamed("k", { name: "" });
    const handle: Handle = () => {
      throw new Error("broken");
    };
    const consumer = await consume(broker, handle, { maxParkedEvents: 3 });
    await expect(consumer.closed).rejects.toThrow("more than 3 events would be parked");
    expect(broker.backlog(topic.url, "s")).toBe(2);
  });
});

describe("a redrive", () => {
  it("leaves parked what fails again, and what comes after it", async () => {
    const broker = open();
    const producer = await producerOf(broker);
    const seen: Renamed[] = [];
    let bad = ["a1", "b1"];
    const consumer = await consume(broker, (event) => {
      if (bad.includes(event.data.name)) throw new Error("broken");
      seen.push(event);
    });
    for (const name of ["a1", "a2", "b1", "b2", "b3"]) {
      await producer.renamed(name.charAt(0), { name }, { id: name });
    }
    await consumer.whenCaughtUp();
    bad = ["b2"];
    expect(await consumer.redrive({ keys: ["a"] })).toEqual({ resolved: 2, failed: 0 });
    expect(names(seen)).toEqual(["a1", "a2"]);
    expect(await consumer.redrive()).toEqual({ resolved: 1, failed: 1 });
    expect([...consumer.parkedKeys]).toEqual(["b"]);
    bad = [];
    expect(await consumer.redrive({ keys: ["b"] })).toEqual({ resolved: 2, failed: 0 });
    expect(names(seen)).toEqual(["a1", "a2", "b1", "b2", "b3"]);
    expect(await consumer.redrive()).toEqual({ resolved: 0, failed: 0 });
    await consumer.close();
  });

  it("goes on in another process where one was killed half-way, and takes care", async () => {
    const broker = open();
    const producer = await producerOf(broker);
    const keeper = createKeeper();
    let broken = true;
    let reached = 0;
    const client = broker.client();
    const handle: Handle = (event, { mark }) => {
      if (broken) throw new Error("broken");
      if (event.data.name === "e4" && reached++ === 0) {
        client.crash();
        return new Promise<void>(() => {});
      }
      keeper.take(event, mark);
      return undefined;
    };
    const first = await consume(broker, handle, { guard: keeper.guard }, client);
    for (let i = 1; i <= 8; i++) await producer.renamed("k", { name: `e${i}` }, { id: `e${i}`, sequence: i });
    await first.whenCaughtUp();
    broken = false;
    void first.redrive().catch(() => {});
    await until(() => reached === 1);
    const second = await consume(broker, handle, { guard: keeper.guard });
    await until(() => second.parkedKeys.size === 0);
    expect(keeper.effects.get("k")).toEqual(Array.from({ length: 8 }, (_, index) => `e${index + 1}`));
    const marks = await dead(broker, true);
    expect(marks.filter((mark) => mark === "trying").length).toBe(5);
    await until(() => broker.backlog(dlq, "evgen-dlq") === 0);
    await second.close();
  });

  it("gives up on an event that ends the process each time", async () => {
    const broker = open();
    const producer = await producerOf(broker);
    let broken = true;
    let current = broker.client();
    let deaths = 0;
    const handle: Handle = () => {
      if (broken) throw new Error("broken");
      deaths++;
      current.crash();
      return new Promise<void>(() => {});
    };
    const first = await consume(broker, handle, {}, current);
    await producer.renamed("k", { name: "" }, { id: "e1" });
    await first.whenCaughtUp();
    broken = false;
    void first.redrive().catch(() => {});
    await until(() => deaths === 1);
    current = broker.client();
    await consume(broker, handle, {}, current);
    await until(() => deaths === 2);
    current = broker.client();
    const third = await consume(broker, handle, {}, current);
    await until(() => broker.backlog(dlq, "evgen-dlq") === 1);
    expect([deaths, third.parkedKeys.size]).toEqual([2, 1]);
    await third.close();
  });

  it("hands over to what is live without a gap, also while more comes", async () => {
    const broker = open();
    const producer = await producerOf(broker);
    const seen: Renamed[] = [];
    let broken = true;
    const consumer = await consume(broker, async (event) => {
      if (broken) throw new Error("broken");
      await settle();
      seen.push(event);
    });
    const sent: string[] = [];
    const send = async () => {
      sent.push(String(sent.length));
      await producer.renamed("k", { name: sent.at(-1) ?? "" });
    };
    for (let i = 0; i < 20; i++) await send();
    await consumer.whenCaughtUp();
    broken = false;
    const redriven = consumer.redrive();
    for (let i = 0; i < 100; i++) {
      await send();
      if (i % 3 === 0) await settle();
    }
    await redriven;
    await consumer.whenCaughtUp();
    if (consumer.parkedKeys.size > 0) await consumer.redrive();
    expect(names(seen)).toEqual(sent);
    await consumer.close();
  });

  it("reads a newer version when the code that knows it is there", async () => {
    const newer = smallModel("avro", 6, [branch("RenamedV2", { name: "string", by: "string" })]);
    const record = { type: "object", properties: { name: { type: "string" }, by: { type: "string" } } };
    const versions = [...renamed.versions.map((one) => ({ ...one, upcast: (v1: object) => ({ ...v1, by: "" }) }))];
    const renamed2 = { type: "Renamed" as const, versions: [...versions, { schema: record }] };
    const counter2 = { ...newer.counter, events: [added, renamed2] } as AggregateDefinition;
    const broker = open();
    const old = await consume(broker, () => {});
    const codec = await createCodec({ topic: newer.topic, aggregates: [counter2] });
    const raw = await broker.client().createProducer({ topic: topic.url });
    const header = { type: "Renamed", aggregateId: "k", time: "2026-01-05T10:00:00.000Z", metadata: {} };
    const send = (id: string, version: number, data: object) => {
      const definition = version === 2 ? counter2.events[1] : undefined;
      if (definition === undefined) throw new Error("no such version");
      return raw.send({ data: codec.encode(definition, { ...header, id, version }, data), partitionKey: "k" });
    };
    await send("e1", 2, { name: "a", by: "ada" });
    await (await producerOf(broker)).renamed("k", { name: "b" }, { id: "e2" });
    await old.whenCaughtUp();
    expect(await dead(broker)).toEqual(["k undefined newer-version", "k e2 blocked"]);
    await old.close();
    const seen: unknown[] = [];
    const upgraded = await consume(broker, ({ data }) => void seen.push(data), {}, broker.client(), [counter2]);
    expect(await upgraded.redrive()).toEqual({ resolved: 2, failed: 0 });
    expect(seen).toEqual([
      { name: "a", by: "ada" },
      { name: "b", by: "" },
    ]);
    await upgraded.close();
  });

  it("also handles again what a subscription without order has given up", async () => {
    const broker = open();
    const producer = await producerOf(broker);
    let broken = true;
    const seen: string[] = [];
    const retry = { attempts: 2, minBackoff: 1, maxBackoff: 1 };
    const handle: Handle = (event) => {
      if (broken) throw new Error("broken");
      seen.push(event.id);
    };
    const consumer = await consume(broker, handle, { type: "shared", retry });
    await producer.renamed("k", { name: "" }, { id: "e1" });
    await producer.renamed("k", { name: "" }, { id: "e2" });
    await consumer.whenCaughtUp();
    broken = false;
    expect(await consumer.redrive()).toEqual({ resolved: 2, failed: 0 });
    expect(seen.toSorted()).toEqual(["e1", "e2"]);
    await consumer.close();
  });
});

describe("an event that ends the process", () => {
  it.each(["exclusive", "failover", "key_shared", "shared"] as const)("is found and parked, on %s", async (type) => {
    const broker = open();
    const producer = await producerOf(broker);
    const keeper = createKeeper();
    const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
    for (let i = 1; i <= 4; i++) {
      for (const key of keys) {
        const name = key === "k7" && i === 2 ? "poison" : "";
        // Without order there is nothing that a number could say.
        await producer.renamed(key, { name }, { id: `${key}.${i}`, ...(type === "shared" ? {} : { sequence: i }) });
      }
    }
    let deaths = 0;
    for (;;) {
      const client = broker.client();
      let dead = false;
      const handle: Handle = async (event, { mark }) => {
        await settle();
        if (dead) return new Promise<void>(() => {});
        if (event.data.name === "poison") {
          dead = true;
          deaths++;
          client.crash();
          return new Promise<void>(() => {});
        }
        keeper.take(event, mark);
        return undefined;
      };
      const consumer = await consume(broker, handle, { type, guard: keeper.guard, maxInFlight: 16 }, client);
      await until(() => dead || broker.backlog(topic.url, "s") === 0);
      if (dead) continue;
      const left = type === "shared" ? ["k7.1", "k7.3", "k7.4"] : ["k7.1"];
      expect(keeper.effects.get("k7")?.toSorted()).toEqual(left);
      await consumer.close();
      break;
    }
    // Unseen by the first two, of which the second began with care only for what was written down.
    expect(deaths).toBe(3);
    for (const key of keys) {
      if (key === "k7") continue;
      const all = keeper.effects.get(key) ?? [];
      expect(type === "shared" ? all.toSorted() : all).toEqual([1, 2, 3, 4].map((i) => `${key}.${i}`));
    }
    const crashed = (await dead(broker)).filter((one) => one.endsWith("crashed"));
    expect(crashed).toEqual(["k7 k7.2 crashed"]);
  });

  it("does not make those take care who end as they should", async () => {
    const broker = open();
    const producer = await producerOf(broker);
    for (let i = 0; i < 3; i++) {
      await producer.renamed("k", { name: "" });
      const consumer = await consume(broker, () => {});
      await consumer.whenCaughtUp();
      await consumer.close();
    }
    expect(await dead(broker, true)).toEqual(["opened", "closed", "opened", "closed", "opened", "closed"]);
  });

  it("is not looked for when a process that had survived its beginning ends", async () => {
    const clock = createManualClock();
    const broker = open({ clock });
    const client = broker.client();
    await consume(broker, () => {}, { clock }, client);
    await clock.advance(30_000);
    client.crash();
    const second = await consume(broker, () => {}, { clock });
    await (await producerOf(broker)).renamed("k", { name: "" });
    await second.whenCaughtUp();
    await second.close();
    expect(await dead(broker, true)).toEqual(["opened", "steady", "opened", "closed"]);
  });
});

describe("a gap", () => {
  const sendAll = async (broker: MemoryBroker, sequences: readonly number[]) => {
    const producer = await producerOf(broker);
    for (const sequence of sequences) {
      await producer.renamed("k", { name: "" }, { id: `e${sequence}`, sequence });
    }
  };

  it("is parked where the memory is durable, and handled in order when what was missing has come", async () => {
    const broker = open();
    const keeper = createKeeper();
    const consumer = await consume(broker, (event, { mark }) => keeper.take(event, mark), { guard: keeper.guard });
    await sendAll(broker, [1, 2, 4, 5, 3]);
    await consumer.whenCaughtUp();
    expect(keeper.effects.get("k")).toEqual(["e1", "e2"]);
    expect(await dead(broker)).toEqual(["k e4 gap", "k e5 blocked", "k e3 blocked"]);
    expect(await consumer.redrive()).toEqual({ resolved: 3, failed: 0 });
    expect(keeper.effects.get("k")).toEqual(["e1", "e2", "e3", "e4", "e5"]);
    await consumer.close();
  });

  it("is filled from the event store, which may not have it either", async () => {
    const broker = open();
    const keeper = createKeeper();
    const codec = await createCodec({ topic, aggregates: [counter] });
    const asked: unknown[] = [];
    const consumer = await consume(broker, (event, { mark }) => keeper.take(event, mark), {
      guard: keeper.guard,
      readStream: async (gap) => {
        asked.push(gap);
        const time = "2026-01-05T10:00:00.000Z";
        const header = { type: "Renamed", version: 1, aggregateId: gap.aggregateId, time, metadata: {} };
        if (gap.to > 5) return [];
        return [codec.encode(renamed, { ...header, id: "e3", sequence: 3 }, { name: "" })];
      },
    });
    await sendAll(broker, [1, 2, 4, 7]);
    await consumer.whenCaughtUp();
    expect(keeper.effects.get("k")).toEqual(["e1", "e2", "e3", "e4"]);
    expect(asked).toEqual([
      { topic: topic.url, aggregate: "Counter", aggregateId: "k", from: 3, to: 3 },
      { topic: topic.url, aggregate: "Counter", aggregateId: "k", from: 5, to: 6 },
    ]);
    expect(await dead(broker)).toEqual(["k e7 gap"]);
    await consumer.close();
  });
});

describe("a key that fails", () => {
  it("does not hold up the others, however much is behind it", async () => {
    const clock = createManualClock();
    const broker = open({ clock });
    const producer = await producerOf(broker);
    for (let i = 0; i < 50; i++) await producer.renamed("slow", { name: "bad" });
    for (let i = 0; i < 50; i++) await producer.renamed("fine", { name: "" });
    let fine = 0;
    const consumer = await consume(
      broker,
      ({ data }) => {
        if (data.name === "bad") throw new Error("not yet");
        fine++;
      },
      { clock, maxInFlight: 4, retry: { attempts: 9, minBackoff: 1000, maxBackoff: 1000 } },
    );
    await until(() => fine === 50);
    expect([consumer.counts.failed, consumer.counts.inFlight, consumer.counts.parked]).toEqual([1, 50, 0]);
    await consumer.close();
    expect(broker.backlog(topic.url, "s")).toBe(50);
  });

  it("is parked at once when too many wait behind it", async () => {
    const clock = createManualClock();
    const broker = open({ clock });
    const producer = await producerOf(broker);
    const consumer = await consume(
      broker,
      () => {
        throw new Error("not yet");
      },
      { clock, maxWaitingPerKey: 10, retry: { attempts: 9, minBackoff: 1000, maxBackoff: 1000 } },
    );
    for (let i = 0; i < 11; i++) await producer.renamed("slow", { name: "bad" });
    await settle();
    expect(consumer.counts.parked).toBe(0);
    await producer.renamed("slow", { name: "bad" });
    await until(() => consumer.counts.parked === 12);
    expect(consumer.counts.failed).toBe(1);
    await consumer.close();
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Clock,
  type Consumer,
  createConsumer,
  createMemoryBroker,
  createProducer,
  type Event,
  type MemoryClient,
  type SubscriptionDefinition,
} from "../../src/runtime/index.js";
import { createKeeper } from "./log-keeper.js";
import { added, functions, renamed, smallModel } from "./small-model.js";

const { topic, counter } = smallModel("avro");
const dlq = "persistent://a/b/dead";

/** Time that goes five hundred times as fast. */
const fast: Clock = {
  now: () => Date.now() * 500,
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds / 500);
    return () => clearTimeout(timer);
  },
};

const settle = () => new Promise((go) => setImmediate(go));

interface Process {
  readonly client: MemoryClient;
  readonly consumer: Consumer;
  alive: boolean;
}

/** What was published: the ids of each key, in order. */
type Model = Map<string, string[]>;

/** A topic, its consumers, and what they do in the world. */
const createWorld = async (type: SubscriptionDefinition["type"]) => {
  const broker = createMemoryBroker({ topics: [topic] });
  const keeper = createKeeper();
  const producer = await createProducer(broker.client(), counter, { added, renamed });
  const processes: Process[] = [];
  const broken = new Set<string>();
  const totals = { gaps: 0, parked: 0, duplicates: 0, failures: 0 };

  const start = async () => {
    const client = broker.client();
    let alive = true;
    const consumer = await createConsumer(client, [counter], {
      subscription: "s",
      type,
      deadLetterTopic: dlq,
      functions,
      guard: keeper.guard,
      clock: fast,
      closeTimeout: 1e9,
      maxParkedKeys: 1000,
      retry: { attempts: 2, minBackoff: 1, maxBackoff: 1 },
      onNotice: ({ kind }) => {
        if (kind === "gap") totals.gaps++;
        if (kind === "parked") totals.parked++;
        if (kind === "duplicate") totals.duplicates++;
      },
      handlers: {
        async Renamed(event: Event<"Renamed", { name: string }>, { mark }) {
          await settle();
          if (!alive) return new Promise<void>(() => {});
          if (broken.has(event.id)) throw new Error("broken");
          keeper.take(event, mark);
          return undefined;
        },
      },
    });
    const process: Process = {
      client,
      consumer,
      get alive() {
        return alive;
      },
      set alive(now) {
        alive = now;
      },
    };
    processes.push(process);
  };
  const live = () => processes.filter((one) => one.alive);
  return { broker, keeper, producer, broken, totals, start, live };
};

type World = Awaited<ReturnType<typeof createWorld>>;

const command = (
  text: string,
  run: (model: Model, world: World) => Promise<void> | void,
): fc.AsyncCommand<Model, World> => ({
  check: () => true,
  run: async (model, world) => {
    await run(model, world);
  },
  toString: () => text,
});

const publish = async (model: Model, { producer, broken }: World, key: string, bad: boolean) => {
  const ids = model.get(key) ?? [];
  const sequence = ids.length + 1;
  const id = `${key}.${sequence}`;
  model.set(key, [...ids, id]);
  if (bad) broken.add(id);
  // As a relay does: what may have been stored is sent again.
  for (let sent = false; !sent; ) {
    sent = await producer.renamed(key, { name: id }, { id, sequence }).then(
      () => true,
      () => false,
    );
  }
};

const commands = [
  fc
    .record({ key: fc.constantFrom("a", "b", "c", "d"), bad: fc.boolean(), count: fc.integer({ min: 1, max: 5 }) })
    .map(({ key, bad, count }) =>
      command(`publish ${count} of ${key}${bad ? ", the first is broken" : ""}`, async (model, world) => {
        for (let i = 0; i < count; i++) await publish(model, world, key, bad && i === 0);
      }),
    ),
  fc.constant(
    command("start a process", async (_model, world) => {
      if (world.live().length < 3) await world.start();
    }),
  ),
  fc.nat(2).map((index) =>
    command(`kill process ${index}`, (_model, world) => {
      const process = world.live()[index];
      if (process === undefined) return;
      process.alive = false;
      process.client.crash();
      // It notices that its connection is gone; nobody is there to hear of it.
      process.consumer.closed.catch(() => {});
    }),
  ),
  fc.nat(2).map((index) =>
    command(`close process ${index}`, async (_model, world) => {
      const process = world.live()[index];
      if (process === undefined) return;
      await process.consumer.close();
      process.alive = false;
    }),
  ),
  fc.integer({ min: 1, max: 30 }).map((turns) =>
    command(`wait ${turns}`, async () => {
      for (let i = 0; i < turns; i++) await settle();
    }),
  ),
  fc.constant(command("mend", (_model, { broken }) => broken.clear())),
  fc.constant(
    command("ask for a redrive", (_model, world) => {
      void world
        .live()[0]
        ?.consumer.redrive()
        .catch(() => {});
    }),
  ),
  fc
    .integer({ min: 1, max: 4 })
    .map((count) => command(`duplicate ${count}`, (_model, { broker }) => broker.faults.duplicateDeliveries(count))),
  fc
    .integer({ min: 1, max: 4 })
    .map((count) =>
      command(`lose ${count} acknowledgements`, (_model, { broker }) => broker.faults.dropAcknowledgements(count)),
    ),
  fc.boolean().map((stored) =>
    command(`fail a send${stored ? " that is stored" : ""}`, (_model, { broker, totals }) => {
      // A consumer that fails to park five times halts, as it should.
      if (totals.failures++ < 4) broker.faults.failSends(1, { stored });
    }),
  ),
  fc.nat().map((seed) => command("shuffle", (_model, { broker }) => broker.faults.shuffleKeys(seed))),
  fc.nat(5).map((time) => command(`delay ${time} ms`, (_model, { broker }) => broker.faults.delayDeliveries(time))),
  fc.constant(command("disconnect", (_model, { broker }) => broker.faults.disconnect())),
];

/** Everything mended, everything redriven: what must hold in the end. */
const holds = async (model: Model, world: World) => {
  world.broken.clear();
  world.broker.faults.delayDeliveries(0);
  if (world.live().length === 0) await world.start();
  const consumer = (world.live()[0] as Process).consumer;
  for (let i = 0; world.broker.backlog(topic.url, "s") > 0 || consumer.parkedKeys.size > 0; i++) {
    // An acknowledgement that was lost is given again when the event is delivered again.
    world.broker.faults.disconnect();
    await new Promise((go) => setTimeout(go, 5));
    expect(await consumer.redrive()).toMatchObject({ failed: 0 });
    expect(i).toBeLessThan(20);
  }
  expect(world.broker.backlog(topic.url, "s")).toBe(0);
  expect(Object.fromEntries(world.keeper.effects)).toEqual(Object.fromEntries(model));
  expect(world.totals.gaps).toBe(0);
  await Promise.all(world.live().map((one) => one.consumer.close()));
};

describe("whatever happens", () => {
  it.each(["key_shared", "failover"] as const)(
    "every event has its effect once, and in order per key, on %s",
    async (type) => {
      await fc.assert(
        fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: "max" }), async (sequence) => {
          const model: Model = new Map();
          let world: World | undefined;
          await fc.asyncModelRun(async () => {
            world = await createWorld(type);
            return { model, real: world };
          }, sequence);
          await holds(model, world as unknown as World);
        }),
        { timeout: 300_000, numRuns: Number(process.env["EVGEN_RUNS"] ?? 150) },
      );
    },
    300_000,
  );
});

import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import * as fc from "fast-check";
import {
  type AnyProjection,
  type ConsumerNotice,
  createMemoryBroker,
  createProducer,
  type MemoryBroker,
  type ProjectionRows,
  type ProjectionStore,
  runProjection,
} from "../../../src/runtime/index.js";
import "../../seed.js";
import { added, functions, renamed, smallModel, subscription } from "../small-model.js";

/** A store that is held against the property. */
export interface StoreOfProcess {
  /**
   * Opens the store as a process of its own would. `step` is to be awaited before and after each call of the server; it
   * rejects when the process has ended there.
   */
  connect(step: () => Promise<void>): Promise<ProjectionStore>;
  /** Whether events of several streams may count in one row. Default: true. */
  readonly sharedRows?: boolean;
  readonly runs: number;
}

/**
 * Whatever the events are, and however they are delivered, shuffled over keys, delivered twice and not acknowledged, and at
 * whichever step two projectors end: the rows are those that a fold by another hand makes.
 */
export const foldProperty = async ({ connect, sharedRows = true, runs }: StoreOfProcess): Promise<void> => {
  let run = 0;
  const property = fc.asyncProperty(streams, faults, async (its, how) => {
    const name = `fold_${process.pid}_${run++}`;
    for (const projection of [perStream(name), ...(sharedRows ? [shared(`${name}_shared`)] : [])]) {
      const store = await connect(async () => {});
      const rows = await store.open(projection);
      try {
        await project(connect, projection, its, how);
        await hasAll(rows, its);
        const expected = projection.name === "Shared" ? sharedOracle(its) : oracle(its);
        const found = (await rows.page({ limit: 1000 })).rows.map(({ key, row }) => [key["id"], row]);
        assert.deepEqual(Object.fromEntries(found), expected);
        const open = (await rows.page({ index: ["state", "total"], equals: { state: "open" } })).rows.length;
        assert.equal(open, Object.values(expected).filter(({ state }) => state === "open").length);
      } finally {
        await store.drop(projection.table, rows.target);
      }
    }
  });
  await fc.assert(property, { numRuns: runs });
};

/** An event of a stream; without a number the store knows it by its id. */
type Happening = { readonly amount: number } | { readonly name: string };
interface Stream {
  readonly numbered: boolean;
  readonly events: readonly Happening[];
}

const streams: fc.Arbitrary<readonly Stream[]> = fc.array(
  fc.record({
    numbered: fc.boolean(),
    events: fc.array(
      fc.oneof(
        fc.record({ amount: fc.integer({ min: -9, max: 9 }) }),
        fc.record({ name: fc.constantFrom("a", "b", "c", "gone") }),
      ),
      { maxLength: 10 },
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

interface Faults {
  readonly shuffle: number;
  readonly duplicates: number;
  readonly lost: number;
  /** The steps at which processes end, one after the other; those that come after them stay. */
  readonly crashes: readonly number[];
  readonly processes: number;
}

const faults: fc.Arbitrary<Faults> = fc.record({
  shuffle: fc.integer(),
  duplicates: fc.integer({ min: 0, max: 8 }),
  lost: fc.integer({ min: 0, max: 8 }),
  crashes: fc.array(fc.integer({ min: 1, max: 25 }), { maxLength: 8 }),
  processes: fc.integer({ min: 1, max: 2 }),
});

const { topic, counter } = smallModel("avro");

type Definition = AnyProjection & { readonly on: object };

const definition = (name: string, table: string, on: object): Definition => ({
  ...{
    name,
    table,
    aggregates: [counter],
    store: "memory",
    key: ["id"],
    version: 1,
    indexes: [["state", "total"]],
    on,
  },
  subscription: subscription({
    ...{ name: table, type: "key_shared", deadLetterTopic: `persistent://a/b/${table}-dlq` },
    retry: { attempts: 2, minBackoff: 1, maxBackoff: 1 },
  }),
  fingerprint: "0123456789abcdef",
  columns: {
    id: { name: "id", type: "string" },
    total: { name: "total", type: "int" },
    names: { name: "names", type: "json" },
    state: { name: "state", type: "enum" },
  },
  row: {
    type: "object",
    properties: {
      total: { type: "integer" },
      names: { type: "array", items: { type: "string" } },
      state: { enum: ["open", "closed"] },
    },
    required: ["total", "names", "state"],
    additionalProperties: false,
  },
  initial: { total: 0, names: [] },
});

interface Seen<Data> {
  readonly aggregateId: string;
  readonly data: Data;
}
const nothing = { Both: () => undefined, Gone: () => undefined };

const perStream = (table: string): Definition =>
  definition("Totals", table, {
    ...nothing,
    Added: ({ aggregateId: id, data: { amount } }: Seen<{ amount: number }>) =>
      // Without an effect, and counted all the same.
      amount === 0
        ? undefined
        : { key: { id }, set: { state: amount > 0 ? "open" : "closed" }, increment: { total: amount } },
    Renamed: ({ aggregateId: id, data: { name } }: Seen<{ name: string }>) =>
      name === "gone"
        ? { key: { id }, delete: true }
        : { key: { id }, set: { state: "open" }, append: { names: name } },
  });

const shared = (table: string): Definition =>
  definition("Shared", table, {
    ...nothing,
    Added: ({ data: { amount } }: Seen<{ amount: number }>) => ({
      ...{ key: { id: amount % 2 === 0 ? "even" : "odd" }, set: { state: "open" }, increment: { total: amount } },
    }),
    // It looks at the event, so that it is counted in its stream.
    Renamed: (_: unknown) => undefined,
  });

type Rows = Record<string, { total: number; names: string[]; state: string }>;

const oracle = (its: readonly Stream[]): Rows => {
  const rows: Rows = {};
  for (const [at, { events }] of its.entries()) {
    for (const event of events) {
      const before = rows[`s${at}`] ?? { total: 0, names: [], state: "" };
      if ("amount" in event) {
        const state = event.amount > 0 ? "open" : "closed";
        if (event.amount !== 0) rows[`s${at}`] = { ...before, state, total: before.total + event.amount };
      } else if (event.name === "gone") delete rows[`s${at}`];
      else rows[`s${at}`] = { ...before, state: "open", names: [...before.names, event.name] };
    }
  }
  return rows;
};

const sharedOracle = (its: readonly Stream[]): Rows => {
  const rows: Rows = {};
  for (const event of its.flatMap(({ events }) => events)) {
    if (!("amount" in event)) continue;
    const id = event.amount % 2 === 0 ? "even" : "odd";
    rows[id] = { names: [], state: "open", total: (rows[id]?.total ?? 0) + event.amount };
  }
  return rows;
};

const idOf = (stream: number, event: number) => `e${stream}.${event}`;

const publish = async (broker: MemoryBroker, its: readonly Stream[]): Promise<void> => {
  const producer = await createProducer(broker.client(), counter, { added, renamed }, { telemetry: false });
  for (let at = 0; its.some(({ events }) => at < events.length); at++) {
    for (const [stream, { numbered, events }] of its.entries()) {
      const event = events[at];
      if (event === undefined) continue;
      const header = { id: idOf(stream, at), ...(numbered ? { sequence: at + 1 } : {}) };
      if ("amount" in event) await producer.added(`s${stream}`, event, header);
      else await producer.renamed(`s${stream}`, event, header);
    }
  }
  await producer.close();
};

/** Publishes, and lets processes project and end until nothing is left to do. */
const project = async (
  connect: StoreOfProcess["connect"],
  projection: Definition,
  its: readonly Stream[],
  { shuffle, duplicates, lost, crashes, processes }: Faults,
): Promise<void> => {
  const broker = createMemoryBroker({ topics: [topic] });
  const { name } = projection.subscription;
  broker.createSubscription(topic.url, name);
  await publish(broker, its);
  broker.faults.shuffleKeys(shuffle);
  broker.faults.duplicateDeliveries(duplicates);
  broker.faults.dropAcknowledgements(lost);
  const left = [...crashes];
  const strange: unknown[] = [];
  const live = async (): Promise<Life> => startLife(broker, connect, projection, left.shift(), strange);
  let lives = await Promise.all(Array.from({ length: processes }, live));
  for (let idle = 0; broker.backlog(topic.url, name) > 0; idle++) {
    if (idle > 6000) throw new Error(`${broker.backlog(topic.url, name)} events are left after a minute`);
    await wait(10);
    lives = await Promise.all(lives.map((one) => (one.isOver() ? live() : one)));
    // What was acknowledged and lost comes back.
    if (idle % 5 === 4) broker.faults.disconnect();
  }
  for (const one of lives) await one.end();
  assert.deepEqual(strange, []);
};

interface Life {
  isOver(): boolean;
  end(): Promise<void>;
}

/** A process, which ends at a step of its own: from then on nothing comes of anything that it does. */
const startLife = async (
  broker: MemoryBroker,
  connect: StoreOfProcess["connect"],
  projection: Definition,
  crash: number | undefined,
  strange: unknown[],
): Promise<Life> => {
  const client = broker.client();
  let steps = 0;
  let over = false;
  const forever = new Promise<never>(() => {});
  const step = async (): Promise<void> => {
    if (++steps === crash) {
      over = true;
      client.crash();
    }
    if (over) throw new Error("the process has ended");
  };
  const alive = async <T>(run: () => Promise<T>): Promise<T> => {
    const result = await run().catch((error) => (over ? forever : Promise.reject(error)));
    return over ? forever : result;
  };
  const store = await connect(step);
  const stepping: ProjectionStore = {
    ...store,
    async open(...its) {
      const rows = await store.open(...its);
      return {
        ...rows,
        write: (write) =>
          alive(() =>
            step()
              .then(() => rows.write(write))
              .finally(step),
          ),
      };
    },
  };
  const running = runProjection(
    client,
    stepping,
    projection as never,
    {
      functions,
      maxCrashes: 1000,
      telemetry: false,
      onNotice: (notice: ConsumerNotice) => {
        if (notice.kind === "failed" || notice.kind === "parked") strange.push(notice);
      },
    } as never,
  );
  const ended = running.then((consumer) => {
    void consumer.closed.catch((error) => over || strange.push(error));
    return consumer;
  });
  // One that ends while it opens its store says so by rejecting.
  const consumer = await ended.catch((error) => (over ? undefined : Promise.reject(error)));
  return { isOver: () => over, end: async () => (over ? undefined : consumer?.close()) };
};

const hasAll = async (rows: ProjectionRows, its: readonly Stream[]): Promise<void> => {
  for (const [stream, { numbered, events }] of its.entries()) {
    const at = events.length - 1;
    if (at < 0) continue;
    const event = { id: idOf(stream, at), ...(numbered ? { sequence: events.length } : {}) };
    assert.equal(await rows.holds(`Counter s${stream}`, event), true);
  }
};

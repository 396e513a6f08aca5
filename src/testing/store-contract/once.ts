import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { AnyRow } from "../../runtime/apply-change.js";
import type { Change } from "../../runtime/definitions.js";
import { ProjectionError } from "../../runtime/errors.js";
import type { ProjectionRows } from "../../runtime/store.js";
import type { StoreTest, StoreUnderTest } from "./index.js";
import { counters, headerOf, sameRow, testOf, writeOf } from "./projection.js";

/** That an event does what it does once, as a whole, or not at all. */
export const onceTests = (under: StoreUnderTest): readonly StoreTest[] => [
  testOf(under, "changes rows as the model says", async ({ name, open }) => {
    const rows = await open(counters(name()));
    const key = { id: "a" };
    assert.equal(await rows.get(key), undefined);
    assert.equal(await rows.write(writeOf("a", 1, { key, set: { state: "open", note: "n" } })), "applied");
    sameRow(await rows.get(key), { total: 0, names: [], state: "open", note: "n" });
    await rows.write(
      writeOf("a", 2, { key, increment: { total: 5 }, append: { names: "x" }, set: { note: undefined } }),
    );
    sameRow(await rows.get(key), { total: 5, names: ["x"], state: "open" });
    await rows.write(writeOf("a", 3, { key, append: { names: "y" } }));
    await rows.write(writeOf("a", 4, { key, remove: { names: "x" }, increment: { total: -7 } }));
    sameRow(await rows.get(key), { total: -2, names: ["y"], state: "open" });
    await rows.write(writeOf("a", 5, { key, by: (row) => ({ ...row, state: "closed" }) }));
    sameRow(await rows.get(key), { total: -2, names: ["y"], state: "closed" });
    await rows.write(writeOf("a", 6, { key, by: () => undefined }));
    assert.equal(await rows.get(key), undefined);
    await rows.write(writeOf("a", 7, { key, delete: true }));
    await rows.write(writeOf("a", 8, { key, set: { state: "open" } }));
    sameRow(await rows.get(key), { total: 0, names: [], state: "open" });
    await rows.write(writeOf("a", 9, { key, delete: true }));
    assert.equal(await rows.get(key), undefined);
  }),

  testOf(under, "knows an event that comes again, also another process", async ({ name, open, connect }) => {
    const projection = counters(name());
    const rows = await open(projection);
    const key = { id: "a" };
    const more = (event: Parameters<typeof writeOf>[1]) =>
      writeOf("a", event, { key, set: { state: "open" }, increment: { total: 1 } });
    for (const event of [1, 2, { id: "unnumbered" }, 3]) assert.equal(await rows.write(more(event)), "applied");
    const others = await open(projection, await connect());
    for (const its of [rows, others]) {
      for (const event of [3, 1, 2, { id: "unnumbered" }]) assert.equal(await its.write(more(event)), "duplicate");
    }
    sameRow(await others.get(key), { total: 4, names: [], state: "open" });
    assert.equal(await others.write(more(4)), "applied");
    assert.equal(await rows.write(more(4)), "duplicate");
    sameRow(await rows.get(key), { total: 5, names: [], state: "open" });
  }),

  testOf(under, "says what it holds", async ({ name, open, connect }) => {
    const projection = counters(name());
    const rows = await open(projection);
    const held = async (its: ProjectionRows, stream: string, event: number | { readonly id: string }) =>
      its.holds(`Counter ${stream}`, headerOf(stream, event));
    assert.equal(await held(rows, "a", 1), false);
    // One that changes nothing counts too.
    assert.equal(await rows.write(writeOf("a", 1)), "applied");
    assert.equal(await rows.write(writeOf("a", 1)), "duplicate");
    await rows.write(writeOf("a", { id: "x" }, { key: { id: "a" }, set: { state: "open" } }));
    for (const its of [rows, await open(projection, await connect())]) {
      assert.deepEqual([await held(its, "a", 1), await held(its, "a", 2)], [true, false]);
      assert.deepEqual([await held(its, "a", { id: "x" }), await held(its, "a", { id: "y" })], [true, false]);
      assert.equal(await held(its, "b", 1), false);
    }
  }),

  testOf(under, "goes on behind a gap in a stream", async ({ name, open }) => {
    const rows = await open(counters(name()));
    const more = (event: number) =>
      writeOf("a", event, { key: { id: "a" }, set: { state: "open" }, increment: { total: 1 } });
    assert.equal(await rows.write(more(7)), "applied");
    assert.equal(await rows.write(more(9)), "applied");
    assert.equal(await rows.write(more(8)), "duplicate");
    sameRow(await rows.get({ id: "a" }), { total: 2, names: [], state: "open" });
  }),

  testOf(under, "applies all parts of an event, each on what the one before it has left", async ({ name, open }) => {
    const rows = await open(counters(name()));
    const [a, b] = [{ id: "a" }, { id: "b" }];
    const parts: readonly Change<AnyRow, AnyRow>[] = [
      { key: a, set: { state: "open" }, increment: { total: 1 } },
      { key: b, set: { state: "closed" }, append: { names: "1" } },
      { key: a, increment: { total: 2 }, append: { names: "2" } },
      { key: b, delete: true },
      { key: b, set: { state: "open" } },
    ];
    assert.equal(await rows.write(writeOf("a", 1, ...parts)), "applied");
    sameRow(await rows.get(a), { total: 3, names: ["2"], state: "open" });
    sameRow(await rows.get(b), { total: 0, names: [], state: "open" });
    assert.equal(await rows.write(writeOf("a", 1, ...parts)), "duplicate");
    sameRow(await rows.get(a), { total: 3, names: ["2"], state: "open" });
  }),

  testOf(under, "leaves nothing of an event whose row would not be valid, and all of others", async (bench) => {
    const rows = await bench.open(counters(bench.name()));
    const good = (stream: string, event: number) =>
      writeOf(stream, event, { key: { id: stream }, set: { state: "open" }, increment: { total: 1 } });
    const bad = [
      writeOf("bad", 1, { key: { id: "bad" }, set: { note: "incomplete" } }),
      writeOf(
        "bad",
        1,
        { key: { id: "a" }, increment: { total: 5 } },
        { key: { id: "a" }, increment: { total: 2000 } },
      ),
      writeOf("bad", 1, { key: { id: "new" }, set: { state: "open" } }, { key: { id: "new" }, set: { state: "half" } }),
      writeOf("bad", 1, {
        key: { id: "a" },
        by: () => {
          throw new Error("by a function");
        },
      }),
      writeOf("bad", 1, { key: { id: 5 }, set: { state: "open" } }),
      writeOf("bad", 1, { key: {}, set: { state: "open" } }),
    ];
    await rows.write(good("a", 1));
    for (const [at, write] of bad.entries()) {
      const streams = ["b", "c", "d"];
      const [failed, ...others] = await Promise.allSettled([
        rows.write(write),
        ...streams.map((stream) => rows.write(good(stream, at + 1))),
      ]);
      assert.equal(failed.status, "rejected");
      assert.ok(failed.status === "rejected" && failed.reason instanceof ProjectionError, String(at));
      assert.deepEqual(
        others,
        others.map(() => ({ status: "fulfilled", value: "applied" })),
      );
      for (const stream of streams)
        sameRow(await rows.get({ id: stream }), { total: at + 1, names: [], state: "open" });
      sameRow(await rows.get({ id: "a" }), { total: 1, names: [], state: "open" });
      assert.deepEqual([await rows.get({ id: "bad" }), await rows.get({ id: "new" })], [undefined, undefined]);
      assert.equal(await rows.holds("Counter bad", headerOf("bad", 1)), false);
    }
    // What has failed is tried again, as it is or mended.
    assert.equal(await rows.write(writeOf("bad", 1, { key: { id: "bad" }, set: { state: "closed" } })), "applied");
  }),

  testOf(under, "keeps projections and streams apart", async ({ name, open }) => {
    const [one, two] = [await open(counters(name())), await open(counters(name()))];
    const write = writeOf("a", 1, { key: { id: "a" }, set: { state: "open" }, increment: { total: 1 } });
    assert.equal(await one.write(write), "applied");
    assert.equal(await two.get({ id: "a" }), undefined);
    assert.equal(await two.write(write), "applied");
    const other = (id: string) => writeOf(id, 1, { key: { id }, set: { state: "open" } });
    for (const stream of ["Other a", "Counter  a", "Counter b"]) {
      assert.equal(await one.write({ ...other(stream), stream }), "applied");
    }
    sameRow(await two.get({ id: "a" }), { total: 1, names: [], state: "open" });
  }),

  testOf(under, "takes an event once from two processes that have it at the same time", async (bench) => {
    const projection = counters(bench.name());
    const [one, other] = [await bench.open(projection), await bench.open(projection, await bench.connect())];
    for (let event = 1; event <= 20; event++) {
      const writes = ["a", "b", "c"].map((stream) =>
        writeOf(stream, event, { key: { id: stream }, set: { state: "open" }, increment: { total: 1 } }),
      );
      const results = await Promise.all([one, other, one].flatMap((its) => writes.map((write) => its.write(write))));
      assert.deepEqual(results.filter((result) => result === "applied").length, 3);
    }
    for (const id of ["a", "b", "c"]) sameRow(await other.get({ id }), { total: 20, names: [], state: "open" });
  }),

  ...(under.sharedRows === false ? [] : [sharedRows(under)]),
  random(under),
];

const sharedRows = (under: StoreUnderTest): StoreTest =>
  testOf(under, "counts events of many streams in one row, from two processes at once", async (bench) => {
    const projection = counters(bench.name());
    const processes = [await bench.open(projection), await bench.open(projection, await bench.connect())];
    const streams = Array.from({ length: 20 }, (_, at) => `s${at}`);
    await Promise.all(
      streams.map(async (stream, at) => {
        for (let event = 1; event <= 10; event++) {
          const key = { id: `shared${event % 2}` };
          await processes[at % 2]?.write(
            writeOf(stream, event, { key, set: { state: "open" }, increment: { total: 1 } }),
          );
        }
      }),
    );
    for (const id of ["shared0", "shared1"]) {
      sameRow(await processes[0]?.get({ id }), { total: 100, names: [], state: "open" });
    }
  });

/** Something that happens to a stream: its next event, or events that come again, to this process or to a new one. */
type Step =
  | {
      readonly kind: "event";
      readonly amount: number;
      readonly what: "count" | "collect" | "delete" | "invalid" | "none";
    }
  | { readonly kind: "again"; readonly back: number }
  | { readonly kind: "restart" };

const steps = (): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.oneof(
      {
        arbitrary: fc.record({
          kind: fc.constant("event" as const),
          amount: fc.integer({ min: -20, max: 20 }),
          what: fc.constantFrom(...(["count", "count", "collect", "delete", "invalid", "none"] as const)),
        }),
        weight: 6,
      },
      {
        arbitrary: fc.record({ kind: fc.constant("again" as const), back: fc.integer({ min: 1, max: 5 }) }),
        weight: 2,
      },
      { arbitrary: fc.constant({ kind: "restart" as const }), weight: 1 },
    ),
    { maxLength: 12 },
  );

const random = (under: StoreUnderTest): StoreTest =>
  testOf(under, "holds what a fold by another hand holds, whatever is redelivered and restarted", async (bench) => {
    const property = fc.asyncProperty(
      fc.array(steps(), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      async (streams, numbered) => {
        const projection = counters(bench.name());
        await bench.open(projection);
        const rows = await Promise.all(streams.map((its, at) => runStream(bench, projection, `s${at}`, its, numbered)));
        const last = await bench.open(projection, await bench.connect());
        for (const [at, expected] of rows.entries()) sameRow(await last.get({ id: `s${at}` }), expected);
      },
    );
    await fc.assert(property, { numRuns: under.runs ?? 25, seed: under.seed ?? 1 });
  });

/** Runs the steps of one stream, and gives the row that a hand of its own has made of them. */
const runStream = async (
  bench: Parameters<Parameters<typeof testOf>[2]>[0],
  projection: ReturnType<typeof counters>,
  stream: string,
  its: readonly Step[],
  numbered: boolean,
): Promise<AnyRow | undefined> => {
  const key = { id: stream };
  let rows = await bench.open(projection);
  let row: { total: number; names: string[]; state: string } | undefined;
  const done: ReturnType<typeof writeOf>[] = [];
  for (const step of its) {
    if (step.kind === "restart") rows = await bench.open(projection, await bench.connect());
    if (step.kind === "again")
      for (const write of done.slice(-step.back)) assert.equal(await rows.write(write), "duplicate");
    if (step.kind !== "event") continue;
    const { amount, what } = step;
    const event = numbered ? done.length + 1 : { id: `${stream}-${done.length}` };
    const next = row ?? { total: 0, names: [], state: "open" };
    const set = { state: amount > 0 ? "open" : "closed" };
    const change: Change<AnyRow, AnyRow> | undefined =
      what === "count"
        ? { key, set, increment: { total: amount } }
        : what === "collect"
          ? { key, set, append: { names: String(amount) }, remove: { names: "1" } }
          : what === "delete"
            ? { key, delete: true }
            : what === "invalid"
              ? { key, set, increment: { total: 5000 } }
              : undefined;
    const write = writeOf(stream, event, ...(change === undefined ? [] : [change]));
    if (what === "invalid") {
      await assert.rejects(rows.write(write), ProjectionError);
      continue;
    }
    assert.equal(await rows.write(write), "applied");
    done.push(write);
    if (what === "count") row = { ...next, ...set, total: next.total + amount };
    if (what === "collect")
      row = { ...next, ...set, names: [...next.names, String(amount)].filter((one) => one !== "1") };
    if (what === "delete") row = undefined;
  }
  return row;
};

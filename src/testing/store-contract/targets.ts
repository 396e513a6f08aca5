import assert from "node:assert/strict";
import { checksumOf } from "../../runtime/checksum.js";
import { StoreMismatch, UnknownTarget } from "../../runtime/errors.js";
import type { StoreTest, StoreUnderTest } from "./index.js";
import { counters, sameRow, testOf, writeOf } from "./projection.js";

/** That a projection may have several copies of its rows, each on its own. */
export const targetTests = (under: StoreUnderTest): readonly StoreTest[] => [
  testOf(under, "builds a second copy beside the first, and drops one without the other", async (bench) => {
    const projection = counters(bench.name());
    const first = await bench.open(projection);
    const second = await bench.open({ ...projection, version: 2 });
    const [one, two] = [`${projection.table}_v1`, `${projection.table}_v2`];
    assert.deepEqual([first.target, second.target], [one, two]);
    const write = writeOf("a", 1, { key: { id: "a" }, set: { state: "open" } });
    assert.equal(await first.write(write), "applied");
    assert.equal(await second.get({ id: "a" }), undefined);
    assert.equal(await second.write(write), "applied");
    await bench.store.drop(projection.table, one);
    sameRow(await second.get({ id: "a" }), { total: 0, names: [], state: "open" });
    assert.equal(await second.write(write), "duplicate");
    const again = await bench.open(projection);
    assert.equal(await again.get({ id: "a" }), undefined);
    assert.equal(await again.write(write), "applied");
  }),

  testOf(under, "has one live copy, which another one replaces in one step, and back", async (bench) => {
    const projection = counters(bench.name());
    const { table } = projection;
    const [one, two] = [`${table}_v1`, `${table}_v2`];
    const targets = async () => (await (await bench.connect()).targets(table)).map((copy) => [copy.target, copy.live]);
    assert.deepEqual(await targets(), []);
    await bench.open(projection);
    assert.deepEqual(await targets(), [[one, true]]);
    await bench.open({ ...projection, version: 2, fingerprint: "fedcba9876543210" });
    assert.deepEqual(await bench.store.targets(table), [
      { target: one, projection: projection.name, fingerprint: projection.fingerprint, live: true },
      { target: two, projection: projection.name, fingerprint: "fedcba9876543210", live: false },
    ]);
    await bench.store.promote(table, two);
    assert.deepEqual(await targets(), [
      [one, false],
      [two, true],
    ]);
    await bench.store.promote(table, one);
    await bench.store.promote(table, one);
    assert.deepEqual(await targets(), [
      [one, true],
      [two, false],
    ]);
    await assert.rejects(bench.store.promote(table, `${table}_v3`), UnknownTarget);
    await bench.store.drop(table, `${table}_v3`);
    await bench.store.drop(table, two);
    assert.deepEqual(await targets(), [[one, true]]);
    const other = counters(bench.name());
    await bench.open(other);
    await assert.rejects(bench.store.promote(other.table, one), UnknownTarget);
    await bench.store.drop(other.table, one);
    assert.deepEqual(await targets(), [[one, true]]);
  }),

  testOf(under, "is opened again as it was left, by several at once too", async ({ name, open, connect }) => {
    const projection = counters(name());
    const stores = await Promise.all([connect(), connect(), connect(), connect()]);
    const [rows] = await Promise.all(stores.map((store) => open(projection, store)));
    await rows?.write(writeOf("a", 1, { key: { id: "a" }, set: { state: "open" } }));
    for (const store of stores) {
      sameRow(await (await open(projection, store)).get({ id: "a" }), { total: 0, names: [], state: "open" });
    }
  }),

  testOf(under, "remembers the fingerprint of its beginning, and refuses other fields", async (bench) => {
    const projection = counters(bench.name());
    assert.equal((await bench.open(projection)).fingerprint, projection.fingerprint);
    const changed = { ...projection, fingerprint: "fedcba9876543210" };
    assert.equal((await bench.open(changed, await bench.connect())).fingerprint, projection.fingerprint);
    const { total: _, ...fewer } = projection.columns;
    const wrong = [
      { ...projection, name: "Other" },
      { ...projection, columns: { ...projection.columns, more: { name: "more", type: "int" as const } } },
      { ...projection, columns: fewer },
      { ...projection, columns: { ...projection.columns, total: { name: "total", type: "long" as const } } },
      { ...projection, columns: { ...projection.columns, total: { name: "sum", type: "int" as const } } },
      { ...projection, key: ["id", "total"] },
    ];
    for (const one of wrong) await assert.rejects(bench.open(one, await bench.connect()), StoreMismatch);
    const grown = { ...projection, indexes: [["state", "total"]] };
    assert.deepEqual(await (await bench.open(grown, await bench.connect())).page({ index: ["state", "total"] }), {
      rows: [],
    });
  }),

  testOf(under, "gives the same checksum for the same rows, however they were made", async (bench) => {
    const projection = { ...counters(bench.name()), indexes: [] };
    const copies = [
      await bench.open(projection, undefined, `${projection.table}_1`),
      await bench.open(projection, undefined, `${projection.table}_2`),
    ] as const;
    const streams = ["a", "b", "c", "d"];
    const add = (stream: string) => writeOf(stream, 1, { key: { id: stream }, set: { state: "open" } });
    const count = (stream: string) => writeOf(stream, 2, { key: { id: stream }, increment: { total: 3 } });
    for (const stream of streams) for (const write of [add(stream), count(stream)]) await copies[0].write(write);
    for (const stream of [...streams].reverse()) await copies[1].write(add(stream));
    assert.equal((await checksumOf(copies[1])).rows, 4);
    assert.notDeepEqual(await checksumOf(copies[0]), await checksumOf(copies[1]));
    for (const stream of streams) await copies[1].write(count(stream));
    assert.deepEqual(await checksumOf(copies[0]), await checksumOf(copies[1]));
  }),
];

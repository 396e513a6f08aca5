import assert from "node:assert/strict";
import type { AnyRow } from "../../runtime/apply-change.js";
import type { ProjectionRows, RowQuery } from "../../runtime/store.js";
import type { StoreTest, StoreUnderTest } from "./index.js";
import { allRows, integer, projectionOf, testOf, text, writeOf } from "./projection.js";

/** That rows are found by key and by index, a page at a time. */
export const pageTests = (under: StoreUnderTest): readonly StoreTest[] => [
  testOf(under, "pages through all rows by their key", async ({ name, open }) => {
    const rows = await open(projection(name()));
    assert.deepEqual(await rows.page({}), { rows: [] });
    await fill(rows, 25);
    for (const limit of [1, 7, 25, 26]) {
      const all = await allRows(rows, limit);
      assert.deepEqual(idsOf(all), ids(25));
      assert.deepEqual(
        all.map(({ key }) => key),
        (await allRows(rows, 1000)).map(({ key }) => key),
      );
    }
    assert.deepEqual(await rows.page({ equals: { id: "r7" } }), { rows: [{ key: { id: "r7" }, row: rowOf(7) }] });
    assert.deepEqual(await rows.page({ equals: { id: "none" } }), { rows: [] });
  }),

  testOf(under, "pages through the rows that have the first fields of an index", async ({ name, open }) => {
    const rows = await open(projection(name()));
    await fill(rows, 60);
    for (const limit of [1, 4, 1000]) {
      const found = async (query: RowQuery) => idsOf(await pages(rows, { ...query, limit }));
      const where = (test: (row: AnyRow) => boolean) => ids(60).filter((id) => test(rowOf(Number(id.slice(1)))));
      const index = ["city", "age", "note"];
      assert.deepEqual(await found({ index }), ids(60));
      for (const city of ["Rome", "São Paulo", ""]) {
        assert.deepEqual(
          await found({ index, equals: { city } }),
          where((row) => row["city"] === city),
        );
        for (const age of [0, 1, -1]) {
          const both = where((row) => row["city"] === city && row["age"] === age);
          assert.deepEqual(await found({ index, equals: { city, age } }), both);
          const noted = both.filter((id) => rowOf(Number(id.slice(1)))["note"] === "n");
          assert.deepEqual(await found({ index, equals: { city, age, note: "n" } }), noted);
          const bare = both.filter((id) => rowOf(Number(id.slice(1)))["note"] === undefined);
          assert.deepEqual(await found({ index, equals: { city, age, note: undefined } }), bare);
        }
      }
      assert.deepEqual(await found({ index: ["note"] }), ids(60));
      assert.deepEqual(
        await found({ index: ["note"], equals: { note: undefined } }),
        where((row) => row["note"] === undefined),
      );
    }
  }),

  testOf(under, "follows the index when a row changes or goes", async ({ name, open }) => {
    const rows = await open(projection(name()));
    const key = { id: "r1" };
    const index = ["city", "age", "note"];
    const found = async (city: string) => idsOf(await pages(rows, { index, equals: { city } }));
    await rows.write(writeOf("a", 1, { key, set: { city: "Rome", age: 1 } }));
    assert.deepEqual([await found("Rome"), await found("Oslo")], [["r1"], []]);
    await rows.write(writeOf("a", 2, { key, set: { city: "Oslo" } }));
    assert.deepEqual([await found("Rome"), await found("Oslo")], [[], ["r1"]]);
    await rows.write(writeOf("a", 3, { key, delete: true }));
    assert.deepEqual([await found("Rome"), await found("Oslo")], [[], []]);
    assert.deepEqual(await rows.page({}), { rows: [] });
  }),

  testOf(under, "shows rows that stay on one page each, while others come and go", async ({ name, open }) => {
    const rows = await open(projection(name()));
    await fill(rows, 30);
    const found: string[] = [];
    let after: string | undefined;
    for (let round = 0; ; round++) {
      const page = await rows.page({ after, limit: 4 });
      found.push(...idsOf(page.rows));
      after = page.next;
      if (after === undefined) break;
      const [gone, come] = [`r${round + 20}`, `x${round}`];
      await rows.write(writeOf(come, 1, { key: { id: come }, set: rowOf(round) }));
      if (round < 5) await rows.write(writeOf(gone, 2, { key: { id: gone }, delete: true }));
    }
    const stayed = ids(20).concat(["r25", "r26", "r27", "r28", "r29"]);
    assert.deepEqual(
      stayed.map((id) => found.filter((one) => one === id).length),
      stayed.map(() => 1),
    );
  }),

  testOf(under, "refuses a query that is none of the projection's", async ({ name, open }) => {
    const rows = await open(projection(name()));
    await fill(rows, 5);
    const { next } = await rows.page({ index: ["note"], limit: 2 });
    const wrong: readonly RowQuery[] = [
      { index: ["age"] },
      { index: ["city", "age"] },
      { index: ["city", "age", "note"], equals: { age: 1 } },
      { equals: { city: "Rome" } },
      { equals: { strange: 1 } },
      { limit: 0 },
      { limit: 1.5 },
      { limit: 10_001 },
      { after: "strange" },
      { after: "" },
      { after: next },
      { index: ["note"], equals: { note: "n" }, after: next },
    ];
    for (const query of wrong) await assert.rejects(rows.page(query), TypeError, JSON.stringify(query));
  }),
];

const projection = (name: string) =>
  projectionOf(
    name,
    { id: text },
    { city: text, age: integer, note: [{ type: "string" }, "string", "optional"] },
    { indexes: [["city", "age", "note"], ["note"]] },
  );

const rowOf = (at: number): AnyRow => ({
  city: ["Rome", "São Paulo", ""][at % 3],
  age: (at % 5) - 2,
  ...(at % 4 === 0 ? {} : { note: at % 4 === 1 ? "n" : `n${at % 7}` }),
});

const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `r${at}`).sort();

const idsOf = (rows: readonly { readonly key: AnyRow }[]): readonly string[] =>
  rows.map(({ key }) => String(key["id"])).sort();

const fill = async (rows: ProjectionRows, count: number): Promise<void> => {
  const all = Array.from({ length: count }, (_, at) => at);
  await Promise.all(all.map((at) => rows.write(writeOf(`r${at}`, 1, { key: { id: `r${at}` }, set: rowOf(at) }))));
};

const pages = async (rows: ProjectionRows, query: RowQuery) => {
  const all: { readonly key: AnyRow; readonly row: AnyRow }[] = [];
  let after: string | undefined;
  do {
    const page = await rows.page({ ...query, after });
    assert.ok(page.rows.length <= (query.limit ?? 100));
    all.push(...page.rows);
    after = page.next;
  } while (after !== undefined);
  return all;
};

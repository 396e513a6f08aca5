import assert from "node:assert/strict";
import * as fc from "fast-check";
import { toMemory } from "../../model/memory-form.js";
import type { JsonValue, RecordType } from "../../model/type.js";
import type { AnyRow } from "../../runtime/apply-change.js";
import type { JsonSchema } from "../../runtime/definitions.js";
import { ProjectionError } from "../../runtime/errors.js";
import type { AnyProjection, ProjectionRows } from "../../runtime/store.js";
import { arbitraryOf } from "../arbitrary-value.js";
import { typeOfSchema } from "../type-of-schema.js";
import type { StoreTest, StoreUnderTest } from "./index.js";
import { type Bench, counters, projectionOf, sameRow, type TestField, testOf, text, writeOf } from "./projection.js";

/** That values are read as they were written, or refused. */
export const typeTests = (under: StoreUnderTest): readonly StoreTest[] => [
  ...(["number", "bigint"] as const).map((long) =>
    testOf(under, `keeps values of every type, longs as ${long}`, (bench) => roundTrip(bench, under, long)),
  ),
  ...(["number", "bigint"] as const).map((long) =>
    testOf(under, `keeps keys of every type, longs as ${long}`, (bench) => keyRoundTrip(bench, under, long)),
  ),
  testOf(under, "keeps hostile texts", async ({ name, open }) => {
    const rows = await open(projectionOf(name(), { id: text }, { value: text, any: [{ json: true }, "json"] }));
    for (const [at, value] of hostile.entries()) {
      const row = { value, any: { value, list: [value], [value === "__proto__" ? "proto" : value]: 1 } };
      await rows.write(writeOf(value, at + 1, { key: { id: value }, set: row }));
      sameRow(await rows.get({ id: value }), row);
      assert.equal(await rows.write(writeOf(value, at + 1, { key: { id: value }, delete: true })), "duplicate");
      assert.equal(await rows.holds(`Counter ${value}`, { id: "", sequence: at + 1 }), true);
    }
    for (const value of hostile) assert.equal((await rows.get({ id: value }))?.["value"], value);
  }),
  testOf(under, "keeps names that mean something in the language of a store", async ({ name, open }) => {
    const plain = projectionOf(
      name(),
      { user: text },
      { group: text, order: text, select: text, table: text, id: text },
    );
    const row = { group: "a", order: "b", select: "c", table: "d", id: "e" };
    const rows = await open({ ...plain, indexes: [["order", "group"]] }, undefined, `${plain.table}"'; --`);
    await rows.write(writeOf("a", 1, { key: { user: "u" }, set: row }));
    sameRow(await rows.get({ user: "u" }), row);
    const page = await rows.page({ index: ["order", "group"], equals: { order: "b" } });
    assert.deepEqual(page, { rows: [{ key: { user: "u" }, row }] });
  }),
  testOf(under, "keeps long texts, and many fields that are absent", async ({ name, open }) => {
    const absent = Object.fromEntries(
      Array.from({ length: 200 }, (_, at): [string, TestField] => [
        `f${at}`,
        [{ type: "string" }, "string", "optional"],
      ]),
    );
    const rows = await open(projectionOf(name(), { id: text }, { value: text, ...absent }));
    const row = { value: "é\\\"'".repeat(100_000), f7: "", f199: "x" };
    await rows.write(writeOf("a", 1, { key: { id: "k".repeat(1000) }, set: row }));
    sameRow(await rows.get({ id: "k".repeat(1000) }), row);
  }),
  testOf(under, "refuses what it cannot keep, and leaves nothing of it", async ({ name, open }) => {
    const rows = await open(counters(name()));
    for (const [at, value] of ["\u0000", "a\ud800", "\udc00b"].entries()) {
      const before = { total: 0, names: [], state: "open" };
      await rows.write(writeOf(`s${at}`, 1, { key: { id: `s${at}` }, set: { state: "open" } }));
      for (const set of [{ note: value }, { names: [value] }]) {
        const result = await rows.write(writeOf(`s${at}`, 2, { key: { id: `s${at}` }, set })).catch((error) => error);
        if (result === "applied") break;
        assert.ok(result instanceof ProjectionError, `${String(result)} is no ProjectionError`);
        sameRow(await rows.get({ id: `s${at}` }), before);
      }
    }
  }),
];

const hostile = [
  "",
  " ",
  "'",
  '"',
  "\\",
  "'; drop table x; --",
  '"}],{"a":1',
  "$1 $$ {{y}} %s",
  "\r\n\t\u0001\u001f\u007f\u2028",
  "{a,b}",
  "NULL",
  "null",
  "\\x00",
  "\\u0000",
  "é 日本 😀 \u202e\ufeff",
  "e\u0301",
  "*?[]^-:/|&",
  "__proto__",
  "constructor",
];

type Long = "number" | "bigint";

const decimal = (whole: number, scale: number): JsonSchema => ({
  type: "string",
  pattern: `^(?!-0${scale === 0 ? "" : `\\.${"0".repeat(scale)}`}$)-?(0|[1-9]\\d{0,${whole - 1}})${scale === 0 ? "" : `\\.\\d{${scale}}`}$`,
});

const longField = (long: Long): TestField =>
  long === "bigint"
    ? [{ bigint: {} }, "bigint"]
    : [{ type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }, "long"];

const keyFields = (long: Long): { readonly [field: string]: TestField } => ({
  text,
  color: [{ enum: ["red", "green", "a b", ""] }, "enum"],
  id: [{ type: "string", format: "uuid" }, "uuid"],
  flag: [{ type: "boolean" }, "boolean"],
  small: [{ type: "integer", minimum: -2147483648, maximum: 2147483647 }, "int"],
  big: longField(long),
  money: [decimal(12, 2), "decimal(14, 2)"],
  whole: [decimal(6, 0), "decimal(6, 0)"],
  day: [{ type: "string", format: "date" }, "date"],
  at: [{ type: "string", format: "timestamp" }, "timestamp"],
});

const rowFields = (long: Long): { readonly [field: string]: TestField } => ({
  ...keyFields(long),
  huge: [decimal(30, 8), "decimal(38, 8)"],
  single: [{ type: "number", float: true }, "float"],
  real: [{ type: "number" }, "double"],
  blob: [{ bytes: true }, "bytes"],
  any: [{ json: true }, "json"],
  list: [{ type: "array", items: { type: "array", items: { type: "string" } } }, "json"],
  blobs: [{ type: "array", items: { bytes: true } }, "json"],
  map: [{ type: "object", map: true, additionalProperties: longField(long)[0] }, "json"],
  price: [
    {
      type: "object",
      properties: { amount: decimal(12, 2), blob: { bytes: true }, count: longField(long)[0] },
      required: ["amount"],
      additionalProperties: false,
    },
    "json",
  ],
  tree: [{ $ref: "#/$defs/Tree" }, "json"],
  pay: [pay, "json"],
});

const tree: JsonSchema = {
  type: "object",
  properties: { blob: { bytes: true }, children: { type: "array", items: { $ref: "#/$defs/Tree" } } },
  required: ["blob", "children"],
  additionalProperties: false,
};

const member = (kind: string, field: JsonSchema): JsonSchema => ({
  type: "object",
  properties: { kind: { const: kind }, value: field },
  required: ["kind", "value"],
  additionalProperties: false,
});

const pay: JsonSchema = {
  type: "object",
  discriminator: { propertyName: "kind" },
  required: ["kind"],
  oneOf: [member("Card", { bytes: true }), member("Cash", { type: "number" })],
};

/** Every type twice: as it is, and as a field that may be absent. */
const everything = (name: string, long: Long): AnyProjection => {
  const fields = Object.entries(rowFields(long));
  const optional = fields.map(([field, [schema, type]]): [string, TestField] => [
    `maybe${field.charAt(0).toUpperCase()}${field.slice(1)}`,
    [schema, type, "optional"],
  ]);
  const all = Object.fromEntries([...fields, ...optional]);
  return projectionOf(name, { key: text }, all, { $defs: { Tree: tree } });
};

const roundTrip = async ({ name, open }: Bench, under: StoreUnderTest, long: Long): Promise<void> => {
  const projection = everything(name(), long);
  const rows = await open(projection);
  const type = typeOfSchema(projection.row) as RecordType;
  let sequence = 0;
  const property = fc.asyncProperty(arbitraryOf(type, long), fc.boolean(), async (value, fresh) => {
    const row = toMemory(value, type, long) as AnyRow;
    const key = { key: fresh ? `k${sequence}` : "k" };
    await keeps(rows, key, { ...absent(projection), ...row }, row, ++sequence);
  });
  await fc.assert(property, { numRuns: under.runs ?? 25, seed: under.seed ?? 1 });
};

/** All fields of the row as undefined, so that those a sample does not have are removed. */
const absent = (projection: AnyProjection): AnyRow =>
  Object.fromEntries(Object.keys(projection.row["properties"] as object).map((field) => [field, undefined]));

const keyRoundTrip = async ({ name, open }: Bench, under: StoreUnderTest, long: Long): Promise<void> => {
  const fields = keyFields(long);
  const projection = projectionOf(name(), fields, { value: text });
  const rows = await open(projection);
  const type = typeOfSchema(projectionOf("Keys", {}, fields).row) as RecordType;
  const written = new Map<string, AnyRow>();
  const property = fc.asyncProperty(arbitraryOf(type, long), async (value) => {
    const key = toMemory(value, type, long) as AnyRow;
    const row = { value: String(written.size) };
    if (!(await keeps(rows, key, row, row, written.size + 1))) return;
    written.set(JSON.stringify(value), row);
  });
  await fc.assert(property, { numRuns: under.runs ?? 25, seed: under.seed ?? 1 });
  const found: AnyRow[] = [];
  let after: string | undefined;
  do {
    const page = await rows.page({ after, limit: 3 });
    for (const { key, row } of page.rows) {
      sameRow(await rows.get(key), row);
      found.push(row);
    }
    after = page.next;
  } while (after !== undefined);
  const texts = (some: Iterable<AnyRow>) => [...some].map((row) => String(row["value"])).sort();
  assert.deepEqual(texts(found), texts(written.values()));
};

/** Writes a row and reads it; false when the store says that it cannot keep it, as it may of some texts. */
const keeps = async (rows: ProjectionRows, key: AnyRow, set: AnyRow, row: AnyRow, sequence: number) => {
  try {
    await rows.write(writeOf(`s${sequence}`, 1, { key, set }));
  } catch (error) {
    if (error instanceof ProjectionError && mayBeRefused({ ...key, ...row })) return false;
    throw error;
  }
  sameRow(await rows.get(key), row);
  return true;
};

/** Whether there is a text with a NUL, or with half of a pair, which not every store can keep. */
const mayBeRefused = (value: unknown): boolean => {
  if (typeof value === "string") return value.includes("\u0000") || !value.isWellFormed();
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  return Object.entries(value as { readonly [key: string]: JsonValue }).some(
    ([key, one]) => mayBeRefused(key) || mayBeRefused(one),
  );
};

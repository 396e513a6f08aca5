import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { AnyRow } from "../../runtime/apply-change.js";
import type { Change, ColumnDefinition, ColumnType, EventHeader, JsonSchema } from "../../runtime/definitions.js";
import type { AnyProjection, ProjectionRows, ProjectionStore, ProjectionWrite } from "../../runtime/store.js";
import type { StoreTest, StoreUnderTest } from "./index.js";

/** A field of a projection of the tests: its schema, how it is stored, and whether it may be absent. */
export type TestField = readonly [schema: JsonSchema, type: ColumnType, optional?: "optional"];
type TestFields = { readonly [field: string]: TestField };

/** A projection as generated code would declare it. */
export const projectionOf = (
  name: string,
  key: TestFields,
  row: TestFields,
  more: { readonly indexes?: readonly (readonly string[])[]; readonly initial?: AnyRow; readonly $defs?: object } = {},
): AnyProjection => {
  const fields = Object.entries(row);
  const { indexes = [], initial, $defs } = more;
  return {
    ...{
      name,
      table: name,
      version: 1,
      key: Object.keys(key),
      indexes,
      store: "memory",
      fingerprint: "0123456789abcdef",
    },
    ...(initial === undefined ? {} : { initial }),
    aggregates: [],
    row: {
      type: "object",
      properties: Object.fromEntries(fields.map(([field, [schema]]) => [field, schema])),
      required: fields.filter(([, [, , optional]]) => optional === undefined).map(([field]) => field),
      additionalProperties: false,
      ...($defs === undefined ? {} : { $defs }),
    },
    columns: Object.fromEntries(
      [...Object.entries(key), ...fields].map(([field, [, type, optional]]): [string, ColumnDefinition] => [
        field,
        { name: columnName(field), type, ...(optional === undefined ? {} : { optional: true }) },
      ]),
    ),
    subscription: {
      ...{ name: "contract", type: "failover", position: "earliest", newer: "park", deadLetterTopic: "" },
      retry: { attempts: 1, minBackoff: 1, maxBackoff: 1 },
    },
  };
};

const columnName = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export const text: TestField = [{ type: "string" }, "string"];
export const integer: TestField = [{ type: "integer", minimum: -2147483648, maximum: 2147483647 }, "int"];

/** Rows that count, collect and are set; a total beyond 1,000 is not valid. */
export const counters = (name: string): AnyProjection =>
  projectionOf(
    name,
    { id: text },
    {
      total: [{ type: "integer", minimum: -1000, maximum: 1000 }, "int"],
      names: [{ type: "array", items: { type: "string" } }, "json"],
      state: [{ enum: ["open", "closed"] }, "enum"],
      note: [{ type: "string" }, "string", "optional"],
    },
    { initial: { total: 0, names: [] } },
  );

/** What an event of a stream does; without a sequence it is known by its id. */
export const writeOf = (
  stream: string,
  event: number | { readonly id: string },
  ...changes: readonly Change<AnyRow, AnyRow>[]
): ProjectionWrite => ({
  stream: `Counter ${stream}`,
  header: headerOf(stream, event),
  changes: changes as readonly Change<unknown, AnyRow>[],
});

export const headerOf = (stream: string, event: number | { readonly id: string }): EventHeader => ({
  id: typeof event === "number" ? `${stream} ${event}` : event.id,
  ...(typeof event === "number" ? { sequence: event } : {}),
  ...{ type: "Counted", version: 1, aggregateId: stream, time: "2026-01-05T10:00:00.000Z", metadata: {} },
});

/** One test and what it is given: stores on the same data, and names that nobody else has. */
export interface Bench {
  /** What projections may be called. */
  name(): string;
  readonly store: ProjectionStore;
  connect(): Promise<ProjectionStore>;
  /** Opens the rows of a projection, to be dropped in the end. */
  open(projection: AnyProjection, store?: ProjectionStore, target?: string): Promise<ProjectionRows>;
}

/** A test that leaves nothing behind. */
export const testOf = (under: StoreUnderTest, name: string, run: (bench: Bench) => Promise<void>): StoreTest => ({
  name,
  async run() {
    const store = await under.connect();
    const opened: { readonly table: string; readonly target: string }[] = [];
    try {
      await run({
        store,
        name: () => `contract_${randomBytes(6).toString("hex")}`,
        connect: () => under.connect(),
        async open(projection, its = store, target?) {
          const rows = await its.open(projection, target);
          opened.push({ table: projection.table, target: rows.target });
          return rows;
        },
      });
    } finally {
      for (const { table, target } of opened) await store.drop(table, target);
    }
  },
});

/** A value without the fields that are undefined, which count as absent. */
const present = <T>(value: T): T => {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(present) as T;
  const fields = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(fields.map(([name, one]) => [name, present(one)])) as T;
};

export const sameRow = (actual: AnyRow | undefined, expected: AnyRow | undefined): void =>
  assert.deepEqual(present(actual), present(expected));

/** Every row, by reading page after page. */
export const allRows = async (rows: ProjectionRows, limit = 100) => {
  const all: { readonly key: AnyRow; readonly row: AnyRow }[] = [];
  let after: string | undefined;
  do {
    const page = await rows.page({ after, limit });
    all.push(...page.rows);
    after = page.next;
  } while (after !== undefined);
  return all;
};

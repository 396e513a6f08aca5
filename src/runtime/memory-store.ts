import { type AnyRow, applyChange } from "./apply-change.js";
import type { Change, Event, EventHeader, ProjectionDefinition } from "./definitions.js";
import { describeProblems, messageOf, ProjectionError } from "./errors.js";
import { createGuard, type Guard } from "./guard.js";
import type { AnyProjection, ProjectionStore, ProjectionWrite } from "./store.js";
import { type Check, loadChecks } from "./validator.js";

/** Rows in memory, by projection. */
export interface MemoryStore extends ProjectionStore {
  /** The row of a key. */
  read<Key, Row, E extends Event>(projection: ProjectionDefinition<Key, Row, E>, key: Key): Row | undefined;
  /** Every row with its key, in the order in which they were first made. */
  all<Key, Row, E extends Event>(
    projection: ProjectionDefinition<Key, Row, E>,
  ): readonly { readonly key: Key; readonly row: Row }[];
}

/** A store in memory, for tests and trying out: it is gone with the process. */
export const createMemoryStore = (): MemoryStore => {
  const tables = new Map<string, Table>();
  const rowOf = (name: string, key: AnyRow, fields: readonly string[]) =>
    tables.get(name)?.rows.get(keyText(key, fields))?.row;
  return {
    async open(projection) {
      if (tables.has(projection.name)) return;
      const checks = await loadChecks([{ schema: projection.row }]);
      tables.set(projection.name, {
        rows: new Map(),
        guard: createGuard(true, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY),
        check: checks({ schema: projection.row }),
      });
    },
    async write(projection, write) {
      const table = tables.get(projection.name);
      if (table === undefined) throw new Error(`${projection.name} has not been opened`);
      return apply(table, projection, write);
    },
    get: async (projection, key) => rowOf(projection.name, key, projection.key),
    read: <Key, Row, E extends Event>(projection: ProjectionDefinition<Key, Row, E>, key: Key) =>
      rowOf(projection.name, key as AnyRow, projection.key) as Row | undefined,
    all: <Key, Row, E extends Event>(projection: ProjectionDefinition<Key, Row, E>) =>
      [...(tables.get(projection.name)?.rows.values() ?? [])] as unknown as { key: Key; row: Row }[],
  };
};

interface Table {
  readonly rows: Map<string, { readonly key: AnyRow; readonly row: AnyRow }>;
  /** Never forgets: rows are never forgotten either. */
  readonly guard: Guard;
  readonly check: Check;
}

/** Without waiting in between, so that nothing comes between reading a row and writing it. */
const apply = (
  table: Table,
  projection: AnyProjection,
  { stream, header, changes }: ProjectionWrite,
): "applied" | "duplicate" => {
  if (table.guard.judge(stream, header) === "duplicate") return "duplicate";
  const written = new Map<string, { readonly key: AnyRow; readonly row: AnyRow | undefined }>();
  for (const change of changes) {
    const key = change.key as AnyRow;
    const text = keyText(key, projection.key);
    const before = written.has(text) ? written.get(text)?.row : table.rows.get(text)?.row;
    written.set(text, { key, row: changed(table.check, projection, header, before, change) });
  }
  for (const [text, { key, row }] of written) {
    if (row === undefined) table.rows.delete(text);
    else table.rows.set(text, { key, row });
  }
  table.guard.remember(stream, header);
  return "applied";
};

const changed = (
  check: Check,
  projection: AnyProjection,
  header: EventHeader,
  before: AnyRow | undefined,
  change: Change<unknown, AnyRow>,
): AnyRow | undefined => {
  const fail = (reason: string, missing: readonly string[] = []): never => {
    throw new ProjectionError(projection.name, { event: header, key: change.key, missing, reason });
  };
  let row: AnyRow | undefined;
  try {
    row = applyChange(before, change, projection.initial);
  } catch (error) {
    return fail(messageOf(error));
  }
  if (row === undefined) return undefined;
  const required = (projection.row["required"] as readonly string[] | undefined) ?? [];
  const missing = required.filter((field) => row[field] === undefined);
  if (missing.length > 0) fail(`the row is incomplete: ${missing.join(", ")} would be missing`, missing);
  const problems = check(row);
  if (problems.length > 0) fail(`the row would not be valid: ${describeProblems(problems)}`);
  return row;
};

/** One text for one key, whatever the order of its fields. */
const keyText = (key: AnyRow, fields: readonly string[]): string =>
  JSON.stringify(fields.map((field) => (typeof key[field] === "bigint" ? `${key[field]}n` : key[field])));

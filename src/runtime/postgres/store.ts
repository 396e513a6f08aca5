import { createBatches } from "../batches.js";
import { type Clock, sleep, systemClock } from "../clock.js";
import { messageOf, ProjectionError, StoreMismatch } from "../errors.js";
import { loadFold } from "../fold.js";
import { pageOf, planPage } from "../page.js";
import type { AnyProjection, ProjectionRows, ProjectionStore, ProjectionWrite } from "../store.js";
import { type StoredShape, shapeDifferences } from "../store-shape.js";
import { columnsOf } from "./columns.js";
import {
  type Database,
  databaseOf,
  isConnectionLost,
  type PGliteDatabase,
  type PostgresPool,
  type Query,
} from "./database.js";
import {
  longestTarget,
  type Relation,
  tableNames,
  targetIndexes,
  targetRow,
  targetsTable,
  targetTables,
} from "./ddl.js";
import { readPage, readRow } from "./read.js";
import { textProblem } from "./texts.js";
import { type Table, type Written, writeBatch } from "./write-batch.js";

/** How a store in PostgreSQL works; everything has a default. */
export interface PostgresStoreOptions {
  /** The schema of its tables. Default: the first of the connection's search_path. */
  readonly schema?: string;
  /** The most events that one transaction takes. Default 1,000. */
  readonly maxBatch?: number;
  /** Called before a transaction is tried again: the database cannot be reached, or another one was in the way. */
  readonly onRetry?: (retry: PostgresRetry) => void;
  readonly clock?: Clock;
}

export interface PostgresRetry {
  readonly target: string;
  readonly error: unknown;
  /** How often it has failed. */
  readonly attempts: number;
  /** Milliseconds until the next attempt. */
  readonly wait: number;
}

/**
 * Keeps rows in PostgreSQL, or in PGlite. Rows and what they hold are committed together, many events at a time. Several
 * processes may write at once: what one has written the other finds done. While the database cannot be reached, events
 * wait.
 */
export const createPostgresStore = (
  connection: PostgresPool | PGliteDatabase,
  options: PostgresStoreOptions = {},
): ProjectionStore => {
  const database = databaseOf(connection);
  return {
    async open(projection, target = projection.table) {
      if (target === "" || Buffer.byteLength(target) > longestTarget || textProblem(target) !== undefined) {
        throw new TypeError(`a target in PostgreSQL has a name of 1 to ${longestTarget} bytes, unlike "${target}"`);
      }
      const retrying = retryingFor(target, options);
      const fingerprint = await retrying(() => makeTarget(database, projection, target, options.schema));
      const fold = await loadFold(projection);
      const names = tableNames(target, options.schema);
      const table: Table = { projection, fold, columns: columnsOf(projection), names };
      return rowsOf(database, table, { target, fingerprint }, retrying, options);
    },
  };
};

const rowsOf = (
  database: Database,
  table: Table,
  known: Pick<ProjectionRows, "target" | "fingerprint">,
  retrying: Retrying,
  { schema, maxBatch = 1000 }: PostgresStoreOptions,
): ProjectionRows => {
  const { projection, fold, names } = table;
  const batches = createBatches<ProjectionWrite, "applied" | "duplicate">(
    (writes) => writeAll(database, table, writes, retrying),
    maxBatch,
  );
  const isText = (value: unknown) => textProblem(value) === undefined;
  return {
    ...known,
    write: (write) => batches.add(write),
    get: async (key) => (fold.isKey(key) && isText(key) ? readRow(database.query, table, key) : undefined),
    async page(query) {
      const plan = planPage(projection, query);
      return pageOf(
        plan,
        plan.equals.every(([, value]) => isText(value)) ? await readPage(database.query, table, plan) : [],
      );
    },
    async holds(stream, { id, sequence }) {
      const [, streams, events] = names;
      if (!isText(stream) || !isText(id)) return false;
      const found =
        sequence === undefined
          ? await database.query(`select 1 as one from ${events} where id = $1::text`, [id])
          : await database.query(
              `select 1 as one from ${streams} where stream = $1::text and last >= $2::text::bigint`,
              [stream, String(sequence)],
            );
      return found.length > 0;
    },
    drop: () =>
      database.transaction(async (query) => {
        await lock(query, schema);
        for (const name of names) await query(`drop table if exists ${name}`);
        await query(`delete from ${targetsTable(schema).name} where target = $1::text`, [known.target]);
      }),
  };
};

/** The whole batch in one transaction; where PostgreSQL refuses something in it, halves, until it is found. */
const writeAll = async (
  database: Database,
  table: Table,
  writes: readonly ProjectionWrite[],
  retrying: Retrying,
): Promise<readonly Written[]> => {
  try {
    return await retrying(() => database.transaction((query) => writeBatch(query, table, writes)));
  } catch (error) {
    if (!isRefused(error)) throw error;
    const [write, ...others] = writes;
    if (write !== undefined && others.length === 0) {
      const { header, changes } = write;
      const reason = `PostgreSQL refuses the row: ${messageOf(error)}`;
      const details = { event: header, key: changes[0]?.key, missing: [], reason };
      return [{ status: "rejected", reason: new ProjectionError(table.projection.name, details) }];
    }
    const half = writes.length >> 1;
    const first = await writeAll(database, table, writes.slice(0, half), retrying);
    return [...first, ...(await writeAll(database, table, writes.slice(half), retrying))];
  }
};

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
};

/** Whether it is the values that PostgreSQL does not take: too large for an index, against a constraint. */
const isRefused = (error: unknown): boolean => /^(?:22|23|54)/.test(codeOf(error));

/** Tries again where nothing is wrong with what was asked. */
type Retrying = <T>(run: () => Promise<T>) => Promise<T>;

/** For as long as the database cannot be reached; up to ten times where somebody else was in the way. */
const retryingFor =
  (target: string, { clock = systemClock, onRetry }: PostgresStoreOptions): Retrying =>
  async (run) => {
    for (let attempts = 1; ; attempts++) {
      try {
        return await run();
      } catch (error) {
        const lost = isConnectionLost(error);
        if (!lost && !(inTheWay.has(codeOf(error)) && attempts < 10)) throw error;
        const wait = lost ? Math.min(5000, 50 * 2 ** Math.min(attempts, 10)) : Math.random() * 10 * attempts;
        onRetry?.({ target, error, attempts, wait });
        await sleep(clock, wait);
      }
    }
  };

/** Serialization failure, deadlock, a row that another one has inserted at the same time, a lock that was not free. */
const inTheWay: ReadonlySet<string> = new Set(["40001", "40P01", "23505", "55P03"]);

/** Makes what is missing of a target, and says what its rows were begun for. */
const makeTarget = async (
  database: Database,
  projection: AnyProjection,
  target: string,
  schema: string | undefined,
): Promise<string> => {
  const targets = targetsTable(schema);
  const indexes = targetIndexes(projection, target, schema);
  const known = async (query: Query) => {
    if (!(await isThere(query, targets))) return undefined;
    const sql = `select fingerprint, shape::text as shape from ${targets.name} where target = $1::text`;
    const [row] = await query(sql, [target]);
    if (row === undefined) return undefined;
    const differences = shapeDifferences(JSON.parse(row["shape"] ?? "{}") as StoredShape, projection);
    if (differences.length > 0) throw new StoreMismatch(target, differences);
    return row["fingerprint"] ?? "";
  };
  // Without a word to the database that would need a right to make tables, where all is there.
  const before = await known(database.query);
  const missing = before === undefined ? indexes : await missingOf(database.query, indexes);
  if (before !== undefined && missing.length === 0) return before;
  return database.transaction(async (query) => {
    await lock(query, schema);
    await make(query, [targets]);
    const there = await known(query);
    if (there === undefined) {
      const tables = targetTables(projection, target, schema);
      for (const one of tables) {
        if (!(await isThere(query, one))) continue;
        throw new StoreMismatch(target, [`there is something called ${one.name} already, which evgen has not made`]);
      }
      await make(query, tables);
      await query(targetRow(projection, target, schema));
    }
    await make(query, indexes);
    return there ?? projection.fingerprint;
  });
};

/** One at a time makes and drops tables. */
const lock = (query: Query, schema: string | undefined) =>
  query("select pg_advisory_xact_lock(hashtextextended($1::text, 0))", [`evgen ${schema ?? ""}`]);

const make = async (query: Query, relations: readonly Relation[]): Promise<void> => {
  for (const { create } of await missingOf(query, relations)) await query(create);
};

const missingOf = async (query: Query, relations: readonly Relation[]): Promise<readonly Relation[]> => {
  const missing: Relation[] = [];
  for (const one of relations) if (!(await isThere(query, one))) missing.push(one);
  return missing;
};

const isThere = async (query: Query, { name }: Relation): Promise<boolean> => {
  const [row] = await query("select to_regclass($1::text)::text as name", [name]);
  return row?.["name"] !== null && row?.["name"] !== undefined;
};

import { createBatches } from "../batches.js";
import { messageOf, ProjectionError } from "../errors.js";
import { loadFold } from "../fold.js";
import { pageOf, planPage } from "../page.js";
import { type Hindrance, type Retrying, type RetryOptions, retryingFor } from "../retrying.js";
import { type ProjectionRows, type ProjectionStore, type ProjectionWrite, targetOf } from "../store.js";
import { columnsOf } from "./columns.js";
import { type Database, databaseOf, isConnectionLost, type PGliteDatabase, type PostgresPool } from "./database.js";
import { longestTarget, tableNames } from "./ddl.js";
import { readPage, readRow } from "./read.js";
import { dropTarget, makeTarget, promoteTarget, readTargets } from "./targets.js";
import { textProblem } from "./texts.js";
import { type Table, type Written, writeBatch } from "./write-batch.js";

/** How a store in PostgreSQL works; everything has a default. */
export interface PostgresStoreOptions extends RetryOptions {
  /** The schema of its tables. Default: the first of the connection's search_path. */
  readonly schema?: string;
  /** The most events that one transaction takes. Default 1,000. */
  readonly maxBatch?: number;
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
  const { schema } = options;
  const patiently = (target: string) => retryingFor(target, hindranceOf, options);
  return {
    async open(projection, target = targetOf(projection)) {
      if (target === "" || Buffer.byteLength(target) > longestTarget || textProblem(target) !== undefined) {
        throw new TypeError(`a target in PostgreSQL has a name of 1 to ${longestTarget} bytes, unlike "${target}"`);
      }
      const retrying = patiently(target);
      const fingerprint = await retrying(() => makeTarget(database, projection, target, schema));
      const fold = await loadFold(projection);
      const names = tableNames(target, schema);
      const table: Table = { projection, fold, columns: columnsOf(projection), names };
      return rowsOf(database, table, { target, fingerprint }, retrying, options);
    },
    targets: (table) => patiently(table)(() => readTargets(database, table, schema)),
    promote: (table, target) => patiently(target)(() => promoteTarget(database, table, target, schema)),
    drop: (table, target) => patiently(target)(() => dropTarget(database, table, target, schema)),
  };
};

const rowsOf = (
  database: Database,
  table: Table,
  known: Pick<ProjectionRows, "target" | "fingerprint">,
  retrying: Retrying,
  { maxBatch = 1000 }: PostgresStoreOptions,
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

const hindranceOf = (error: unknown): Hindrance => {
  if (isConnectionLost(error)) return "server";
  return inTheWay.has(codeOf(error)) ? "somebody" : undefined;
};

/** Serialization failure, deadlock, a row that another one has inserted at the same time, a lock that was not free. */
const inTheWay: ReadonlySet<string> = new Set(["40001", "40P01", "23505", "55P03"]);

/** What is needed of a `Pool` of the package pg. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  on?(event: "connect", listener: (client: PostgresClient) => void): unknown;
  on?(event: "error", listener: (error: Error) => void): unknown;
}

/** What is needed of a connection of the package pg, such as `pool.connect()` gives. */
export interface PostgresClient extends Queryable {
  /** With an error it is not given to anybody again. */
  release(error?: Error | boolean): void;
  on?(event: "error", listener: (error: Error) => void): unknown;
  removeListener?(event: "error", listener: (error: Error) => void): unknown;
}

/** What is needed of a `PGlite` of the package @electric-sql/pglite. */
export interface PGliteDatabase extends Queryable {
  transaction<T>(run: (transaction: Queryable) => Promise<T>): Promise<T>;
}

/** Parameters are text, and so is every column that is asked for. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Rows whose columns are text, null where there is nothing. */
export type TextRow = { readonly [column: string]: string | null };

/** Runs a statement. */
export type Query = (text: string, values?: readonly (string | null)[]) => Promise<readonly TextRow[]>;

/** A database, by whichever library it is reached. */
export interface Database {
  readonly query: Query;
  /** Commits what `run` does, or rolls it back when that rejects. */
  transaction<T>(run: (query: Query) => Promise<T>): Promise<T>;
}

/** A pool of pg, or PGlite, as one thing. */
export const databaseOf = (connection: PostgresPool | PGliteDatabase): Database =>
  "transaction" in connection ? embedded(connection) : pooled(connection);

const queryOf =
  (queryable: Queryable): Query =>
  async (text, values = []) =>
    (await queryable.query(text, [...values])).rows as readonly TextRow[];

const embedded = (pglite: PGliteDatabase): Database => ({
  query: queryOf(pglite),
  transaction: (run) => pglite.transaction((transaction) => run(queryOf(transaction))),
});

const pooled = (pool: PostgresPool): Database => {
  // The pool replaces an idle connection that is lost; if nobody listened, its error would end the process.
  pool.on?.("error", ignore);
  // It may be lost in the moment in which it is made, before anybody who waits for it can listen.
  pool.on?.("connect", (client) => client.on?.("error", ignore));
  const connected = async <T>(run: (query: Query) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    // The same for one that is lost between two statements; the next one says so.
    client.on?.("error", ignore);
    let failure: Error | undefined;
    try {
      return await run(queryOf(client));
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      const lost = isConnectionLost(failure);
      // One that is thrown away may still have something to say.
      if (!lost) client.removeListener?.("error", ignore);
      client.release(lost ? failure : undefined);
    }
  };
  return {
    query: (text, values) => connected((query) => query(text, values)),
    transaction: (run) =>
      connected(async (query) => {
        // Whatever the default of the database is: what others commit while a lock is waited for must be seen.
        await query("begin isolation level read committed");
        let result: Awaited<ReturnType<typeof run>>;
        try {
          result = await run(query);
        } catch (error) {
          await query("rollback").catch((cause) => {
            throw new BrokenOff(error, cause);
          });
          throw error;
        }
        await query("commit");
        return result;
      }),
  };
};

const ignore = (): void => {};

/** A transaction that could not even be rolled back: its connection is of no more use. */
class BrokenOff extends Error {
  override readonly name = "BrokenOff";

  constructor(error: unknown, cause: unknown) {
    super(error instanceof Error ? error.message : String(error), { cause });
    const { code } = (error ?? {}) as { code?: unknown };
    if (typeof code === "string") Object.assign(this, { code });
  }
}

/** Whether the database could not be reached, or broke off: nothing is wrong with what it was asked. */
export const isConnectionLost = (error: unknown): boolean => {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  if (error instanceof BrokenOff) return true;
  if (typeof code === "string") return /^(?:08|53|57P|58|25006)/.test(code) || networkErrors.has(code);
  // pg gives these no code.
  return (
    typeof message === "string" &&
    /^(?:Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout)/.test(
      message,
    )
  );
};

const networkErrors: ReadonlySet<string> = new Set(
  "ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN ENOENT".split(" "),
);

/** Projections in PostgreSQL: with a `Pool` of the package pg, or embedded, with a `PGlite` of @electric-sql/pglite. */

export type { StoreRetry } from "../retrying.js";
export type { PGliteDatabase, PostgresClient, PostgresPool, Queryable } from "./database.js";
export { createPostgresStore, type PostgresStoreOptions } from "./store.js";

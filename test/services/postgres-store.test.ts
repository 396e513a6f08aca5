import pg from "pg";
import { afterAll, describe, it } from "vitest";
import { createPostgresStore } from "../../src/runtime/postgres/index.js";
import { storeContract } from "../../src/testing/index.js";
import { usePostgres } from "./servers.js";

const server = usePostgres();
const pools: pg.Pool[] = [];
const connect = (): pg.Pool => {
  const pool = new pg.Pool({ connectionString: server.url, max: 3, idleTimeoutMillis: 100 });
  pools.push(pool);
  return pool;
};
afterAll(async () => {
  for (const pool of pools.splice(0)) await pool.end();
});

describe("the store in PostgreSQL", () => {
  for (const { name, run } of storeContract({ connect: async () => createPostgresStore(connect()) })) it(name, run);
});

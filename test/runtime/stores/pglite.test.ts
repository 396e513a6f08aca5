import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, it } from "vitest";
import { createPostgresStore } from "../../../src/runtime/postgres/index.js";
import { storeContract } from "../../../src/testing/index.js";

describe("the store in PGlite", () => {
  let database: PGlite;
  beforeAll(async () => {
    database = await PGlite.create();
  }, 300_000);
  afterAll(() => database.close(), 60_000);
  for (const { name, run } of storeContract({ connect: async () => createPostgresStore(database) })) it(name, run);
});

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createPostgresStore, type PGliteDatabase } from "../../src/runtime/postgres/index.js";
import { daysOfTheCustomersOfTheShop, user } from "../golden/sql/expected/typescript/index.js";

const folder = fileURLToPath(new URL("../golden/sql/expected/sql/", import.meta.url));
const files = ["user.sql", "days-of-the-customers-of-the-shop.sql"].map((file) => readFileSync(folder + file, "utf8"));

let database: PGlite;
beforeAll(async () => {
  database = await PGlite.create();
}, 300_000);
afterAll(() => database.close(), 60_000);

it("makes what the store would make, so that it finds all that it needs", async () => {
  // As often as anybody likes.
  await database.exec("create schema plain");
  for (const file of [...files, ...files]) await database.exec(file);
  const asked: string[] = [];
  const watched: PGliteDatabase = {
    query: (text, values) => {
      asked.push(text);
      return database.query(text, values);
    },
    transaction: () => Promise.reject(new Error("there is nothing to change")),
  };
  for (const projection of [user, daysOfTheCustomersOfTheShop]) {
    const rows = await createPostgresStore(watched).open(projection as never);
    expect(rows.fingerprint).toBe(projection.fingerprint);
    await createPostgresStore(database, { schema: "plain" }).open(projection as never);
  }
  expect(asked.filter((text) => /\b(?:create|insert|alter)\b/i.test(text))).toEqual([]);
  expect(await catalogOf("public")).toEqual(await catalogOf("plain"));
});

const catalogOf = async (schema: string) => {
  const columns = await database.query(
    `select table_name, column_name, ordinal_position, is_nullable, data_type, collation_name, numeric_precision, numeric_scale
from information_schema.columns where table_schema = $1 order by 1, 3`,
    [schema],
  );
  const indexes = await database.query<{ indexdef: string }>(
    "select indexdef from pg_indexes where schemaname = $1 order by 1",
    [schema],
  );
  const targets = await database.query(
    `select target, projection, fingerprint, shape from ${schema}._evgen_target order by 1`,
  );
  expect([columns.rows.length, indexes.rows.length, targets.rows.length]).toEqual([53, 11, 2]);
  return [columns.rows, indexes.rows.map((one) => one.indexdef.replaceAll(`${schema}.`, "")), targets.rows];
};

import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { orderSummary } from "../../../generated/typescript/index.js";
import { createPostgresStore } from "../../../src/runtime/postgres/index.js";
import type { AnyProjection, ProjectionRows } from "../../../src/runtime/store.js";
import { storeContract } from "../../../src/testing/index.js";

describe("the store in PGlite", () => {
  let database: PGlite;
  beforeAll(async () => {
    database = await PGlite.create();
  }, 300_000);
  afterAll(() => database.close(), 60_000);
  for (const { name, run } of storeContract({ connect: async () => createPostgresStore(database) })) it(name, run);

  const first = orderSummary as unknown as AnyProjection;
  const id = "0190b5a0-0000-7000-8000-000000000001";
  const put = (rows: ProjectionRows, customerId: string, more: object = {}) =>
    rows.write({
      stream: `Order ${id}`,
      header: { id, type: "OrderPlaced", version: 1, aggregateId: id, sequence: 1, time: "", metadata: {} },
      changes: [
        {
          key: { orderId: id },
          set: { customerId, status: "placed", total: { amount: "1.00", currency: "EUR" }, ...more },
        },
      ],
    });
  const shown = async () => (await database.query("select * from order_summary")).rows;

  it("shows the live rows in a view, whose readers stay allowed to read it when it gets other columns", async () => {
    const store = createPostgresStore(database);
    await database.exec("create role reader; create role auditor");
    await put(await store.open(first), "one");
    await database.exec(
      "grant select on order_summary to reader; grant select, insert on order_summary to auditor with grant option",
    );
    const { customerId: _column, ...fewer } = first.columns;
    const second = {
      ...first,
      version: 2,
      indexes: [],
      columns: { note: { name: "note", type: "string" }, ...fewer },
    } as const;
    const { customerId: _field, ...properties } = first.row["properties"] as { readonly [field: string]: object };
    const row = { ...first.row, required: ["note"], properties: { ...properties, note: { type: "string" } } };
    await put(await store.open({ ...second, row }), undefined as unknown as string, { note: "two" });
    expect(await shown()).toEqual([expect.objectContaining({ customer_id: "one" })]);
    await store.promote("order_summary", "order_summary_v2");
    const rights = `select grantee, privilege_type, is_grantable from information_schema.role_table_grants
      where table_name = 'order_summary' and grantee in ('reader', 'auditor') order by grantee desc, privilege_type desc`;
    expect([await shown(), (await database.query(rights)).rows]).toEqual([
      [expect.objectContaining({ note: "two" })],
      [
        { grantee: "reader", privilege_type: "SELECT", is_grantable: "NO" },
        { grantee: "auditor", privilege_type: "SELECT", is_grantable: "YES" },
        { grantee: "auditor", privilege_type: "INSERT", is_grantable: "YES" },
      ],
    ]);
    await store.promote("order_summary", "order_summary_v1");
    expect(await shown()).toEqual([expect.objectContaining({ customer_id: "one" })]);
    await store.drop("order_summary", "order_summary_v1");
    await expect(shown()).rejects.toThrow(/does not exist/);
  });

  it("leaves a copy live whose view something else depends on, and says what", async () => {
    const store = createPostgresStore(database);
    const other = { ...first, name: "Other", table: "other" };
    await store.open(other);
    await store.open({ ...other, version: 2 });
    await database.exec("create view report as select count(*) from other");
    await expect(store.promote("other", "other_v2")).rejects.toThrow(/other objects depend on it/);
    expect(await store.targets("other")).toMatchObject([{ live: true }, { live: false }]);
    await database.exec("drop view report");
    await store.promote("other", "other_v2");
    expect(await store.targets("other")).toMatchObject([{ live: false }, { live: true }]);
  });

  it("does not touch a table that somebody else has made", async () => {
    await database.exec("create table taken (mine int)");
    await expect(createPostgresStore(database).open({ ...first, table: "taken" })).rejects.toThrow(
      /something called "taken" already/,
    );
    expect((await database.query("select mine from taken")).rows).toEqual([]);
  });
});

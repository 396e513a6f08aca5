import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { orderSummary } from "../../../generated/typescript/index.js";
import { ProjectionError } from "../../../src/runtime/index.js";
import { createPostgresStore, type PGliteDatabase } from "../../../src/runtime/postgres/index.js";
import type { AnyProjection, ProjectionRows } from "../../../src/runtime/store.js";
import { storeContract } from "../../../src/testing/index.js";
import { counters, writeOf } from "../../../src/testing/store-contract/projection.js";
import { foldProperty } from "./fold-property.js";

let database: PGlite;
beforeAll(async () => {
  database = await PGlite.create();
}, 300_000);
afterAll(() => database.close(), 60_000);

describe("the store in PGlite", () => {
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

  it("holds what a fold by another hand holds, whatever happens to its processes", async () => {
    const connect = async (step: () => Promise<void>) => createPostgresStore(stepping(database, step));
    await foldProperty({ connect, runs: 6 });
  }, 300_000);
});

describe("the store in PostgreSQL", () => {
  const drop = ({ target }: ProjectionRows) => createPostgresStore(database).drop(target.replace(/_v1$/, ""), target);
  const open = { set: { state: "open" }, increment: { total: 1 } };
  const note = { name: "note", type: "string", optional: true } as const;

  it("finds the one event of a batch that PostgreSQL refuses, and takes the others", async () => {
    const plain = counters("Refused");
    const rows = await createPostgresStore(database).open({
      ...plain,
      columns: { ...plain.columns, note },
      indexes: [["note"]],
    });
    const writes = Array.from({ length: 20 }, (_, at) => writeOf(`s${at}`, 1, { key: { id: `s${at}` }, ...open }));
    // No two parts of it are alike, so that it cannot be compressed to what an index holds.
    const long = Array.from({ length: 9000 }, (_, at) => String.fromCodePoint(0x4e00 + ((at * at * 31) % 20_000))).join(
      "",
    );
    const wrong = writeOf("s7", 1, { key: { id: "s7" }, set: { state: "open", note: long } });
    const outcomes = await Promise.allSettled(writes.map((write, at) => rows.write(at === 7 ? wrong : write)));
    expect(outcomes.map(({ status }) => status)).toEqual(writes.map((_, at) => (at === 7 ? "rejected" : "fulfilled")));
    await expect(rows.write(wrong)).rejects.toThrow(ProjectionError);
    await expect(rows.write(wrong)).rejects.toThrow(/PostgreSQL refuses the row: index row (?:size|requires)/);
    expect(await rows.get({ id: "s7" })).toBeUndefined();
    expect(await rows.write(writes[7] as never)).toBe("applied");
    for (const { stream } of writes) expect(await rows.holds(stream, { id: "", sequence: 1 })).toBe(true);
    await drop(rows);
  });

  it("takes what comes at once in few transactions", async () => {
    let transactions = 0;
    const counted: PGliteDatabase = {
      query: (text, values) => database.query(text, values),
      transaction: (run) => {
        transactions++;
        return database.transaction(run);
      },
    };
    const rows = await createPostgresStore(counted, { maxBatch: 100 }).open(counters("Batches"));
    transactions = 0;
    await Promise.all(
      Array.from({ length: 250 }, (_, at) => rows.write(writeOf(`s${at}`, 1, { key: { id: `s${at}` }, ...open }))),
    );
    expect(transactions).toBe(3);
    await drop(rows);
  });

  it.each(["40001", "40P01", "23505", "08006", "57P01", "53100"])("tries again after %s, and says so", async (code) => {
    let failures = 0;
    const failing: PGliteDatabase = {
      query: (text, values) => database.query(text, values),
      transaction: (run) =>
        database.transaction(async (transaction) => {
          const result = await run(transaction);
          if (failures++ < 2) throw Object.assign(new Error("not now"), { code });
          return result;
        }),
    };
    const waits: unknown[] = [];
    const store = createPostgresStore(failing, { onRetry: ({ target, attempts }) => waits.push([target, attempts]) });
    const projection = counters(`Again${code}`);
    failures = 9;
    const rows = await store.open(projection);
    failures = 0;
    expect(await rows.write(writeOf("a", 1, { key: { id: "a" }, ...open }))).toBe("applied");
    expect(waits).toEqual([1, 2].map((attempts) => [rows.target, attempts]));
    expect(await rows.get({ id: "a" })).toEqual({ total: 1, names: [], state: "open" });
    await drop(rows);
  });

  it("gives up what is wrong with the database itself", async () => {
    const projection = counters("Mine");
    const store = createPostgresStore(database);
    const rows = await store.open(projection);
    await database.exec(`drop table "Mine_v1" cascade`);
    await expect(rows.write(writeOf("a", 1, { key: { id: "a" }, ...open }))).rejects.toThrow(
      /"Mine_v1" does not exist/,
    );
    await drop(rows);
    await expect(store.open(projection, "x".repeat(56))).rejects.toThrow(
      /a target in PostgreSQL has a name of 1 to 55/,
    );
  });
});

type Transaction = Parameters<Parameters<PGlite["transaction"]>[0]>[0];

/** PGlite with something done before and after each of its statements. */
const stepping = (database: PGlite, step: () => Promise<void>) => {
  const query =
    (its: Pick<Transaction, "query">) =>
    async (text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }> => {
      await step();
      const result = await its.query(text, values);
      await step();
      return result;
    };
  return {
    query: query(database),
    transaction: <T>(run: (transaction: { readonly query: ReturnType<typeof query> }) => Promise<T>) =>
      database.transaction((transaction) => run({ query: query(transaction) })) as Promise<T>,
  };
};

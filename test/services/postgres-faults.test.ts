import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createMemoryBroker, newId, uuid } from "evgen/runtime";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import {
  createOrderProducer,
  ordersTopic,
  readCustomerSpend,
  readOrderSummary,
  runCustomerSpend,
  runOrderSummary,
} from "../../generated/typescript/index.js";
import { createPostgresStore, type StoreRetry } from "../../src/runtime/postgres/index.js";
import { counters, writeOf } from "../../src/testing/store-contract/projection.js";
import { usePostgres } from "./servers.js";

const server = usePostgres();
const pools: pg.Pool[] = [];
const open = (more: pg.PoolConfig = {}): pg.Pool => {
  const pool = new pg.Pool({ connectionString: server.url, max: 4, ...more });
  pools.push(pool);
  return pool;
};
const folder = mkdtempSync(join(tmpdir(), "evgen-postgres-faults-"));
afterAll(async () => {
  await Promise.allSettled(pools.map((pool) => pool.end()));
  rmSync(folder, { recursive: true, force: true });
});

const child = fileURLToPath(new URL("postgres-child.mjs", import.meta.url));

/** Runs the projector until it is killed or done. */
const runChild = (plan: string, killBefore: number) =>
  new Promise<{ readonly signal: string | null; readonly code: number | null; readonly out: string }>((resolve) => {
    const env = { ...process.env, KILL_BEFORE: String(killBefore) };
    const its = spawn(process.execPath, [child, server.url, plan], { env, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    for (const stream of [its.stdout, its.stderr]) stream.on("data", (data) => (out += data));
    its.on("close", (code, signal) => resolve({ signal, code, out }));
  });

describe("a projector that is killed before any of its statements", () => {
  it.each(["sequences", "ids"])("leaves each event done once, or not at all: known by %s", async (known) => {
    const projection = counters(`killed_${known}`);
    const names = Array.from({ length: 25 }, (_, at) => `s${at}`);
    const streams = names.map((stream, at) =>
      [1, 2, 3, 4].map((number) =>
        writeOf(
          stream,
          known === "sequences" ? number : { id: `${stream}-${number}` },
          { key: { id: stream }, set: { state: "open" }, append: { names: String(number) } },
          { key: { id: `shared${at % 3}` }, set: { state: "open" }, increment: { total: 1 } },
        ),
      ),
    );
    const plan = join(folder, `${known}.json`);
    writeFileSync(plan, JSON.stringify({ projection, streams }));
    // Before each statement that makes the tables, and of the first batches that are left by the one before.
    for (let step = 1; step <= 24; step++) {
      const { signal, out } = await runChild(plan, step);
      expect([step, signal], out).toEqual([step, "SIGKILL"]);
    }
    const last = await runChild(plan, Number.POSITIVE_INFINITY);
    expect(last, last.out).toMatchObject({ code: 0 });
    // Some of it was done by those that were killed.
    expect(Number(last.out.split(" ")[1])).toBeLessThan(100);
    const rows = await createPostgresStore(open()).open(projection);
    for (const stream of names) {
      expect(await rows.get({ id: stream })).toEqual({ total: 0, names: ["1", "2", "3", "4"], state: "open" });
    }
    const totals = await Promise.all([0, 1, 2].map((at) => rows.get({ id: `shared${at}` })));
    expect(totals.map((row) => row?.["total"])).toEqual([36, 32, 32]);
  });
});

const money = (amount: string) => ({ amount, currency: "EUR" as const });
const placed = (customerId: string) => ({ customerId, channel: "web" as const, items: [], total: money("1.00") });

/** Two projections of the example on a broker in memory, and a stream of orders that goes on until it is told to stop. */
const shop = async (schema: string) => {
  const pool = open();
  await pool.query(`create schema ${schema}`);
  const client = createMemoryBroker({ topics: [ordersTopic] }).client();
  const retries: StoreRetry[] = [];
  const store = createPostgresStore(pool, { schema, onRetry: (retry) => retries.push(retry) });
  const projections = [await runOrderSummary(client, store), await runCustomerSpend(client, store)];
  const orders = await createOrderProducer(client);
  const ids: string[] = [];
  return {
    ...{ retries, projections },
    /** Orders that are placed and paid. */
    async place(count: number) {
      for (let at = 0; at < count; at++) {
        const id = uuid(newId());
        ids.push(id);
        await orders.orderPlaced(id, placed(`c${ids.length % 5}`));
        await orders.paymentReceived(id, { amount: money("1.00"), reference: "R" });
      }
    },
    /** All that was placed is there, once. */
    async check() {
      for (const projection of projections) {
        await projection.whenCaughtUp();
        expect(projection.counts).toMatchObject({ parked: 0, failed: 0, inFlight: 0 });
      }
      const [summaries, spent] = [await readOrderSummary(store), await readCustomerSpend(store)];
      for (const id of ids) expect(await summaries.get({ orderId: uuid(id) })).toMatchObject({ status: "paid" });
      const { rows } = await spent.all();
      const each = ids.length / 5;
      expect(rows.map(({ row }) => row)).toEqual(Array(5).fill({ orders: each, spent: `${each}.00` }));
      for (const projection of projections) await projection.close();
    },
  };
};

describe("projections that go on", () => {
  it("while the database is killed, is gone, and comes back", async () => {
    const { place, check, retries } = await shop("killed");
    await place(100);
    for (let round = 0; round < 3; round++) {
      await place(50);
      await server.kill();
      const before = retries.length;
      await place(50);
      await until(() => retries.length > before);
      await server.start();
    }
    await check();
  });

  it("while their connections are cut again and again", async () => {
    const { place, check, retries } = await shop("cut");
    const admin = open().on("error", () => {});
    for (let round = 0; round < 10 || retries.length === 0; round++) {
      await place(20);
      await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()");
      if ((round + 1) * 20 >= 20_000) throw new Error("no connection was cut while it was in use");
    }
    await check();
  });
});

const until = async (condition: () => boolean): Promise<void> => {
  const end = Date.now() + 120_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error("it did not come to be");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

describe("transactions that are in each other's way", () => {
  const add = (id: string, at: number) =>
    writeOf(`${id}${at}`, 1, { key: { id }, set: { state: "open" }, increment: { total: 1 } });

  it("are tried again after a deadlock", async () => {
    const retries: StoreRetry[] = [];
    const rows = await createPostgresStore(open(), { onRetry: (retry) => retries.push(retry) }).open(
      counters("deadlock"),
    );
    await Promise.all([rows.write(add("a", 0)), rows.write(add("b", 0))]);
    const other = await open().connect();
    await other.query("begin");
    // The other one waits for as long as it takes, so that it is the store's transaction that is ended.
    await other.query("set local deadlock_timeout = '1h'");
    await other.query(`update deadlock_v1 set note = 'mine' where id = 'b'`);
    const written = Promise.all([rows.write(add("a", 1)), rows.write(add("b", 1))]);
    const watch = open();
    await untilAsync(async () => {
      const waiting = await watch.query("select 1 from pg_stat_activity where wait_event_type = 'Lock'");
      return waiting.rows.length > 0;
    });
    await other.query(`update deadlock_v1 set note = 'mine' where id = 'a'`);
    await other.query("commit");
    other.release();
    expect(await written).toEqual(["applied", "applied"]);
    expect(retries.map(({ error }) => (error as { code?: string }).code)).toContain("40P01");
    for (const id of ["a", "b"]) {
      expect(await rows.get({ id })).toEqual({ total: 2, names: [], state: "open", note: "mine" });
    }
  });

  it("see what the others have done where the default is an isolation that would not", async () => {
    const projection = counters("serializable");
    const options = { options: "-c default_transaction_isolation=serializable" };
    const stores = [open(options), open(options)].map((pool) => createPostgresStore(pool));
    const both = await Promise.all(stores.map((store) => store.open(projection)));
    for (let round = 0; round < 30; round++) {
      await Promise.all(both.map((rows, at) => rows.write(add("a", 2 * round + at))));
    }
    expect((await both[0]?.get({ id: "a" }))?.["total"]).toBe(60);
  });
});

const untilAsync = async (condition: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + 120_000;
  while (!(await condition())) if (Date.now() > end) throw new Error("it did not come to be");
};

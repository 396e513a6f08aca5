import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Client as OpenSearch } from "@opensearch-project/opensearch";
import pg from "pg";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSearchStore, type SearchClient } from "../../src/runtime/elasticsearch/index.js";
import type { AnyProjection, ProjectionStore } from "../../src/runtime/index.js";
import { createPostgresStore } from "../../src/runtime/postgres/index.js";
import { createRedisStore, type RedisClient } from "../../src/runtime/redis/index.js";
import { counters, writeOf } from "../../src/testing/store-contract/projection.js";
import { foldProperty } from "../runtime/stores/fold-property.js";
import { openProxy } from "./proxy.js";
import { type Server, usePostgres, useRedis, useSearch } from "./servers.js";

type Step = () => Promise<void>;

interface Bench {
  readonly use: () => Server;
  /** A store of the server at a URL; `step` is called before and after each of its calls. */
  readonly connect: (url: string, step: Step, onRetry?: () => void) => Promise<ProjectionStore>;
  /** Makes the server refuse to write, as it does when it has no room left; and take it again. */
  readonly full: (url: string, full: boolean, index: string) => Promise<void>;
  readonly close: () => Promise<void>;
  readonly sharedRows: boolean;
  readonly runs: number;
}

const between =
  <In extends readonly unknown[], Out>(step: Step, call: (...its: In) => PromiseLike<Out>) =>
  async (...its: In): Promise<Out> => {
    await step();
    const result = await call(...its);
    await step();
    return result;
  };

const redisBench = (): Bench => {
  const clients: { destroy(): void }[] = [];
  const open = async (url: string) => {
    // A server that is away is not waited for by the client, so that the store has to.
    const client = createClient({ url, disableOfflineQueue: true });
    client.on("error", () => {});
    clients.push(await client.connect());
    return client;
  };
  return {
    ...{ use: useRedis, sharedRows: true, runs: 10 },
    async connect(url, step, onRetry = () => {}) {
      const client: RedisClient = await open(url.replace(/^http|^ws/, "redis"));
      const stepping: RedisClient = {
        eval: between(step, (...its) => client.eval(...its)),
        evalSha: between(step, (...its) => client.evalSha(...its)),
      };
      return createRedisStore(stepping, { onRetry });
    },
    async full(url, full) {
      await (await open(url)).configSet("maxmemory", full ? "1" : "0");
    },
    close: async () => {
      for (const one of clients.splice(0)) one.destroy();
    },
  };
};

const searchBench = (): Bench => ({
  ...{ use: () => useSearch("opensearch"), sharedRows: false, runs: 2 },
  async connect(url, step, onRetry = () => {}) {
    const { transport }: SearchClient = new OpenSearch({ node: url.replace(/^ws/, "http"), maxRetries: 0 });
    const request = between(step, (...its: Parameters<typeof transport.request>) => transport.request(...its));
    return createSearchStore({ transport: { request } }, { onRetry, settings: { number_of_replicas: 0 } });
  },
  // What the server does by itself when its disk is nearly full.
  async full(url, full, index) {
    const settings = { "index.blocks.read_only_allow_delete": full ? true : null };
    await new OpenSearch({ node: url }).indices.putSettings({ index, body: settings as object });
  },
  close: async () => {},
});

const postgresBench = (): Bench => {
  const pools: pg.Pool[] = [];
  return {
    ...{ use: usePostgres, sharedRows: true, runs: 3 },
    async connect(url, step, onRetry = () => {}) {
      const pool = new pg.Pool({
        connectionString: url.replace(/^ws:(.*)$/, "postgres:$1/postgres").replace("//127", "//evgen@127"),
      });
      pools.push(pool);
      const connect = async () => {
        const client = await pool.connect();
        return {
          query: between(step, (text: string, values?: unknown[]) => client.query(text, values)),
          release: (error?: Error | boolean) => client.release(error),
          on: (event: "error", listener: (error: Error) => void) => client.on(event, listener),
          removeListener: (event: "error", listener: (error: Error) => void) => client.removeListener(event, listener),
        };
      };
      return createPostgresStore({ connect, on: (event, listener) => pool.on(event, listener) }, { onRetry });
    },
    async full(url, full) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(`alter system set default_transaction_read_only = ${full ? "on" : "off"}`);
      await client.query("select pg_reload_conf()");
      await client.end();
    },
    close: async () => {
      await Promise.all(pools.splice(0).map((pool) => pool.end()));
    },
  };
};

/** What happens while rows are written: after so many writes, or once one was refused. */
type Happening = (until: (count: number) => Promise<void>, untilRefused: () => Promise<void>) => Promise<void>;

const nothing: Step = async () => {};
const child = fileURLToPath(new URL("store-child.mjs", import.meta.url));

describe.each([
  ["redis", redisBench()],
  ["search", searchBench()],
  ["postgres", postgresBench()],
] as const)("a projection in %s", (kind, bench) => {
  const server = bench.use();
  let model: {
    projectionOf: (aggregate: unknown, table: string) => AnyProjection;
    counter: (versions: number, url: string) => object;
  };
  beforeAll(async () => {
    const [projection, counter] = await Promise.all(
      ["./store-projection.mjs", "./fault-model.mjs"].map((path) => import(path) as Promise<object>),
    );
    model = { ...projection, ...counter } as typeof model;
  });
  afterAll(() => bench.close());

  it("holds what a fold by another hand holds, whatever happens to its processes", async () => {
    await foldProperty({ ...bench, connect: (step) => bench.connect(server.url, step) });
  });

  // With Redis alone: a start of a process for each step of each server would take too long.
  it.runIf(kind === "redis")("is right whenever its process is killed", async () => {
    const [streams, events, table] = [3, 3, "killed"];
    const run = (kill: number) =>
      new Promise<string>((resolve) => {
        const options = JSON.stringify({ store: kind, url: server.url, table, kill, streams, events });
        const one = spawn(process.execPath, [child, options], { stdio: ["ignore", "inherit", "inherit"] });
        one.once("exit", (code, signal) => resolve(signal ?? String(code)));
      });
    let killed = 0;
    // At one step after the other, until a process comes to its end; it finds what the others have done.
    for (let kill = 1; ; kill++) {
      const end = await run(kill);
      if (end !== "SIGKILL") {
        expect(end).toBe("0");
        break;
      }
      killed++;
    }
    expect(killed).toBeGreaterThan(5);
    const store = await bench.connect(server.url, nothing);
    const rows = await store.open(model.projectionOf(model.counter(1, "persistent://a/b/counters"), table));
    const names = Array.from({ length: events }, (_, at) => String(at + 1));
    expect((await rows.page({})).rows).toEqual(
      Array.from({ length: streams }, (_, at) => ({ key: { id: `k${at}` }, row: { total: events, names } })),
    );
    await store.drop(table, rows.target);
  });

  /** Writes of many streams that go on while something happens to the server. */
  const writing = async (table: string, url: string, happening: Happening) => {
    let retries = 0;
    let done = 0;
    const store = await bench.connect(url, nothing, () => retries++);
    const rows = await store.open(counters(table));
    const streams = Array.from({ length: 20 }, async (_, at) => {
      for (let event = 1; event <= 60; event++) {
        const key = { id: `s${at}` };
        await rows.write(writeOf(`s${at}`, event, { key, set: { state: "open" }, increment: { total: 1 } }));
        done++;
      }
    });
    const all = Promise.all(streams);
    const waitFor = async (condition: () => boolean) => {
      while (!condition()) await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 2))]);
    };
    const happened = happening(
      (count) => waitFor(() => done >= count),
      () => waitFor(() => retries > 0),
    );
    await Promise.all([all, happened]);
    const direct = await bench.connect(server.url, nothing);
    const found = (await (await direct.open(counters(table))).page({})).rows;
    expect(found.map(({ row }) => row["total"])).toEqual(Array.from({ length: 20 }, () => 60));
    await direct.drop(table, `${table}_v1`);
    return retries;
  };

  it("waits for a server that is killed in the middle of batches, and loses and doubles nothing", async ({ skip }) => {
    skip(!server.isOwn, "a server that is not the test's own is not killed");
    const retries = await writing("server_killed", server.url, async (until) => {
      for (const count of [100, 600]) {
        await until(count);
        await server.kill();
        await server.start();
      }
    });
    expect(retries).toBeGreaterThan(0);
  });

  it("goes on after its connection is cut in the middle of batches", async () => {
    const proxy = await openProxy(server.url);
    await writing("cut", proxy.url, async (until) => {
      for (const count of [50, 300, 600, 900, 1100]) {
        await until(count);
        proxy.cut();
      }
    });
    await proxy.close();
  });

  it("waits for a server that has no room left", async ({ skip }) => {
    skip(!server.isOwn, "a server that is not the test's own is not filled");
    const retries = await writing("full", server.url, async (until, untilRefused) => {
      await until(300);
      await bench.full(server.url, true, "full_v1");
      await untilRefused();
      await bench.full(server.url, false, "full_v1");
    });
    expect(retries).toBeGreaterThan(0);
  });
});

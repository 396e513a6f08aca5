import { createClient, createCluster } from "redis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createRedisStore, redisLayout } from "../../src/runtime/redis/index.js";
import { storeContract } from "../../src/testing/index.js";
import { counters, writeOf } from "../../src/testing/store-contract/projection.js";
import { useRedis } from "./servers.js";
import { switches } from "./switches.js";

describe("a store in Redis", () => {
  const server = useRedis();
  const connect = async () => createClient({ url: server.url }).connect();
  let client: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    client = await connect();
  });
  afterAll(() => client.destroy());
  const store = () => createRedisStore(client, { prefix: "test:" });
  const set = (stream: string, event: number, state: string) =>
    writeOf(stream, event, { key: { id: stream }, set: { state } });

  for (const { name, run } of storeContract({ connect: async () => store() })) it(name, run);

  it("is switched by evgen projections", () =>
    switches("redis", store(), { REDIS_URL: server.url }, "--store-prefix", "test:"));

  it("leaves no key behind when it is dropped", async () => {
    const projection = { ...counters("dropped"), indexes: [["state"]] };
    const rows = await store().open(projection);
    await Promise.all([rows.write(set("a", 1, "open")), rows.write(writeOf("a", { id: "unnumbered" }))]);
    const { about, rows: hash, streams, seen, orders } = redisLayout(projection, undefined, "test:");
    const keys = [about, hash, streams, seen, ...orders.map(({ key }) => key), "test:{dropped}:live"];
    expect((await client.keys("test:{dropped}*")).sort()).toEqual([...keys, "test:{dropped}:targets"].sort());
    expect(orders.at(-1)?.key).toBe("test:{dropped}:dropped_v1:by:state");
    await store().drop("dropped", "dropped_v1");
    expect(await client.keys("test:{dropped}*")).toEqual([]);
    await expect(rows.write(set("a", 2, "open"))).rejects.toThrow("dropped_v1 was dropped");
  });

  it("sends its scripts again to a server that has forgotten them", async () => {
    const table = "forgotten";
    const rows = await store().open(counters(table));
    await rows.write(set("a", 1, "open"));
    await client.scriptFlush();
    expect(await rows.write(set("a", 2, "closed"))).toBe("applied");
    await client.scriptFlush();
    expect(await rows.get({ id: "a" })).toMatchObject({ state: "closed" });
    await store().drop(table, `${table}_v1`);
  });

  it("keeps rows as JSON that anybody can read", async () => {
    const table = "readable";
    const rows = await store().open(counters(table));
    await rows.write(writeOf("a", 1, { key: { id: "a" }, set: { state: "open" }, increment: { total: 7 } }));
    const { rows: hash, streams } = redisLayout(counters(table), undefined, "test:");
    expect(await client.hGetAll(hash)).toEqual({
      '["a"]': '{"version":1,"key":{"id":"a"},"row":{"total":7,"names":[],"state":"open"}}',
    });
    expect(await client.hGetAll(streams)).toEqual({ "Counter a": "1" });
    await store().drop(table, `${table}_v1`);
  });

  it("makes the order of an index that is new, while rows are written, and stops writers that do not know it", async () => {
    const table = "grown";
    const plain = counters(table);
    const old = await store().open(plain);
    const streams = Array.from({ length: 2500 }, (_, at) => `s${at}`);
    await Promise.all(streams.map((stream) => old.write(set(stream, 1, "open"))));
    const grown = { ...plain, indexes: [["state"]] };
    let writing = true;
    const late: unknown[] = [];
    const writes = (async () => {
      for (let at = 0; writing; at++) {
        await old.write(set(`s${at}`, 2, "closed")).catch((error) => late.push(error));
      }
    })();
    const [one, other] = await Promise.all([store().open(grown), store().open(grown)]);
    await Promise.all([
      ...streams.slice(1000, 1500).map((stream) => one.write(set(stream, 2, "closed"))),
      ...streams.slice(1500, 2000).map((stream) => other.write(set(stream, 2, "closed"))),
    ]);
    writing = false;
    await writes;
    for (const error of late) expect(String(error)).toContain("a process with other indexes");
    await expect(old.write(set("s2400", 2, "closed"))).rejects.toThrow("a process with other indexes");
    const states = new Map((await pages(one, {})).map(({ key, row }) => [key["id"], row["state"]]));
    expect(states.size).toBe(2500);
    for (const state of ["open", "closed"]) {
      const found = (await pages(other, { index: ["state"], equals: { state } })).map(({ key }) => key["id"]);
      expect(found.sort()).toEqual([...states].flatMap(([id, its]) => (its === state ? [id] : [])).sort());
    }
    // Without the index again, its order is gone.
    await store().open(plain);
    expect(await client.exists("test:{grown}:grown_v1:by:state")).toBe(0);
    await store().drop(table, `${table}_v1`);
  });
});

const pages = async (rows: Awaited<ReturnType<ReturnType<typeof createRedisStore>["open"]>>, query: object) => {
  const all: Awaited<ReturnType<typeof rows.page>>["rows"][number][] = [];
  for (let after: string | undefined; ; ) {
    const page = await rows.page({ ...query, after, limit: 700 });
    all.push(...page.rows);
    after = page.next;
    if (after === undefined) return all;
  }
};

describe("a store in a cluster of Redis", () => {
  const server = useRedis({ "cluster-enabled": "yes" });
  let client: ReturnType<typeof createCluster>;
  beforeAll(async () => {
    const node = await createClient({ url: server.url }).connect();
    await node.sendCommand(["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    const info = () => node.sendCommand<string>(["CLUSTER", "INFO"]);
    await vi.waitFor(async () => expect(await info()).toContain("cluster_state:ok"), { timeout: 60_000, interval: 50 });
    node.destroy();
    client = createCluster({ rootNodes: [{ url: server.url }] });
    await client.connect();
  });
  afterAll(() => client.destroy());

  const contract = storeContract({ connect: async () => createRedisStore(client), runs: 5 });
  for (const { name, run } of contract) it(name, run);
});

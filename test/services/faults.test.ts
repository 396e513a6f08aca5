import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { useBroker } from "./broker.js";
import { account, type Bench, type ChildOptions, createBench, createProxy } from "./fault-bench.js";

const broker = useBroker();
const namespace = `faults-${process.pid}/n`;
let bench: Bench;

beforeAll(async () => {
  const [tenant] = namespace.split("/");
  await broker.rest("PUT", `tenants/${tenant}`, { adminRoles: [], allowedClusters: ["standalone"] });
  await broker.rest("PUT", `namespaces/${namespace}`);
  await broker.rest("POST", `namespaces/${namespace}/deduplication`, true);
  const retention = { retentionTimeInMinutes: -1, retentionSizeInMB: -1 };
  await broker.rest("POST", `namespaces/${namespace}/retention`, retention);
});
afterEach(() => bench.close());

const open = async () => {
  bench = await createBench(broker, namespace);
  return bench;
};
const keys = (count: number) => Array.from({ length: count }, (_, index) => `k${index}`);
const all = (effects: number) => ({ effects, twice: 0, disordered: 0, lost: 0 });

/** So many events of so many keys, one after the other of each. */
const publishAll = async (events: number, over: number) => {
  const publish = await bench.publisher();
  const sends: Promise<void>[] = [];
  for (let i = 0; i < events; i++) sends.push(publish(`k${i % over}`));
  await Promise.all(sends);
};

describe("a process that is killed", () => {
  const steps = ["received", "before-effect", "after-effect", "before-guard", "after-guard", "before-acknowledge"];
  it.each([...steps, "after-acknowledge", "before-opened", "after-opened"])(
    "at the step %s, comes back and goes on",
    async (kill) => {
      await open();
      await publishAll(200, 10);
      bench.supervise({ kill });
      await bench.until(200);
      expect(bench.wasKilled(kill)).toBe(true);
      expect([bench.deaths, account(bench)]).toEqual([1, all(200)]);
    },
  );

  it.each(["before-parked", "after-parked", "before-resolved", "after-resolved", "before-redriven", "after-redriven"])(
    "at the step %s, parks and redrives all the same",
    async (kill) => {
      await open();
      const publish = await bench.publisher();
      for (const key of keys(5)) await publish(key, key === "k1" ? "poison" : "");
      for (const key of keys(5)) await publish(key);
      const early = kill.endsWith("parked");
      bench.supervise(early ? { kill } : {});
      await bench.until(8);
      await bench.until(() => !early || bench.wasKilled(kill));
      await bench.untilParked(2);
      expect(account(bench)).toEqual({ effects: 8, twice: 0, disordered: 0, lost: 2 });
      await bench.stopSupervising();
      const second = bench.start({ kill, mended: true });
      await bench.ready(second);
      void bench.redrive(second);
      if (!early) {
        await new Promise((resolve) => second.once("exit", resolve));
        await bench.ready(bench.start({ mended: true }));
      }
      await bench.until(10);
      expect([bench.wasKilled(kill), account(bench)]).toEqual([true, all(10)]);
      await bench.untilParked(0);
    },
  );

  it.each(["failover", "key_shared"] as const)(
    "again and again, of two on %s, leaves its keys to the other",
    async (type) => {
      await open();
      const options: ChildOptions = { type, sync: false };
      bench.supervise(options);
      bench.supervise(options);
      const publishing = publishAll(4000, 50);
      for (let i = 1; i <= 4; i++) {
        await bench.until(Math.min(3900, i * 700));
        bench.killOne();
      }
      await publishing;
      await bench.until(4000);
      expect([bench.deaths, account(bench)]).toEqual([4, all(4000)]);
    },
  );
});

describe("an event", () => {
  it("that ends the process is found and parked, and handled when that is mended", async () => {
    await open();
    const publish = await bench.publisher();
    for (let i = 1; i <= 4; i++) {
      for (const key of keys(20)) await publish(key, key === "k3" && i === 2 ? "deadly" : "");
    }
    bench.supervise();
    await bench.until(77);
    await bench.untilParked(3);
    // The first death raises suspicion, two more prove it.
    expect([bench.deaths, account(bench)]).toEqual([3, { effects: 77, twice: 0, disordered: 0, lost: 3 }]);
    await bench.stopSupervising();
    const mended = bench.start({ mended: true });
    await bench.ready(mended);
    expect(await bench.redrive(mended)).toEqual({ resolved: 3, failed: 0 });
    expect(account(bench)).toEqual(all(80));
  });

  it("that is newer than an old process waits until the new one is deployed", async () => {
    await open();
    const old = bench.start({ type: "key_shared" });
    const publish = await bench.publisher(1);
    for (const key of keys(10)) await publish(key);
    const publishNewer = await bench.publisher(2);
    for (const key of keys(5)) await publishNewer(key);
    for (const key of keys(10)) await publish(key);
    await bench.until(15);
    await bench.untilParked(10);
    expect(account(bench)).toEqual({ effects: 15, twice: 0, disordered: 0, lost: 10 });
    // As in a rolling deploy: the new one comes before the old one goes.
    const upgraded = bench.start({ type: "key_shared", knows: 2 });
    await bench.ready(upgraded);
    expect(await bench.end(old)).toBe(0);
    expect(await bench.redrive(upgraded)).toEqual({ resolved: 10, failed: 0 });
    for (const key of keys(10)) await publishNewer(key);
    await bench.until(35);
    expect(account(bench)).toEqual(all(35));
  });
});

describe("under load", () => {
  it.runIf(broker.isOwn)("a broker that is killed and started loses nothing and doubles nothing", async () => {
    await open();
    bench.supervise({ type: "key_shared", sync: false });
    bench.supervise({ type: "key_shared", sync: false });
    const publishing = publishAll(5000, 100);
    await bench.until(1000);
    await broker.kill();
    await broker.start();
    await publishing;
    await bench.until(5000);
    expect([bench.deaths, account(bench)]).toEqual([0, all(5000)]);
  });

  it("nor does a topic that is unloaded", async () => {
    await open();
    bench.supervise({ type: "key_shared", sync: false });
    const publishing = publishAll(3000, 100);
    for (let i = 1; i <= 3; i++) {
      await bench.until(i * 500);
      await bench.unload();
    }
    await publishing;
    await bench.until(3000);
    expect(account(bench)).toEqual(all(3000));
  });

  it("nor do connections that are cut in the middle of a message", async () => {
    await open();
    const proxy = await createProxy(Number(new URL(broker.webSocketUrl.replace("ws:", "http:")).port));
    bench.supervise({ type: "key_shared", sync: false, serviceUrl: `ws://127.0.0.1:${proxy.port}` });
    const publishing = publishAll(3000, 100);
    for (let i = 1; i <= 4; i++) {
      proxy.cutAfter(20_000 + i * 777);
      await bench.until(() => proxy.cuts === i);
    }
    await publishing;
    await bench.until(3000);
    proxy.close();
    expect([proxy.cuts, account(bench)]).toEqual([4, all(3000)]);
  });

  it("ten thousand keys are each handled in order, over a restart", async () => {
    await open();
    const first = bench.start({ type: "key_shared", sync: false });
    const publishing = publishAll(20_000, 10_000);
    await bench.until(5000);
    expect(await bench.end(first)).toBe(0);
    bench.start({ type: "key_shared", sync: false });
    await publishing;
    await bench.until(20_000);
    expect(account(bench)).toEqual(all(20_000));
  });

  it("a clock that is moved changes nothing", async () => {
    await open();
    const publish = await bench.publisher();
    for (const [index, offset] of [3_600_000, -86_400_000, 0].entries()) {
      const one = bench.start({ offset, sync: false });
      await bench.ready(one);
      for (let i = 0; i < 300; i++) await publish(`k${i % 30}`);
      await bench.until((index + 1) * 300);
      expect(await bench.end(one)).toBe(0);
    }
    expect(account(bench)).toEqual(all(900));
  });
});

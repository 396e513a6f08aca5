import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PulsarMessageId } from "../../src/runtime/index.js";
import { createWebSocketClient, type WebSocketClient } from "../../src/runtime/websocket/index.js";
import { workspace } from "../cli/evgen.js";
import { useBroker } from "./broker.js";
import { openProxy } from "./proxy.js";

const broker = useBroker();
const tenant = `replay-${process.pid}`;
const namespace = `persistent://${tenant}/sales`;
const validate = new Ajv({
  strict: true,
  strictTypes: false,
  strictRequired: false,
  formats: { "date-time": true },
}).compile(JSON.parse(readFileSync(new URL("../../schemas/replay-output.schema.json", import.meta.url), "utf8")));

/** A topic with partitions and one without; one consumer reads both. */
const model = `evgen: 1
system: shop
pulsar: { tenant: ${tenant}, namespace: sales, websocketProducers: true }
aggregates:
  Order:
    key: { orderId: uuid }
    topic: { name: orders, partitions: 3 }
    events: { OrderPlaced: { versions: { 1: { fields: { note: string } } } } }
  Payment:
    key: { paymentId: uuid }
    topic: { name: payments, partitions: 0 }
    events: { Paid: { versions: { 1: { fields: { note: string } } } } }
  Return:
    key: { returnId: uuid }
    topic: { name: returns, partitions: 0 }
    events: { Returned: { versions: { 1: { fields: { note: string } } } } }
consumers:
  Warehouse: { from: [Order, Payment] }
  Refunds: { from: Return }
`;

const evgen = () => {
  const work = workspace();
  const env = { PULSAR_ADMIN_URL: broker.adminUrl };
  work.write("model.yaml", model);
  return {
    run: (...args: readonly string[]) => work.evgen(args, { env }),
    start: (...args: readonly string[]) => work.start(args, { env }),
    /** `evgen replay --json`, held against its schema. */
    json: (...args: readonly string[]): { code: number | null; result: Result } => {
      const done = work.evgen(["replay", "--json", ...args], { env });
      const result = JSON.parse(done.stdout) as Result;
      expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
      return { code: done.code, result };
    },
  };
};

interface Result {
  readonly outcome: string;
  readonly why?: string;
  readonly consumers: readonly string[];
  readonly partitions: readonly {
    readonly name: string;
    readonly state: string;
    readonly position: string;
    readonly published?: string;
    readonly isFirst: boolean;
    readonly toRead: number;
    readonly skipped: number;
  }[];
}

let client: WebSocketClient;
/** When the second half of the messages was begun. */
let middle = "";
/** Ids of the messages on payments. */
const ids: string[] = [];

beforeAll(() => {
  client = createWebSocketClient({ serviceUrl: broker.webSocketUrl, adminUrl: broker.adminUrl });
});
afterAll(() => client.close());

/** Numbers as messages, each with a key of its own. */
const publish = async (topic: string, from: number, to: number): Promise<readonly string[]> => {
  const producer = await client.createProducer({ topic: `${namespace}/${topic}` });
  const sent: string[] = [];
  for (const number of numbers(from, to))
    sent.push(`${await producer.send({ data: Buffer.from(`${number}`), partitionKey: `key ${number}` })}`);
  await producer.close();
  return sent;
};

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

const connect = (subscription: string, topic: string) =>
  client.subscribe({ topic: `${namespace}/${topic}`, subscription, subscriptionType: "KeyShared" });

/** What a subscription has to read, and reads: all of it, or else this never ends. */
const drain = async (subscription: string, topic: string): Promise<readonly number[]> => {
  const consumer = await connect(subscription, topic);
  const seen = new Set<number>();
  while ((await backlog(subscription, topic)) > 0) {
    for (const message of await consumer.batchReceive()) {
      seen.add(Number(message.getData().toString()));
      await consumer.acknowledge(message);
    }
  }
  await consumer.close();
  return [...seen].sort((a, b) => a - b);
};

const backlog = async (subscription: string, topic: string): Promise<number> => {
  const kind = topic === "orders" ? "partitioned-stats" : "stats";
  const stats = (await broker.rest("GET", `persistent/${tenant}/sales/${topic}/${kind}?getPreciseBacklog=true`)) as {
    readonly subscriptions: Readonly<Record<string, { readonly msgBacklog: number }>>;
  };
  return stats.subscriptions[subscription]?.msgBacklog ?? 0;
};

// One after the other: each finds what the one before has left.
describe("evgen replay", () => {
  it("has something to replay", async () => {
    const done = evgen().run("apply");
    expect(done, done.stderr).toMatchObject({ code: 0 });
    await publish("orders", 0, 20);
    ids.push(...(await publish("payments", 0, 5)));
    await new Promise((resolve) => setTimeout(resolve, 5));
    middle = new Date().toISOString();
    await publish("orders", 20, 40);
    ids.push(...(await publish("payments", 5, 10)));
    expect(await drain("warehouse", "orders")).toEqual(numbers(0, 40));
    expect(await drain("warehouse", "payments")).toEqual(numbers(0, 10));
  });

  it("only says where it would go in a dry run", async () => {
    const done = evgen().run("replay", "Warehouse", "--from", "earliest", "--dry-run");
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toContain("by publish time: when a message was sent, not when its event happened\n");
    expect(done.stdout).toMatch(
      /^orders-partition-0 would be reset to \d+:0, published \d{4}-.*Z, the first that is kept: \d+ entries to read$/m,
    );
    expect(done.stdout).toContain("\n50 entries would be read again\n");
    expect(await backlog("warehouse", "orders")).toBe(0);
  });

  it("lets a consumer read everything again, on every partition of every topic", async () => {
    const { code, result } = evgen().json("Warehouse", "--from", "earliest");
    expect([code, result.outcome]).toEqual([0, "reset"]);
    expect(result.partitions.map(({ name }) => name)).toEqual([
      ...["orders-partition-0", "orders-partition-1", "orders-partition-2", "payments"],
    ]);
    for (const one of result.partitions) expect(one).toMatchObject({ state: "reset", isFirst: true, skipped: 0 });
    expect(await drain("warehouse", "orders")).toEqual(numbers(0, 40));
    expect(await drain("warehouse", "payments")).toEqual(numbers(0, 10));
  });

  it("begins with what was published at a time or later", async () => {
    const { code, result } = evgen().json("warehouse", "--from", middle);
    expect([code, result.outcome]).toEqual([0, "reset"]);
    for (const { published, isFirst } of result.partitions) {
      expect(Date.parse(published ?? "")).toBeGreaterThanOrEqual(Date.parse(middle));
      expect(isFirst).toBe(false);
    }
    expect(await drain("warehouse", "orders")).toEqual(numbers(20, 40));
    expect(await drain("warehouse", "payments")).toEqual(numbers(5, 10));

    // Long before anything that is kept, and after the last message.
    expect(evgen().json("warehouse", "--from", "52w", "--topic", "payments").result.partitions).toMatchObject([
      { name: "payments", isFirst: true, toRead: 10 },
    ]);
    expect(await drain("warehouse", "payments")).toEqual(numbers(0, 10));
    const late = evgen().run("replay", "warehouse", "--from", "0s", "--topic", "payments");
    expect(late.stdout).toMatch(/^payments reset to \d+:\d+, behind the last message$/m);
    expect(await backlog("warehouse", "payments")).toBe(0);
  });

  it("begins with a message, and elsewhere with what was published when it was", async () => {
    const of = PulsarMessageId.from({ serialize: () => Buffer.of(), toString: () => ids[5] ?? "" });
    // As the clients print ids, as pulsar-admin does, and without what does not matter.
    for (const form of [ids[5] ?? "", `${of.ledger}:${of.entry}:-1:0`, `${of.ledger}:${of.entry}`]) {
      const { code, result } = evgen().json("warehouse", "--from", form);
      expect([code, result.outcome], form).toEqual([0, "reset"]);
      expect(result.partitions.at(-1)).toMatchObject({
        name: "payments",
        position: `${of.ledger}:${of.entry}`,
        toRead: 5,
      });
      expect(await drain("warehouse", "payments")).toEqual(numbers(5, 10));
      // All orders were published before it.
      expect(await drain("warehouse", "orders")).toEqual([]);
    }
    for (const nowhere of [`${of.ledger}:4711`, "987654321:0"]) {
      const { code, result } = evgen().json("warehouse", "--from", nowhere);
      expect([code, result.outcome]).toEqual([1, "refused"]);
      expect(result.why).toContain(`There is no message ${nowhere} on orders-partition-0, `);
    }
  });

  it("passes over what was not read only when told", async () => {
    await publish("payments", 10, 12);
    const { code, result } = evgen().json("warehouse", "--from", "0s");
    expect([code, result.outcome]).toEqual([1, "refused"]);
    expect(result.why).toContain("2 entries of payments would never be read. Start earlier, or say --skip-unread.");
    expect(await backlog("warehouse", "payments")).toBe(2);
    expect(evgen().json("warehouse", "--from", "0s", "--skip-unread").code).toBe(0);
    expect(await backlog("warehouse", "payments")).toBe(0);
  });

  it("stops while consumers are connected, and names them", async () => {
    const consumer = await connect("warehouse", "payments");
    const { code, result } = evgen().json("warehouse", "--from", "earliest");
    expect([code, result.outcome, result.consumers.length]).toEqual([1, "refused", 1]);
    expect(result.why).toContain("warehouse is being read by ");
    expect(result.partitions.every(({ state }) => state === "as before")).toBe(true);
    expect(await backlog("warehouse", "orders")).toBe(0);

    const forced = evgen().json("warehouse", "--from", "earliest", "--disconnect");
    expect(["reset", "stopped"]).toContain(forced.result.outcome);
    expect(forced.code).toBe(forced.result.outcome === "reset" ? 0 : 3);
    await consumer.close();
    expect(await drain("warehouse", "payments")).toEqual(numbers(0, 12));
    await drain("warehouse", "orders");
  });

  it("waits until what was there has been read, and says how far it is", async () => {
    const child = evgen().start("replay", "warehouse", "--from", "earliest", "--topic", "orders", "--wait");
    const said: string[] = [];
    const idle = new Promise<void>((resolve) =>
      child.stderr?.on("data", (data) => {
        said.push(`${data}`);
        if (said.join("").includes("0 of 40 read again; no consumer is connected. Waiting.")) resolve();
      }),
    );
    const closed = new Promise((resolve) => child.once("close", resolve));
    await idle;
    // What comes now is no part of the replay.
    const [, code] = await Promise.all([drain("warehouse", "orders"), closed]);
    expect(code, said.join("")).toBe(0);
    expect(said.join("")).toMatch(/^warehouse: all 40 read again$/m);
  });

  it("can be killed in the middle, and run again", async () => {
    const child = evgen().start("replay", "warehouse", "--from", "earliest");
    const closed = new Promise((resolve) => child.once("close", resolve));
    await new Promise<void>((resolve) =>
      child.stdout?.on("data", (data) => {
        if (`${data}`.includes("reset to")) resolve();
      }),
    );
    child.kill("SIGKILL");
    await closed;
    const { code, result } = evgen().json("warehouse", "--from", "earliest");
    expect([code, result.outcome]).toEqual([0, "reset"]);
    expect(result.partitions.reduce((sum, { toRead }) => sum + toRead, 0)).toBe(52);
    expect(await drain("warehouse", "orders")).toEqual(numbers(0, 40));
    expect(await drain("warehouse", "payments")).toEqual(numbers(0, 12));
  });

  it("does not bring back what is no longer kept, and says where the log begins", async () => {
    const [, ...rest] = await publish("returns", 0, 3);
    await drain("refunds", "returns");
    const [id = ""] = rest;
    // Only a ledger that is closed is deleted, and a topic that is loaded again begins another one.
    await broker.rest("PUT", `persistent/${tenant}/sales/returns/unload`);
    await broker.rest("DELETE", `persistent/${tenant}/sales/returns/truncate`);
    await publish("returns", 3, 5);
    await drain("refunds", "returns");
    const { result } = evgen().json("Refunds", "--from", "2020-01-01T00:00:00+02:00");
    expect(result.partitions).toMatchObject([{ name: "returns", state: "reset", isFirst: true, toRead: 2 }]);
    expect(await drain("refunds", "returns")).toEqual([3, 4]);
    expect(evgen().json("Refunds", "--from", id)).toMatchObject({
      code: 1,
      result: { why: expect.stringMatching(/^There is no message .* on returns, or it is no longer kept\.$/) },
    });
  });

  it("says what the broker lacks", async () => {
    await broker.rest("DELETE", `persistent/${tenant}/sales/orders-partition-1/subscription/warehouse`);
    expect(evgen().json("warehouse", "--from", "earliest")).toMatchObject({
      code: 1,
      result: {
        outcome: "refused",
        why: "There is no subscription warehouse on orders-partition-1. Run evgen apply.",
        partitions: [],
      },
    });
    await broker.rest("DELETE", `persistent/${tenant}/sales/returns?force=true`);
    expect(evgen().run("replay", "Refunds", "--from", "earliest")).toMatchObject({
      code: 1,
      stderr: `evgen: There is no topic ${namespace}/returns. Run evgen apply.\n`,
    });
    expect(evgen().run("apply").code).toBe(0);
  });

  it("waits for a broker that comes back, and ends where one does not", async () => {
    const proxy = await openProxy(broker.adminUrl);
    const at = ["--admin-url", proxy.url.replace("ws:", "http:")];
    const child = evgen().start("replay", "warehouse", "--from", "earliest", "--topic", "payments", "--wait", ...at);
    const said: string[] = [];
    child.stderr?.on("data", (data) => said.push(`${data}`));
    const closed = new Promise((resolve) => child.once("close", resolve));
    await expect.poll(() => said.join(""), { timeout: 60_000 }).toContain("no consumer is connected");
    await proxy.close();
    await expect.poll(() => said.join(""), { timeout: 60_000 }).toContain("(ECONNREFUSED). Waiting.");
    expect(evgen().run("replay", "warehouse", "--from", "earliest", ...at)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("nothing listens there"),
    });
    const again = await openProxy(broker.adminUrl, Number(new URL(proxy.url).port));
    expect(await drain("warehouse", "payments")).toEqual(numbers(0, 12));
    expect(await closed, said.join("")).toBe(0);
    await again.close();
  });
});

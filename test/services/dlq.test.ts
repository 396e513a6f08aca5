import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Ajv } from "ajv";
import { createCodec, type EventDefinition, type ProducerClient, uuid } from "evgen/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOrderProducer, type OrderPlaced, type OrderProducer, order } from "../../generated/typescript/index.js";
import { createWebSocketClient, type WebSocketClient } from "../../src/runtime/websocket/index.js";
import { useBroker } from "./broker.js";
import { execute, useExample } from "./example.js";
import { adminToken, tokenOf, tokenSettings } from "./tokens.js";

const broker = useBroker({
  settings: () => tokenSettings,
  headers: () => ({ authorization: `Bearer ${adminToken}` }),
});
const root = fileURLToPath(new URL("../..", import.meta.url));
const child = fileURLToPath(new URL("dlq-child.mjs", import.meta.url));
const main = join(root, "dist/cli/main.js");
const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false }).compile(
  JSON.parse(readFileSync(join(root, "schemas/dlq-output.schema.json"), "utf8")),
);
const example = useExample();
const topic = "persistent://shop/sales/orders-warehouse-dlq";
let folder = "";
let client: WebSocketClient | undefined;
let orders: OrderProducer;

beforeAll(async () => {
  // Roles that may do what they are for, and no more; pauses between attempts that are short.
  folder = dirname(
    await example.build(
      ["encoding: avro  ", "websocketProducers: true\n  encoding: avro  "],
      ["shop-orders: [produce, consume]", "shop-orders: [produce]\n    shop-warehouse: [consume]"],
      ["retry: { attempts: 5, backoff: 1s..1m }", "retry: { attempts: 2, backoff: 50ms }"],
    ),
  );
  const compiled = join(folder, "compiled");
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "evgen"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const options = ["--noCheck", "--module", "nodenext", "--target", "es2023", "--outDir", compiled];
  execFileSync(join(root, "node_modules/.bin/tsc"), [...options, join(folder, "generated/typescript/index.ts")], {
    cwd: folder,
  });
});
afterAll(async () => {
  for (const one of children) one.kill("SIGKILL");
  await client?.close();
});

const evgen = (args: readonly string[], token = adminToken) =>
  execute(process.execPath, [main, ...args], {
    PULSAR_ADMIN_URL: broker.adminUrl,
    EVGEN_TEST_TOKEN: token,
    NO_COLOR: "1",
  });
const dlq = (args: readonly string[], token?: string) =>
  evgen(["dlq", ...args, "--token-env", "EVGEN_TEST_TOKEN", "--model", join(folder, "model.yaml")], token);
const json = async (...args: readonly string[]) => {
  const done = await dlq([...args, "--json"]);
  const value = JSON.parse(done.stdout);
  expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
  return { ...done, value };
};

const children = new Set<ChildProcess>();
/** Starts a process of the consumer, with a role that may only consume, and resolves when it is ready. */
const start = async (): Promise<ChildProcess> => {
  const options = {
    ...{ folder, serviceUrl: broker.webSocketUrl, adminUrl: broker.adminUrl, token: tokenOf("shop-warehouse") },
    generated: pathToFileURL(join(folder, "compiled/index.js")).href,
  };
  const one = spawn(process.execPath, [child, JSON.stringify(options)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  children.add(one);
  one.once("exit", () => children.delete(one));
  await new Promise<void>((resolve, reject) => {
    one.once("message", () => resolve());
    one.once("exit", (code, signal) => reject(new Error(`it has ended with ${code ?? signal}`)));
  });
  return one;
};
const end = (one: ChildProcess) =>
  new Promise<number | NodeJS.Signals | null>((resolve) => {
    one.once("exit", (code, by) => resolve(code ?? by));
    one.kill("SIGTERM");
  });

const tell = (file: "broken" | "deadly", ...names: readonly string[]) =>
  writeFileSync(join(folder, file), names.join("\n"));
/** What was handled since it was last asked for. */
const handled = (): readonly string[] => {
  const lines = readFileSync(join(folder, "handled"), { encoding: "utf8", flag: "a+" }).split("\n").slice(0, -1);
  return lines.slice(seen).map((line) => line.split(" ").slice(1).join(" "));
};
let seen = 0;
const forgetHandled = () => {
  seen += handled().length;
};
const until = async (what: string, reached: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 600; i++) {
    if (await reached()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`it did not come to be within two minutes: ${what}`);
};
const parked = (count: number) =>
  until(`${count} are parked`, async () => (await json("list", "Warehouse")).value.consumers[0].parkedEvents === count);

const orderId = (n: number) => uuid(`0190b5a0-0000-7000-8000-${String(n).padStart(12, "0")}`);
const placed = (customerId: string): OrderPlaced => ({
  customerId,
  total: { amount: "1.50", currency: "EUR" },
  channel: "web",
  items: [{ sku: "ABC-1", quantity: 1, unitPrice: { amount: "1.50", currency: "EUR" } }],
});

/** As an old program has written it. */
const publishOld = async (customer: string, id: string) => {
  const [first] = order.events.find(({ type }) => type === "OrderPlaced")?.versions ?? [];
  const old: EventDefinition = { type: "OrderPlaced", versions: first === undefined ? [] : [first] };
  const codec = await createCodec({ topic: order.topic, aggregates: [{ ...order, events: [old] }] });
  const header = { id, type: "OrderPlaced", version: 1, aggregateId: orderId(9), time: "2026-01-01T00:00:00.000Z" };
  const data = codec.encode(old, { ...header, metadata: {} }, { customer, total: 2.5, items: [] });
  const producer = await (client as ProducerClient).createProducer({
    topic: order.topic.url,
    hashingScheme: "Murmur3_32Hash",
  });
  const properties = { ce_id: id, ce_type: "shop.sales.OrderPlaced.v1" };
  await producer.send({ data, properties, partitionKey: orderId(9) });
  await producer.send({ data: Buffer.from("garbage"), partitionKey: orderId(8) });
  await producer.close();
};

describe("evgen dlq", () => {
  it("says what is not there yet", async () => {
    const none = await dlq(["list", "Warehouse"]);
    expect(none).toMatchObject({ status: 0, stdout: `Warehouse: there is no ${topic}\n`, stderr: "" });
    expect(await dlq(["show", "Warehouse", "--key", "x"])).toMatchObject({ status: 1, stdout: "" });
    const applied = await evgen(["apply", join(folder, "model.yaml"), "--token-env", "EVGEN_TEST_TOKEN"]);
    expect(applied, applied.stderr + applied.stdout).toMatchObject({ status: 0 });
    expect(await dlq(["list", "Warehouse"])).toMatchObject({
      status: 0,
      stdout: `Warehouse: nothing is parked in ${topic}; 0 processes are connected\n`,
    });
    const { webSocketUrl: serviceUrl, adminUrl } = broker;
    client = createWebSocketClient({ serviceUrl, adminUrl, token: tokenOf("shop-orders") });
    orders = await createOrderProducer(client);
  });

  it("lists, shows and redrives what a consumer has parked", async () => {
    tell("broken", "ada", "grace", "old");
    await start();
    await orders.orderPlaced(orderId(1), placed("ada"));
    await orders.orderPlaced(orderId(2), placed("grace"), { id: "0190b5a0-0000-7000-8000-0000000000aa" });
    await orders.orderPlaced(orderId(3), placed("joan"));
    await orders.orderCancelled(orderId(1), { reason: "customer" });
    await publishOld("old", "0190b5a0-0000-7000-8000-0000000000bb");
    await parked(5);
    expect(handled()).toEqual(["joan"]);

    const listed = await json("list", "warehouse");
    expect(listed.status).toBe(0);
    expect(listed.value.consumers).toMatchObject([
      { name: "Warehouse", topic, there: true, processes: 1, parkedEvents: 5, parkedKeys: 4 },
    ]);
    const about = (key: string) => listed.value.consumers[0].events.filter((one: { key: string }) => one.key === key);
    expect(about(orderId(1))).toMatchObject([
      { event: { type: "OrderPlaced", version: 2 }, reason: "failed", attempts: 2, error: "no bin for \u001b[31mada" },
      { event: { type: "OrderCancelled", version: 1 }, reason: "blocked" },
    ]);
    expect(about(orderId(8))).toMatchObject([{ event: {}, reason: "invalid" }]);
    const text = await dlq(["list"]);
    expect(text.stdout).toContain(
      `Warehouse: 5 events of 4 keys are parked in ${topic}; 1 process is connected\n\nkey `,
    );
    expect(text.stdout).toMatch(
      new RegExp(`${orderId(1)} +2 +OrderPlaced v2 +[0-9a-f-]{36} +failed +2 +20.*no bin for .*ada`),
    );
    expect(text.stdout).toContain("OrderSummary: nothing is parked in");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(text.stdout).not.toMatch(/\u001b/);

    const shown = await json("show", "Warehouse", "--event", "0190b5a0-0000-7000-8000-0000000000bb");
    expect(shown.value.events).toMatchObject([
      {
        key: orderId(9),
        topic: order.topic.url,
        original: {
          topic: expect.stringMatching(/orders-partition-\d$/),
          messageId: expect.stringMatching(/^\(\d+,\d+/),
        },
        stored: { header: { version: 1 }, data: { customer: "old", total: 2.5 } },
        reads: [{ type: "OrderPlaced", data: { customerId: "old", total: { amount: "2.50", currency: "EUR" } } }],
      },
    ]);
    const garbage = await json("show", "Warehouse", "--key", orderId(8));
    expect(garbage.value.events).toMatchObject([{ base64: Buffer.from("garbage").toString("base64") }]);
    expect(garbage.value.events[0].unreadable).toMatch(/./);
    expect((await dlq(["show", "Warehouse", "--key", orderId(1), "--limit", "1"])).stdout).toMatch(
      /^event {7}OrderPlaced v2 .*\nkey {9}0190[\s\S]*\nread as {5}OrderPlaced \{"customerId":"ada"/,
    );
    expect(await dlq(["show", "Warehouse", "--key", "nobody"])).toMatchObject({ status: 1, stdout: "" });

    const dry = await json("redrive", "Warehouse", "--key", orderId(1), "--dry-run");
    expect(dry).toMatchObject({ status: 0, value: { keys: [orderId(1)], events: 2, dryRun: true, requested: false } });
    expect(handled()).toEqual(["joan"]);

    tell("broken", "grace", "old");
    expect(await dlq(["redrive", "Warehouse", "--all"])).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "2 events were handled; 3 keys have failed again and stay parked. evgen dlq list Warehouse says why.\n",
    });
    expect(handled()).toEqual(["joan", "ada", "customer"]);
    expect((await json("list", "Warehouse")).value.consumers[0].events).toMatchObject([
      { key: orderId(2), redriveError: "no bin for \u001b[31mgrace" },
      {},
      {},
    ]);
    tell("broken");
    const one = await json("redrive", "Warehouse", "--event", "0190b5a0-0000-7000-8000-0000000000bb");
    expect(one).toMatchObject({
      status: 0,
      value: { keys: [orderId(9)], taken: true, done: true, resolved: 1, failed: 0 },
    });
    expect(handled()).toEqual(["joan", "ada", "customer", "old"]);
  });

  it("leaves a request for a consumer that is stopped, and two of them do no harm", async () => {
    forgetHandled();
    for (const one of children) expect(await end(one)).toBe(0);
    const unanswered = await json("redrive", "Warehouse", "--key", orderId(2), "--wait", "2s");
    expect(unanswered).toMatchObject({ status: 1, value: { requested: true, taken: false, done: false } });
    expect(unanswered.stderr).toContain("No process of Warehouse has answered within 2 s.");
    await dlq(["redrive", "Warehouse", "--key", orderId(2), "--wait", "1s"]);
    await start();
    await parked(1);
    expect(handled()).toEqual(["grace"]);
    expect(await dlq(["redrive", "Warehouse", "--key", orderId(2)])).toMatchObject({
      status: 1,
      stderr: "No such event is parked.\n",
    });
  });

  it("goes on where it was when the process is killed in the middle, and twice at once handles each once", async () => {
    forgetHandled();
    tell("broken", "o1");
    for (const n of [1, 2, 3, 4, 5]) await orders.orderPlaced(orderId(20), placed(`o${n}`));
    await parked(6);
    tell("broken");
    tell("deadly", "o3");
    const [running] = children;
    const died = new Promise<NodeJS.Signals | null>((resolve) => running?.once("exit", (_, by) => resolve(by)));
    const both = Promise.all([1, 2].map(() => json("redrive", "Warehouse", "--key", orderId(20), "--wait", "2m")));
    expect(await died).toBe("SIGKILL");
    expect(handled()).toEqual(["o1", "o2"]);
    await start();
    const done = await both;
    expect(done.map(({ status, value }) => [status, value.done, value.failed])).toEqual([
      [0, true, 0],
      [0, true, 0],
    ]);
    expect(done.reduce((sum, { value }) => sum + value.resolved, 0)).toBe(5);
    expect(handled()).toEqual(["o1", "o2", "o3", "o4", "o5"]);
    // The key is live again.
    await orders.orderPlaced(orderId(20), placed("o6"));
    await until("o6 is handled", () => handled().includes("o6"));
    await parked(1);
    expect(handled()).toEqual(["o1", "o2", "o3", "o4", "o5", "o6"]);
  });

  it("says who may not, and what cannot be reached", async () => {
    const nobody = await dlq(["list", "Warehouse"], tokenOf("nobody"));
    expect(nobody).toMatchObject({ status: 3, stdout: "" });
    expect(nobody.stderr).toContain("The role that was used may not do this");
    // May read, and not ask.
    await broker.rest("POST", `namespaces/shop/sales/permissions/auditor`, ["consume"]);
    expect(await dlq(["list", "Warehouse"], tokenOf("auditor"))).toMatchObject({ status: 0 });
    const asked = await dlq(["redrive", "Warehouse", "--all"], tokenOf("auditor"));
    expect(asked).toMatchObject({ status: 3, stdout: "" });
    expect(asked.stderr).toContain("The role of the token needs to consume and produce on this topic.");
    const wrong = await dlq(["list", "Warehouse"], "wrong.token.here");
    expect(wrong).toMatchObject({ status: 3, stdout: "" });
    expect(wrong.stderr).toContain("Give a token or a client certificate that the broker knows.");
    expect(await dlq(["list", "Warehouse", "--admin-url", "http://127.0.0.1:1"])).toMatchObject({
      status: 3,
      stdout: "",
    });
    const elsewhere = await dlq(["list", "Warehouse", "--service-url", "ws://127.0.0.1:1"]);
    expect(elsewhere).toMatchObject({ status: 3, stdout: "" });
    expect(elsewhere.stderr).toContain(`${topic}, over ws://127.0.0.1:1: `);
    expect(elsewhere.stderr).toContain("--service-url says where.");
  });
});

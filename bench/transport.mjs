#!/usr/bin/env node
/**
 * Measures the generated producer and consumer of the example (events of 300 bytes, keyed over 1,000 keys, one process) in
 * turn with bare loops on the same transport, which send and take the same messages. Prints medians and ratios, and whether
 * memory grows over a million events in the broker in memory.
 *
 *   npm run compile && node --expose-gc bench/transport.mjs [--transports memory,websocket,native] [--runs 7] [--cpu]
 *     [--only consumer] [--events N] [--growth N]
 *
 * With --cpu it is the processor's time in this process that is measured, for machines that are busy besides.
 * A real broker is started as the tests do it, unless PULSAR_ADMIN_URL, PULSAR_SERVICE_URL and PULSAR_WEB_SOCKET_URL say
 * where one is.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { createMemoryBroker, createNativeClient } from "../dist/runtime/index.js";
import { createWebSocketClient } from "../dist/runtime/websocket/index.js";

const { values: options } = parseArgs({
  options: {
    transports: { type: "string", default: "memory,websocket,native" },
    runs: { type: "string", default: "7" },
    events: { type: "string" },
    growth: { type: "string", default: "1000000" },
    only: { type: "string", default: "" },
    cpu: { type: "boolean", default: false },
  },
});
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const url = "persistent://shop/sales/orders";
const partitions = 4;
const inFlight = 500;
const keys = Array.from({ length: 1000 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`);
const placed = {
  customerId: "customer-1",
  total: { amount: "1234.56", currency: "EUR" },
  channel: "web",
  items: [1, 2, 3].map((i) => ({ sku: `ABC-${i}`, quantity: i, unitPrice: { amount: "12.50", currency: "EUR" } })),
  note: "Leave it at the door, please. ".repeat(5).slice(0, 147),
};
let work;
let generated;

async function main() {
  work = mkdtempSync(join(tmpdir(), "evgen-bench-"));
  try {
    generated = await generatedCode();
    const [{ data }] = await samples(1);
    console.log(`Payloads of ${data.length} bytes, ${options.runs} pairs of runs, Node.js ${process.version}\n`);
    console.log("| what | evgen, µs an event | bare loop | ratio of rates |\n|---|---|---|---|");
    for (const name of options.transports.split(",")) await { memory, websocket, native }[name]();
    await growth(Number(options.growth));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function memory() {
  const events = Number(options.events ?? 50_000);
  // A new broker for each run, so that none pays for what another has left.
  const fresh = async () => createMemoryBroker({ topics: [{ url, partitions }] }).client();
  await compareProducers("memory", events, fresh);
  await compareConsumers("memory", events, async () => {
    const client = await fresh();
    await produceBare(client, await samples(events));
    return client;
  });
  await queue(events);
}

/** What a transport is that does nothing at all. */
async function queue(events) {
  const all = await samples(events);
  const seconds = Array.from({ length: Number(options.runs) }, () => {
    const start = process.hrtime.bigint();
    const waiting = [];
    for (const one of all) waiting.push(one);
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) sink += one.data.length;
    return Number(process.hrtime.bigint() - start) / 1e9;
  });
  console.log(`| a bare queue, in and out | | ${((median(seconds) * 1e6) / events).toFixed(3)} | |`);
}

async function websocket() {
  await withBroker(async ({ webSocketUrl, adminUrl }) => {
    const client = createWebSocketClient({ serviceUrl: webSocketUrl, adminUrl });
    await compareOnBroker("WebSocket", Number(options.events ?? 20_000), client);
  });
}

async function native() {
  const addon = await import("pulsar-client").then(
    (module) => module.default,
    (error) => String(error).split("\n")[0],
  );
  if (typeof addon === "string") {
    console.log(`| native: SKIPPED, the addon of pulsar-client does not load here | | | |`);
    return;
  }
  await withBroker(async ({ serviceUrl, adminUrl }) => {
    const client = createNativeClient(addon, { serviceUrl, adminUrl });
    await compareOnBroker("native", Number(options.events ?? 50_000), client);
  });
}

async function compareOnBroker(name, events, client) {
  await compareProducers(name, events, async () => client);
  // There has to be something to consume, also when producers were left out.
  await produceBare(client, await samples(events));
  await compareConsumers(name, events, async () => client);
  await client.close();
}

async function compareProducers(name, events, clientOf) {
  const messages = await samples(events);
  await compare(`${name}: producer`, events, clientOf, produceGenerated, (client) => produceBare(client, messages));
}

/** Each run reads what is there from its beginning, on a subscription of its own. */
async function compareConsumers(name, events, clientOf) {
  await compare(`${name}: consumer`, events, clientOf, consumeGenerated, consumeBare);
}

/** In turn, A B A B …, after one round that does not count; the ratio is the median of the ratios pair by pair. */
async function compare(name, events, clientOf, ours, bare) {
  if (!name.includes(options.only)) return;
  const run = async (one) => {
    const client = await clientOf();
    globalThis.gc?.();
    return one(client, events);
  };
  const pairs = [];
  for (let i = 0; i <= Number(options.runs); i++) pairs.push([await run(ours), await run(bare)]);
  pairs.shift();
  const [mine, theirs] = [0, 1].map((side) => (median(pairs.map((pair) => pair[side])) * 1e6) / events);
  const ratio = median(pairs.map(([a, b]) => b / a));
  console.log(`| ${name} | ${mine.toFixed(2)} | ${theirs.toFixed(2)} | ${ratio.toFixed(2)} |`);
}

async function produceGenerated(client, events) {
  const producer = await generated.createOrderProducer(client, { telemetry: false });
  const seconds = await timed(() => drive(events, (i) => producer.orderPlaced(keys[i % keys.length], placed)));
  await producer.close();
  return seconds;
}

async function produceBare(client, messages) {
  const producer = await client.createProducer({ topic: url, hashingScheme: "Murmur3_32Hash" });
  const seconds = await timed(() => drive(messages.length, (i) => producer.send(messages[i])));
  await producer.close();
  return seconds;
}

let subscriptions = 0;

/** From the first event to the last: opening subscriptions is not what is measured. */
async function consumeGenerated(client, events) {
  const subscription = `generated-${subscriptions++}`;
  const all = deferred();
  let left = events;
  let stop;
  const handler = () => {
    if (left === events) stop = startTimer();
    left--;
    if (left === 0) all.resolve();
  };
  const names = ["OrderPlaced", "PaymentReceived", "OrderShipped", "OrderCancelled"];
  const handlers = Object.fromEntries(names.map((name) => [name, handler]));
  const consumer = await generated.createOrderConsumer(client, { subscription, handlers, telemetry: false });
  await all.promise;
  const seconds = stop();
  await consumer.close();
  return seconds;
}

async function consumeBare(client, events) {
  const subscription = `bare-${subscriptions++}`;
  const more = { subscriptionType: "KeyShared", subscriptionInitialPosition: "Earliest" };
  const consumer = await client.subscribe({ topic: url, subscription, ...more });
  let stop;
  for (let left = events; left > 0; left--) {
    const message = await consumer.receive();
    stop ??= startTimer();
    sink += message.getData().length;
    await consumer.acknowledge(message);
  }
  const seconds = stop();
  await consumer.close();
  return seconds;
}

/** So many sends at a time; the next as soon as one is done. */
async function drive(count, send) {
  let next = 0;
  const one = async () => {
    while (next < count) await send(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, one));
}

async function timed(run) {
  const stop = startTimer();
  await run();
  return stop();
}

function startTimer() {
  const start = process.hrtime.bigint();
  const used = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(used);
    return options.cpu ? (user + system) / 1e6 : Number(process.hrtime.bigint() - start) / 1e9;
  };
}

function deferred() {
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** The messages that the generated producer sends. */
async function samples(events) {
  const messages = [];
  const transport = {
    send: async (message) => messages.push(message),
    ...{ flush: async () => null, close: async () => null, getProducerName: () => "", isConnected: () => true },
  };
  await produceGenerated({ createProducer: async () => transport }, events);
  sink += messages.length;
  return messages;
}

/** What is in use after a million events went through the broker in memory, at each tenth of them. */
async function growth(events) {
  if (events === 0) return;
  if (globalThis.gc === undefined) throw new Error("memory is measured with `node --expose-gc` only");
  const client = createMemoryBroker({ topics: [{ url, partitions }], retention: "none" }).client();
  const handlers = { OrderPlaced() {}, PaymentReceived() {}, OrderShipped() {}, OrderCancelled() {} };
  const consumer = await generated.createOrderConsumer(client, { subscription: "growth", handlers, telemetry: false });
  const megabytes = [];
  for (let part = 0; part < 10; part++) {
    await produceGenerated(client, events / 10);
    await consumer.whenCaughtUp();
    globalThis.gc();
    megabytes.push(((process.memoryUsage().heapUsed + process.memoryUsage().external) / 2 ** 20).toFixed(1));
  }
  await consumer.close();
  console.log(`\nMegabytes in use after each tenth of ${events} events in memory: ${megabytes.join(", ")}`);
}

/** generated/ as JavaScript, with the runtime of dist/. */
async function generatedCode() {
  mkdirSync(join(work, "node_modules"));
  symlinkSync(root, join(work, "node_modules", "evgen"));
  const outfile = join(work, "generated.mjs");
  const entry = join(root, "generated", "typescript", "index.ts");
  await build({ entryPoints: [entry], outfile, bundle: true, format: "esm", external: ["evgen/*"] });
  return import(outfile);
}

async function withBroker(use) {
  const { PULSAR_ADMIN_URL: given, PULSAR_SERVICE_URL: serviceUrl, PULSAR_WEB_SOCKET_URL: webSocketUrl } = process.env;
  const own = given === undefined;
  const [port, adminPort] = own ? [await freePort(), await freePort()] : [];
  const folder = join(process.env.EVGEN_SERVICES ?? join(root, ".services"), "pulsar");
  const control = (...args) =>
    execFileSync("bash", [join(root, "test/services/pulsar/start.sh"), args[0], folder, ...args.slice(1).map(String)]);
  if (own) control("start", port, adminPort);
  const adminUrl = given ?? `http://127.0.0.1:${adminPort}`;
  try {
    const rest = (path, body) => put(`${adminUrl}/admin/v2/${path}`, body);
    await rest("tenants/shop", { adminRoles: [], allowedClusters: ["standalone"] });
    await rest("namespaces/shop/sales");
    await rest("persistent/shop/sales/orders/partitions", partitions);
    await use({
      adminUrl,
      serviceUrl: serviceUrl ?? `pulsar://127.0.0.1:${port}`,
      webSocketUrl: webSocketUrl ?? `ws://127.0.0.1:${adminPort}`,
    });
  } finally {
    if (own) {
      control("stop");
      rmSync(join(folder, "data"), { recursive: true, force: true });
    }
  }
}

async function put(address, body) {
  const headers = { "content-type": "application/json" };
  const sent = await fetch(address, { method: "PUT", headers, body: body === undefined ? null : JSON.stringify(body) });
  if (!sent.ok && sent.status !== 409) throw new Error(`PUT ${address}: ${sent.status} ${await sent.text()}`);
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

let sink = 0;
await main();
if (sink === 0) throw new Error("nothing was sent");

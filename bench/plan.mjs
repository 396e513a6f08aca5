#!/usr/bin/env node
/**
 * Measures `evgen plan` of a broker that holds 1,000 topics as the model says, in turn with the same GETs one after the
 * other on one connection, and prints medians (seconds), ratios and how many GETs were on their way at once. Both go
 * through a proxy, which counts, and which may hold each answer back as a network would.
 *
 *   npm run compile && node bench/plan.mjs [--topics 1000] [--delays 0,5,20] [--runs 5]
 *
 * PULSAR_ADMIN_URL names a broker; else one is started as for the tests (test/services/pulsar/start.sh).
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import { createServer as createTcp } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    topics: { type: "string", default: "1000" },
    delays: { type: "string", default: "0,5,20" },
    runs: { type: "string", default: "5" },
  },
});
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const evgen = join(root, "dist", "cli", "main.js");
const work = mkdtempSync(join(tmpdir(), "evgen-bench-"));
const env = { ...process.env, NO_COLOR: "1", EVGEN_CACHE_DIR: join(work, "cache") };

const broker = process.env.PULSAR_ADMIN_URL === undefined ? await startBroker() : undefined;
try {
  await measure(broker?.url ?? process.env.PULSAR_ADMIN_URL);
} finally {
  broker?.stop();
  rmSync(work, { recursive: true, force: true });
}

async function measure(url) {
  writeFileSync(join(work, "model.yaml"), modelOf(Number(options.topics)));
  const proxy = await openProxy(url);
  await run("apply", proxy.url);
  console.log(
    "| answers held back | GETs | plan, s | one after the other, s | ratio | at once |\n|---|---|---|---|---|---|",
  );
  for (const delay of options.delays.split(",").map(Number)) {
    proxy.reset(delay);
    await run("plan", proxy.url);
    const paths = proxy.seen();
    const pairs = [];
    let most = 0;
    for (let i = 0; i < Number(options.runs); i++) {
      proxy.reset(delay);
      const ours = await run("plan", proxy.url);
      most = Math.max(most, proxy.most());
      pairs.push([ours, await oneByOne(paths, proxy.url)]);
    }
    const [ours, theirs] = [0, 1].map((side) => median(pairs.map((pair) => pair[side])).toFixed(2));
    const ratio = median(pairs.map(([a, b]) => a / b)).toFixed(2);
    console.log(`| ${delay} ms | ${paths.length} | ${ours} | ${theirs} | ${ratio} | ${most} |`);
  }
  proxy.close();
}

/** So many topics of one partition, one consumer that reads all of them, and its dead letters. */
function modelOf(topics) {
  const names = Array.from({ length: topics }, (_, index) => `Thing${index}`);
  const aggregate = (name, index) =>
    `  ${name}:\n    key: { id: uuid }\n    topic: { name: thing-${index}, partitions: 1 }\n    events: { ${name}Made: { versions: { 1: { fields: { note: string } } } } }\n`;
  return `evgen: 1
system: bench
pulsar: { tenant: bench, namespace: many }
aggregates:
${names.map(aggregate).join("")}consumers:
  All: { from: [${names.join(", ")}] }
`;
}

/** Seconds that a command of evgen takes as a process; plan has to find nothing to do. */
function run(command, url) {
  const start = process.hrtime.bigint();
  const check = command === "plan" ? ["--check"] : [];
  const child = spawn(process.execPath, [evgen, command, "model.yaml", "--admin-url", url, ...check], {
    ...{ cwd: work, env, stdio: ["ignore", "ignore", "inherit"] },
  });
  return new Promise((resolve, reject) =>
    child.once("close", (code) => {
      if (code !== 0) reject(new Error(`evgen ${command} ended with ${code}`));
      else resolve(Number(process.hrtime.bigint() - start) / 1e9);
    }),
  );
}

/** Seconds that GETs take one after the other. */
async function oneByOne(paths, url) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const start = process.hrtime.bigint();
  for (const path of paths) await get(new URL(path, url), agent);
  agent.destroy();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function get(url, agent) {
  return new Promise((resolve, reject) => {
    request(url, { agent, headers: { accept: "application/json" } }, (response) => {
      response.on("end", resolve).on("error", reject).resume();
    })
      .on("error", reject)
      .end();
  });
}

/** Passes HTTP on, counts what is on its way, and holds answers back. */
async function openProxy(to) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  let [delay, now, most, seen] = [0, 0, 0, []];
  const server = createServer((near, answer) => {
    most = Math.max(most, ++now);
    let isOnItsWay = true;
    const leave = () => {
      if (isOnItsWay) now--;
      isOnItsWay = false;
    };
    // A connection that was closed while it was idle: the call is made again.
    answer.on("close", leave);
    if (near.method === "GET") seen.push(near.url);
    const far = request(new URL(near.url, to), { agent, method: near.method, headers: near.headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () =>
        setTimeout(() => {
          leave();
          answer.writeHead(response.statusCode, response.headers).end(Buffer.concat(parts));
        }, delay),
      );
    });
    far.on("error", () => answer.destroy());
    near.pipe(far);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    reset: (milliseconds) => {
      [delay, most, seen] = [milliseconds, 0, []];
    },
    seen: () => seen,
    most: () => most,
    close: () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

async function startBroker() {
  const script = join(root, "test", "services", "pulsar", "start.sh");
  const folder = join(process.env.EVGEN_SERVICES ?? join(root, ".services"), "pulsar");
  const ports = [await freePort(), await freePort()];
  execFileSync("bash", [script, "start", folder, ...ports.map(String)], { stdio: ["ignore", "ignore", "inherit"] });
  return {
    url: `http://127.0.0.1:${ports[1]}`,
    stop: () => {
      execFileSync("bash", [script, "stop", folder]);
      rmSync(join(folder, "data"), { recursive: true, force: true });
    },
  };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createTcp().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

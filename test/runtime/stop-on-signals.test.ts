import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

// inside the repository, so that `evgen/runtime` resolves to this package as it was built
const work = mkdtempSync(join(fileURLToPath(new URL("..", import.meta.url)), ".stop-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const program = `
  import { createConsumer, createMemoryBroker, createProducer, stopOnSignals } from "evgen/runtime";
  const renamed = { type: "Renamed", versions: [{ schema: { type: "object" } }] };
  const fields = [
    { name: "id", type: "string" }, { name: "type", type: "string" }, { name: "version", type: "int" },
    { name: "aggregateId", type: "string" }, { name: "sequence", type: ["null", "long"], default: null },
    { name: "time", type: { type: "long", logicalType: "timestamp-millis" } },
    { name: "correlationId", type: ["null", "string"], default: null },
    { name: "causationId", type: ["null", "string"], default: null },
    { name: "metadata", type: { type: "map", values: "string" } },
    { name: "data", type: [{ type: "record", name: "RenamedV1", fields: [] }] },
  ];
  const topic = { url: "persistent://a/b/t", partitions: 0, encoding: "json", source: "a.b",
    envelope: { type: "record", name: "E", namespace: "a.b", fields } };
  const counter = { name: "Counter", key: { name: "id", schema: { type: "string" } }, topic, events: [renamed] };
  const broker = createMemoryBroker({ topics: [topic] });
  const client = broker.client();
  const producer = await createProducer(client, counter, { renamed });
  setInterval(() => {}, 1000);
  const consumer = await createConsumer(client, [counter], {
    subscription: "s", maxParkedKeys: 0, retry: { attempts: 1, minBackoff: 1, maxBackoff: 1 },
    handlers: { Renamed: async () => {
      if (process.argv[2] === "fail") throw new Error("no database");
      process.stdout.write("begun\\n");
      process.on("SIGTERM", () => { if (process.argv[2] !== "hang") release(); });
      let release;
      await new Promise((resolve) => { release = resolve; });
      process.stdout.write("ended\\n");
    } },
  });
  stopOnSignals(consumer, producer, client);
  process.on("exit", () => process.stdout.write("backlog " + broker.backlog(topic.url, "s") + "\\n"));
  await producer.renamed("k", {});
  await producer.renamed("k", {});
`;
writeFileSync(join(work, "program.mjs"), program);

const run = async (how: string, signals: number) => {
  const child = spawn(process.execPath, [join(work, "program.mjs"), how], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  let sent = 0;
  const next = () => {
    if (sent++ < signals) child.kill("SIGTERM");
  };
  child.stdout.on("data", (data) => {
    stdout += data;
    if (stdout === "begun\n") {
      next();
      if (signals > 1) setTimeout(next, 200);
    }
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const status = await new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  return { status, stdout, stderr };
};

describe("a process that is told to end", () => {
  it("ends what is in flight, acknowledges it, leaves the rest, and ends with 0", async () => {
    expect(await run("", 1)).toEqual({ status: 0, stdout: "begun\nended\nbacklog 1\n", stderr: "" });
  });

  it("ends at once when it is told twice", async () => {
    expect(await run("hang", 2)).toEqual({ status: 143, stdout: "begun\nbacklog 2\n", stderr: "" });
  });

  it("says why a consumer has stopped by itself, and ends with 1", async () => {
    const { status, stderr } = await run("fail", 0);
    expect(status).toBe(1);
    expect(stderr).toBe('s has halted: more than 0 keys would be parked; the last one, "k": no database\n');
  });
});

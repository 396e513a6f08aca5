import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWebSocketClient, type WebSocketClient } from "../../src/runtime/websocket/index.js";
import { workspace } from "../cli/evgen.js";
import { useBroker } from "./broker.js";
import { openProxy } from "./proxy.js";

// A broker counts its rates anew each minute otherwise.
const broker = useBroker({ settings: () => ({ statsUpdateFrequencyInSecs: "1", statsUpdateInitialDelayInSecs: "1" }) });
const tenant = `status-${process.pid}`;
const namespace = `persistent://${tenant}/sales`;
const validate = new Ajv({
  ...{ strict: true, strictTypes: false, strictRequired: false, formats: { "date-time": true } },
}).compile(JSON.parse(readFileSync(new URL("../../schemas/status-output.schema.json", import.meta.url), "utf8")));

const model = (more = "") => `evgen: 1
system: shop
pulsar: { tenant: ${tenant}, namespace: sales, websocketProducers: true }
aggregates:
  Order:
    key: { orderId: uuid }
    topic: { name: orders, partitions: 3 }
    events:
      OrderPlaced: { versions: { 1: { fields: { note: string } } } }${more}
consumers:
  Warehouse: { from: Order }
projections:
  OrderNotes:
    from: Order
    store: memory
    fields: { note: string }
    on:
      OrderPlaced: { set: { note: $note } }
`;

interface Status {
  readonly problems: readonly { readonly kind: string; readonly level: string; readonly message: string }[];
  readonly readers: readonly { readonly name: string; readonly topics: readonly Its[]; readonly deadLetters: Its }[];
  readonly topics: readonly {
    readonly name: string;
    readonly present?: number;
    readonly rateIn: number;
    readonly growth: number;
    readonly schema?: { readonly state: string };
  }[];
}
interface Its {
  readonly backlog: number;
  readonly oldest?: string;
  readonly unacknowledged: number;
  readonly rateOut: number;
  readonly growth: number;
  readonly rateRedelivered: number;
  readonly consumers: number;
  readonly lacking: readonly string[];
}

const evgen = (text = model()) => {
  const work = workspace();
  const env = { PULSAR_ADMIN_URL: broker.adminUrl };
  work.write("model.yaml", text);
  return {
    run: (...args: readonly string[]) => work.evgen(args, { env }),
    start: (...args: readonly string[]) => work.start(args, { env }),
    status: (...args: readonly string[]): Status => {
      const done = work.evgen(["status", "--json", ...args], { env });
      expect(done, done.stderr).toMatchObject({ code: 0 });
      return parse(done.stdout);
    },
  };
};

const parse = (text: string): Status => {
  const status = JSON.parse(text) as Status;
  expect(validate(status), JSON.stringify(validate.errors)).toBe(true);
  return status;
};

const kinds = ({ problems }: Status) => problems.map(({ kind }) => kind);
const warehouse = ({ readers }: Status): Its | undefined => readers.find(({ name }) => name === "Warehouse")?.topics[0];

let client: WebSocketClient;
beforeAll(() => {
  client = createWebSocketClient({ serviceUrl: broker.webSocketUrl, adminUrl: broker.adminUrl });
});
afterAll(() => client.close());

const publish = async (topic: string, count: number): Promise<void> => {
  const producer = await client.createProducer({ topic: `${namespace}/${topic}` });
  for (let number = 0; number < count; number++)
    await producer.send({ data: Buffer.from(`${number}`), partitionKey: `key ${number}` });
  await producer.close();
};

const connect = (subscription: string) =>
  client.subscribe({
    ...{ topic: `${namespace}/orders`, subscription, subscriptionType: "KeyShared" },
    nAckRedeliverTimeoutMs: 100,
  });

/** Acknowledges so many. */
const consume = async (consumer: Awaited<ReturnType<typeof connect>>, count: number): Promise<void> => {
  for (let number = 0; number < count; number++) await consumer.acknowledge(await consumer.receive());
};

// One after the other: each finds what the one before has left.
describe("evgen status", () => {
  it("says what the broker lacks, before anything is there", () => {
    const shop = evgen();
    const found = shop.status();
    expect(new Set(kinds(found))).toEqual(new Set(["topic-missing"]));
    expect(found.topics.length).toBe(3);
    expect(shop.run("status", "--check")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("! orders: there is no such topic. evgen plan says what to do.\n"),
    });
  });

  it("has nothing to say when all is well", () => {
    const shop = evgen();
    expect(shop.run("apply").code).toBe(0);
    const done = shop.run("status", "--check");
    expect(done, done.stdout).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toContain("\nAll is well.\n");
    expect(done.stdout).toMatch(/^ {2}orders +3 +0 +0 B +0 B {2}version 0, the model's$/m);
    expect(shop.status()).toMatchObject({
      problems: [],
      topics: [{ present: 3, schema: { state: "latest" } }, {}, {}],
    });
  });

  it("sums what waits over all partitions, and how old it is", async () => {
    await publish("orders", 20);
    const shop = evgen();
    const found = shop.status();
    expect(kinds(found)).toEqual(["no-consumer", "no-consumer"]);
    expect(warehouse(found)).toMatchObject({ backlog: 20, unacknowledged: 0, consumers: 0 });
    expect(Date.now() - Date.parse(warehouse(found)?.oldest ?? "")).toBeLessThan(600_000);
    const done = shop.run("status", "--check");
    expect(done.code).toBe(1);
    expect(done.stdout).toMatch(
      /^! Warehouse on orders: no consumer is connected; 20 to read, the oldest for \d+ s\.$/m,
    );
    expect(done.stdout).toMatch(/^! Warehouse +orders +20 +\d+ s +0 +0 +\S+ +0 +0 +0$/m);
  });

  it("finds a consumer that is stuck, and one that is not", async () => {
    const stuck = await connect("warehouse");
    for (let number = 0; number < 20; number++) await stuck.receive();
    const other = await connect("order-notes");
    await consume(other, 20);
    const shop = evgen();
    await expect.poll(() => kinds(shop.status("--patience", "1s")), { timeout: 60_000 }).toEqual(["stuck"]);
    const found = shop.status("--patience", "1s");
    expect(warehouse(found)).toMatchObject({ backlog: 20, unacknowledged: 20, consumers: 1 });
    expect(found.problems[0]?.message).toMatch(
      /^1 consumer is connected, and nothing was acknowledged for \d+ s; 20 to read, the oldest for .* 20 handed out and not acknowledged\.$/,
    );
    // With more patience it is only slow.
    expect(shop.status()).toMatchObject({ problems: [] });
    await stuck.close();
    await other.close();
    const again = await connect("warehouse");
    await consume(again, 20);
    await expect.poll(() => shop.status("--patience", "1s").problems, { timeout: 60_000 }).toEqual([]);
    await again.close();
  });

  it("says how fast events come, are read and are handed out again", async () => {
    const shop = evgen();
    const reading = await connect("order-notes");
    let ended = false;
    const work = async (): Promise<void> => {
      const producer = await client.createProducer({ topic: `${namespace}/orders` });
      while (!ended) {
        await producer.send({ data: Buffer.from("x"), partitionKey: "key" });
        const message = await reading.receive();
        // Each is handed out twice.
        if (message.getRedeliveryCount() === 0) await reading.negativeAcknowledge(message);
        await reading.acknowledge(message.getRedeliveryCount() === 0 ? await reading.receive() : message);
      }
      await producer.close();
    };
    const working = work();
    await expect
      .poll(
        () => {
          const found = shop.status();
          const [orders, its] = [found.topics[0], found.readers[0]?.topics[0]];
          return {
            in: (orders?.rateIn ?? 0) > 0 && (orders?.growth ?? 0) > 0,
            out: (its?.rateOut ?? 0) > 0,
            again: (its?.rateRedelivered ?? 0) > 0,
            grows: (warehouse(found)?.growth ?? 0) > 0,
          };
        },
        // The work stands still while evgen is waited for.
        { timeout: 120_000, interval: 2000 },
      )
      .toEqual({ in: true, out: true, again: true, grows: true });
    ended = true;
    await working;
    await reading.close();
  });

  it("counts dead letters, which are what is wrong", async () => {
    await publish("orders-warehouse-dlq", 3);
    const found = evgen().status();
    expect(found.problems).toContainEqual(
      expect.objectContaining({
        kind: "dead-letters",
        reader: "Warehouse",
        message: expect.stringMatching(/^3 parked, /),
      }),
    );
    expect(found.readers.find(({ name }) => name === "Warehouse")?.deadLetters.backlog).toBe(3);
  });

  it("holds the schemas against the model", async () => {
    const newer = model("\n      OrderPaid: { versions: { 1: { fields: { by: string } } } }").replace(
      "OrderPlaced: { set",
      "OrderPaid: ignore\n      OrderPlaced: { set",
    );
    const shop = evgen(newer);
    const found = shop.status();
    expect(kinds(found)).toContain("schema-older");
    expect(found.topics[0]?.schema).toEqual({ state: "other", latest: 0 });
    expect(shop.run("apply").code).toBe(0);
    expect(shop.status().topics[0]?.schema).toEqual({ state: "latest", version: 1, latest: 1 });
    const before = evgen().status();
    expect(before.topics[0]?.schema).toEqual({ state: "superseded", version: 0, latest: 1 });
    expect(before.problems.find(({ kind }) => kind === "schema-superseded")).toMatchObject({
      level: "watch",
      message: "the model's schema is version 0, and version 1 was registered after it.",
    });
    await broker.rest("DELETE", `schemas/${tenant}/sales/orders/schema`);
    expect(kinds(evgen().status())).toContain("schema-missing");
  });

  it("looks again and again, also when the broker was away", async () => {
    const proxy = await openProxy(broker.adminUrl);
    const url = proxy.url.replace("ws:", "http:");
    const child = evgen().start("status", "--watch", "--every", "1s", "--json", "--admin-url", url);
    const errors: string[] = [];
    child.stderr?.on("data", (data) => errors.push(`${data}`));
    const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
    const next = async (): Promise<Status> => parse((await lines.next()).value ?? "");
    const first = warehouse(await next())?.backlog ?? 0;
    await publish("orders", 1);
    let now = first;
    while (now === first) now = warehouse(await next())?.backlog ?? 0;
    expect(now).toBe(first + 1);
    await proxy.close();
    await expect.poll(() => errors.join(""), { timeout: 60_000 }).toContain("Looking again.");
    expect(evgen().run("status", "--admin-url", url)).toMatchObject({
      code: 3,
      stdout: "",
      stderr: expect.stringContaining("nothing listens there"),
    });
    const again = await openProxy(broker.adminUrl, Number(new URL(url).port));
    await publish("orders", 1);
    while (warehouse(await next())?.backlog !== first + 2);
    child.kill("SIGINT");
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
    await again.close();
  });

  it("says what somebody has taken away", async () => {
    await broker.rest("DELETE", `persistent/${tenant}/sales/orders-partition-1/subscription/warehouse`);
    await broker.rest("DELETE", `persistent/${tenant}/sales/orders-partition-2?force=true`);
    await broker.rest("DELETE", `persistent/${tenant}/sales/orders-warehouse-dlq?force=true`);
    const found = evgen().status();
    const said = found.problems.map(({ kind, message }) => `${kind}: ${message}`);
    expect(said).toContain("topic-missing: there is no such topic. evgen plan says what to do.");
    expect(said).toContain("partition-missing: orders-partition-2 is not there. evgen plan says what to do.");
    expect(said).toContain(
      "subscription-missing: its subscription is not on orders-partition-1, orders-partition-2. evgen plan says what to do.",
    );
    expect(evgen(model().replace("partitions: 3", "partitions: 4")).status().problems).toContainEqual(
      expect.objectContaining({
        kind: "partitions-differ",
        message: "it has 3 partitions, and the model says 4. evgen plan says what to do.",
      }),
    );
  });
});

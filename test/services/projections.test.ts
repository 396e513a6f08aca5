import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { type Consumer, runProjection, uuid } from "evgen/runtime";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createOrderProducer,
  type OrderEvent,
  type OrderSummary,
  type OrderSummaryKey,
  orderSummary,
} from "../../generated/typescript/index.js";
import { compile } from "../../src/compile.js";
import { projectionHash } from "../../src/evolution/projection-hash.js";

import { createPostgresStore } from "../../src/runtime/postgres/index.js";
import { createWebSocketClient } from "../../src/runtime/websocket/index.js";
import { workspace } from "../cli/evgen.js";
import { memorySources } from "../memory-sources.js";
import { useBroker } from "./broker.js";
import { usePostgres } from "./servers.js";

/*
 * A projection changes while orders come in and its rows are read: the second version is built beside the first, made live,
 * taken back, made live again, and the first is dropped. Who reads the view sees whole rows of one of them at any time.
 */
const broker = useBroker();
const server = usePostgres();
const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false }).compile(
  JSON.parse(readFileSync(new URL("../../schemas/projections-output.schema.json", import.meta.url), "utf8")),
);

const first = readFileSync(new URL("../../model.example.yaml", import.meta.url), "utf8").replace(
  "  namespace: sales\n",
  "  namespace: sales\n  websocketProducers: true\n",
);
const second = first
  .replace("  OrderSummary:\n", "  OrderSummary:\n    version: 2\n")
  .replace("set: { customerId: $customerId,", 'set: { customerId: { template: "v2 {customerId}" },');

const fingerprintOf = async (text: string): Promise<string> => {
  const { model } = await compile("model.yaml", memorySources({ "model.yaml": text }));
  const found = model?.projections.find(({ name }) => name === "OrderSummary");
  if (found === undefined) throw new Error("the model is not sound");
  return projectionHash(found);
};

/** What the generated code of the second model is. */
const secondSummary = async (): Promise<typeof orderSummary> => ({
  ...orderSummary,
  version: 2,
  fingerprint: await fingerprintOf(second),
  subscription: {
    ...orderSummary.subscription,
    name: "order-summary-v2",
    deadLetterTopic: "persistent://shop/sales/orders-order-summary-v2-dlq",
  },
  on: {
    ...orderSummary.on,
    OrderPlaced: (event) => ({
      key: { orderId: event.aggregateId },
      set: { customerId: `v2 ${event.data.customerId}`, status: "placed", total: event.data.total },
    }),
  },
});

const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
};

let pool: pg.Pool;
const closing: { close(): Promise<unknown> }[] = [];
beforeAll(() => {
  pool = new pg.Pool({ connectionString: server.url });
});
afterAll(async () => {
  for (const one of closing.reverse()) await one.close();
  await pool.end();
});

it("builds a version beside the one that is read, and switches to it and back under traffic", async () => {
  const work = workspace();
  const env = { PULSAR_ADMIN_URL: broker.adminUrl, DATABASE_URL: server.url };
  // Beside the traffic, and not in its place.
  const evgen = async (...args: readonly string[]) => {
    const child = work.start(args, { env });
    const done = { stdout: "", stderr: "" };
    child.stdout?.on("data", (data) => {
      done.stdout += data;
    });
    child.stderr?.on("data", (data) => {
      done.stderr += data;
    });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, ...done };
  };
  const projections = (...args: readonly string[]) => evgen("projections", ...args);
  const client = createWebSocketClient({ serviceUrl: broker.webSocketUrl, adminUrl: broker.adminUrl });
  closing.push(client);
  const store = createPostgresStore(pool);
  const run = async (definition: typeof orderSummary): Promise<Consumer> => {
    const consumer = await runProjection<OrderSummaryKey, OrderSummary, OrderEvent>(client, store, definition);
    closing.push(consumer);
    return consumer;
  };

  work.write("model.yaml", first);
  expect(await evgen("apply", "--drafts")).toMatchObject({ code: 0 });
  const old = await run(orderSummary);

  // Traffic, and readers all the while.
  const orders = await createOrderProducer(client);
  closing.push(orders);
  let [sent, stopped] = [0, false];
  const traffic = (async () => {
    for (; !stopped; sent++) {
      const id = uuid(`0190b5a0-0000-7000-8000-${String(sent).padStart(12, "0")}`);
      const total = { amount: "1.00", currency: "EUR" } as const;
      await orders.orderPlaced(id, { customerId: "c", channel: "web", total, items: [] });
    }
  })();
  const seen = new Set<string>();
  const readers = (async () => {
    for (let most = 0; !stopped; ) {
      const { rows } = await pool.query<{ customer_id: string; count: string }>(
        "select customer_id, count(*)::text as count from order_summary group by 1",
      );
      expect(rows.length, "rows of two versions at once").toBeLessThan(2);
      for (const { customer_id, count } of rows) {
        seen.add(customer_id);
        // Copies are not equally far, but none is far behind.
        expect(Number(count)).toBeGreaterThan(most / 2);
        most = Math.max(most, Number(count));
      }
    }
  })();
  const failed = Promise.all([traffic, readers]).then(
    () => undefined,
    (error) => error,
  );

  await until(() => seen.has("c") && sent > 200);
  expect((await projections("status")).stdout).toMatch(
    /OrderSummary, version 1, in postgres\n {2}live {2}order_summary_v1 {2}as the model says {2}order-summary: \d+ behind, 1 reader\n/,
  );
  expect(await projections("rebuild", "OrderSummary")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("order_summary_v1 is live, and what is read is not built anew in its place."),
  });

  work.write("model.yaml", second.replace("    version: 2\n", ""));
  expect((await projections("status", "OrderSummary")).stdout).toContain(
    "→ It has changed since order_summary_v1 was begun: give it `version: 2` in the model",
  );
  work.write("model.yaml", second);
  expect(await projections("rebuild", "OrderSummary")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("There is no subscription order-summary-v2"),
  });
  expect(await evgen("apply", "--drafts")).toMatchObject({ code: 0 });
  expect(await projections("promote", "OrderSummary")).toMatchObject({
    code: 1,
    stderr: "evgen: order_summary_v2 has not been begun: no process runs the new code.\n",
  });

  // One that waits is killed; the next goes on where things are.
  const killed = work.start(["projections", "rebuild", "OrderSummary", "--promote"], { env });
  let said = "";
  killed.stderr?.on("data", (data) => {
    said += data;
  });
  await until(() => said.includes("no consumer is connected"));
  killed.kill("SIGKILL");

  const summary = await secondSummary();
  const begun = await run(summary);
  await until(
    async () => Number((await pool.query("select count(*)::text as n from order_summary_v2")).rows[0].n) > 50,
  );
  await begun.close();
  const waiting = work.start(["projections", "rebuild", "OrderSummary"], { env });
  const ended = new Promise((resolve) => waiting.once("close", resolve));
  await run(summary);
  expect(await ended).toBe(0);

  // New orders come all the time, so that it is never without any backlog.
  expect(await projections("promote", "OrderSummary", "--lagging")).toMatchObject({
    code: 0,
    stdout: "order_summary_v2 is live: who reads order_summary sees its rows. order_summary_v1 is kept.\n",
  });
  await until(() => seen.has("v2 c"));
  expect(await projections("rollback", "OrderSummary", "--lagging")).toMatchObject({ code: 0 });
  seen.clear();
  await until(() => seen.has("c"));
  expect(await projections("promote", "OrderSummary", "--lagging")).toMatchObject({ code: 0 });
  await until(() => seen.has("v2 c"));

  stopped = true;
  expect(await failed).toBeUndefined();
  await old.whenCaughtUp();
  expect(await projections("drop", "OrderSummary", "order_summary_v1")).toMatchObject({
    code: 1,
    stderr: "evgen: order_summary_v1 is being written: order-summary has consumers. Stop them first.\n",
  });
  await old.close();
  expect((await projections("drop", "OrderSummary", "order_summary_v2")).stderr).toContain("order_summary_v2 is live");
  const dropped = await projections("drop", "OrderSummary", "order_summary_v1");
  expect(dropped).toMatchObject({ code: 0, stdout: expect.stringContaining("order_summary_v1 is removed.\n") });
  const command = /evgen (apply .*)\n/.exec(dropped.stdout)?.[1] ?? "";
  expect(command).toBe("apply --allow delete-subscription:orders/order-summary");
  expect(await evgen(...command.split(" "), "--drafts")).toMatchObject({ code: 0 });

  const { copies } = expectValid((await projections("status", "OrderSummary", "--json")).stdout);
  expect(copies).toEqual([
    {
      ...{ target: "order_summary_v2", live: true, current: true, subscription: "order-summary-v2" },
      lag: { behind: 0, consumers: 1 },
    },
  ]);
  const { rows } = await pool.query<OrderSummary & { n: string }>("select count(*)::text as n from order_summary");
  expect(Number(rows[0]?.n)).toBe(sent);
});

const expectValid = (text: string) => {
  const result = JSON.parse(text) as { readonly projections: readonly { readonly copies: readonly object[] }[] };
  expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
  return result.projections[0] as { readonly copies: readonly object[] };
};

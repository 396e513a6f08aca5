import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { useBroker, usePython } from "./broker.js";
import { execute, useExample } from "./example.js";

const broker = useBroker();
const python = usePython();
const example = useExample();
/** A tenant of this run: a broker that is already there may have been used before. */
const tenant = `shop-${process.pid}`;
const inTenant = ["tenant: shop", `tenant: ${tenant}`] as const;
// Each call of pulsar-admin starts a JVM, and there are some for each partition.
const fewPartitions = ["partitions: 4", "partitions: 2"] as const;
const topicUrl = `persistent://${tenant}/sales/orders`;
let generated = "";
beforeAll(async () => {
  generated = await example.build(inTenant, fewPartitions);
});

const script = (name: string, ...options: readonly string[]) => execute(join(generated, name), options, broker.env);
const policies = () => broker.rest("GET", `namespaces/${tenant}/sales`) as Promise<Record<string, unknown>>;
const schemaOf = (topic: string) => broker.rest("GET", `schemas/${tenant}/sales/${topic}/schema`) as Promise<Schema>;
interface Schema {
  readonly version: number;
  readonly type: string;
  readonly data: string;
}
const evgen = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const everythingElse = `
  publishRate: { messages: 5000 }
  dispatchRate: { messages: 20000, size: 50M }
  persistence: { ensemble: 1, writeQuorum: 1, ackQuorum: 1 }
  offload: { size: 20G, after: 7d }
  limits:
    producersPerTopic: 50
    consumersPerTopic: 51
    consumersPerSubscription: 52
    subscriptionsPerTopic: 53
    unackedPerConsumer: 54
    unackedPerSubscription: 55`;
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(generated, name), "utf8"));

describe("the generated scripts", () => {
  it("are such that shellcheck has nothing to say", async () => {
    const scripts = ["schemas/register.sh", "pulsar-admin/provision.sh", "pulsar-admin/replay.sh"];
    const done = await execute(
      "shellcheck",
      scripts.map((name) => join(generated, name)),
      {},
    );
    expect(done).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});

// One after the other, on one broker: each finds what the one before has left.
describe("provision.sh", { timeout: 900_000 }, () => {
  it("says what it would do, and does nothing", async () => {
    const done = await script("pulsar-admin/provision.sh", "--dry-run");
    expect(done.stderr).toBe("");
    expect(done.stdout).toContain(`tenant ${tenant}: to be created`);
    expect(await broker.rest("GET", "tenants")).not.toContain(tenant);
  });

  it("brings an empty broker to what the model says", async () => {
    const done = await script("pulsar-admin/provision.sh");
    expect(done.stderr).toBe("");
    expect(done.stdout).toMatch(/done: 29 made\n$/);
  });

  /** What evgen itself finds to do, where it finds the broker as a script has left it. */
  const plan = (folder: string) =>
    execute(
      process.execPath,
      [evgen, "plan", join(folder, "..", "model.yaml"), "--check", "--admin-url", broker.adminUrl],
      {},
    );

  it("leaves nothing to do for evgen apply", async () => {
    expect(await plan(generated)).toMatchObject({
      status: 0,
      stderr: "",
      stdout: expect.stringContaining("Nothing to do: "),
    });
  });

  it("has set every policy", async () => {
    expect(await policies()).toMatchObject({
      inactive_topic_policies: { deleteWhileInactive: false },
      retention_policies: { retentionTimeInMinutes: -1, retentionSizeInMB: -1 },
      message_ttl_in_seconds: 0,
      subscription_expiration_time_minutes: 0,
      deduplicationEnabled: true,
      autoTopicCreationOverride: { allowAutoTopicCreation: false },
      schema_compatibility_strategy: "BACKWARD_TRANSITIVE",
      is_allow_auto_update_schema: false,
      schema_validation_enforced: true,
      backlog_quota_map: {},
    });
    const granted = (await broker.rest("GET", `namespaces/${tenant}/sales/permissions`)) as Record<string, string[]>;
    for (const actions of Object.values(granted)) actions.sort();
    expect(granted).toEqual({ "shop-orders": ["consume", "produce"], "shop-reporting": ["consume"] });
    // Whoever consumes may park.
    expect((await policies())["auth_policies"]).toMatchObject({
      destination_auth: Object.fromEntries(
        ["customer-spend", "order-summary", "warehouse"].map((name) => [
          `persistent://${tenant}/sales/orders-${name}-dlq`,
          { "shop-reporting": expect.arrayContaining(["consume", "produce"]) },
        ]),
      ),
    });
  });

  it("has created the topics, dead-letter topics and subscriptions, on every partition", async () => {
    expect(await broker.rest("GET", `persistent/${tenant}/sales/orders/partitions`)).toMatchObject({ partitions: 2 });
    for (const index of [0, 1]) {
      const names = (await broker.rest(
        "GET",
        `persistent/${tenant}/sales/orders-partition-${index}/subscriptions`,
      )) as string[];
      expect(names.sort()).toEqual(["customer-spend", "order-summary", "warehouse"]);
    }
    for (const name of ["customer-spend", "order-summary", "warehouse"]) {
      const path = `persistent/${tenant}/sales/orders-${name}-dlq`;
      expect(await broker.rest("GET", `${path}/partitions`)).toMatchObject({ partitions: 0 });
      expect(await broker.rest("GET", `${path}/subscriptions`)).toEqual(["evgen-dlq"]);
    }
  });

  it("has registered the envelope, byte for byte", async () => {
    const schema = await schemaOf("orders");
    expect(schema.type).toBe("AVRO");
    expect(JSON.parse(schema.data)).toEqual(readJson("schemas/orders.avsc"));
    expect(schema.data).toBe((readJson("schemas/orders.payload.json") as { schema: string }).schema);
  });

  it("changes nothing when it runs again", async () => {
    const before = await policies();
    const done = await script("pulsar-admin/provision.sh");
    expect(done.stderr).toBe("");
    expect(done.stdout).toContain("done: nothing had to be changed");
    expect(await policies()).toEqual(before);
    expect((await schemaOf("orders")).version).toBe(0);
  });

  it("mends what was changed by hand, and grows a topic when forced", async () => {
    await broker.rest("POST", `namespaces/${tenant}/sales/retention`, {
      retentionTimeInMinutes: 60,
      retentionSizeInMB: 10,
    });
    await broker.rest("DELETE", `namespaces/${tenant}/sales/permissions/shop-reporting`);
    await broker.rest("DELETE", `persistent/${tenant}/sales/orders-warehouse-dlq/permissions/shop-reporting`);
    await broker.rest("DELETE", `persistent/${tenant}/sales/orders-partition-1/subscription/warehouse`);
    const larger = await example.build(inTenant, ["partitions: 4", "partitions: 3"]);
    const done = await execute(join(larger, "pulsar-admin/provision.sh"), ["--force"], broker.env);
    expect(done.stderr).toBe("");
    expect(done.stdout).toContain("policy retention in minutes and MB: set to -1 -1 (was 60 10)");
    expect(done.stdout).toContain("permission shop-reporting: granted consume");
    expect(done.stdout).toContain("permission shop-reporting on orders-warehouse-dlq: granted produce,consume");
    expect(done.stdout).toContain("topic orders: grown from 2 to 3 partitions");
    expect(await policies()).toMatchObject({
      retention_policies: { retentionTimeInMinutes: -1, retentionSizeInMB: -1 },
      auth_policies: { namespace_auth: { "shop-reporting": ["consume"] } },
    });
    expect(await broker.rest("GET", `persistent/${tenant}/sales/orders/partitions`)).toMatchObject({ partitions: 3 });
    for (const index of [1, 2])
      expect(await broker.rest("GET", `persistent/${tenant}/sales/orders-partition-${index}/subscriptions`)).toContain(
        "warehouse",
      );
    // Without --force, and to fewer: test/targets/pulsar-admin/scripts.test.ts.
    expect(await plan(larger)).toMatchObject({ status: 0, stderr: "" });
  });

  it("takes other settings too, in the form in which the broker gives them back", async () => {
    const other = await example.build(
      [
        "tenant: shop",
        `tenant: ${tenant}\n  websocketProducers: true\n  backlogQuota: { size: 10G, time: 7d, policy: producer-exception }${everythingElse}`,
      ],
      ["namespace: sales", "namespace: limited"],
      fewPartitions,
      ["encoding: avro", "encoding: json"],
      ["retention: forever", "retention: { time: 30d, size: 50G }"],
      ["deduplication: true", "deduplication: false\n  compatibility: always-compatible"],
    );
    const provision = join(other, "pulsar-admin/provision.sh");
    const done = await execute(provision, [], broker.env);
    expect(done.stderr).toBe("");
    expect(await broker.rest("GET", `namespaces/${tenant}/limited`)).toMatchObject({
      retention_policies: { retentionTimeInMinutes: 43_200, retentionSizeInMB: 51_200 },
      backlog_quota_map: {
        destination_storage: { limitSize: 10 * 2 ** 30, policy: "producer_exception" },
        message_age: { limitTime: 604_800, policy: "producer_exception" },
      },
      deduplicationEnabled: false,
      schema_compatibility_strategy: "ALWAYS_COMPATIBLE",
      schema_validation_enforced: false,
    });
    const schema = (await broker.rest("GET", `schemas/${tenant}/limited/orders/schema`)) as Schema;
    expect(schema.type).toBe("JSON");
    const again = await execute(provision, [], broker.env);
    expect(again.stderr).toBe("");
    expect(again.stdout).toContain("done: nothing had to be changed");
    expect(await plan(other)).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("register.sh", { timeout: 900_000 }, () => {
  it("registers a schema that has grown as a new version, once", async () => {
    const grown = await example.build(
      inTenant,
      [
        "      OrderCancelled:\n        description:",
        "      OrderReturned:\n        versions: { 1: { fields: { reason: string } } }\n      OrderCancelled:\n        description:",
      ],
      [
        "OrderCancelled: { set: { status: cancelled } }",
        "OrderCancelled: { set: { status: cancelled } }\n      OrderReturned: ignore",
      ],
      ["OrderCancelled: ignore", "OrderCancelled: ignore\n      OrderReturned: ignore"],
    );
    const register = join(grown, "schemas/register.sh");
    const asked = await execute(register, ["--dry-run"], broker.env);
    expect(asked).toEqual({ status: 0, stdout: "schema of orders: to be registered after version 0\n", stderr: "" });
    expect(await execute(register, [], broker.env)).toEqual({
      status: 0,
      stdout: "schema of orders: registered, version 1\n",
      stderr: "",
    });
    expect(await execute(register, [], broker.env)).toEqual({
      status: 0,
      stdout: "schema of orders: exists\n",
      stderr: "",
    });
    expect((await schemaOf("orders")).version).toBe(1);
  });

  it("registers nothing that is not compatible, and says why on a few lines", async () => {
    const broken = await example.build(
      inTenant,
      ["fields: { carrier: string,", "fields: { carrier: int,"],
      ["carrier: DHL", "carrier: 1"],
    );
    const done = await execute(join(broken, "schemas/register.sh"), [], broker.env);
    expect(done.status).toBe(1);
    expect(done.stderr).toContain("register.sh: schema of orders: the broker will not take it after version 1:");
    expect(done.stderr).toContain("Error during schema compatibility check with strategy BACKWARD_TRANSITIVE");
    expect(done.stderr.split("\n").length).toBeLessThan(8);
    expect((await schemaOf("orders")).version).toBe(1);
  });
});

describe("replay.sh", { timeout: 900_000 }, () => {
  const lines = (text: string): readonly string[] =>
    text
      .trim()
      .split("\n")
      .filter((line) => line !== "");
  const consume = async (...options: readonly string[]) =>
    lines(await python.run("consume.py", broker.serviceUrl, topicUrl, "warehouse", ...options));
  let middle = "";

  it("has something to replay", async () => {
    const output = await python.run(
      "produce.py",
      broker.serviceUrl,
      topicUrl,
      join(generated, "schemas/orders.avsc"),
      "20",
    );
    middle = lines(output)[0] ?? "";
    expect(middle).toMatch(/^\d{4}-/);
    expect((await consume()).length).toBe(20);
    expect((await consume()).length).toBe(0);
  });

  it("only says where it would go in a dry run", async () => {
    const done = await script("pulsar-admin/replay.sh", "warehouse", "--since", "1h", "--dry-run");
    expect(done.stderr).toBe("");
    expect(lines(done.stdout)).toEqual([
      expect.stringMatching(/: orders-partition-0 to be reset to \d+:0$/),
      expect.stringMatching(/: orders-partition-1 to be reset to \d+:0$/),
      expect.stringMatching(/: orders-partition-2 to be reset to \d+:0$/),
    ]);
    expect((await consume()).length).toBe(0);
  });

  it("lets a subscription read everything again", async () => {
    const done = await script("pulsar-admin/replay.sh", "warehouse", "--earliest");
    expect(done.stderr).toBe("");
    expect(done.status).toBe(0);
    expect((await consume()).length).toBe(20);
  });

  it("lets it read from a time on, which is when messages were published", async () => {
    const done = await script("pulsar-admin/replay.sh", "warehouse", "--at", middle, "--topic", "orders");
    expect(done.stderr).toBe("");
    const again = await consume();
    expect(again.map(Number).sort((a, b) => a - b)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });

  it("moves no other subscription", async () => {
    const stats = (await broker.rest("GET", `persistent/${tenant}/sales/orders/partitioned-stats`)) as {
      readonly subscriptions: Record<string, { readonly msgBacklog: number }>;
    };
    expect(stats.subscriptions["order-summary"]?.msgBacklog).toBe(20);
    expect(stats.subscriptions["warehouse"]?.msgBacklog).toBe(0);
  });

  it("refuses while consumers are connected, and names them", async () => {
    const holding = python.start("consume.py", broker.serviceUrl, topicUrl, "warehouse", "--hold");
    await holding.line;
    const refused = await script("pulsar-admin/replay.sh", "warehouse", "--earliest");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("consumers are connected, so the reset may be lost");
    expect(refused.stderr).toContain('"packing \\"table\\" 1"');
    const forced = await script("pulsar-admin/replay.sh", "warehouse", "--earliest", "--disconnect");
    expect([0, 3]).toContain(forced.status);
    expect(forced.stdout).toContain("throwing out:");
    await holding.stop();
  });

  it("refuses what makes no sense", async () => {
    for (const options of [
      ["nobody", "--earliest"],
      ["warehouse"],
      ["warehouse", "--earliest", "--since", "2h"],
      ["warehouse", "--since", "2"],
      ["warehouse", "--at", "yesterday"],
      ["warehouse", "--at"],
      ["warehouse", "--earliest", "--topic", "other"],
      ["--earliest"],
      ["warehouse", "--latest"],
    ]) {
      const done = await script("pulsar-admin/replay.sh", ...options);
      expect([done.status, done.stdout], options.join(" ")).toEqual([2, ""]);
      expect(done.stderr).toMatch(/^replay\.sh: usage: /);
    }
  });
});

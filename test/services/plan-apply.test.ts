import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAdmin } from "../../src/pulsar/admin.js";
import { isAdminError } from "../../src/pulsar/admin-error.js";
import { type Workspace, workspace } from "../cli/evgen.js";
import { useBroker } from "./broker.js";

const broker = useBroker();
const root = fileURLToPath(new URL("../..", import.meta.url));
const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false }).compile(
  JSON.parse(readFileSync(join(root, "schemas/plan-output.schema.json"), "utf8")),
);

let count = 0;
/** A tenant that nobody has used before, also on a broker that is already there. */
const newTenant = () => `plan-${process.pid}-${++count}`;

interface Change {
  readonly action: string;
  readonly kind: string;
  readonly name: string;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly consent?: string;
  readonly problem?: string;
  readonly note?: string;
}
interface Plan {
  readonly changes: readonly Change[];
  readonly foreign: readonly { readonly kind: string; readonly name: string; readonly consent?: string }[];
  readonly unchanged: readonly { readonly kind: string; readonly name: string; readonly note?: string }[];
  readonly applied?: { readonly outcome: string };
}

/** A model in a folder of its own, and what evgen does with it. */
const use = (text: string, work: Workspace = workspace()) => {
  const env = { PULSAR_ADMIN_URL: broker.adminUrl };
  const write = (changed: string) => work.write("model.yaml", changed);
  write(text);
  const run = (...args: readonly string[]) => work.evgen(args, { env });
  return {
    work,
    write,
    run,
    apply: (...args: readonly string[]) => {
      const done = run("apply", ...args);
      expect(done, done.stdout + done.stderr).toMatchObject({ code: 0 });
      return done.stdout;
    },
    plan: (...args: readonly string[]): Plan => {
      const done = run("plan", "--json", ...args);
      expect(done, done.stderr).toMatchObject({ code: 0 });
      const made = JSON.parse(done.stdout) as Plan;
      expect(validate(made), JSON.stringify(validate.errors)).toBe(true);
      return made;
    },
    start: (...args: readonly string[]) => work.start(args, { env }),
  };
};

const example = (tenant: string, ...changes: readonly (readonly [from: string, to: string])[]): string => {
  let text = readFileSync(join(root, "model.example.yaml"), "utf8");
  for (const [from, to] of [["tenant: shop", `tenant: ${tenant}`] as const, ...changes]) {
    if (!text.includes(from)) throw new Error(`the example has no ${JSON.stringify(from)}`);
    text = text.replace(from, to);
  }
  return text;
};

/** Every policy that a model can state. */
const everyPolicy = `
  retention: { time: 30d, size: 50G }
  backlogQuota: { size: 10G, time: 7d, policy: producer-exception }
  publishRate: { messages: 5000, size: 10M }
  dispatchRate: { size: 50M }
  persistence: { ensemble: 1, writeQuorum: 1, ackQuorum: 1 }
  offload: { size: 20G, after: 7d }
  limits:
    producersPerTopic: 50
    consumersPerTopic: 51
    consumersPerSubscription: 52
    subscriptionsPerTopic: 53
    unackedPerConsumer: 54
    unackedPerSubscription: 55
  permissions:
    shop-orders: [produce, consume]
    shop-reporting: [consume]`;

const small = (tenant: string, pulsar: string, topics = "", event = "") => `evgen: 1
system: shop
pulsar:
  tenant: ${tenant}
  namespace: sales${pulsar}
aggregates:
  Order:
    key: { orderId: uuid }
    topic: { name: orders, partitions: 2 }
    events:
      OrderPlaced: { versions: { 1: { fields: { note: string } } } }${event}${topics}
consumers:
  Warehouse: { from: Order }
`;

describe("apply", () => {
  it("brings an empty broker to what the model says, after which there is nothing to do", async () => {
    const tenant = newTenant();
    const shop = use(example(tenant));
    const planned = shop.plan();
    expect(planned.foreign).toEqual([]);
    expect(shop.run("plan", "--check").code).toBe(1);
    const said = shop.apply();
    for (const { kind, name } of planned.changes)
      expect(said).toMatch(new RegExp(`^(?:created|changed) .*${kind === "policy" ? name : ""}`, "m"));
    expect(said.split("\n").filter((line) => /^(created|changed) /.test(line)).length).toBe(planned.changes.length);

    expect(shop.plan()).toMatchObject({ changes: [], foreign: [] });
    const check = shop.run("plan", "--check");
    expect(check).toMatchObject({ code: 0, stderr: "" });
    expect(check.stdout).toContain("Nothing to do: all 35 are as they should be.");
    expect(shop.apply()).not.toMatch(/^(created|changed) /m);

    expect(await broker.rest("GET", `namespaces/${tenant}/sales`)).toMatchObject({
      inactive_topic_policies: { deleteWhileInactive: false },
      retention_policies: { retentionTimeInMinutes: -1, retentionSizeInMB: -1 },
      compaction_threshold: 0,
      is_allow_auto_update_schema: false,
      properties: { "evgen.system": "shop" },
    });
    expect(await broker.rest("GET", `persistent/${tenant}/sales/orders/partitions`)).toMatchObject({
      partitions: 4,
      properties: { "evgen.system": "shop" },
    });
    expect(await broker.rest("GET", `persistent/${tenant}/sales/orders-warehouse-dlq/properties`)).toEqual({
      "evgen.system": "shop",
    });
  });

  it("takes every policy that a model can state", () => {
    const shop = use(small(newTenant(), everyPolicy));
    shop.apply();
    expect(shop.plan().changes).toEqual([]);
  });

  it("leaves what is not the model's as it was, and names it", async () => {
    const tenant = newTenant();
    const at = `${tenant}/sales`;
    await broker.rest("PUT", `tenants/${tenant}`, { adminRoles: ["boss"], allowedClusters: ["standalone"] });
    await broker.rest("PUT", `namespaces/${at}`, { replication_clusters: ["standalone"], properties: { team: "a" } });
    await broker.rest("PUT", `persistent/${at}/legacy/partitions`, 3);
    await broker.rest("PUT", `persistent/${at}/plain`, { team: "b" });
    await broker.rest("PUT", `persistent/${at}/legacy/subscription/reader`, "earliest");
    await broker.rest("PUT", `persistent/${at}/orders/partitions`, 2);
    await broker.rest("PUT", `persistent/${at}/orders/subscription/somebody`, "earliest");
    await broker.rest("POST", `namespaces/${at}/permissions/auditor`, ["consume"]);
    await broker.rest("POST", `persistent/${at}/plain/permissions/auditor`, ["produce"]);
    await broker.rest("POST", `namespaces/${at}/permissions/shop-orders`, ["functions"]);
    await broker.rest("POST", `namespaces/${at}/subscriptionDispatchRate`, {
      dispatchThrottlingRateInMsg: 7,
      dispatchThrottlingRateInByte: -1,
      relativeToPublishRate: false,
      ratePeriodInSecond: 1,
    });
    await broker.rest("POST", `schemas/${at}/legacy/schema`, { type: "STRING", schema: "", properties: {} });
    const theirs = async () => [
      await broker.rest("GET", `persistent/${at}/legacy/partitions`),
      await broker.rest("GET", `persistent/${at}/legacy/subscriptions`),
      await broker.rest("GET", `persistent/${at}/plain/properties`),
      await broker.rest("GET", `schemas/${at}/legacy/schema`),
      ((await broker.rest("GET", `namespaces/${at}/permissions`)) as Record<string, unknown>)["auditor"],
      await broker.rest("GET", `namespaces/${at}/subscriptionDispatchRate`),
      await broker
        .rest("GET", `persistent/${at}/orders-partition-1/subscriptions`)
        .then((all) => (all as string[]).filter((name) => name === "somebody")),
    ];
    const before = await theirs();

    const shop = use(small(tenant, "\n  permissions: { shop-orders: [produce] }"));
    const refused = shop.run("apply");
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain(`! owner of namespace ${at}: not set → shop`);
    expect(refused.stdout).toContain("2 topics in it are not the model's");
    expect(await broker.rest("GET", `namespaces/${at}/properties`)).toEqual({ team: "a" });

    shop.apply("--allow", `adopt:${at}`);
    expect(await theirs()).toEqual(before);
    const after = shop.plan();
    expect(after.changes).toEqual([]);
    expect(after.foreign).toMatchObject([
      { kind: "admin role", name: "boss" },
      { kind: "policy", name: "subscriptionDispatchRate" },
      { kind: "topic", name: "legacy", value: { partitions: 3 } },
      { kind: "topic", name: "plain", value: { partitions: 0 } },
      { kind: "subscription", name: "somebody on orders", consent: "delete-subscription:orders/somebody" },
      { kind: "permission", name: "auditor", value: ["consume", "produce"], consent: "revoke:auditor" },
    ]);
    expect(await broker.rest("GET", `namespaces/${at}/permissions`)).toMatchObject({
      "shop-orders": expect.arrayContaining(["functions", "produce"]),
    });

    // Removed only what is named, and nothing that is not ours to remove.
    expect(shop.run("apply", "--allow", "delete-topic:plain")).toMatchObject({ code: 1 });
    shop.apply("--allow", "delete-subscription:orders/somebody", "revoke:auditor");
    expect(shop.plan().foreign.map((one) => one.name)).toEqual(["boss", "subscriptionDispatchRate", "legacy", "plain"]);
    expect(await broker.rest("GET", `persistent/${at}/plain/permissions`)).not.toHaveProperty("auditor");
  });
});

describe("drift", () => {
  const rate = { dispatchThrottlingRateInMsg: 1, relativeToPublishRate: false, ratePeriodInSecond: 1 };
  const quota = { limitSize: 1000, policy: "consumer_backlog_eviction" };
  const byHand: readonly (readonly [policy: string, method: string, path: string, body?: unknown])[] = [
    ["inactive topics deleted", "DELETE", "inactiveTopicPolicies"],
    ["retention", "POST", "retention", { retentionTimeInMinutes: 20_000, retentionSizeInMB: 20_000 }],
    ["message TTL in seconds", "POST", "messageTTL", 60],
    ["subscription expiry in minutes", "POST", "subscriptionExpirationTime", 5],
    ["compaction threshold", "PUT", "compactionThreshold", 1000],
    ["deduplication", "POST", "deduplication", false],
    [
      "auto topic creation",
      "POST",
      "autoTopicCreation",
      { allowAutoTopicCreation: true, topicType: "non-partitioned" },
    ],
    ["schema compatibility", "PUT", "schemaCompatibilityStrategy", "ALWAYS_COMPATIBLE"],
    ["schemas updated by clients", "POST", "isAllowAutoUpdateSchema", true],
    ["schema validation enforced", "POST", "schemaValidationEnforced", false],
    ["backlog quota destination_storage", "POST", "backlogQuota?backlogQuotaType=destination_storage", quota],
    ["backlog quota message_age", "DELETE", "backlogQuota?backlogQuotaType=message_age"],
    ["publish rate", "DELETE", "publishRate"],
    ["dispatch rate", "POST", "dispatchRate", { ...rate, dispatchThrottlingRateInByte: 5 }],
    ["persistence", "DELETE", "persistence"],
    ["offload threshold in bytes", "PUT", "offloadThreshold", 5],
    ["offload threshold in seconds", "PUT", "offloadThresholdInSeconds", 5],
    ["limit producersPerTopic", "POST", "maxProducersPerTopic", 1],
    ["limit consumersPerTopic", "DELETE", "maxConsumersPerTopic"],
    ["limit consumersPerSubscription", "POST", "maxConsumersPerSubscription", 1],
    ["limit subscriptionsPerTopic", "DELETE", "maxSubscriptionsPerTopic"],
    ["limit unackedPerConsumer", "POST", "maxUnackedMessagesPerConsumer", 1],
    ["limit unackedPerSubscription", "DELETE", "maxUnackedMessagesPerSubscription"],
  ];

  it("of every policy is found, and mended", async () => {
    const tenant = newTenant();
    const shop = use(small(tenant, everyPolicy));
    shop.apply();
    const stated = shop
      .plan()
      .unchanged.filter((one) => one.kind === "policy")
      .map((one) => one.name);
    expect(byHand.map(([policy]) => policy).sort()).toEqual([...stated].sort());
    const before = await broker.rest("GET", `namespaces/${tenant}/sales`);
    for (const [policy, method, path, body] of byHand) {
      await broker.rest(method, `namespaces/${tenant}/sales/${path}`, body);
      expect(
        shop.plan().changes.map((one) => one.name),
        policy,
      ).toEqual([policy]);
      expect(shop.apply("--quiet"), policy).toContain(`changed policy ${policy}: `);
    }
    expect(await broker.rest("GET", `namespaces/${tenant}/sales`)).toEqual(before);
  });

  it("of everything else is found, and mended", async () => {
    const tenant = newTenant();
    const at = `${tenant}/sales`;
    const shop = use(small(tenant, "\n  adminRoles: [ops]\n  permissions: { shop-orders: [produce] }"));
    shop.apply();
    await broker.rest("POST", `tenants/${tenant}`, { adminRoles: [], allowedClusters: ["standalone"] });
    await broker.rest("DELETE", `persistent/${at}/orders-partition-1/subscription/warehouse`);
    await broker.rest("DELETE", `namespaces/${at}/permissions/shop-orders`);
    await broker.rest("DELETE", `persistent/${at}/orders-warehouse-dlq?force=true`);
    await broker.rest("DELETE", `namespaces/${at}/properties`);
    await broker.rest("DELETE", `persistent/${at}/orders/properties?key=evgen.system`);
    await broker.rest("DELETE", `schemas/${at}/orders/schema`);
    const { changes } = shop.plan();
    expect(changes).toMatchObject([
      { action: "change", kind: "tenant", from: { adminRoles: [] }, to: { adminRoles: ["ops"] } },
      { action: "change", kind: "owner", name: `namespace ${at}`, to: "shop" },
      { action: "create", kind: "topic", name: "orders-warehouse-dlq" },
      { action: "change", kind: "owner", name: "topic orders", to: "shop" },
      { action: "create", kind: "schema", name: "orders" },
      {
        action: "create",
        kind: "subscription",
        name: "warehouse on orders",
        note: "Only on partition 1: it is there on the others. It reads these from the start.",
      },
      { action: "create", kind: "subscription", name: "evgen-dlq on orders-warehouse-dlq" },
      { action: "create", kind: "permission", name: "shop-orders", to: ["produce"] },
    ]);
    shop.apply();
    expect(shop.plan().changes).toEqual([]);
    expect(await broker.rest("GET", `persistent/${at}/orders-partition-1/subscriptions`)).toEqual(["warehouse"]);
  });

  it("of a topic of another model's, or a namespace, needs a consent", async () => {
    const tenant = newTenant();
    const at = `${tenant}/sales`;
    use(small(tenant, "")).apply();
    const other = use(small(tenant, "").replace("system: shop", "system: billing"));
    const { changes } = other.plan();
    expect(changes.map((one) => one.consent).sort()).toEqual([
      "take-over:orders",
      "take-over:orders-warehouse-dlq",
      `take-over:${at}`,
    ]);
    expect(other.run("apply").code).toBe(1);
    expect(other.run("apply", "--allow", "take-over:orders").code).toBe(1);
    other.apply("--allow", ...changes.map((one) => one.consent ?? ""));
    expect(other.plan().changes).toEqual([]);
  });
});

describe("a change of the model", () => {
  const changes: readonly (readonly [what: string, change: (text: string) => string, expected: readonly object[]])[] = [
    ["a description", (text) => text.replace("system: shop", "system: shop\ndescription: Of a shop."), []],
    [
      "a new event",
      (text) =>
        text
          .replace("consumers:", "consumers:")
          .replace(/( {6})(OrderPlaced.*)/, "$1$2\n$1OrderPaid: { versions: { 1: { fields: { by: string } } } }"),
      [{ action: "change", kind: "schema", name: "orders", from: { type: "AVRO", version: 0 } }],
    ],
    [
      "a new topic with a reader",
      (text) =>
        text.replace(
          "consumers:",
          "  Payment:\n    key: { paymentId: uuid }\n    topic: payments\n    events: { Paid: { versions: { 1: { fields: { by: string } } } } }\nconsumers:\n  Books: { from: Payment, position: latest }",
        ),
      [
        { action: "create", kind: "topic", name: "payments", to: { partitions: 4 } },
        { action: "create", kind: "topic", name: "payments-books-dlq", to: { partitions: 0 } },
        { action: "create", kind: "schema", name: "payments" },
        { action: "create", kind: "subscription", name: "books on payments", to: { position: "latest" } },
        { action: "create", kind: "subscription", name: "evgen-dlq on payments-books-dlq" },
      ],
    ],
    [
      "less retention",
      (text) => text.replace("namespace: sales", "namespace: sales\n  retention: { time: 30d }"),
      [{ action: "change", kind: "policy", name: "retention", consent: expect.stringMatching(/^shrink-retention:/) }],
    ],
    [
      "WebSocket producers",
      (text) => text.replace("namespace: sales", "namespace: sales\n  websocketProducers: true"),
      [{ action: "change", kind: "policy", name: "schema validation enforced", from: true, to: false }],
    ],
    [
      "more partitions",
      (text) => text.replace("partitions: 2", "partitions: 5"),
      [
        {
          action: "change",
          kind: "topic",
          name: "orders",
          from: { partitions: 2 },
          to: { partitions: 5 },
          consent: "grow-partitions:orders",
          problem: expect.stringMatching(/^It moves keys .* To do it: --allow grow-partitions:orders$/),
        },
      ],
    ],
    [
      "fewer partitions",
      (text) => text.replace("partitions: 2", "partitions: 1"),
      [{ kind: "topic", name: "orders", problem: "Pulsar cannot take partitions away." }],
    ],
    [
      "no partitions",
      (text) => text.replace("partitions: 2", "partitions: 0"),
      [
        {
          kind: "topic",
          name: "orders",
          problem: "Pulsar cannot turn a topic with partitions into one without, or back.",
        },
      ],
    ],
    [
      "another encoding",
      (text) => text.replace("namespace: sales", "namespace: sales\n  encoding: json"),
      [
        {
          kind: "schema",
          name: "orders",
          problem: expect.stringContaining("The broker does not take it after version 0: "),
        },
      ],
    ],
    [
      "a released version edited",
      (text) => text.replace("{ note: string }", "{ note: int }"),
      [{ kind: "schema", name: "orders", problem: expect.stringContaining("with strategy BACKWARD_TRANSITIVE") }],
    ],
    ["a consumer gone", (text) => text.slice(0, text.indexOf("consumers:")), []],
  ];

  it("leads to the plan that it should", { timeout: 600_000 }, () => {
    const tenant = newTenant();
    const shop = use(small(tenant, ""));
    shop.apply();
    const text = small(tenant, "");
    for (const [what, change, expected] of changes) {
      expect(change(text), what).not.toBe(text);
      shop.write(change(text));
      const made = shop.plan();
      expect(made.changes, what).toMatchObject(expected);
      expect(made.changes.length, what).toBe(expected.length);
    }
    shop.write(text.slice(0, text.indexOf("consumers:")));
    expect(shop.plan().foreign).toMatchObject([
      { kind: "topic", name: "orders-warehouse-dlq", owner: "shop", consent: "delete-topic:orders-warehouse-dlq" },
      { kind: "subscription", name: "warehouse on orders", consent: "delete-subscription:orders/warehouse" },
    ]);
    shop.apply("--allow", "delete-topic:orders-warehouse-dlq", "delete-subscription:orders/warehouse");
    expect(shop.plan()).toMatchObject({ changes: [], foreign: [] });
  });

  it("is applied: partitions grow with their subscriptions, schemas get versions", async () => {
    const tenant = newTenant();
    const shop = use(small(tenant, ""));
    shop.apply();
    const event = "\n      OrderPaid: { versions: { 1: { fields: { by: string } } } }";
    shop.write(small(tenant, "", "", event).replace("partitions: 2", "partitions: 3"));
    expect(shop.run("apply")).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing was changed") });
    shop.apply("--allow", "grow-partitions:orders");
    expect(shop.plan().changes).toEqual([]);
    expect(await broker.rest("GET", `persistent/${tenant}/sales/orders-partition-2/subscriptions`)).toEqual([
      "warehouse",
    ]);
    expect(await broker.rest("GET", `schemas/${tenant}/sales/orders/schema`)).toMatchObject({ version: 1 });

    // The model of before: the newer schema is somebody's, and stays.
    shop.write(small(tenant, "").replace("partitions: 2", "partitions: 3"));
    const back = shop.plan();
    expect(back.changes).toEqual([]);
    expect(back.unchanged).toContainEqual({
      kind: "schema",
      name: "orders",
      note: "It is version 0; somebody has registered version 1 after it.",
    });
  });

  it("of the retention makes quotas way that are not below it", async () => {
    const tenant = newTenant();
    const of = (size: string, quota: string) =>
      small(tenant, `\n  retention: { size: ${size} }\n  backlogQuota: { size: ${quota}, policy: producer-exception }`);
    const shop = use(of("50G", "40G"));
    shop.apply();
    shop.write(of("20G", "10G"));
    shop.apply("--allow", `shrink-retention:${tenant}/sales`);
    expect(shop.plan().changes).toEqual([]);
    shop.write(of("50G", "40G"));
    shop.apply();
    expect(shop.plan().changes).toEqual([]);
  });
});

describe("environments", () => {
  it("have their own tenant and partitions, and take what is released", async () => {
    const tenant = newTenant();
    const dev = `${tenant}-dev`;
    const environments = `environments:
  dev: { adminUrl: "${broker.adminUrl}", tenant: ${dev}, partitions: 1, drafts: true }
  prod: { adminUrl: "${broker.adminUrl}", retention: { time: 30d } }
`;
    const draft = "\n      OrderPaid: { versions: { 1: { fields: { by: string } } } }";
    const shop = use(small(tenant, "") + environments);
    expect(shop.run("plan")).toMatchObject({ code: 2, stderr: expect.stringContaining("--env dev, --env prod") });
    expect(shop.run("plan", "--env", "prod")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("provision-unreleased"),
    });
    expect(shop.run("release").code).toBe(0);
    shop.write(small(tenant, "", "", draft) + environments);
    const prod = shop.run("apply", "--env", "prod");
    expect(prod).toMatchObject({ code: 0 });
    expect(prod.stdout).toContain("Drafts, and not provisioned here:\n  OrderPaidV1\n");
    shop.apply("--env", "dev");
    expect(shop.plan("--env", "dev").changes).toEqual([]);
    expect(shop.plan("--env", "prod").changes).toEqual([]);
    const definition = async (at: string) =>
      ((await broker.rest("GET", `schemas/${at}/sales/orders/schema`)) as { readonly data: string }).data;
    expect(await definition(tenant)).not.toContain("OrderPaidV1");
    expect(await definition(dev)).toContain("OrderPaidV1");
    // The code that is generated presents this one, wherever it is sent to.
    expect(await definition(dev)).toContain(`"namespace":"${tenant.replaceAll("-", "_")}.sales"`);
    expect(await broker.rest("GET", `persistent/${dev}/sales/orders/partitions`)).toMatchObject({ partitions: 1 });

    shop.write(small(tenant, "").replace("{ note: string }", "{ note: string, more: string }") + environments);
    expect(shop.run("plan", "--env", "prod")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("OrderPlacedV1 was released, and is no longer what it was."),
    });
  });
});

describe("what goes wrong", () => {
  it("a broker that refuses is quoted", () => {
    const shop = use(small(newTenant(), "\n  clusters: [nowhere]"));
    const done = shop.run("apply");
    expect(done.code).toBe(3);
    expect(done.stderr).toMatch(
      /^evgen: tenant plan-\S+: PUT http:\S+: the broker says 412: Clusters do not exist\.$/m,
    );
    expect(done.stderr).toContain("0 done, and they stay; run evgen apply again to go on from there.");
  });

  it("a refusal of every kind is one readable line", async () => {
    const tenant = newTenant();
    use(small(tenant, "")).apply();
    const admin = createAdmin({ url: broker.adminUrl, attempts: 1 });
    onTestFinished(admin.close);
    const [at, schemas] = [`persistent/${tenant}/sales/orders`, `schemas/${tenant}/sales/orders/schema`];
    const avro = (name: string, type = "AVRO") => ({
      body: {
        type,
        schema: JSON.stringify({ type: "record", name, fields: [{ name: "a", type: "int" }] }),
        properties: {},
      },
    });
    const roles = { adminRoles: [], allowedClusters: ["standalone"] };
    for (const [status, says, method, path, options] of [
      [404, "Tenant does not exist", "GET", "tenants/nobody-has-this", {}],
      [409, "Tenant already exist", "PUT", `tenants/${tenant}`, { body: roles }],
      [412, "Clusters do not exist", "PUT", "tenants/new-one", { body: { ...roles, allowedClusters: ["nowhere"] } }],
      [
        422,
        "Desired partitions 1 can't be less than the current partitions 2.",
        "POST",
        `${at}/partitions`,
        { body: 1 },
      ],
      [
        405,
        "Reset-cursor at position is not allowed for partitioned-topic.",
        "POST",
        `${at}/subscription/warehouse/resetcursor`,
        { body: { ledgerId: 1, entryId: 1 } },
      ],
      [
        400,
        "Cannot deserialize value",
        "PUT",
        `namespaces/${tenant}/sales/schemaCompatibilityStrategy`,
        { body: { no: "text" } },
      ],
      // These come as pages of HTML, or with a stack.
      [409, "schema compatibility check with strategy BACKWARD_TRANSITIVE", "POST", schemas, avro("Other")],
      [422, "Invalid schema definition data for AVRO schema.", "POST", schemas, avro("or-ders")],
      [500, "No enum constant", "POST", schemas, avro("Other", "NONSENSE")],
    ] as const) {
      const thrown: unknown = await admin.call(method, path, options).catch((error: unknown) => error);
      const message = isAdminError(thrown) ? thrown.message : `${thrown}`;
      expect(message).toContain(`${method} ${broker.adminUrl}/admin/v2/${path}: the broker says ${status}`);
      expect(message).toContain(says);
      expect(message).not.toMatch(/<\/|\n|\bat org\.|Stacktrace/);
    }
  });

  it("a broker that is not there is 3, an unknown consent 2", () => {
    const shop = use(small(newTenant(), ""));
    const gone = shop.run("plan", "--admin-url", "http://127.0.0.1:1");
    expect(gone).toMatchObject({ code: 3, stdout: "", stderr: expect.stringContaining("nothing listens there") });
    expect(shop.run("apply", "--allow", "everything")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--allow everything allows nothing."),
    });
  });

  const many = (tenant: string) =>
    small(
      tenant,
      everyPolicy,
      Array.from(
        { length: 25 },
        (_, i) =>
          `\n  Thing${i}:\n    key: { thingId: uuid }\n    topic: { name: thing-${i}, partitions: 2 }\n    events: { Made${i}: { versions: { 1: { fields: { note: string } } } } }`,
      ).join(""),
    ).replace("from: Order", `from: [Order${Array.from({ length: 25 }, (_, i) => `, Thing${i}`).join("")}]`);

  it("two at once do no harm", async () => {
    const shop = use(many(newTenant()));
    const runs = await Promise.all(
      [1, 2, 3].map(async () => {
        const child = shop.start("apply");
        const said: string[] = [];
        child.stdout?.on("data", (data) => said.push(`${data}`));
        child.stderr?.on("data", (data) => said.push(`${data}`));
        return { code: await new Promise((resolve) => child.once("close", resolve)), said: said.join("") };
      }),
    );
    for (const { code, said } of runs) expect(code, said).toBe(0);
    expect(shop.plan().changes).toEqual([]);
  });

  it("killed in the middle, what was done stays, and the next apply goes on", async () => {
    const shop = use(many(newTenant()));
    const child = shop.start("apply");
    const closed = new Promise((resolve) => child.once("close", resolve));
    await new Promise<void>((resolve) =>
      child.stdout?.on("data", (data) => {
        if (`${data}`.includes("created topic thing-")) resolve();
      }),
    );
    child.kill("SIGKILL");
    await closed;
    const left = shop.plan().changes;
    expect(left.length).toBeGreaterThan(0);
    expect(left.some(({ kind }) => kind === "namespace")).toBe(false);
    shop.apply();
    expect(shop.plan().changes).toEqual([]);
  });

  // Last, since it is the broker that is killed.
  it.skipIf(process.env["PULSAR_ADMIN_URL"] !== undefined)(
    "a broker killed in the middle: what was done stays, and the next apply goes on",
    async () => {
      const shop = use(many(newTenant()));
      const child = shop.start("apply");
      const said: string[] = [];
      const began = new Promise<void>((resolve) =>
        child.stdout?.on("data", (data) => {
          said.push(`${data}`);
          if (said.join("").includes("created topic thing-3")) resolve();
        }),
      );
      const complained: string[] = [];
      child.stderr?.on("data", (data) => complained.push(`${data}`));
      const closed = new Promise((resolve) => child.once("close", resolve));
      await began;
      await broker.kill();
      expect(await closed, [...said, ...complained].join("")).toBe(3);
      expect(complained.join("")).toMatch(/nothing listens there|the connection was cut/);
      await broker.start();
      shop.apply();
      expect(shop.plan().changes).toEqual([]);
    },
  );
});

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import type { Model } from "../../../src/model/model.js";
import { pulsarAdmin } from "../../../src/targets/pulsar-admin/index.js";
import { schemas } from "../../../src/targets/schemas/index.js";
import { startFakeBroker } from "./fake-broker.js";
import { shop } from "./shop.js";

const work = mkdtempSync(join(tmpdir(), "evgen it's a 'test' $(touch planted)-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const fake = fileURLToPath(new URL("fake-pulsar-admin.sh", import.meta.url));

/** What both targets make of a model, written into a folder of its own, with a fake broker of its own. */
const written = async (model: Model) => {
  const folder = mkdtempSync(join(work, "model-"));
  for (const target of [schemas, pulsarAdmin]) {
    for (const file of await target.generate(model, { fragments: new Map() })) {
      const path = join(folder, file.path);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, file.content);
      if (file.executable === true) chmodSync(path, 0o755);
    }
  }
  const elsewhere = mkdtempSync(join(folder, "else where "));
  const broker = await startFakeBroker();
  onTestFinished(() => broker.close());
  const run = async (script: string, options: readonly string[] = [], env: Readonly<Record<string, string>> = {}) => {
    const child = spawn(join(folder, script), options, {
      cwd: elsewhere,
      env: { ...process.env, PULSAR_ADMIN: fake, FAKE_PORT: `${broker.port}`, ...env },
    });
    const [stdout, stderr] = [child.stdout, child.stderr].map(async (stream) => {
      const parts: Buffer[] = [];
      for await (const part of stream) parts.push(part as Buffer);
      return Buffer.concat(parts).toString();
    });
    const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { status, stdout: (await stdout) ?? "", stderr: (await stderr) ?? "" };
  };
  const changes = () =>
    broker.calls.filter(([, command]) => /^(create|set|update|grant|upload|remove|reset)/.test(command ?? ""));
  return { folder, elsewhere, run, changes, calls: broker.calls, state: broker.state };
};

const hasShellcheck = spawnSync("shellcheck", ["--version"]).status === 0;
const variants: Readonly<Record<string, Model>> = {
  plain: shop({ description: "Orders of a small web shop." }),
  "with everything set": shop({
    pulsar: {
      encoding: "json",
      retention: { minutes: 43_200, mebibytes: -1 },
      backlogQuota: { bytes: 10 * 2 ** 30, seconds: 86_400, policy: "producer_exception" },
      publishRate: { messages: 5000 },
      dispatchRate: { bytes: 2 ** 20 },
      persistence: { ensemble: 3, writeQuorum: 3, ackQuorum: 2 },
      offload: { bytes: 2 ** 30 },
      limits: { producersPerTopic: 50, unackedPerConsumer: 10 },
      websocketProducers: true,
      deduplication: false,
      permissions: [],
      adminRoles: ["a", "it's"],
      clusters: ["east", "west"],
    },
  }),
  empty: shop({ model: { topics: [], aggregates: [], consumers: [] } }),
};

describe("provision.sh", () => {
  it("provisions in the order that keeps topics alive, and changes nothing when run again", async () => {
    const { run, calls, changes } = await written(shop());
    const first = await run("pulsar-admin/provision.sh");
    expect(first.stderr).toBe("");
    expect(first.status).toBe(0);
    const order = changes().map(([group, command]) => `${group} ${command}`);
    expect(order).toEqual([
      "tenants create",
      "namespaces create",
      "namespaces set-property",
      "namespaces set-inactive-topic-policies",
      "namespaces set-retention",
      "namespaces set-message-ttl",
      "namespaces set-subscription-expiration-time",
      "namespaces set-compaction-threshold",
      "namespaces set-deduplication",
      "namespaces set-auto-topic-creation",
      "namespaces set-schema-compatibility-strategy",
      "namespaces set-is-allow-auto-update-schema",
      "namespaces set-schema-validation-enforce",
      "topics create-partitioned-topic",
      "topics create",
      "schemas upload",
      "topics create-subscription",
      "topics create-subscription",
      "namespaces grant-permission",
    ]);
    const before = calls.length;
    const second = await run("pulsar-admin/provision.sh");
    expect(second.stderr).toBe("");
    expect(second.stdout).toContain("done: nothing had to be changed");
    expect(second.stdout).toContain("topic orders: exists, 4 partitions");
    const again = calls.slice(before);
    expect(
      again.some(([, command]) => /^(set|grant|remove|update)|^create(-partitioned-topic)?$/.test(command ?? "")),
    ).toBe(false);
  });

  it("lets who may only consume park and redrive", async () => {
    const permissions = [
      { role: "both", actions: ["produce", "consume"] },
      { role: "reporting", actions: ["consume"] },
      { role: "web", actions: ["produce"] },
    ] as const;
    const { run, state } = await written(shop({ pulsar: { permissions } }));
    const dry = await run("pulsar-admin/provision.sh", ["--dry-run"]);
    expect(dry.stderr).toBe("");
    expect(dry.stdout).toMatch(/^permission reporting on orders-.*-dlq: to be granted produce,consume$/m);
    // A namespace that is there, and no topic yet.
    state.tenants["shop"] = { adminRoles: [], allowedClusters: ["standalone"] };
    state.namespaces["shop/sales"] = { replication_clusters: ["standalone"] };
    expect((await run("pulsar-admin/provision.sh", ["--dry-run"])).stderr).toBe("");
    expect((await run("pulsar-admin/provision.sh")).stderr).toBe("");
    expect(Object.values(state.topicPermissions)).toEqual([{ reporting: ["consume", "produce"] }]);
    expect((await run("pulsar-admin/provision.sh")).stdout).toContain("done: nothing had to be changed");
  });

  it("only reads in a dry run, of an empty cluster and of a provisioned one", async () => {
    const { run, changes } = await written(shop());
    const empty = await run("pulsar-admin/provision.sh", ["--dry-run"]);
    expect(empty.stderr).toBe("");
    expect(empty.stdout).toContain("topic orders: to be created, 4 partitions");
    expect(changes()).toEqual([]);
    await run("pulsar-admin/provision.sh");
    const made = changes().length;
    const full = await run("pulsar-admin/provision.sh", ["--dry-run"]);
    expect(full.stdout).toContain("done: nothing had to be changed");
    expect(changes().length).toBe(made);
  });

  it.each(["retention_policies", "deduplicationEnabled", "schema_compatibility_strategy"])(
    "fails loudly when the broker takes %s and does not keep it",
    async (policy) => {
      const { run, changes, state } = await written(shop());
      state.coerced = policy;
      const done = await run("pulsar-admin/provision.sh");
      expect(done.status).toBe(1);
      expect(done.stderr).toMatch(/provision\.sh: policy .*: was set to .*, but the broker says: /);
      expect(changes().some(([group]) => group === "topics")).toBe(false);
    },
  );

  it("keeps the tenant's other clusters and roles", async () => {
    const { run, state } = await written(shop({ pulsar: { adminRoles: ["ours"], clusters: ["standalone", "west"] } }));
    const theirs = ["some one", "b]x", 'a"b\\c', "\\\\", '"'];
    state.tenants["shop"] = { adminRoles: theirs, allowedClusters: ["east"] };
    expect((await run("pulsar-admin/provision.sh")).stderr).toBe("");
    expect(state.tenants["shop"]).toEqual({
      adminRoles: [...theirs, "ours"],
      allowedClusters: ["east", "standalone", "west"],
    });
  });

  it.each(["x,y", "x\ny"])("does not touch a tenant with a role that pulsar-admin would lose: %j", async (role) => {
    const { run, changes, state } = await written(shop({ pulsar: { adminRoles: ["ours"] } }));
    state.tenants["shop"] = { adminRoles: [role], allowedClusters: ["standalone"] };
    const done = await run("pulsar-admin/provision.sh");
    expect(done.status).toBe(1);
    expect(done.stderr).toContain("provision.sh: tenant shop: cannot handle");
    expect(changes()).toEqual([]);
  });

  it("leaves the tenant alone when asked to", async () => {
    const { run, calls } = await written(shop());
    expect((await run("pulsar-admin/provision.sh", ["--skip-tenant"])).status).toBe(0);
    expect(calls.some(([group]) => group === "tenants")).toBe(false);
  });

  it("refuses to grow a topic without --force, and never shrinks one", async () => {
    const { run, state, folder } = await written(shop());
    await run("pulsar-admin/provision.sh");
    const script = join(folder, "pulsar-admin/provision.sh");
    const text = readFileSync(script, "utf8");
    writeFileSync(script, text.replace("sales/orders 4", "sales/orders 8"));
    const refused = await run("pulsar-admin/provision.sh");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("topic orders: has 4 partitions and the model says 8: growing moves keys");
    expect((await run("pulsar-admin/provision.sh", ["--force"])).stdout).toContain(
      "topic orders: grown from 4 to 8 partitions",
    );
    expect(state.topics["persistent://shop/sales/orders"]).toBe(8);
    writeFileSync(script, text);
    const shrinking = await run("pulsar-admin/provision.sh", ["--force"]);
    expect(shrinking.status).toBe(1);
    expect(shrinking.stderr).toContain("Pulsar cannot take partitions away");
  });

  it("lifts a quota that stands in the way of a smaller retention, and sets it again", async () => {
    const quota = { bytes: 2 ** 30, policy: "producer_exception" } as const;
    const { run, state, changes } = await written(
      shop({ pulsar: { retention: { minutes: 60, mebibytes: 2048 }, backlogQuota: quota } }),
    );
    expect((await run("pulsar-admin/provision.sh")).stderr).toBe("");
    const policies = state.namespaces["shop/sales"] ?? {};
    const quotas = { destination_storage: { limitSize: 2 ** 30, limitTime: -1, policy: "producer_exception" } };
    expect(policies["backlog_quota_map"]).toEqual(quotas);
    policies["retention_policies"] = { retentionTimeInMinutes: -1, retentionSizeInMB: -1 };
    const before = changes().length;
    expect((await run("pulsar-admin/provision.sh")).stderr).toBe("");
    const commands = changes()
      .slice(before)
      .map(([, command]) => command)
      .filter((one) => one !== "create-subscription" && one !== "upload");
    expect(commands).toEqual(["remove-backlog-quota", "set-retention", "set-backlog-quota"]);
    expect(policies["backlog_quota_map"]).toEqual(quotas);
  });

  it("sets what else the model states, and takes nothing that is another model's", async () => {
    const stated = { publishRate: { bytes: 5 }, limits: { producersPerTopic: 50 } };
    const { run, state, changes } = await written(shop({ pulsar: stated }));
    const first = await run("pulsar-admin/provision.sh");
    expect(first.stderr).toBe("");
    expect(first.stdout).toContain("policy publish rate: set to -1 5 (was not set)");
    const policies = state.namespaces["shop/sales"] ?? {};
    expect(policies).toMatchObject({ max_producers_per_topic: 50, properties: { "evgen.system": "shop" } });
    const made = changes().length;
    const [orders = "", deadLetter = ""] = Object.keys(state.topics);
    delete state.owners[orders];
    delete state.owners[deadLetter];
    const again = await run("pulsar-admin/provision.sh");
    expect(again.stderr).toBe("");
    expect(again.stdout).toContain("owner of topic orders: set to shop (was not set)");
    expect(state.owners).toEqual({ [orders]: "shop", [deadLetter]: "shop" });
    state.owners[deadLetter] = "web-shop";
    const refused = await run("pulsar-admin/provision.sh");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("it belongs to the model of web-shop; run this with --force to take it over");
    policies["properties"] = { "evgen.system": "web-shop" };
    expect((await run("pulsar-admin/provision.sh")).stderr).toContain("owner of shop/sales: it belongs to the model");
    expect((await run("pulsar-admin/provision.sh", ["--force"])).stdout).toContain(
      "owner of topic orders-warehouse-dlq: set",
    );
    expect(changes().length).toBeGreaterThan(made);
  });

  it("removes a quota that makes consumers skip events", async () => {
    const { run, state } = await written(shop());
    await run("pulsar-admin/provision.sh");
    const policies = state.namespaces["shop/sales"] ?? {};
    policies["backlog_quota_map"] = { message_age: { limitTime: 60, policy: "consumer_backlog_eviction" } };
    expect((await run("pulsar-admin/provision.sh")).stdout).toContain("policy backlog quota message_age: removed");
    expect(policies["backlog_quota_map"]).toEqual({});
  });

  it("registers nothing, and goes no further, when one schema is not compatible", async () => {
    const { run, changes, state } = await written(shop());
    state.incompatible = "persistent://shop/sales/orders";
    const done = await run("pulsar-admin/provision.sh");
    expect(done.status).toBe(1);
    expect(done.stderr).toContain(
      "schema of orders: the broker will not take it:\nError during schema compatibility check",
    );
    expect(changes().some(([, command]) => command === "upload" || command === "create-subscription")).toBe(false);
  });

  it("says which step failed, and that there is no such command", async () => {
    const { run } = await written(shop());
    const missing = await run("pulsar-admin/provision.sh", [], { PULSAR_ADMIN: "/no/such/pulsar admin" });
    expect(missing.status).toBe(1);
    expect(missing.stderr).toBe(
      "provision.sh: pulsar-admin: there is no command /no/such/pulsar admin; PULSAR_ADMIN names another\n",
    );
    const failing = await run("pulsar-admin/provision.sh", [], { PULSAR_ADMIN: "/bin/false" });
    expect(failing.status).toBe(1);
    expect(failing.stderr).toContain("provision.sh: tenant shop: pulsar-admin tenants get shop failed:");
  });

  it("explains itself, and refuses what it does not know", async () => {
    const { run } = await written(shop());
    expect((await run("pulsar-admin/provision.sh", ["--help"])).stdout).toContain("Usage: provision.sh");
    expect((await run("pulsar-admin/provision.sh", ["--fore"])).status).toBe(2);
  });
});

describe("replay.sh", () => {
  /** A pulsar-admin before a broker that takes each reset, and leaves the cursor where it was (apache/pulsar#26304). */
  const forgetful = (folder: string, consumers: readonly string[] = []): string => {
    const path = join(folder, "pulsar-admin.sh");
    const stats = `{
  "subscriptions" : {
    "other" : {
      "consumers" : [ {
        "consumerName" : "of another"
      } ]
    },
    "warehouse" : {
      "consumers" : [ {
${consumers.map((name) => `        "consumerName" : "${name}",\n`).join("")}        "address" : "x"
      } ]
    }
  }
}`;
    const internal = `{
  "cursors" : {
    "warehouse" : {
      "markDeletePosition" : "7:9",
      "readPosition" : "7:10",
      "individuallyDeletedMessages" : "[]"
    }
  }
}`;
    writeFileSync(
      path,
      `#!/usr/bin/env bash
printf '%s\\n' "$2" >> "$(dirname -- "$0")/calls"
case $2 in
  get-partitioned-topic-metadata) echo '{ "partitions" : 0 }' ;;
  stats) cat << 'STATS'\n${stats}\nSTATS
    ;;
  stats-internal) cat << 'STATS'\n${internal}\nSTATS
    ;;
  get-message-id) echo '{ "ledgerId" : 7, "entryId" : 0 }' ;;
esac
`,
    );
    chmodSync(path, 0o755);
    return path;
  };

  it("finds that a broker has lost a reset", async () => {
    const { run, folder } = await written(shop());
    const done = await run("pulsar-admin/replay.sh", ["warehouse", "--earliest"], { PULSAR_ADMIN: forgetful(folder) });
    expect(done.status, done.stderr).toBe(1);
    expect(done.stderr).toContain(
      "orders was reset to 7:0, but stands at 7:10, acknowledged up to 7:9; run this again",
    );
    expect(readFileSync(join(folder, "calls"), "utf8")).toContain("reset-cursor");
  });

  it("resets nothing while consumers are connected, unless told, and then says that it is not proved", async () => {
    const { run, folder } = await written(shop());
    const env = { PULSAR_ADMIN: forgetful(folder, ["pod-1", "pod-2"]) };
    const refused = await run("pulsar-admin/replay.sh", ["warehouse", "--earliest"], env);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('stop them, or say --disconnect:\n  "pod-1"\n  "pod-2"\n');
    expect(refused.stderr).not.toContain("of another");
    expect(readFileSync(join(folder, "calls"), "utf8")).not.toContain("reset-cursor");
    const forced = await run("pulsar-admin/replay.sh", ["warehouse", "--earliest", "--disconnect"], env);
    expect(forced.status).toBe(3);
    expect(forced.stderr).toContain("its consumers have gone on, or the broker has lost the reset");
  });
});

describe("hostile texts", () => {
  const planted = [
    "$(touch planted)",
    "`touch planted`",
    "';touch planted;'",
    '";touch planted;"',
    "\n touch planted\n",
    "\r\ntouch planted",
    "\u2028touch planted",
    "USAGE\ntouch planted",
    "shellcheck disable=SC2086",
    "\0shellcheck bogus",
    "{{#each}}",
    "x".repeat(10_000),
    "\\",
    "*",
    "~",
    "!!",
    "-n",
    "${IFS}",
    "@/etc/hostname",
  ];
  const roles = [
    "$(touch${IFS}planted)",
    "`touch${IFS}planted`",
    "';touch${IFS}planted;'",
    'a"b\\c',
    "-n",
    "*",
    "@/etc/hostname",
    "a,b",
    "日本",
  ];

  it("run nowhere, and reach pulsar-admin as they are", async () => {
    const model = shop({
      description: planted.join("\n"),
      pulsar: {
        permissions: roles.map((role) => ({ role, actions: ["produce", "consume"] })),
        adminRoles: roles.filter((role) => !role.includes(",")),
        clusters: ["$(touch${IFS}planted)", "b"],
      },
    });
    expect(pulsarAdmin.check(model)).toEqual([]);
    const { run, calls, elsewhere, folder } = await written(model);
    const done = await run("pulsar-admin/provision.sh");
    expect(done.stderr).toBe("");
    expect(done.status).toBe(0);
    const granted = calls.filter(([, command]) => command === "grant-permission");
    expect(granted.map((call) => call.find((one) => one.startsWith("--role="))?.slice("--role=".length))).toEqual(
      roles,
    );
    expect((await run("pulsar-admin/provision.sh")).stdout).toContain("done: nothing had to be changed");
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(readdirSync(work).some((name) => name === "planted")).toBe(false);
    execFileSync("bash", ["-n", join(folder, "pulsar-admin/provision.sh")]);
    if (hasShellcheck) {
      const provision = join(folder, "pulsar-admin/provision.sh");
      expect(spawnSync("shellcheck", [provision], { encoding: "utf8" }).stdout).toBe("");
    }
  });

  it("are refused as roles where pulsar-admin would make another role of them", () => {
    const model = shop({
      pulsar: {
        permissions: [
          { role: "a b", actions: ["consume"] },
          { role: "x\u0007", actions: ["consume"] },
        ],
        adminRoles: ["a,b", "", "\n"],
      },
    });
    expect(pulsarAdmin.check(model).map(({ code, place }) => [code, place.path.join(".")])).toEqual([
      ["pulsar-admin-role", "pulsar.adminRoles.0"],
      ["pulsar-admin-role", "pulsar.adminRoles.1"],
      ["pulsar-admin-role", "pulsar.adminRoles.2"],
      ["pulsar-admin-role", "pulsar.permissions.a b"],
      ["pulsar-admin-role", "pulsar.permissions.x\u0007"],
    ]);
  });
});

describe("the target", () => {
  it("wants the target whose script it calls", () => {
    const model = shop({
      model: { generate: { out: "generated", targets: ["pulsar-admin"], validators: "compiled" } },
    });
    expect(pulsarAdmin.check(model).map(({ code }) => code)).toEqual(["pulsar-admin-needs-schemas"]);
  });

  it("writes no replay.sh for a model without readers", async () => {
    const files = await pulsarAdmin.generate(variants["empty"] as Model, { fragments: new Map() });
    expect(files.map(({ path }) => path)).toEqual(["pulsar-admin/provision.sh"]);
  });

  it.each(Object.keys(variants))("writes scripts that run against nothing: %s", async (name) => {
    const { run } = await written(variants[name] as Model);
    const done = await run("pulsar-admin/provision.sh");
    expect(done.stderr).toBe("");
    expect((await run("pulsar-admin/provision.sh")).stdout).toContain("done: nothing had to be changed");
  });

  it.skipIf(!hasShellcheck).each(Object.keys(variants))(
    "writes scripts that shellcheck has nothing to say about: %s",
    async (name) => {
      const { folder } = await written(variants[name] as Model);
      const scripts = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".sh"));
      expect(scripts.length).toBeGreaterThan(1);
      for (const script of scripts)
        expect(readFileSync(join(folder, script), "utf8")).not.toContain("shellcheck disable");
      expect(spawnSync("shellcheck", scripts, { cwd: folder, encoding: "utf8" }).stdout).toBe("");
    },
  );
});

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parse as parseHcl } from "@cdktf/hcl2json";
import { beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { diskSources } from "../../src/cli/sources.js";
import { compile, generate } from "../../src/compile.js";
import type { Model } from "../../src/model/model.js";
import type { DesiredState } from "../../src/pulsar/desired.js";
import { desiredState } from "../../src/pulsar/desired.js";

/*
 * What Terraform and Kubernetes are told is what `evgen apply` would do: the files are read back by real parsers and held
 * against the desired state from which everything is rendered. The model says everything that can be said, with names
 * that would like to be code.
 */

const folder = fileURLToPath(new URL(".", import.meta.url));
let model: Model;
let files: ReadonlyMap<string, string>;
let states: readonly (readonly [environment: string, desired: DesiredState])[];

beforeAll(async () => {
  const compiled = await compile("infrastructure.yaml", diskSources(folder));
  if (compiled.model === undefined) throw new Error(JSON.stringify(compiled.diagnostics));
  model = compiled.model;
  const generated = await generate(model);
  files = new Map(generated.files.map(({ path, content }) => [path, content]));
  states = model.environments.map((one) => [one.name, desiredState(model, one)]);
});

const file = (path: string): string => files.get(path) ?? expect.unreachable(`there is no ${path}`);

type Json = { readonly [key: string]: unknown };
type Blocks = { readonly [type: string]: { readonly [label: string]: readonly Json[] } | undefined };

/** HCL's own escapes, which the parser leaves in place in texts that are templates. */
const text = (value: unknown): string => String(value).replaceAll("$${", "${").replaceAll("%%{", "%{");
const first = (value: unknown): Json => (value as readonly Json[])[0] ?? {};

const moduleOf = async (environment: string): Promise<Blocks> => {
  const path = `terraform/${environment}/module/main.tf`;
  return ((await parseHcl("main.tf", file(path))) as { readonly resource: Blocks }).resource;
};
const all = (blocks: Blocks, type: string): readonly Json[] => Object.values(blocks[type] ?? {}).map(first);

describe("terraform", () => {
  it("has the tenant, the namespace, and every policy that the provider knows", async () => {
    for (const [environment, { tenant, namespace, ...desired }] of states) {
      const blocks = await moduleOf(environment);
      const [itsTenant = {}] = all(blocks, "pulsar_tenant");
      expect(itsTenant["tenant"]).toBe(tenant.name);
      expect(itsTenant["allowed_clusters"]).toEqual(tenant.clusters);
      expect((itsTenant["admin_roles"] as unknown[]).map(text)).toEqual(tenant.adminRoles);
      const [its = {}] = all(blocks, "pulsar_namespace");
      expect(`${its["tenant"]}/${its["namespace"]}`).toBe(namespace.name);
      const { policies } = namespace;
      expect(its).toMatchObject({
        enable_deduplication: policies.deduplication,
        inactive_topic: [{ enable_delete_while_inactive: false, delete_mode: policies.inactiveTopics.mode }],
        retention_policies: [
          {
            retention_minutes: `${policies.retention.minutes}`,
            retention_size_in_mb: `${policies.retention.mebibytes}`,
          },
        ],
        topic_auto_creation: [{ enable: false }],
        namespace_config: [
          {
            replication_clusters: namespace.clusters,
            schema_compatibility_strategy: "BackwardTransitive",
            is_allow_auto_update_schema: false,
            schema_validation_enforce: policies.schemaValidation,
            message_ttl_seconds: 0,
            subscription_expiration_time_minutes: 0,
            max_producers_per_topic: policies.limits.producersPerTopic,
            max_consumers_per_topic: policies.limits.consumersPerTopic,
            max_consumers_per_subscription: policies.limits.consumersPerSubscription,
            offload_threshold_size_in_mb: (policies.offload?.bytes ?? Number.NaN) / 2 ** 20,
          },
        ],
        dispatch_rate: [
          {
            dispatch_msg_throttling_rate: policies.dispatchRate?.messages,
            dispatch_byte_throttling_rate: policies.dispatchRate?.bytes,
          },
        ],
        persistence_policies: [
          {
            bookkeeper_ensemble: policies.persistence?.ensemble,
            bookkeeper_write_quorum: policies.persistence?.writeQuorum,
            bookkeeper_ack_quorum: policies.persistence?.ackQuorum,
          },
        ],
      });
      const quotas = (its["backlog_quota"] as readonly Json[]).map(({ type, policy, limit_bytes, limit_seconds }) => ({
        ...{ type, policy },
        limit: Number(type === "message_age" ? limit_seconds : limit_bytes),
      }));
      expect(quotas).toEqual(policies.backlogQuotas);
      const grants = all(blocks, "pulsar_permission_grant").map(({ namespace, topic, role, actions }) => ({
        ...{ of: namespace ?? topic, role: text(role), actions },
      }));
      const wanted = [
        ...desired.permissions.map((one) => ({ of: namespace.name, ...one })),
        ...desired.topics.flatMap(({ url, permissions }) => permissions.map((one) => ({ of: url, ...one }))),
      ];
      expect(grants).toEqual(expect.arrayContaining(wanted));
      expect(grants).toHaveLength(wanted.length);
    }
  });

  it("has every topic, schema and subscription, and destroys none of them", async () => {
    for (const [environment, { namespace, topics, owner }] of states) {
      const blocks = await moduleOf(environment);
      const made = all(blocks, "pulsar_topic").map((one) => ({
        url: `persistent://${namespace.name}/${one["topic_name"]}`,
        partitions: one["partitions"],
        owner: one["topic_properties"],
      }));
      const byUrl = (a: { url: string }, b: { url: string }) => (a.url < b.url ? -1 : 1);
      expect(made.sort(byUrl)).toEqual(topics.map(({ url, partitions }) => ({ url, partitions, owner })).sort(byUrl));

      const schemas = Object.entries(blocks["pulsar_schema"] ?? {}).map(([label, [one = {}]]) => {
        const path = /^\$\{file\("\$\{path\.module\}\/(.*)"\)\}$/.exec(String(one["schema_data"]))?.[1];
        expect(one["topic"]).toBe(`\${pulsar_topic.${label}.topic_name}`);
        return { type: one["type"], definition: file(`terraform/${environment}/module/${path}`) };
      });
      const wanted = topics.flatMap(({ schema }) => (schema === undefined ? [] : [schema]));
      expect(schemas).toEqual(expect.arrayContaining(wanted));
      expect(schemas).toHaveLength(wanted.length);

      const subscriptions = all(blocks, "pulsar_subscription").map((one) =>
        [one["topic_name"], one["subscription_name"], one["position"]].join(" "),
      );
      expect(subscriptions.sort()).toEqual(
        topics
          .flatMap(({ url, subscriptions: its }) => its.map(({ name, position }) => `${url} ${name} ${position}`))
          .sort(),
      );
      for (const type of ["tenant", "namespace", "topic", "schema", "subscription"])
        for (const one of all(blocks, `pulsar_${type}`)) expect(first(one["lifecycle"])["prevent_destroy"]).toBe(true);
    }
  });

  it("can take over what is there: everything that can be imported has a block for it", async () => {
    for (const [environment, { tenant, namespace, topics }] of states) {
      const root = (await parseHcl("main.tf", file(`terraform/${environment}/main.tf`))) as {
        readonly import: readonly Json[];
      };
      const ids = root.import.map(
        (one) => /^\$\{setintersection\(var\.existing, \["(.*)"\]\)\}$/.exec(String(one["for_each"]))?.[1],
      );
      expect(ids.sort()).toEqual(
        [
          tenant.name,
          namespace.name,
          ...topics.flatMap(({ url, schema, subscriptions }) => [
            url,
            ...(schema === undefined ? [] : [url.slice("persistent://".length)]),
            ...subscriptions.map(({ name }) => `${url}@${name}`),
          ]),
        ].sort(),
      );
      const blocks = await moduleOf(environment);
      for (const one of root.import) {
        const [, type, label] = /^\$\{module\.pulsar\.(\w+)\.([\w-]+)(?:\[0\])?\}$/.exec(String(one["to"])) ?? [];
        expect(blocks[type ?? ""]?.[label ?? ""], String(one["to"])).toBeDefined();
      }
    }
  });

  it("says what the provider cannot do", async () => {
    const { diagnostics } = await generate(model);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      "The Terraform provider has no attribute for publishRate, offload.after, limits.subscriptionsPerTopic, limits.unackedPerConsumer, limits.unackedPerSubscription: the target `terraform` leaves them out.",
    ]);
  });
});

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Json;
}

const objects = (environment: string, name: string): readonly KubernetesObject[] =>
  // Kubernetes reads YAML 1.1.
  parseAllDocuments(file(`kubernetes/${environment}/${name}`), { version: "1.1" }).map((one) => {
    expect(one.errors).toEqual([]);
    return one.toJS() as KubernetesObject;
  });

describe("kubernetes", () => {
  it("has an object for all that the operator has a kind for, and keeps what is deleted in Kubernetes", () => {
    for (const [environment, { tenant, namespace, topics, permissions, owner }] of states) {
      const [itsTenant] = objects(environment, "tenant.yaml");
      expect(itsTenant?.spec).toMatchObject({
        name: tenant.name,
        allowedClusters: tenant.clusters,
        adminRoles: tenant.adminRoles,
      });
      const [itsNamespace, ...others] = objects(environment, "resources.yaml");
      const { policies } = namespace;
      expect(itsNamespace?.spec).toMatchObject({
        name: namespace.name,
        replicationClusters: namespace.clusters,
        properties: owner,
        inactiveTopicPolicies: { deleteWhileInactive: false },
        retentionTime: policies.retention.minutes < 0 ? "-1" : `${policies.retention.minutes}m`,
        retentionSize: policies.retention.mebibytes < 0 ? "-1" : `${policies.retention.mebibytes}M`,
        messageTTL: "0s",
        subscriptionExpirationTime: "0s",
        compactionThreshold: 0,
        deduplication: policies.deduplication,
        topicAutoCreationConfig: { allow: false, type: "non-partitioned" },
        schemaCompatibilityStrategy: policies.compatibility,
        isAllowAutoUpdateSchema: false,
        schemaValidationEnforced: policies.schemaValidation,
        backlogQuotaType: "destination_storage",
        backlogQuotaLimitSize: `${policies.backlogQuotas[0]?.limit}`,
        backlogQuotaRetentionPolicy: policies.backlogQuotas[0]?.policy,
        publishRate: {
          publishThrottlingRateInMsg: policies.publishRate?.messages,
          publishThrottlingRateInByte: policies.publishRate?.bytes,
        },
        dispatchRate: {
          dispatchThrottlingRateInMsg: policies.dispatchRate?.messages,
          dispatchThrottlingRateInByte: policies.dispatchRate?.bytes,
        },
        persistencePolicies: { bookkeeperEnsemble: 3, bookkeeperWriteQuorum: 3, bookkeeperAckQuorum: 2 },
        offloadThresholdSize: `${policies.offload?.bytes}`,
        offloadThresholdTime: `${policies.offload?.seconds}s`,
        maxProducersPerTopic: policies.limits.producersPerTopic,
        maxConsumersPerTopic: policies.limits.consumersPerTopic,
        maxConsumersPerSubscription: policies.limits.consumersPerSubscription,
      });
      const itsTopics = others.filter(({ kind }) => kind === "PulsarTopic").map(({ spec }) => spec);
      expect(itsTopics).toMatchObject(
        topics.map(({ url, partitions, schema }) => ({
          name: url,
          partitions,
          properties: owner,
          ...(schema === undefined
            ? {}
            : { schemaInfo: { type: schema.type, schema: schema.definition, properties: {} } }),
        })),
      );
      expect(itsTopics.filter((spec) => "schemaInfo" in spec)).toHaveLength(model.topics.length);
      const grants = others.filter(({ kind }) => kind === "PulsarPermission").map(({ spec }) => spec);
      const wanted = [
        ...permissions.map((one) => ({ resourceType: "namespace", resourceName: namespace.name, ...one })),
        ...topics.flatMap(({ url, permissions: beyond }) =>
          beyond.map((one) => ({ resourceType: "topic", resourceName: url, ...one })),
        ),
      ];
      expect(grants).toMatchObject(wanted.map(({ role, ...others }) => ({ ...others, roles: [role] })));
      const made = [itsTenant, itsNamespace, ...others].filter((one) => one !== undefined);
      expect(made).toHaveLength(2 + topics.length + wanted.length);
      for (const { apiVersion, spec } of made) {
        expect(apiVersion).toBe("resource.streamnative.io/v1alpha1");
        expect(spec).toMatchObject({ connectionRef: { name: "pulsar" }, lifecyclePolicy: "KeepAfterDeletion" });
      }
      const names = made.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      for (const { metadata } of made) expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    }
  });

  it("leaves the rest to a Job, whose script kustomize brings", () => {
    for (const [environment, { namespace, topics }] of states) {
      const [job] = objects(environment, "job.yaml");
      const kustomization = parse(file(`kubernetes/${environment}/kustomization.yaml`)) as Json;
      expect(kustomization["configMapGenerator"]).toMatchObject([
        { name: job?.metadata.name, files: ["provision.sh"] },
      ]);
      for (const resource of kustomization["resources"] as string[]) file(`kubernetes/${environment}/${resource}`);
      const script = file(`kubernetes/${environment}/provision.sh`);
      const called = [...script.matchAll(/^ {2}subscription (.*) (\S+) (\S+)$/gm)].map(([, url, name, position]) =>
        [url?.replaceAll("'", ""), name, position].join(" "),
      );
      expect(called).toEqual(
        topics.flatMap(({ url, subscriptions }) =>
          subscriptions.map(({ name, position }) => `${url} ${name} ${position}`),
        ),
      );
      for (const words of [
        "set-backlog-quota '--limitTime=604800' '--policy=producer_exception' '--type=message_age'",
        "set-max-subscriptions-per-topic '--max-subscriptions-per-topic=6'",
        "set-max-unacked-messages-per-consumer '--max-unacked-messages-per-topic=7'",
        "set-max-unacked-messages-per-subscription '--max-unacked-messages-per-subscription=8'",
      ])
        expect(script).toContain(`  admin namespaces ${words} ${namespace.name}\n`);
      expect(spawnSync("bash", ["-n"], { input: script }).status).toBe(0);
    }
  });

  it("gives another Job another name when its script is another", async () => {
    const other = { ...model, consumers: [] };
    const generated = await generate(other, { targets: ["kubernetes"] });
    const path = "kubernetes/prod/job.yaml";
    const nameIn = (content: string) => (parse(content) as KubernetesObject).metadata.name;
    const made = generated.files.find((one) => one.path === path)?.content ?? "";
    expect(nameIn(made)).not.toBe(nameIn(file(path)));
  });
});

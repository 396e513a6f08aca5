import type { BacklogQuota, DesiredState, DesiredTopic, Policies } from "../../pulsar/desired.js";
import { type Code, code } from "../../render/code.js";
import { expression, type HclItem, hclBlock } from "../../render/hcl.js";
import { labels } from "./labels.js";

/** A resource of the module, and what brings one that is there already under its name. */
export interface Resource {
  readonly lines: readonly Code[];
  /** In the module: pulsar_topic.orders */
  readonly address: Code;
  /** By which the provider finds it. A permission has none: granting one that is there changes nothing. */
  readonly id?: string;
}

/** All that a desired state holds, as resources of the provider streamnative/pulsar, each after what it needs. */
export const resourcesOf = (desired: DesiredState): readonly Resource[] => [
  tenant(desired),
  namespace(desired),
  ...topics(desired),
  ...permissions(desired),
];

/** Where the module keeps the definition that is registered for a topic. */
export const schemaFile = (topic: DesiredTopic): string => `schemas/${topic.name}.avsc`;

const kept: HclItem = { block: "lifecycle", body: [["prevent_destroy", true]] };

const tenant = ({ tenant: { name, clusters, adminRoles } }: DesiredState): Resource => ({
  lines: hclBlock(
    "resource",
    ["pulsar_tenant", "tenant"],
    [
      ["count", expression(code`var.manage_tenant ? 1 : 0`)],
      ["tenant", name],
      ["allowed_clusters", clusters],
      ["admin_roles", adminRoles],
      kept,
    ],
  ),
  address: code`pulsar_tenant.tenant[0]`,
  id: name,
});

const namespace = ({
  tenant: { name: tenantName },
  namespace: { name, clusters, policies },
}: DesiredState): Resource => ({
  lines: hclBlock(
    "resource",
    ["pulsar_namespace", "namespace"],
    [
      ["tenant", tenantName],
      ["namespace", name.slice(tenantName.length + 1)],
      ["enable_deduplication", policies.deduplication],
      ["depends_on", expression(code`[pulsar_tenant.tenant]`)],
      ...policyBlocks(policies, clusters),
      kept,
    ],
  ),
  address: code`pulsar_namespace.namespace`,
  id: name,
});

const policyBlocks = (policies: Policies, clusters: readonly string[]): readonly HclItem[] => {
  const { inactiveTopics, retention, dispatchRate, persistence, offload, limits } = policies;
  const settings: readonly (HclItem | undefined)[] = [
    ["replication_clusters", clusters],
    ["schema_compatibility_strategy", camelCase(policies.compatibility)],
    ["is_allow_auto_update_schema", policies.schemaAutoUpdate],
    ["schema_validation_enforce", policies.schemaValidation],
    ["message_ttl_seconds", policies.messageTtl],
    ["subscription_expiration_time_minutes", policies.subscriptionExpiry],
    limits.producersPerTopic === undefined ? undefined : ["max_producers_per_topic", limits.producersPerTopic],
    limits.consumersPerTopic === undefined ? undefined : ["max_consumers_per_topic", limits.consumersPerTopic],
    limits.consumersPerSubscription === undefined
      ? undefined
      : ["max_consumers_per_subscription", limits.consumersPerSubscription],
    offload === undefined || offload.bytes < 0
      ? undefined
      : ["offload_threshold_size_in_mb", Math.floor(offload.bytes / 2 ** 20)],
  ];
  return [
    {
      block: "inactive_topic",
      body: [
        ["enable_delete_while_inactive", inactiveTopics.deleteWhileInactive],
        ["max_inactive_duration", `${inactiveTopics.maxInactiveSeconds}s`],
        ["delete_mode", inactiveTopics.mode],
      ],
    },
    {
      block: "retention_policies",
      body: [
        ["retention_minutes", `${retention.minutes}`],
        ["retention_size_in_mb", `${retention.mebibytes}`],
      ],
    },
    { block: "topic_auto_creation", body: [["enable", policies.autoTopicCreation]] },
    { block: "namespace_config", body: settings.filter((one) => one !== undefined) },
    ...policies.backlogQuotas.map(quota),
    ...(dispatchRate === undefined
      ? []
      : [
          {
            block: "dispatch_rate",
            body: [
              ["dispatch_msg_throttling_rate", dispatchRate.messages],
              ["dispatch_byte_throttling_rate", dispatchRate.bytes],
              ["rate_period_seconds", 1],
            ],
          } as const,
        ]),
    ...(persistence === undefined
      ? []
      : [
          {
            block: "persistence_policies",
            body: [
              ["bookkeeper_ensemble", persistence.ensemble],
              ["bookkeeper_write_quorum", persistence.writeQuorum],
              ["bookkeeper_ack_quorum", persistence.ackQuorum],
              ["managed_ledger_max_mark_delete_rate", 0],
            ],
          } as const,
        ]),
  ];
};

/** BackwardTransitive: in any other spelling the provider plans a change for ever. */
const camelCase = (strategy: string): string =>
  strategy
    .split("_")
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join("");

const quota = ({ type, limit, policy }: BacklogQuota): HclItem => ({
  block: "backlog_quota",
  body: [
    ["limit_bytes", type === "destination_storage" ? `${limit}` : "-1"],
    ["limit_seconds", type === "message_age" ? `${limit}` : "-1"],
    ["policy", policy],
    ["type", type],
  ],
});

const topics = ({ topics: all, owner }: DesiredState): readonly Resource[] => {
  const labelOf = labels();
  const subscriptionLabel = labels();
  return all.flatMap((topic) => {
    const label = labelOf(topic.name);
    const address = `pulsar_topic.${label}` as Code;
    return [
      { lines: topicLines(topic, label, owner), address, id: topic.url },
      ...(topic.schema === undefined ? [] : [schemaOf(topic, topic.schema.type, label, address)]),
      ...topic.subscriptions.map(({ name, position }) => {
        const own = subscriptionLabel(`${topic.name}_${name}`);
        return {
          lines: hclBlock(
            "resource",
            ["pulsar_subscription", own],
            [
              ["topic_name", topic.url],
              ["subscription_name", name],
              ["position", position],
              ["depends_on", expression(code`[${address}]`)],
              kept,
            ],
          ),
          address: `pulsar_subscription.${own}` as Code,
          id: `${topic.url}@${name}`,
        };
      }),
    ];
  });
};

const inNamespace: readonly HclItem[] = [
  ["tenant", expression(code`pulsar_namespace.namespace.tenant`)],
  ["namespace", expression(code`pulsar_namespace.namespace.namespace`)],
];

const topicLines = (topic: DesiredTopic, label: string, owner: DesiredState["owner"]): readonly Code[] =>
  hclBlock(
    "resource",
    ["pulsar_topic", label],
    [
      ...inNamespace,
      ["topic_type", "persistent"],
      ["topic_name", topic.name],
      ["partitions", topic.partitions],
      ["topic_properties", owner],
      {
        block: "lifecycle",
        body: [["prevent_destroy", true], ...(topic.partitions === 0 ? [] : growing)],
      },
    ],
  );

const growing: readonly HclItem[] = [
  { comment: [code`# More partitions move keys, which breaks their order: stop the producers, and grow it by hand.`] },
  ["ignore_changes", expression(code`[partitions]`)],
];

const schemaOf = (topic: DesiredTopic, type: string, label: string, topicAddress: Code): Resource => ({
  lines: hclBlock(
    "resource",
    ["pulsar_schema", label],
    [
      ...inNamespace,
      ["topic", expression(code`${topicAddress}.topic_name`)],
      ["type", type],
      // The name of a topic holds nothing that a path or HCL could take for something else.
      ["schema_data", expression(`file("\${path.module}/${schemaFile(topic)}")` as Code)],
      kept,
    ],
  ),
  address: `pulsar_schema.${label}` as Code,
  id: topic.url.slice("persistent://".length),
});

const permissions = ({ permissions: all, topics: some, namespace: { name } }: DesiredState): readonly Resource[] => {
  const labelOf = labels();
  const topicLabel = labels();
  const grant = (label: string, of: HclItem, { role, actions }: (typeof all)[number], after: Code): Resource => ({
    lines: hclBlock(
      "resource",
      ["pulsar_permission_grant", label],
      [of, ["role", role], ["actions", actions], ["depends_on", expression(code`[${after}]`)]],
    ),
    address: `pulsar_permission_grant.${label}` as Code,
  });
  return [
    ...all.map((one) => grant(labelOf(one.role), ["namespace", name], one, code`pulsar_namespace.namespace`)),
    ...some.flatMap((topic) => {
      const after = `pulsar_topic.${topicLabel(topic.name)}` as Code;
      return topic.permissions.map((one) =>
        grant(labelOf(`${topic.name}_${one.role}`), ["topic", topic.url], one, after),
      );
    }),
  ];
};

import type { JsonValue } from "../model/type.js";
import { adminPath } from "./admin.js";
import { type DesiredState, ownerProperty } from "./desired.js";
import { foreignTopics } from "./foreign-topics.js";
import { namespacePath, ownerOf } from "./namespace-units.js";
import { allActions, readPermissions } from "./permission-units.js";
import { type BrokerPolicies, readPolicies } from "./policies.js";
import type { Reader } from "./reader.js";
import { isInternal, readSubscriptions, readTopic } from "./topics.js";

/** Something on the broker that the model does not have: it is left alone, and named. */
export interface Foreign {
  readonly kind: "admin role" | "cluster" | "policy" | "topic" | "subscription" | "permission";
  readonly name: string;
  readonly value?: JsonValue;
  /** The model's system that a topic is marked with. */
  readonly owner?: string;
  /** What removes it. */
  readonly consent?: string;
}

export const findForeign = async (
  reader: Reader,
  desired: DesiredState,
  options: { readonly tenant: boolean },
): Promise<readonly Foreign[]> =>
  (
    await Promise.all([
      options.tenant ? ofTenant(reader, desired) : [],
      ofPolicies(reader, desired),
      ofTopics(reader, desired),
      ofSubscriptions(reader, desired),
      ofPermissions(reader, desired),
    ])
  ).flat();

const ofTenant = async (reader: Reader, { tenant }: DesiredState): Promise<readonly Foreign[]> => {
  const present = await reader.find<{
    readonly adminRoles: readonly string[];
    readonly allowedClusters: readonly string[];
  }>(adminPath`tenants/${tenant.name}`);
  const roles = (present?.adminRoles ?? []).filter((role) => !tenant.adminRoles.includes(role));
  const clusters = (present?.allowedClusters ?? []).filter((name) => !tenant.clusters.includes(name));
  return [
    ...roles.map((name) => ({ kind: "admin role" as const, name })),
    ...clusters.map((name) => ({ kind: "cluster" as const, name })),
  ];
};

/** Policies that somebody has set and the model says nothing of. */
const ofPolicies = async (reader: Reader, desired: DesiredState): Promise<readonly Foreign[]> => {
  const policies = await readPolicies(reader, namespacePath(desired));
  const stated = statedKeys(desired);
  const set = Object.entries(policies)
    .filter(([key, value]) => !stated.has(key) && isSet(key, value))
    .map(([name, value]) => ({ kind: "policy" as const, name, value: value ?? null }));
  const quotas = Object.entries((policies["backlog_quota_map"] ?? {}) as BrokerPolicies)
    .filter(([type]) => !desired.namespace.policies.backlogQuotas.some((quota) => quota.type === type))
    // One that evicts is not left alone.
    .filter(([, quota]) => (quota as { readonly policy?: string } | null)?.policy !== "consumer_backlog_eviction")
    .map(([type, value]) => ({ kind: "policy" as const, name: `backlog quota ${type}`, value: value ?? null }));
  return [...set, ...quotas];
};

const statedKeys = ({ namespace: { policies } }: DesiredState): ReadonlySet<string> =>
  new Set([
    ...alwaysStated,
    ...(policies.publishRate === undefined ? [] : ["publishMaxMessageRate"]),
    ...(policies.dispatchRate === undefined ? [] : ["topicDispatchRate", "clusterDispatchRate"]),
    ...(policies.persistence === undefined ? [] : ["persistence"]),
    ...(policies.offload === undefined ? [] : ["offload_policies"]),
    ...Object.keys(policies.limits).map(
      (limit) => `max_${limit.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
    ),
    ...("unackedPerConsumer" in policies.limits ? ["max_unacked_messages_per_consumer"] : []),
    ...("unackedPerSubscription" in policies.limits ? ["max_unacked_messages_per_subscription"] : []),
  ]);

/** What the model says, and what is no policy. */
const alwaysStated = [
  ...["inactive_topic_policies", "retention_policies", "message_ttl_in_seconds", "compaction_threshold"],
  ...["subscription_expiration_time_minutes", "deduplicationEnabled", "autoTopicCreationOverride"],
  ...["schema_compatibility_strategy", "is_allow_auto_update_schema", "schema_validation_enforced"],
  ...["schema_auto_update_compatibility_strategy", "backlog_quota_map", "auth_policies", "bundles", "deleted"],
  ...["properties", "replication_clusters", "clusterDispatchRate", "latency_stats_sample_rate", "migrated"],
  ...["offload_threshold", "offload_threshold_in_seconds", "subscription_auth_mode"],
  ...["clusterThatCanDeleteNamespace"],
];

const isSet = (key: string, value: JsonValue | undefined): boolean => {
  if (value === undefined || value === null || value === false || value === "") return false;
  if (key === "offload_policies") return hasThreshold(value);
  return typeof value !== "object" || Object.keys(value).length > 0;
};

/** The broker fills the rest of them with its own settings. */
const hasThreshold = (value: JsonValue): boolean => {
  const policies = value as { readonly [key: string]: JsonValue };
  return (
    policies["managedLedgerOffloadDriver"] !== undefined ||
    ["managedLedgerOffloadThresholdInBytes", "managedLedgerOffloadThresholdInSeconds"].some(
      (key) => typeof policies[key] === "number" && policies[key] >= 0,
    )
  );
};

const ofTopics = async (reader: Reader, desired: DesiredState): Promise<readonly Foreign[]> => {
  const names = await foreignTopics(reader, desired);
  return Promise.all(
    names.map(async (name) => {
      const topic = await readTopic(reader, `persistent://${desired.namespace.name}/${name}`);
      const owner = ownerOf(topic?.properties);
      const ours = owner === desired.owner[ownerProperty];
      return {
        kind: "topic" as const,
        name,
        ...(topic === undefined ? {} : { value: { partitions: topic.partitions } }),
        ...(owner === undefined ? {} : { owner }),
        ...(ours ? { consent: `delete-topic:${name}` } : {}),
      };
    }),
  );
};

const ofSubscriptions = async (reader: Reader, desired: DesiredState): Promise<readonly Foreign[]> => {
  const found = await Promise.all(
    desired.topics.map(async (topic) => {
      const present = await readTopic(reader, topic.url);
      if (present === undefined) return [];
      const names = new Set((await readSubscriptions(reader, topic.url, present.partitions)).flat());
      const ours = new Set(topic.subscriptions.map((one) => one.name));
      return [...names]
        .filter((name) => !ours.has(name) && !isInternal(name))
        .sort()
        .map((name) => ({
          kind: "subscription" as const,
          name: `${name} on ${topic.name}`,
          consent: `delete-subscription:${topic.name}/${name}`,
        }));
    }),
  );
  return found.flat();
};

const ofPermissions = async (reader: Reader, desired: DesiredState): Promise<readonly Foreign[]> => {
  const granted = await readPermissions(reader, desired);
  const roles = new Set([granted.namespace, ...Object.values(granted.topics)].flatMap((grants) => Object.keys(grants)));
  return [...roles]
    .filter((role) => !desired.permissions.some((one) => one.role === role))
    .map((role) => ({
      kind: "permission" as const,
      name: role,
      value: allActions(role, granted),
      consent: `revoke:${role}`,
    }));
};

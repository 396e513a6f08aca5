import type { Limit } from "../model/model.js";
import type { JsonValue } from "../model/type.js";
import { adminPath } from "./admin.js";
import type { BacklogQuota, DesiredState, Policies } from "./desired.js";
import type { Reader } from "./reader.js";
import { type Comparison, equal, sameJson, type Unit } from "./unit.js";

/** The policies of the namespace, one unit each, in the order in which they have to be set. */
export const policyUnits = ({ namespace: { name: namespace, policies } }: DesiredState): readonly Unit[] => {
  const [tenant = "", local = ""] = namespace.split("/");
  const path = adminPath`namespaces/${tenant}/${local}`;
  const simple = simplePolicies(policies).map(
    (policy): Unit => ({
      kind: "policy",
      name: policy.name,
      compare: async (reader) => {
        const from = policy.read(await readPolicies(reader, path));
        if (sameJson(from, policy.wanted)) return equal();
        return differs(from, policy.wanted, () =>
          reader.admin.call(policy.method ?? "POST", `${path}/${policy.path}`, { body: policy.body }),
        );
      },
    }),
  );
  const [inactive, ...others] = simple;
  if (inactive === undefined) return [];
  return [
    inactive,
    retentionUnit(path, namespace, policies),
    ...others,
    ...quotaUnits(path, policies.backlogQuotas),
    ...(policies.publishRate === undefined ? [] : [publishRateUnit(path, policies.publishRate)]),
    ...(policies.dispatchRate === undefined ? [] : [dispatchRateUnit(path, policies.dispatchRate)]),
    ...(policies.persistence === undefined ? [] : [persistenceUnit(path, policies.persistence)]),
    ...(policies.offload === undefined ? [] : offloadUnits(path, policies.offload)),
  ];
};

/** What a broker says of a namespace, with its own mixture of names; what is not set is not there. */
export interface BrokerPolicies {
  readonly [policy: string]: JsonValue | undefined;
}

export const readPolicies = async (reader: Reader, path: string): Promise<BrokerPolicies> =>
  (await reader.find<BrokerPolicies>(path)) ?? newNamespace;

/** What a namespace has that nobody has given a policy. */
const newNamespace: BrokerPolicies = { is_allow_auto_update_schema: true, schema_validation_enforced: false };

/** A policy that is one value of the namespace's, and one call that sets it. */
interface SimplePolicy {
  readonly name: string;
  readonly wanted: JsonValue;
  readonly read: (policies: BrokerPolicies) => JsonValue | undefined;
  readonly method?: "PUT";
  readonly path: string;
  readonly body: JsonValue;
}

const simplePolicies = (wanted: Policies): readonly SimplePolicy[] => {
  const { inactiveTopics } = wanted;
  return [
    {
      name: "inactive topics deleted",
      wanted: inactiveTopics.deleteWhileInactive,
      read: (policies) => within(policies["inactive_topic_policies"], "deleteWhileInactive"),
      path: "inactiveTopicPolicies",
      body: {
        deleteWhileInactive: inactiveTopics.deleteWhileInactive,
        inactiveTopicDeleteMode: inactiveTopics.mode,
        maxInactiveDurationSeconds: inactiveTopics.maxInactiveSeconds,
      },
    },
    value("message TTL in seconds", "message_ttl_in_seconds", wanted.messageTtl, "messageTTL"),
    value(
      "subscription expiry in minutes",
      "subscription_expiration_time_minutes",
      wanted.subscriptionExpiry,
      "subscriptionExpirationTime",
    ),
    value("compaction threshold", "compaction_threshold", wanted.compactionThreshold, "compactionThreshold", "PUT"),
    value("deduplication", "deduplicationEnabled", wanted.deduplication, "deduplication"),
    {
      name: "auto topic creation",
      wanted: wanted.autoTopicCreation,
      read: (policies) => within(policies["autoTopicCreationOverride"], "allowAutoTopicCreation"),
      path: "autoTopicCreation",
      body: { allowAutoTopicCreation: wanted.autoTopicCreation },
    },
    value(
      "schema compatibility",
      "schema_compatibility_strategy",
      wanted.compatibility,
      "schemaCompatibilityStrategy",
      "PUT",
    ),
    value(
      "schemas updated by clients",
      "is_allow_auto_update_schema",
      wanted.schemaAutoUpdate,
      "isAllowAutoUpdateSchema",
    ),
    value(
      "schema validation enforced",
      "schema_validation_enforced",
      wanted.schemaValidation,
      "schemaValidationEnforced",
    ),
    ...Object.entries(wanted.limits).map(([limit, most]) => {
      const { key, path } = limits[limit as Limit];
      return value(`limit ${limit}`, key, most, path);
    }),
  ];
};

const value = (name: string, key: string, wanted: JsonValue, path: string, method?: "PUT"): SimplePolicy => ({
  name,
  wanted,
  read: (policies) => policies[key] ?? undefined,
  path,
  body: wanted,
  ...(method === undefined ? {} : { method }),
});

const limits: { readonly [limit in Limit]: { readonly key: string; readonly path: string } } = {
  producersPerTopic: { key: "max_producers_per_topic", path: "maxProducersPerTopic" },
  consumersPerTopic: { key: "max_consumers_per_topic", path: "maxConsumersPerTopic" },
  consumersPerSubscription: { key: "max_consumers_per_subscription", path: "maxConsumersPerSubscription" },
  subscriptionsPerTopic: { key: "max_subscriptions_per_topic", path: "maxSubscriptionsPerTopic" },
  unackedPerConsumer: { key: "max_unacked_messages_per_consumer", path: "maxUnackedMessagesPerConsumer" },
  unackedPerSubscription: { key: "max_unacked_messages_per_subscription", path: "maxUnackedMessagesPerSubscription" },
};

/** Less retention deletes what is kept, so it needs a consent; a quota that is not below it has to make way first. */
const retentionUnit = (path: string, namespace: string, { retention, backlogQuotas }: Policies): Unit => ({
  kind: "policy",
  name: "retention",
  compare: async (reader) => {
    const policies = await readPolicies(reader, path);
    const present = policies["retention_policies"];
    const minutes = within(present, "retentionTimeInMinutes");
    const mebibytes = within(present, "retentionSizeInMB");
    const from = minutes === undefined ? undefined : { minutes, mebibytes: mebibytes ?? 0 };
    if (sameJson(from, retention)) return equal();
    const inTheWay = quotaTypes.filter((type) => !isBelow(policies, type, retention));
    const foreign = inTheWay.filter((type) => backlogQuotas.every((quota) => quota.type !== type));
    const shrinks = isLess(retention.minutes, minutes) || isLess(retention.mebibytes, mebibytes);
    return {
      ...differs(from, retention, async () => {
        for (const type of inTheWay)
          await reader.admin.call("DELETE", `${path}/backlogQuota`, { query: { backlogQuotaType: type } });
        await reader.admin.call("POST", `${path}/retention`, {
          body: { retentionTimeInMinutes: retention.minutes, retentionSizeInMB: retention.mebibytes },
        });
      }),
      ...(shrinks
        ? {
            consent: { name: `shrink-retention:${namespace}`, why: "The broker deletes what it then no longer keeps." },
          }
        : {}),
      ...(foreign.length > 0
        ? {
            blocked: `The namespace has a backlog quota (${foreign.join(", ")}) that is not below this retention, and the model has none. Remove it, or state one in the model.`,
          }
        : {}),
    };
  },
});

const quotaTypes = ["destination_storage", "message_age"] as const;

/** Whether a quota that is there, if it is, lets the broker take a retention. */
const isBelow = (
  policies: BrokerPolicies,
  type: BacklogQuota["type"],
  { minutes, mebibytes }: Policies["retention"],
): boolean => {
  const quota = within(policies["backlog_quota_map"], type);
  const limit = quotaLimit(type, quota);
  if (limit === undefined || limit <= 0) return true;
  return type === "destination_storage"
    ? mebibytes < 0 || limit < mebibytes * 2 ** 20
    : minutes < 0 || limit < minutes * 60;
};

const isLess = (wanted: number, present: JsonValue | undefined): boolean =>
  typeof present === "number" && present !== 0 && wanted >= 0 && (present < 0 || wanted < present);

/** Those of the model; and one that evicts goes, since it makes consumers skip events. */
const quotaUnits = (path: string, quotas: readonly BacklogQuota[]): readonly Unit[] =>
  quotaTypes.map((type) => ({
    kind: "policy",
    name: `backlog quota ${type}`,
    compare: async (reader) => {
      const present = within((await readPolicies(reader, path))["backlog_quota_map"], type);
      const limit = quotaLimit(type, present);
      const from = limit === undefined ? undefined : { limit, policy: within(present, "policy") ?? null };
      const quota = quotas.find((one) => one.type === type);
      const query = { backlogQuotaType: type };
      if (quota === undefined) {
        if (from?.policy !== "consumer_backlog_eviction") return equal();
        const write = () => reader.admin.call("DELETE", `${path}/backlogQuota`, { query });
        return { kind: "differs", action: "remove", from, note: "It makes consumers skip events.", write };
      }
      const wanted = { limit: quota.limit, policy: quota.policy };
      if (sameJson(from, wanted)) return equal();
      const body = { [limitKeys[type]]: quota.limit, policy: quota.policy };
      return differs(from, wanted, () => reader.admin.call("POST", `${path}/backlogQuota`, { query, body }));
    },
  }));

const limitKeys = { destination_storage: "limitSize", message_age: "limitTime" } as const;

const quotaLimit = (type: BacklogQuota["type"], quota: JsonValue | undefined): number | undefined => {
  const limit = within(quota, limitKeys[type]);
  return typeof limit === "number" ? limit : undefined;
};

// Of these two the namespace has one for each cluster; the broker tells the one of its own.
const publishRateUnit = (path: string, rate: NonNullable<Policies["publishRate"]>): Unit =>
  rateUnit("publish rate", `${path}/publishRate`, rate, {
    publishThrottlingRateInMsg: rate.messages,
    publishThrottlingRateInByte: rate.bytes,
  });

const dispatchRateUnit = (path: string, rate: NonNullable<Policies["dispatchRate"]>): Unit =>
  rateUnit("dispatch rate", `${path}/dispatchRate`, rate, {
    dispatchThrottlingRateInMsg: rate.messages,
    dispatchThrottlingRateInByte: rate.bytes,
    relativeToPublishRate: false,
    ratePeriodInSecond: 1,
  });

const rateUnit = (
  name: string,
  path: string,
  rate: { readonly messages: number; readonly bytes: number },
  body: { readonly [key: string]: JsonValue },
): Unit => ({
  kind: "policy",
  name,
  compare: async (reader) => {
    const present = await reader.find<{ readonly [key: string]: JsonValue }>(path);
    const from = present === undefined ? undefined : rateOf(present, body);
    if (present !== undefined && Object.entries(body).every(([key, one]) => sameJson(present[key], one)))
      return equal();
    return differs(from, { ...rate }, () => reader.admin.call("POST", path, { body }));
  },
});

/** Messages and bytes; what else a rate says only where it is unusual. */
const rateOf = (
  present: { readonly [key: string]: JsonValue },
  body: { readonly [key: string]: JsonValue },
): JsonValue => {
  const [messages, bytes, ...others] = Object.keys(body);
  return {
    messages: present[messages ?? ""] ?? null,
    bytes: present[bytes ?? ""] ?? null,
    ...Object.fromEntries(
      others.filter((key) => !sameJson(present[key], body[key])).map((key) => [key, present[key] ?? null]),
    ),
  };
};

const persistenceUnit = (path: string, wanted: NonNullable<Policies["persistence"]>): Unit => ({
  kind: "policy",
  name: "persistence",
  compare: async (reader) => {
    const present = (await readPolicies(reader, path))["persistence"];
    const ensemble = within(present, "bookkeeperEnsemble");
    const from =
      ensemble === undefined
        ? undefined
        : {
            ensemble,
            writeQuorum: within(present, "bookkeeperWriteQuorum") ?? null,
            ackQuorum: within(present, "bookkeeperAckQuorum") ?? null,
          };
    if (sameJson(from, { ...wanted })) return equal();
    const body = {
      bookkeeperEnsemble: wanted.ensemble,
      bookkeeperWriteQuorum: wanted.writeQuorum,
      bookkeeperAckQuorum: wanted.ackQuorum,
      managedLedgerMaxMarkDeleteRate: within(present, "managedLedgerMaxMarkDeleteRate") ?? 0,
    };
    return differs(from, { ...wanted }, () => reader.admin.call("POST", `${path}/persistence`, { body }));
  },
});

const offloadUnits = (path: string, { bytes, seconds }: NonNullable<Policies["offload"]>): readonly Unit[] =>
  (
    [
      ["offload threshold in bytes", bytes, "managedLedgerOffloadThresholdInBytes", "offloadThreshold"],
      ["offload threshold in seconds", seconds, "managedLedgerOffloadThresholdInSeconds", "offloadThresholdInSeconds"],
    ] as const
  ).map(([name, wanted, key, call]) => ({
    kind: "policy",
    name,
    compare: async (reader) => {
      const from = within((await readPolicies(reader, path))["offload_policies"], key) ?? undefined;
      // Not set is no limit.
      if (from === wanted || (from === undefined && wanted < 0)) return equal();
      return differs(from, wanted, () => reader.admin.call("PUT", `${path}/${call}`, { body: wanted }));
    },
  }));

const differs = (
  from: JsonValue | undefined,
  to: JsonValue,
  write: () => Promise<unknown>,
): Comparison & { readonly kind: "differs" } => ({
  kind: "differs",
  action: "change",
  ...(from === undefined ? {} : { from }),
  to,
  write,
});

const within = (value: JsonValue | undefined, key: string): JsonValue | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? ((value as { readonly [key: string]: JsonValue })[key] ?? undefined)
    : undefined;

import type { JsonValue } from "../../model/type.js";
import type { BacklogQuota, DesiredState, DesiredTopic, Policies } from "../../pulsar/desired.js";
import { objectName } from "./names.js";

/** An object as Kubernetes takes it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [key: string]: JsonValue;
}

/** Of the PulsarConnection that everything refers to. */
export const connection = "pulsar";

/** Of the Secret with PULSAR_ADMIN_URL, and PULSAR_TOKEN where the cluster asks for one. */
export const secret = "pulsar-admin";

/** The tenant alone: others may share it, and only a superuser may change it. */
export const tenantObject = ({ tenant: { name, clusters, adminRoles } }: DesiredState): KubernetesObject =>
  object("PulsarTenant", name, {
    name,
    allowedClusters: clusters,
    ...(adminRoles.length === 0 ? {} : { adminRoles }),
  });

/** Everything below the tenant for which pulsar-resources-operator has a kind, each after what it needs. */
export const objectsOf = (desired: DesiredState): readonly KubernetesObject[] => {
  const { namespace, topics, permissions, owner } = desired;
  return [
    object("PulsarNamespace", namespace.name, {
      name: namespace.name,
      ...policySpec(namespace.policies),
      replicationClusters: namespace.clusters,
      properties: owner,
    }),
    ...topics.map((topic) => object("PulsarTopic", `${namespace.name}/${topic.name}`, topicSpec(topic, owner))),
    ...permissions.map(({ role, actions }) =>
      object("PulsarPermission", `${namespace.name}/${role}`, {
        resourceType: "namespace",
        resourceName: namespace.name,
        roles: [role],
        actions,
      }),
    ),
    ...topics.flatMap(({ name, url, permissions: beyond }) =>
      beyond.map(({ role, actions }) =>
        object("PulsarPermission", `${namespace.name}/${name}/${role}`, {
          resourceType: "topic",
          resourceName: url,
          roles: [role],
          actions,
        }),
      ),
    ),
  ];
};

/** Without a policy for its end the operator deletes in Pulsar what is deleted in Kubernetes, with all its events. */
const object = (kind: string, name: string, spec: { readonly [key: string]: JsonValue }): KubernetesObject => ({
  apiVersion: "resource.streamnative.io/v1alpha1",
  kind,
  metadata: { name: objectName(name) },
  spec: { ...spec, connectionRef: { name: connection }, lifecyclePolicy: "KeepAfterDeletion" },
});

const policySpec = (policies: Policies): { readonly [key: string]: JsonValue } => {
  const { inactiveTopics, retention, publishRate, dispatchRate, persistence, offload, limits } = policies;
  const [quota] = policies.backlogQuotas;
  return {
    inactiveTopicPolicies: {
      deleteWhileInactive: inactiveTopics.deleteWhileInactive,
      inactiveTopicDeleteMode: inactiveTopics.mode,
      maxInactiveDurationInSeconds: inactiveTopics.maxInactiveSeconds,
    },
    retentionTime: retention.minutes < 0 ? "-1" : `${retention.minutes}m`,
    // The operator hands on how many millions it is; Pulsar takes that for MiB.
    retentionSize: retention.mebibytes < 0 ? "-1" : `${retention.mebibytes}M`,
    messageTTL: `${policies.messageTtl}s`,
    subscriptionExpirationTime: `${policies.subscriptionExpiry}s`,
    compactionThreshold: policies.compactionThreshold,
    deduplication: policies.deduplication,
    // The operator refuses one without a type, though none is ever created.
    topicAutoCreationConfig: { allow: policies.autoTopicCreation, type: "non-partitioned" },
    schemaCompatibilityStrategy: policies.compatibility,
    isAllowAutoUpdateSchema: policies.schemaAutoUpdate,
    schemaValidationEnforced: policies.schemaValidation,
    ...(quota === undefined ? {} : quotaSpec(quota)),
    ...(publishRate === undefined
      ? {}
      : {
          publishRate: {
            publishThrottlingRateInMsg: publishRate.messages,
            publishThrottlingRateInByte: publishRate.bytes,
          },
        }),
    ...(dispatchRate === undefined
      ? {}
      : {
          dispatchRate: {
            dispatchThrottlingRateInMsg: dispatchRate.messages,
            dispatchThrottlingRateInByte: dispatchRate.bytes,
            ratePeriodInSecond: 1,
          },
        }),
    ...(persistence === undefined
      ? {}
      : {
          persistencePolicies: {
            bookkeeperEnsemble: persistence.ensemble,
            bookkeeperWriteQuorum: persistence.writeQuorum,
            bookkeeperAckQuorum: persistence.ackQuorum,
          },
        }),
    ...(offload === undefined || offload.bytes < 0 ? {} : { offloadThresholdSize: `${offload.bytes}` }),
    ...(offload === undefined || offload.seconds < 0 ? {} : { offloadThresholdTime: `${offload.seconds}s` }),
    ...(limits.producersPerTopic === undefined ? {} : { maxProducersPerTopic: limits.producersPerTopic }),
    ...(limits.consumersPerTopic === undefined ? {} : { maxConsumersPerTopic: limits.consumersPerTopic }),
    ...(limits.consumersPerSubscription === undefined
      ? {}
      : { maxConsumersPerSubscription: limits.consumersPerSubscription }),
  };
};

const quotaSpec = ({ type, limit, policy }: BacklogQuota): { readonly [key: string]: JsonValue } => ({
  backlogQuotaType: type,
  ...(type === "message_age" ? { backlogQuotaLimitTime: `${limit}s` } : { backlogQuotaLimitSize: `${limit}` }),
  backlogQuotaRetentionPolicy: policy,
});

const topicSpec = (topic: DesiredTopic, owner: DesiredState["owner"]): { readonly [key: string]: JsonValue } => ({
  name: topic.url,
  partitions: topic.partitions,
  ...(topic.schema === undefined
    ? {}
    : { schemaInfo: { type: topic.schema.type, schema: topic.schema.definition, properties: {} } }),
  properties: owner,
});

import { defer } from "../model/defer.js";
import type {
  CompatibilityStrategy,
  Encoding,
  Environment,
  Limit,
  Model,
  PulsarSettings,
  Subscription,
  Topic,
} from "../model/model.js";
import { envelopeSchema } from "../targets/avro.js";
import type { SchemaPayload } from "./schema-payload.js";

/**
 * What a Pulsar has to hold for a model: `evgen apply`, the scripts and the files for other tools are all made of it.
 * Everything is in the order in which it has to be made, which is also the order of the properties here.
 */
export interface DesiredState {
  /** Stands in the properties of the namespace and the topics: whose they are. */
  readonly owner: { readonly [property: string]: string };
  /** At least these clusters and admin roles: others may share the tenant. */
  readonly tenant: {
    readonly name: string;
    readonly clusters: readonly string[];
    readonly adminRoles: readonly string[];
  };
  readonly namespace: {
    /** tenant/namespace */
    readonly name: string;
    /** At least these: to take one away would delete its data there. */
    readonly clusters: readonly string[];
    readonly policies: Policies;
  };
  /** Those of the aggregates, then those of dead letters. */
  readonly topics: readonly DesiredTopic[];
  /** Other roles keep what they have. */
  readonly permissions: PulsarSettings["permissions"];
}

/** The policies of a namespace, in the order in which a broker takes them. */
export interface Policies {
  /** Before any topic: one that is empty would be deleted within minutes, and its schema with it. */
  readonly inactiveTopics: {
    readonly deleteWhileInactive: false;
    readonly maxInactiveSeconds: number;
    readonly mode: "delete_when_no_subscriptions";
  };
  /** Before a backlog quota, which has to be smaller. -1 is no limit. */
  readonly retention: { readonly minutes: number; readonly mebibytes: number };
  /** Seconds. A time to live acknowledges what was never read. */
  readonly messageTtl: 0;
  /** Minutes. An expired subscription has forgotten what it has read. */
  readonly subscriptionExpiry: 0;
  /** Bytes. Compaction keeps only the newest event of a key. */
  readonly compactionThreshold: 0;
  readonly deduplication: boolean;
  readonly autoTopicCreation: false;
  /** The broker's own default, FULL, refuses every new event. */
  readonly compatibility: CompatibilityStrategy;
  /** Whether clients may register schemas. */
  readonly schemaAutoUpdate: false;
  readonly schemaValidation: boolean;
  /** Those that the model states; never one that evicts. */
  readonly backlogQuotas: readonly BacklogQuota[];
  /** Not stated, the broker's own settings stay: this and all that follows. -1 is no limit. */
  readonly publishRate?: { readonly messages: number; readonly bytes: number };
  readonly dispatchRate?: { readonly messages: number; readonly bytes: number };
  readonly persistence?: NonNullable<PulsarSettings["persistence"]>;
  readonly offload?: { readonly bytes: number; readonly seconds: number };
  readonly limits: { readonly [limit in Limit]?: number };
}

export interface BacklogQuota {
  readonly type: "destination_storage" | "message_age";
  /** Bytes of destination_storage, seconds of message_age. */
  readonly limit: number;
  readonly policy: "producer_request_hold" | "producer_exception";
}

export interface DesiredTopic {
  readonly kind: "events" | "dead-letter";
  /** The last part of its URL. */
  readonly name: string;
  readonly url: string;
  /** 0 is a topic without partitions. */
  readonly partitions: number;
  /** What is registered, exactly; dead letters may be anything and have none. */
  readonly schema?: SchemaPayload;
  readonly subscriptions: readonly { readonly name: string; readonly position: "earliest" | "latest" }[];
  /** Beyond those that the roles have in the namespace. */
  readonly permissions: PulsarSettings["permissions"];
}

/**
 * What a model wants, everywhere or in one of its environments. With `released` (the names of released versions in wire
 * order, by a topic's url in the model) drafts are left out, and so are topics that hold nothing else.
 */
export const desiredState = (
  model: Model,
  environment?: Environment,
  released?: ReadonlyMap<string, readonly string[]>,
): DesiredState => {
  const pulsar = environment?.pulsar ?? model.pulsar;
  const namespace = `${pulsar.tenant}/${pulsar.namespace}`;
  const topics = model.topics.filter((topic) => released === undefined || released.has(topic.url));
  const subscriptions = subscriptionsOf(model).filter((one) => one.topics.some((topic) => topics.includes(topic)));
  const urlOf = (name: string): string => `persistent://${namespace}/${name}`;
  return {
    owner: { [ownerProperty]: model.system },
    tenant: { name: pulsar.tenant, clusters: pulsar.clusters, adminRoles: pulsar.adminRoles },
    namespace: { name: namespace, clusters: pulsar.clusters, policies: policiesOf(pulsar) },
    topics: [
      ...topics.map((topic) => {
        const desired: Omit<DesiredTopic, "schema"> & { schema?: SchemaPayload } = {
          kind: "events",
          name: topic.name,
          url: urlOf(topic.name),
          partitions: environment?.partitions.get(topic.name) ?? topic.partitions,
          subscriptions: subscriptions
            .filter((one) => one.topics.includes(topic))
            .map(({ name, position }) => ({ name, position })),
          permissions: [],
        };
        // Not everything that is made of the state asks for it.
        defer(desired, "schema", () => payloadOf(withoutDrafts(topic, released), model));
        return desired;
      }),
      ...subscriptions.map(({ deadLetter }) => ({
        kind: "dead-letter" as const,
        name: deadLetter.name,
        url: urlOf(deadLetter.name),
        partitions: 0,
        // It keeps the dead letters until somebody has looked at them.
        subscriptions: [{ name: deadLetter.subscription, position: "earliest" as const }],
        permissions: parkingOf(pulsar.permissions),
      })),
    ],
    permissions: pulsar.permissions,
  };
};

/** Who consumes also parks, and asks for redrives: nobody without the right to produce there would get far. */
const parkingOf = (permissions: PulsarSettings["permissions"]): PulsarSettings["permissions"] =>
  permissions
    .filter(({ actions }) => actions.includes("consume") && !actions.includes("produce"))
    .map(({ role }) => ({ role, actions: ["produce", "consume"] }));

/** The property that says which system's model a namespace or a topic belongs to. */
export const ownerProperty = "evgen.system";

/** The subscriptions of a model: of its projections, then of its consumers. */
export const subscriptionsOf = (model: Model): readonly Subscription[] =>
  [...model.projections, ...model.consumers].map((reader) => reader.subscription);

/** What generated code presents: the Avro namespace is that of the model, also in another tenant. */
export const payloadOf = (topic: Topic, model: Model): SchemaPayload => ({
  type: schemaType(model.pulsar.encoding),
  definition: JSON.stringify(envelopeSchema(topic, model)),
});

/** What the broker calls an encoding: both are registered with an Avro definition. */
export const schemaType = (encoding: Encoding): SchemaPayload["type"] => {
  switch (encoding) {
    case "avro":
      return "AVRO";
    case "json":
      return "JSON";
  }
};

/** Drafts come last on the wire, so what is released is what a topic begins with. */
const withoutDrafts = (topic: Topic, released: ReadonlyMap<string, readonly string[]> | undefined): Topic => {
  const names = released?.get(topic.url);
  return names === undefined
    ? topic
    : { ...topic, branches: topic.branches.filter((version) => names.includes(version.name)) };
};

const policiesOf = (pulsar: PulsarSettings): Policies => {
  const { publishRate, dispatchRate, persistence, offload } = pulsar;
  return {
    inactiveTopics: { deleteWhileInactive: false, maxInactiveSeconds: 3600, mode: "delete_when_no_subscriptions" },
    retention: pulsar.retention === "forever" ? { minutes: -1, mebibytes: -1 } : pulsar.retention,
    messageTtl: 0,
    subscriptionExpiry: 0,
    compactionThreshold: 0,
    deduplication: pulsar.deduplication,
    autoTopicCreation: false,
    compatibility: pulsar.compatibility,
    schemaAutoUpdate: false,
    schemaValidation: !pulsar.websocketProducers,
    backlogQuotas: quotasOf(pulsar.backlogQuota),
    ...(publishRate === undefined ? {} : { publishRate: rate(publishRate) }),
    ...(dispatchRate === undefined ? {} : { dispatchRate: rate(dispatchRate) }),
    ...(persistence === undefined ? {} : { persistence }),
    ...(offload === undefined ? {} : { offload: { bytes: offload.bytes ?? -1, seconds: offload.seconds ?? -1 } }),
    limits: pulsar.limits,
  };
};

const rate = ({ messages = -1, bytes = -1 }: NonNullable<PulsarSettings["publishRate"]>) => ({ messages, bytes });

const quotasOf = (quota: PulsarSettings["backlogQuota"]): readonly BacklogQuota[] => {
  if (quota === undefined) return [];
  const { bytes, seconds, policy } = quota;
  return [
    ...(bytes === undefined ? [] : [{ type: "destination_storage" as const, limit: bytes, policy }]),
    ...(seconds === undefined ? [] : [{ type: "message_age" as const, limit: seconds, policy }]),
  ];
};

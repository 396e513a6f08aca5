import type { Place } from "../diagnostics/diagnostic.js";
import type { Expression, FunctionReference } from "../mapping/expression.js";
import type { Identifier } from "./names.js";
import type { Field, JsonValue, NamedType, RecordType, StringType } from "./type.js";

/**
 * A model that has been read, checked and resolved. It holds objects, not names to look up, and everything in it is
 * in the order of the files: a target never has to look for something, to sort or to default.
 */
export interface Model {
  readonly system: string;
  readonly description?: string;
  /** How `long` is held in TypeScript. */
  readonly long: "number" | "bigint";
  readonly pulsar: PulsarSettings;
  /** In the order of the files. */
  readonly environments: readonly Environment[];
  readonly types: readonly NamedType[];
  readonly aggregates: readonly Aggregate[];
  /** Every topic that the aggregates name, once. */
  readonly topics: readonly Topic[];
  readonly projections: readonly Projection[];
  readonly consumers: readonly Consumer[];
  readonly generate: GenerateSettings;
  readonly verify: VerifySettings;
  /** Findings of `evgen check` that somebody has decided to live with. */
  readonly accepted: readonly Acceptance[];
  /** The first file. */
  readonly place: Place;
}

export interface Acceptance {
  /** Its fingerprint. */
  readonly finding: string;
  readonly reason: string;
  readonly place: Place;
}

export interface PulsarSettings {
  readonly tenant: string;
  readonly namespace: string;
  readonly encoding: Encoding;
  /** `forever`, or limits: minutes and mebibytes, either may be -1 for none. */
  readonly retention: "forever" | { readonly minutes: number; readonly mebibytes: number };
  readonly deduplication: boolean;
  readonly compatibility: CompatibilityStrategy;
  /** Whether producers over WebSocket are wanted: they carry no schema, so the broker cannot enforce one. */
  readonly websocketProducers: boolean;
  readonly clusters: readonly string[];
  readonly adminRoles: readonly string[];
  readonly permissions: readonly { readonly role: string; readonly actions: readonly ("produce" | "consume")[] }[];
  readonly backlogQuota?: {
    readonly bytes?: number;
    readonly seconds?: number;
    readonly policy: "producer_request_hold" | "producer_exception";
  };
  /** For each topic, in a second. */
  readonly publishRate?: Rate;
  readonly dispatchRate?: Rate;
  readonly persistence?: { readonly ensemble: number; readonly writeQuorum: number; readonly ackQuorum: number };
  /** When messages move to the cluster's cheaper storage. */
  readonly offload?: { readonly bytes?: number; readonly seconds?: number };
  readonly limits: { readonly [limit in Limit]?: number };
  /** Where `pulsar:` stands; absent when the model does not say it. */
  readonly place?: Place;
}

/** At least one of the two. */
export interface Rate {
  readonly messages?: number;
  readonly bytes?: number;
}

export type Limit =
  | "producersPerTopic"
  | "consumersPerTopic"
  | "consumersPerSubscription"
  | "subscriptionsPerTopic"
  | "unackedPerConsumer"
  | "unackedPerSubscription";

/** A Pulsar that the model is provisioned to. */
export interface Environment {
  readonly name: string;
  readonly description?: string;
  readonly adminUrl?: string;
  readonly serviceUrl?: string;
  readonly websocketUrl?: string;
  /** Where the token is: in a variable, or in a file that is absolute or relative to the model's folder. */
  readonly token?: { readonly kind: "env" | "file"; readonly name: string };
  /** Files, absolute or relative to the model's folder; `cert` and `key` come together. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly insecure: boolean };
  /** Whether versions that are not released may be provisioned. */
  readonly drafts: boolean;
  /** The model's settings, with what the environment says otherwise. */
  readonly pulsar: PulsarSettings;
  /** How many partitions a topic has here, by its name; as many as the topic says where there is none. */
  readonly partitions: ReadonlyMap<string, number>;
  readonly place: Place;
}

export type Encoding = "avro" | "json";
export type CompatibilityStrategy =
  | "ALWAYS_COMPATIBLE"
  | "BACKWARD"
  | "BACKWARD_TRANSITIVE"
  | "FORWARD"
  | "FORWARD_TRANSITIVE"
  | "FULL"
  | "FULL_TRANSITIVE";

export interface Topic {
  /** The last part of the name: `orders` of persistent://shop/sales/orders. */
  readonly name: string;
  /** persistent://tenant/namespace/name */
  readonly url: string;
  /** 0 is a topic without partitions. */
  readonly partitions: number;
  /** The Avro name of its envelope, OrderEvent; its namespace is `avroNamespace`. */
  readonly envelope: Identifier;
  readonly aggregates: readonly Aggregate[];
  /** The branches of the envelope's data in wire order, which only ever grows at the end. */
  readonly branches: readonly EventVersion[];
  readonly place: Place;
}

export interface Aggregate {
  readonly name: Identifier;
  readonly description?: string;
  readonly key: {
    readonly name: Identifier;
    readonly type: { readonly kind: "uuid" } | StringType;
    /** The named type that the key is of, as the model says it: `key: { orderId: OrderId }`. */
    readonly named?: NamedType;
  };
  readonly topic: Topic;
  readonly events: readonly Event[];
  readonly state?: RecordType;
  readonly commands: readonly Command[];
  readonly scenarios: readonly Scenario[];
  /** Functions that upcasters of its events name with `by:`, in order of first use. */
  readonly functions: readonly FunctionReference[];
  readonly place: Place;
}

export interface Event {
  readonly name: Identifier;
  readonly aggregate: Aggregate;
  readonly description?: string;
  readonly deprecated?: string | true;
  /** Dense from 1; the last one is current. Never empty. */
  readonly versions: readonly EventVersion[];
  readonly current: EventVersion;
  /** Present when the event is retired: what a stored one of its current version is read as. Empty: as nothing. */
  readonly becomes?: readonly Becoming[];
  readonly place: Place;
}

export interface EventVersion {
  readonly event: Event;
  readonly number: number;
  /** OrderPlacedV2: its name in TypeScript and Avro; `type.name` is the same. */
  readonly name: Identifier;
  readonly type: RecordType;
  readonly description?: string;
  /** From the version below; absent in version 1. Builds `type` from that version's type. */
  readonly upcast?: Expression;
  readonly place: Place;
}

/** One of the events that a retired event is read as. */
export interface Becoming {
  /** Not necessarily the current one: it is upcast further from there. */
  readonly version: EventVersion;
  readonly mapping: Expression;
  readonly place: Place;
}

export interface Command {
  readonly name: Identifier;
  readonly description?: string;
  readonly type: RecordType;
  readonly emits: readonly Event[];
  readonly place: Place;
}

export interface Scenario {
  readonly title: string;
  readonly given: readonly { readonly event: Event; readonly data: JsonValue }[];
  readonly when: { readonly command: Command; readonly data: JsonValue };
  readonly then:
    | { readonly kind: "rejected"; readonly reason: string }
    | { readonly kind: "events"; readonly events: readonly { readonly event: Event; readonly data: JsonValue }[] };
  readonly place: Place;
}

export type SubscriptionType = "exclusive" | "failover" | "shared" | "key_shared";

/** A durable cursor on the topics of what is read, with the dead-letter topic that belongs to it. */
export interface Subscription {
  /** order-summary for OrderSummary; order-summary-v2 for its version 2. */
  readonly name: string;
  readonly type: SubscriptionType;
  readonly topics: readonly Topic[];
  readonly position: "earliest" | "latest";
  /** What happens to a stored version or an event type that the code does not know. */
  readonly newer: "park" | "halt" | "skip";
  /** persistent://shop/sales/orders-warehouse-dlq, and the subscription that keeps what arrives there. */
  readonly deadLetter: { readonly name: string; readonly url: string; readonly subscription: string };
}

export interface Consumer {
  readonly name: Identifier;
  readonly description?: string;
  readonly aggregates: readonly Aggregate[];
  /** Those it handles; retired events never are among them. Others of the topic pass it by. */
  readonly events: readonly Event[];
  readonly subscription: Subscription;
  readonly retry: Retry;
  /** Functions of the upcasters on its way. */
  readonly functions: readonly FunctionReference[];
  readonly place: Place;
}

export interface Retry {
  /** How often one event is handled before it is parked; at least 1. */
  readonly attempts: number;
  /** Milliseconds; doubled after each attempt up to `maxBackoff`. */
  readonly minBackoff: number;
  readonly maxBackoff: number;
}

export interface Projection {
  readonly name: Identifier;
  readonly description?: string;
  readonly aggregates: readonly Aggregate[];
  readonly store: "memory" | "postgres" | "redis" | "elasticsearch";
  /** From 1 on: which copy of the rows this is. Its subscription and its rows are those of no other version. */
  readonly version: number;
  readonly subscription: Subscription;
  readonly retry: Retry;
  /** At least one; `aggregateId` is true when it is the key of its one aggregate, and rows are keyed by the event's. */
  readonly key: { readonly fields: readonly Field[]; readonly aggregateId: boolean };
  /** The row without its key. */
  readonly row: RecordType;
  /** Names of row or key fields. */
  readonly indexes: readonly (readonly string[])[];
  /** One for every event of the aggregates that is not retired, in their order. */
  readonly on: readonly Reaction[];
  readonly functions: readonly FunctionReference[];
  readonly place: Place;
}

export type Reaction = {
  readonly event: Event;
  readonly place: Place;
} & (
  | { readonly kind: "ignore" }
  | { readonly kind: "delete"; readonly key: readonly KeyPart[] }
  | {
      readonly kind: "change";
      readonly key: readonly KeyPart[];
      readonly set: readonly Assignment[];
      readonly increment: readonly Assignment[];
      readonly append: readonly Assignment[];
      readonly remove: readonly Assignment[];
    }
  /** `function(row | undefined, event) → row | undefined`, written by the user. */
  | { readonly kind: "by"; readonly key: readonly KeyPart[]; readonly function: FunctionReference }
);

/** The values are built from the event's current data. */
export interface KeyPart {
  readonly field: Field;
  readonly value: Expression;
}
export interface Assignment {
  readonly field: Field;
  readonly value: Expression;
}

export interface GenerateSettings {
  /** Relative to the model's folder, inside it. */
  readonly out: string;
  readonly targets: readonly string[];
  /** `compiled`: by Ajv on first use. `precompiled`: as modules, for places without eval. */
  readonly validators: "compiled" | "precompiled";
}

export interface VerifySettings {
  /** The module of the user's functions, relative to the model's folder, inside it. */
  readonly functions?: string;
}

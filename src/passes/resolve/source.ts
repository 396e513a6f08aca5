import type { JsonValue } from "../../model/type.js";

/** A document after the form check: what model.schema.json promises of it. */
export interface SourceDocument {
  readonly evgen?: 1;
  readonly system?: string;
  readonly description?: string;
  readonly options?: { readonly long?: "number" | "bigint" };
  readonly pulsar?: SourcePulsar;
  readonly environments?: ByName<SourceEnvironment>;
  readonly types?: ByName<SourceField>;
  readonly aggregates?: ByName<SourceAggregate>;
  readonly projections?: ByName<SourceProjection>;
  readonly consumers?: ByName<SourceConsumer>;
  readonly generate?: SourceGenerate;
  readonly accept?: readonly { readonly finding: string; readonly reason: string }[];
  /** Of `evgen lint`, as is `suppress:` of elements; what is built does not depend on it. */
  readonly lint?: JsonValue;
  readonly verify?: { readonly functions?: string };
}

export type ByName<T> = { readonly [name: string]: T };

export interface SourcePulsar extends SourcePlacement {
  readonly encoding?: "avro" | "json";
  readonly deduplication?: boolean;
  readonly compatibility?: string;
  readonly websocketProducers?: boolean;
}

/** Where in Pulsar, and under which policies: what may be otherwise in each environment. */
interface SourcePlacement {
  readonly tenant?: string;
  readonly namespace?: string;
  readonly retention?: "forever" | { readonly time?: string; readonly size?: string };
  readonly clusters?: readonly string[];
  readonly adminRoles?: readonly string[];
  readonly permissions?: ByName<readonly ("produce" | "consume")[]>;
  readonly backlogQuota?: { readonly size?: string; readonly time?: string; readonly policy?: string };
  readonly publishRate?: SourceRate;
  readonly dispatchRate?: SourceRate;
  readonly persistence?: { readonly ensemble: number; readonly writeQuorum: number; readonly ackQuorum: number };
  readonly offload?: { readonly size?: string; readonly after?: string };
  readonly limits?: ByName<number>;
}

export interface SourceRate {
  readonly messages?: number;
  readonly size?: string;
}

export interface SourceEnvironment extends SourcePlacement {
  readonly description?: string;
  readonly adminUrl?: string;
  readonly serviceUrl?: string;
  readonly websocketUrl?: string;
  readonly token?: { readonly env?: string; readonly file?: string };
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly insecure?: boolean };
  readonly drafts?: boolean;
  readonly partitions?: number | ByName<number>;
}

export interface SourceGenerate {
  readonly out?: string;
  readonly targets?: readonly string[];
  readonly validators?: "compiled" | "precompiled";
}

/** A type expression, or an object with one of `type`, `enum`, `fields`, `oneOf`, `schema`. */
export type SourceField = string | SourceType;

export interface SourceType extends SourceConstraints {
  readonly type?: string;
  readonly enum?: readonly JsonValue[];
  readonly fields?: ByName<SourceField>;
  readonly oneOf?: readonly string[];
  readonly schema?: JsonValue;
  readonly description?: string;
  readonly example?: JsonValue;
  readonly pii?: boolean;
  readonly deprecated?: boolean | string;
}

export interface SourceConstraints {
  readonly min?: number | string;
  readonly max?: number | string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** A state or a command's data: a record, written out or as a JSON Schema. */
export interface SourceRecord {
  readonly fields?: ByName<SourceField>;
  readonly schema?: JsonValue;
  readonly description?: string;
}

export interface SourceAggregate {
  readonly description?: string;
  readonly key: ByName<SourceField>;
  readonly topic?: string | { readonly name?: string; readonly partitions?: number };
  readonly events?: ByName<SourceEvent>;
  readonly state?: SourceRecord;
  readonly commands?: ByName<SourceCommand>;
  readonly scenarios?: ByName<SourceScenario>;
}

export interface SourceEvent {
  readonly description?: string;
  readonly deprecated?: boolean | string;
  readonly versions: ByName<SourceVersion>;
  readonly retired?: boolean;
  readonly becomes?: readonly SourceBecoming[];
}

/** Shaped like what it builds: a field's value by the field's name, or `{ by: function }` for the whole. */
export type SourceMapping = { readonly [field: string]: JsonValue };

export interface SourceVersion extends SourceRecord {
  readonly like?: number;
  readonly without?: readonly string[];
  readonly upcast?: SourceMapping | null;
  readonly drop?: readonly string[];
}

export interface SourceBecoming {
  readonly event: string;
  readonly version?: number;
  readonly map?: SourceMapping | null;
  readonly drop?: readonly string[];
}

export interface SourceCommand extends SourceRecord {
  readonly emits?: readonly string[];
}

export interface SourceScenario {
  readonly given?: readonly ByName<JsonValue>[];
  readonly when: ByName<JsonValue>;
  readonly then: { readonly rejected: string } | readonly ByName<JsonValue>[];
}

export interface SourceReader {
  readonly description?: string;
  readonly from: string | readonly string[];
  readonly subscription?: "exclusive" | "failover" | "shared" | "key_shared";
  readonly position?: "earliest" | "latest";
  readonly newer?: "park" | "halt" | "skip";
  readonly retry?: { readonly attempts?: number; readonly backoff?: string };
}

export interface SourceConsumer extends SourceReader {
  readonly events?: readonly string[];
}

export interface SourceProjection extends SourceReader {
  readonly store: "memory" | "postgres" | "redis" | "elasticsearch";
  readonly version?: number;
  readonly key?: ByName<SourceField>;
  readonly fields: ByName<SourceField>;
  readonly indexes?: readonly (readonly string[])[];
  readonly on: ByName<"ignore" | "delete" | SourceReaction>;
}

export interface SourceReaction {
  readonly key?: JsonValue;
  readonly set?: SourceMapping;
  readonly increment?: SourceMapping;
  readonly append?: SourceMapping;
  readonly remove?: SourceMapping;
  readonly delete?: true;
  readonly by?: string;
}

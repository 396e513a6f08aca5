/**
 * What generated code declares and the runtime runs: events with their versions, topics, aggregates, projections.
 * Everything here is data and pure functions.
 */

import type { GuardMark } from "./guard.js";

/** A JSON Schema of a value in memory, as data. See docs/generated-code.md for the keywords beyond the standard's. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** An Avro schema as data. */
export type AvroSchema = { readonly [attribute: string]: unknown };

declare const dataOf: unique symbol;
declare const uuidBrand: unique symbol;

/** A UUID in lower case, as `uuid()` checks it. */
export type Uuid = string & { readonly [uuidBrand]: true };

/** A JSON value, for fields of the type `json`. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** All about an event but its data. */
export interface EventHeader {
  /** A UUID, version 7; for a part of a split event derived from the original's (version 5). */
  readonly id: string;
  readonly type: string;
  /** The version in which it is stored, which is not necessarily that of the data in hand. */
  readonly version: number;
  readonly aggregateId: string;
  /** The position in its stream, from 1, when an event store assigned one. */
  readonly sequence?: number | undefined;
  /** Which part this is of a retired event that became several, from 0. */
  readonly index?: number | undefined;
  /** When it happened: RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly correlationId?: string | undefined;
  readonly causationId?: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An event with its data in the current version. */
export interface Event<Type extends string = string, Data = unknown, Id extends string = string> extends EventHeader {
  readonly type: Type;
  readonly aggregateId: Id;
  readonly data: Data;
}

/** One function a field: what a model's `by:` asks the user for. */
export type Functions = { readonly [name: string]: (...parameters: never) => unknown };

/** An event of the model: its name, and all its versions from 1 on. */
export interface EventDefinition<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly versions: readonly VersionDefinition[];
  /** For a retired event: what a stored one is read as. */
  readonly becomes?: readonly BecomingDefinition[];
  /** Never set: carries the type of the current data. */
  readonly [dataOf]?: Data;
}

export type DataOf<Definition> = Definition extends EventDefinition<string, infer Data> ? Data : never;

/** Validated by `schema`, compiled on first use, or by the function `validate` where validators are precompiled. */
export type VersionDefinition = (
  | { readonly schema: JsonSchema; readonly validate?: undefined }
  | { readonly schema?: undefined; readonly validate: Validate }
) & {
  /** To the next version. Absent in the current one. */
  readonly upcast?: (data: never, event: EventHeader, functions: never) => unknown;
};

export interface BecomingDefinition {
  readonly event: EventDefinition;
  /** The version that `map` builds; it is upcast from there. */
  readonly version: number;
  readonly map: (data: never, event: EventHeader, functions: never) => unknown;
}

/** True when the value is valid; else its `errors` say why, as Ajv does. */
export interface Validate {
  (value: unknown): boolean;
  errors?: readonly ValidationError[] | null;
}

export interface ValidationError {
  /** A JSON pointer into the value. */
  readonly instancePath: string;
  readonly message?: string | undefined;
}

/** A topic with the envelope of its events. */
export interface TopicDefinition {
  /** persistent://tenant/namespace/name */
  readonly url: string;
  /** 0 is a topic without partitions. */
  readonly partitions: number;
  readonly encoding: "avro" | "json";
  /** The Avro record that is registered for the topic, whatever the encoding: as JSON, or as data. */
  readonly envelope: AvroSchema | string;
  /** `ce_source` and the prefix of `ce_type`: shop.sales */
  readonly source: string;
  /** How a long of `data` is held in memory; a number when not said. */
  readonly long?: "bigint";
}

export interface AggregateDefinition {
  readonly name: string;
  readonly key: { readonly name: string; readonly schema: JsonSchema };
  readonly topic: TopicDefinition;
  /** Retired ones too: they can still be read. */
  readonly events: readonly EventDefinition[];
}

/** A durable subscription, as the model provisions it. */
export interface SubscriptionDefinition {
  readonly name: string;
  readonly type: "exclusive" | "failover" | "shared" | "key_shared";
  readonly position: "earliest" | "latest";
  /** What happens to an event type or version that this code does not know. */
  readonly newer: "park" | "halt" | "skip";
  /** The topic that parked events go to. */
  readonly deadLetterTopic: string;
  readonly retry: {
    readonly attempts: number /** Milliseconds. */;
    readonly minBackoff: number;
    readonly maxBackoff: number;
  };
}

export interface ConsumerDefinition {
  readonly name: string;
  readonly aggregates: readonly AggregateDefinition[];
  /** The types it handles; others are acknowledged. */
  readonly events: readonly string[];
  readonly subscription: SubscriptionDefinition;
}

/** What an event does to the row of a key. `undefined`: nothing. */
export type Change<Key, Row> =
  | { readonly key: Key; readonly delete: true }
  | {
      readonly key: Key;
      readonly set?: Partial<Row>;
      /** Numbers and decimals are added to the row's; a row that is new starts at zero. */
      readonly increment?: Partial<Row>;
      /** One item a field, for the end of the row's array; a row that is new starts with none. */
      readonly append?: Readonly<Record<string, unknown>>;
      /** One item a field; all that are equal to it leave the row's array. */
      readonly remove?: Readonly<Record<string, unknown>>;
    }
  /** The whole new row, or undefined to delete it, by a function of the user's. */
  | { readonly key: Key; readonly by: (row: Row | undefined) => Row | undefined };

export interface ProjectionDefinition<Key, Row, E extends Event> {
  readonly name: string;
  readonly aggregates: readonly AggregateDefinition[];
  readonly store: "memory" | "postgres" | "redis" | "elasticsearch";
  readonly subscription: SubscriptionDefinition;
  readonly key: readonly (keyof Key & string)[];
  /** Of the row without its key. */
  readonly row: JsonSchema;
  /** What its rows are called where they are read: a view, an alias, the beginning of keys. */
  readonly table: string;
  /** Which copy of the rows this is: `order_summary_v1` is the first of `order_summary`. */
  readonly version: number;
  /** One for each field: those of the key, then those of the row. */
  readonly columns: { readonly [field: string]: ColumnDefinition };
  /** Another one whenever the rows would become others: the hash of key, row and reactions, as evgen.lock has it. */
  readonly fingerprint: string;
  /** What a new row starts with: zero for what is incremented, [] for what is appended to or removed from. */
  readonly initial?: Partial<Row>;
  readonly indexes: readonly (readonly string[])[];
  readonly on: {
    readonly [One in E as One["type"]]: (event: One, functions: never) => Change<Key, Row> | undefined;
  };
}

/** How a field of a projection is stored. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: ColumnType;
  readonly optional?: true;
}

/**
 * As in the model, but for two: `bigint` is a long that is a bigint in memory, and `json` is whatever has parts (json,
 * records, arrays, maps, unions), in the JSON that `toStored` makes of it.
 */
export type ColumnType =
  | "string"
  | "enum"
  | "uuid"
  | "boolean"
  | "int"
  | "long"
  | "bigint"
  | "float"
  | "double"
  | `decimal(${number}, ${number})`
  | "date"
  | "timestamp"
  | "bytes"
  | "json";

/** One handler an event: the compiler names the one that is missing. */
export type Handlers<E extends Event> = {
  readonly [One in E as One["type"]]: (event: One, context: HandlerContext) => Promise<void> | void;
};

export interface HandlerContext {
  /** Aborted when the consumer is closed before the handler is done. */
  readonly signal: AbortSignal;
  /** 1 on the first delivery. */
  readonly attempt: number;
  /** What a GuardStore keeps of the event: written in the transaction of an effect, it makes the effect once. */
  readonly mark: GuardMark;
}

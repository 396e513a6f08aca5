import type { Encoding } from "../model/model.js";
import type { JsonValue } from "../model/type.js";

/**
 * What has been released: all of a model that a log kept for ever depends on, as plain data without descriptions,
 * examples or places. `evgen.lock` is a snapshot written down; a model at a git ref is made into one to be compared with.
 * Lists are sorted by name by code unit, but for what has an order of its own: branches are in wire order.
 */
export interface Snapshot {
  readonly system: string;
  /** Of docs/runtime.md's envelope; 1 today. */
  readonly envelope: number;
  /** How a `long` is held: what a `bigint` can be may be too much for a `number`. */
  readonly long: "number" | "bigint";
  /** The named types that released versions use, each once. */
  readonly types: readonly TypeSnapshot[];
  readonly topics: readonly TopicSnapshot[];
  readonly aggregates: readonly AggregateSnapshot[];
  readonly versions: readonly VersionSnapshot[];
  readonly retired: readonly RetiredSnapshot[];
  readonly projections: readonly ProjectionSnapshot[];
  readonly consumers: readonly ConsumerSnapshot[];
  readonly samples: readonly Sample[];
  readonly proved: readonly ProvedStep[];
}

export interface TypeSnapshot {
  readonly name: string;
  /** In canonical form. */
  readonly type: JsonValue;
}

export interface TopicSnapshot {
  /** persistent://shop/sales/orders */
  readonly url: string;
  readonly partitions: number;
  readonly encoding: Encoding;
  /** Full Avro name of the envelope's record: shop.sales.OrderEvent. */
  readonly record: string;
  /** Names of event versions (OrderPlacedV2) in wire order; it only ever grows at the end. */
  readonly branches: readonly string[];
}

export interface AggregateSnapshot {
  readonly name: string;
  readonly key: { readonly name: string; readonly type: JsonValue };
  readonly topic: string;
}

export interface VersionSnapshot {
  readonly aggregate: string;
  readonly event: string;
  readonly number: number;
  /** OrderPlacedV2 */
  readonly name: string;
  /** Its record in canonical form; named types stand in it by name, so that recursion has an end. */
  readonly type: JsonValue;
  /** The mapping from the version below, in canonical form; absent in version 1. */
  readonly upcast?: JsonValue;
}

/** What a stored event of a retired type is read as. */
export interface RetiredSnapshot {
  readonly aggregate: string;
  readonly event: string;
  readonly becomes: readonly { readonly version: string; readonly mapping: JsonValue }[];
}

export interface ProjectionSnapshot {
  readonly name: string;
  /** Hash of all that its rows depend on: key, fields, reactions, and the versions that it reads. */
  readonly hash: string;
}

export interface ConsumerSnapshot {
  readonly name: string;
  readonly subscription: string;
  readonly events: readonly string[];
}

/** A step that calls functions of the user's, as `evgen verify --record` has proved it. */
export interface ProvedStep {
  /** `Order OrderPlaced 2`, or `Order OrderSent becomes`. */
  readonly key: string;
  /** Of the step as it was then. */
  readonly hash: string;
}

/** A stored payload, and what today's chain reads it as; a later chain must read it as the same. */
export interface Sample {
  /** OrderPlacedV1 */
  readonly version: string;
  /** What it is a sample of: the least that is valid, what is usual (with the model's `example`s), the most. */
  readonly kind: SampleKind;
  /** In data form. */
  readonly data: JsonValue;
  /**
   * The events that it is read as: none, one, or the parts of a retired event. Where a function of the user's is on the
   * way, it is absent until `evgen verify --record` has called it.
   */
  readonly reads?: readonly Reading[];
}

export type SampleKind = "least" | "most" | "typical";

/** An event as a reader gets it, data in data form. */
export interface Reading {
  readonly type: string;
  readonly version: number;
  readonly data: JsonValue;
}

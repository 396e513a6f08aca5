import type { Aggregate, Event, EventVersion } from "../../model/model.js";
import type { Placed } from "./merge.js";
import type { SourceAggregate, SourceEvent, SourceVersion } from "./source.js";

/** Parts of the model whose types are known, and whose mappings and references are still to be resolved. */
export interface Drafts {
  readonly aggregates: ReadonlyMap<string, AggregateDraft>;
  /** Of all aggregates: names of events are global to the model. */
  readonly events: ReadonlyMap<string, EventDraft>;
}

export interface AggregateDraft extends Placed<SourceAggregate> {
  readonly aggregate: Mutable<Aggregate>;
  readonly events: readonly EventDraft[];
  /**
   * `known`: resolved when they are asked for. `plain`: an aggregate that is made from the same need not have them
   * resolved, since there is nothing to say about them, and they are no JSON Schemas.
   */
  readonly types: "known" | "plain" | "other";
}

export interface EventDraft extends Placed<SourceEvent> {
  readonly event: Mutable<Event>;
  readonly versions: readonly VersionDraft[];
}

export interface VersionDraft extends Placed<SourceVersion> {
  readonly version: Mutable<EventVersion>;
}

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

import type { AnyRow } from "./apply-change.js";
import type { Change, Event, EventHeader, ProjectionDefinition } from "./definitions.js";

/** A projection of whatever rows. */
export type AnyProjection = Pick<
  ProjectionDefinition<unknown, AnyRow, Event>,
  "name" | "aggregates" | "key" | "row" | "indexes" | "subscription" | "store"
> & { readonly initial?: AnyRow };

/** What one stored event does to a projection: applied as a whole, once, or not at all. */
export interface ProjectionWrite {
  /** Of the event as it is stored; its id and sequence are what a duplicate is known by. */
  readonly header: EventHeader;
  /** Whose sequence it is: the aggregate and its id. */
  readonly stream: string;
  /** One for each part of the event that does something. */
  readonly changes: readonly Change<unknown, AnyRow>[];
}

/**
 * Where the rows of projections are kept. It remembers with the rows, in one step, which events they hold, so that a
 * redelivery changes nothing.
 */
export interface ProjectionStore {
  /** Called once before the first write; makes what is missing. */
  open(projection: AnyProjection): Promise<void>;
  /** Applies a write, or says that it was applied before. Rejects with ProjectionError when a row would not be valid. */
  write(projection: AnyProjection, write: ProjectionWrite): Promise<"applied" | "duplicate">;
  get(projection: AnyProjection, key: AnyRow): Promise<AnyRow | undefined>;
}

import type { AnyRow } from "./apply-change.js";
import type { Change, Event, EventHeader, ProjectionDefinition } from "./definitions.js";

/** A projection of whatever rows. */
export type AnyProjection = Pick<
  ProjectionDefinition<unknown, AnyRow, Event>,
  "name" | "aggregates" | "row" | "table" | "version" | "columns" | "fingerprint" | "indexes" | "subscription" | "store"
> & { readonly key: readonly string[]; readonly initial?: AnyRow };

/**
 * Where the rows of projections are kept. To write one of your own, fold writes with `loadFold` of this package, keep
 * rows and what `holds` answers in one transaction, and run `storeContract` of evgen/testing.
 */
export interface ProjectionStore {
  /**
   * Opens the rows of a projection and makes what is missing. `target` is what they are called when it is not
   * `targetOf(projection)`: another copy. The first one of a table is the live one. Rejects with StoreMismatch when what
   * is there has other fields.
   */
  open(projection: AnyProjection, target?: string): Promise<ProjectionRows>;
  /** Every copy of the rows of a table, the oldest first. */
  targets(table: string): Promise<readonly StoredTarget[]>;
  /**
   * Makes a copy the live one, in one step: whoever reads `table` sees the rows of the one before or those of this one.
   * Rejects with UnknownTarget when there is no such copy.
   */
  promote(table: string, target: string): Promise<void>;
  /** Removes a copy and all that is known of it; nothing when there is none. What was live is then live no more. */
  drop(table: string, target: string): Promise<void>;
}

/** A copy of the rows of a projection. */
export interface StoredTarget {
  readonly target: string;
  /** The projection's name. */
  readonly projection: string;
  /** That it had when the rows were begun. */
  readonly fingerprint: string;
  /** Whether it is the one that is read. */
  readonly live: boolean;
}

/** What the rows of a projection's version are called: order_summary_v2. */
export const targetOf = ({ table, version }: Pick<AnyProjection, "table" | "version">): string =>
  `${table}_v${version}`;

/**
 * The rows of one projection. They hold, in one step with what it did to them, which events they have seen, so that a
 * redelivery changes nothing, whichever process it comes to.
 */
export interface ProjectionRows {
  readonly target: string;
  /** The projection's fingerprint when the rows were begun: another one than today's says that they are stale. */
  readonly fingerprint: string;
  /**
   * Applies a write, or says that it was applied before; resolves when that is durable. Writes of one stream come one
   * after the other, those of others at once: a store may put them into one transaction. Rejects with ProjectionError
   * when a row would not be valid; then nothing of this write is there, and all of the others.
   */
  write(write: ProjectionWrite): Promise<"applied" | "duplicate">;
  get(key: AnyRow): Promise<AnyRow | undefined>;
  /**
   * Rows in an order that does not change, a page at a time. A row that is there before the first page and after the
   * last, and keeps the fields that are asked for, is on exactly one of them.
   */
  page(query: RowQuery): Promise<RowPage>;
  /** Whether the rows hold an event. With a sequence: whether they hold all of its stream up to there. */
  holds(stream: string, event: Pick<EventHeader, "id" | "sequence">): Promise<boolean>;
}

/** What one stored event does to a projection: applied as a whole, once, or not at all. */
export interface ProjectionWrite {
  /** Of the event as it is stored; its id and sequence are what a duplicate is known by. */
  readonly header: EventHeader;
  /** Whose sequence it is: the aggregate and its id. */
  readonly stream: string;
  /** One for each part of the event that does something. */
  readonly changes: readonly Change<unknown, AnyRow>[];
}

/** Which rows to read. */
export interface RowQuery {
  /** One of the projection's `indexes`; without it all rows are read, by their key. */
  readonly index?: readonly string[] | undefined;
  /** Values of the first fields of the index; undefined is a field that is absent. */
  readonly equals?: AnyRow | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** Rows on a page. Default 100, at most 10,000. */
  readonly limit?: number | undefined;
}

export interface RowPage {
  readonly rows: readonly KeyedRow[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

export interface KeyedRow {
  readonly key: AnyRow;
  readonly row: AnyRow;
}

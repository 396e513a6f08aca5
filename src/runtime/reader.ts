import type { AnyRow } from "./apply-change.js";
import { type Clock, sleep, systemClock } from "./clock.js";
import type { Event, EventHeader, ProjectionDefinition } from "./definitions.js";
import { NotApplied } from "./errors.js";
import type { AnyProjection, ProjectionRows, ProjectionStore } from "./store.js";

/** Reads the rows of a projection. `Indexes` are those of the model. */
export interface ProjectionReader<Key, Row, Indexes extends readonly (readonly string[])[] = []> {
  get(key: Key): Promise<Row | undefined>;
  /** All rows, by their key. */
  all(options?: PageOptions): Promise<Page<Key, Row>>;
  /** The rows with these values in the first fields of an index; undefined is a field that is absent. */
  where(equals: Equals<Key & Row, Indexes>, options?: PageOptions): Promise<Page<Key, Row>>;
  /**
   * Resolves when the rows hold an event, so that who has emitted it reads what it did. With a sequence, when they hold
   * all of its stream up to there. One that does nothing to the projection is not waited for. Rejects with NotApplied.
   */
  whenApplied(event: EventMark, options?: WaitOptions): Promise<void>;
  /** The rows as the store has them. */
  readonly rows: ProjectionRows;
}

export interface PageOptions {
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** Rows on a page. Default 100, at most 10,000. */
  readonly limit?: number | undefined;
}

export interface Page<Key, Row> {
  readonly rows: readonly { readonly key: Key; readonly row: Row }[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

/** What an event is known by, as its header has it. */
export type EventMark = Pick<EventHeader, "type" | "aggregateId" | "id" | "sequence">;

export interface WaitOptions {
  /** Milliseconds. Default 10,000. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** Values for the first fields of an index, for one or more of them. */
export type Equals<Fields, Indexes extends readonly (readonly string[])[]> = EqualsOf<Fields, Prefix<Indexes[number]>>;

type EqualsOf<Fields, Index> = Index extends readonly string[]
  ? { readonly [Field in Index[number]]: FieldOf<Fields, Field> }
  : never;

type FieldOf<Fields, Field> = Field extends keyof Fields ? Fields[Field] : never;

type Prefix<Index extends readonly string[]> = Index extends readonly [...infer First extends readonly string[], string]
  ? Index | (First extends readonly [] ? never : Prefix<First>)
  : never;

/** Opens the rows of a projection's version, or another copy of them, for reading; generated code gives it its types. */
export const openReader = async <Key, Row, E extends Event, Indexes extends readonly (readonly string[])[] = []>(
  store: ProjectionStore,
  definition: ProjectionDefinition<Key, Row, E>,
  target?: string,
): Promise<ProjectionReader<Key, Row, Indexes>> => {
  const rows = await store.open(definition as unknown as AnyProjection, target);
  const page = async (query: Parameters<ProjectionRows["page"]>[0]) =>
    (await rows.page(query)) as unknown as Page<Key, Row>;
  return {
    rows,
    get: async (key) => (await rows.get(key as AnyRow)) as Row | undefined,
    all: ({ after, limit } = {}) => page({ after, limit }),
    where: async (equals, { after, limit } = {}) =>
      page({ index: indexFor(definition, Object.keys(equals as object)), equals: equals as AnyRow, after, limit }),
    whenApplied: (event, options) => whenApplied(rows, definition, event, options),
  };
};

const indexFor = (
  { name, indexes }: { readonly name: string; readonly indexes: readonly (readonly string[])[] },
  fields: readonly string[],
): readonly string[] => {
  const index = indexes.find(
    (one) =>
      fields.length > 0 && fields.every((field) => one.indexOf(field) >= 0 && one.indexOf(field) < fields.length),
  );
  if (index !== undefined) return index;
  throw new TypeError(
    `${name} has no index that begins with ${fields.join(", ") === "" ? "nothing" : fields.join(", ")}`,
  );
};

const whenApplied = async <Key, Row, E extends Event>(
  rows: ProjectionRows,
  { name, aggregates, on }: ProjectionDefinition<Key, Row, E>,
  event: EventMark,
  { timeout = 10_000, signal, clock = systemClock }: WaitOptions = {},
): Promise<void> => {
  const aggregate = aggregates.find(({ events }) => events.some(({ type }) => type === event.type));
  if (aggregate === undefined) throw new TypeError(`${name} is not made of ${event.type}`);
  const reactions = on as { readonly [type: string]: { readonly length: number } | undefined };
  if (reactions[event.type]?.length === 0) return;
  const stream = `${aggregate.name} ${event.aggregateId}`;
  const end = clock.now() + timeout;
  for (let wait = 5; ; wait = Math.min(wait * 2, 250)) {
    if (await rows.holds(stream, event)) return;
    const left = end - clock.now();
    if (left <= 0) throw new NotApplied(name, event, timeout);
    await sleep(clock, Math.min(wait, left), signal);
  }
};

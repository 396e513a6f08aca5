import { type Sortable, type SortKeys, sortKeysOf } from "../sort-key.js";
import { type AnyProjection, targetOf } from "../store.js";

/** What is known of the copies of the rows of a table. */
export interface RedisTableKeys {
  /** A sorted set: the targets, the oldest first. */
  readonly targets: string;
  /** A text: the target that is read. */
  readonly live: string;
}

/** Where one copy of the rows is: the names of keys, in one slot of a cluster with all others of the table. */
export interface RedisKeys {
  /** A hash: what the rows were made for, and how many batches have been written. */
  readonly about: string;
  /** A hash: each row as JSON, by the JSON array of its key. */
  readonly rows: string;
  /** A hash: the sequence that each stream has come to. */
  readonly streams: string;
  /** A sorted set: the ids of events without a sequence, in the order in which they came. */
  readonly seen: string;
  /** A sorted set: the order of rows by an index; that by the key is one, too. */
  readonly order: (index: readonly string[]) => string;
}

/** The same with the orders that a projection has. */
export interface RedisLayout extends RedisKeys {
  readonly orders: readonly RedisOrder[];
}

export interface RedisOrder {
  readonly key: string;
  readonly index: readonly string[];
  readonly sortKeys: SortKeys;
}

/** In an order, the key of a row comes behind its sort key and this. */
export const beforeRowKey = "\u0000\u0003";

/** What comes after every row that has a sort key. */
export const behindSortKey = "\u0000\u0004";

/** The keys of a projection. `prefix` is that of the store. */
export const redisLayout = (
  projection: Sortable & Pick<AnyProjection, "table" | "version">,
  target = targetOf(projection),
  prefix = "",
): RedisLayout => {
  const keys = keysOfTarget(projection.table, target, prefix);
  const indexes = new Map([projection.key, ...projection.indexes].map((index) => [index.join(","), index]));
  return {
    ...keys,
    orders: [...indexes.values()].map((index) => ({
      ...{ key: keys.order(index), index, sortKeys: sortKeysOf(projection, index) },
    })),
  };
};

export const keysOfTarget = (table: string, target: string, prefix: string): RedisKeys => {
  const of = (what: string) => `${prefix}{${escaped(table)}}:${escaped(target)}:${what}`;
  return {
    ...{ about: of("about"), rows: of("rows"), streams: of("streams"), seen: of("seen") },
    order: (index) => of(`by:${index.join(",")}`),
  };
};

export const keysOfTable = (table: string, prefix: string): RedisTableKeys => ({
  targets: `${prefix}{${escaped(table)}}:targets`,
  live: `${prefix}{${escaped(table)}}:live`,
});

/** What stands in the first braces decides the slot, and what is between colons has none. */
const escaped = (name: string): string => name.replace(/[%{}:]/g, encodeURIComponent);

/** The indexes as the server remembers them. */
export const indexesText = ({ orders }: RedisLayout): string => JSON.stringify(orders.map(({ index }) => index));

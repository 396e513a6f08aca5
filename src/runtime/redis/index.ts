/** Rows of projections in Redis or Valkey: `evgen/redis`. */

import { loadFold } from "../fold.js";
import { type RetryOptions, retryingFor } from "../retrying.js";
import { type ProjectionStore, targetOf } from "../store.js";
import { beginRows } from "./begin-rows.js";
import { hindranceOf } from "./hindrance.js";
import { keysOfTable, redisLayout } from "./layout.js";
import { rowText } from "./row-text.js";
import { redisRows } from "./rows.js";
import type { RedisClient } from "./scripts.js";
import { dropTarget, promoteTarget, readTargets } from "./targets.js";

export type { StoreRetry } from "../retrying.js";
export type { SortKeys } from "../sort-key.js";
export { type RedisKeys, type RedisLayout, type RedisOrder, redisLayout } from "./layout.js";
export type { RedisClient, RedisScriptOptions } from "./scripts.js";

export interface RedisStoreOptions extends RetryOptions {
  /** What all keys begin with, so that several systems can share a server. Default: nothing. */
  readonly prefix?: string;
  /** Ids that are remembered of events without a sequence, for each projection. Default 100,000. */
  readonly rememberedIds?: number;
  /** The most events that are written in one step. Default 500. */
  readonly maxBatch?: number;
}

/**
 * A store in Redis (7 or newer) or Valkey, by a client of the `redis` package that is connected; the store does not close
 * it. A batch of events is one script: rows, orders and positions change together, or nothing does. All keys of a
 * table are in one slot of a cluster.
 */
export const createRedisStore = (client: RedisClient, options: RedisStoreOptions = {}): ProjectionStore => {
  const { prefix = "", rememberedIds = 100_000, maxBatch = 500 } = options;
  const patiently = (target: string) => retryingFor(target, hindranceOf, options);
  return {
    async open(projection, target = targetOf(projection)) {
      const retrying = patiently(target);
      const table = {
        ...{ client, projection, target, rememberedIds, maxBatch, retrying },
        ...{ keys: keysOfTable(projection.table, prefix), layout: redisLayout(projection, target, prefix) },
        ...{ fold: await loadFold(projection), text: rowText(projection) },
      };
      return redisRows({ ...table, fingerprint: await retrying(() => beginRows(table)) });
    },
    async targets(table) {
      const targets = await patiently(table)(() => readTargets(client, table, prefix));
      return targets.map(({ indexes: _, ...one }) => one);
    },
    promote: (table, target) => patiently(target)(() => promoteTarget(client, table, target, prefix)),
    drop: (table, target) => patiently(target)(() => dropTarget(client, table, target, prefix)),
  };
};

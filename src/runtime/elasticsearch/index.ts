/** Rows of projections in Elasticsearch or OpenSearch: `evgen/elasticsearch`. */

import { loadFold } from "../fold.js";
import { type RetryOptions, retryingFor } from "../retrying.js";
import { type ProjectionStore, targetOf } from "../store.js";
import { beginIndex } from "./begin-index.js";
import { documentsOf } from "./document.js";
import { hindranceOf } from "./hindrance.js";
import { indexNames } from "./names.js";
import type { SearchClient } from "./request.js";
import { searchRows } from "./rows.js";
import { dropTarget, promoteTarget, readTargets } from "./targets.js";

export type { StoreRetry } from "../retrying.js";
export { mappingOf, type SearchField, type SearchMapping } from "./mapping.js";
export { type IndexNames, indexNames } from "./names.js";
export type { SearchClient, SearchRequest, SearchRequestOptions } from "./request.js";

export interface SearchStoreOptions extends RetryOptions {
  /** What the names of all indexes begin with. Default: nothing. */
  readonly prefix?: string;
  /** Of an index that is made: `{ number_of_shards: 3, number_of_replicas: 1 }`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The most events that are written in one request. Default 500. */
  readonly maxBatch?: number;
  /** Whether `page` makes all that was written be found; otherwise it takes up to a second. Default: true. */
  readonly refresh?: boolean;
}

/**
 * A store in Elasticsearch (8 or newer) or OpenSearch (2 or newer), by one of their official clients. Each row is a
 * document, written in bulk on the condition that it is as it was read; it says which event it has seen last.
 */
export const createSearchStore = (client: SearchClient, options: SearchStoreOptions = {}): ProjectionStore => {
  const { prefix = "", settings = {}, maxBatch = 500, refresh = true } = options;
  const patiently = (target: string) => retryingFor(target, hindranceOf, options);
  return {
    async open(projection, target = targetOf(projection)) {
      if (projection.store === "postgres" || projection.store === "redis") {
        throw new TypeError(
          `${projection.name} has \`store: ${projection.store}\` in the model; with \`store: elasticsearch\` it is checked that its rows can be kept there`,
        );
      }
      const retrying = patiently(target);
      const table = {
        ...{ client, projection, target, maxBatch, refresh, retrying },
        ...{ names: indexNames(projection.table, target, prefix), documents: documentsOf(projection) },
        fold: await loadFold(projection),
      };
      return searchRows({ ...table, fingerprint: await retrying(() => beginIndex(table, settings)) });
    },
    async targets(table) {
      const targets = await patiently(table)(() => readTargets(client, indexNames(table, "", prefix)));
      return targets.map(({ index: _, ...one }) => one);
    },
    promote: (table, target) => patiently(target)(() => promoteTarget(client, table, target, prefix)),
    drop: (table, target) => patiently(target)(() => dropTarget(client, table, target, prefix)),
  };
};

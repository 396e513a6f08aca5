import type { Version } from "./bulk.js";
import { ServerBusy } from "./hindrance.js";
import { ask, type SearchClient } from "./request.js";

/** A document as it is now, whether or not it is found by a search already. */
export interface Found<Source> {
  readonly source: Source;
  readonly version: Version;
}

/** The documents, in the order in which they are asked for; undefined where there is none. */
export const readDocuments = async <Source>(
  client: SearchClient,
  wanted: readonly { readonly index: string; readonly id: string }[],
): Promise<readonly (Found<Source> | undefined)[]> => {
  if (wanted.length === 0) return [];
  const { body } = await ask<{ readonly docs: readonly Got<Source>[] }>(client, "POST", ["_mget"], {
    body: { docs: wanted.map(({ index, id }) => ({ _index: index, _id: id })) },
  });
  return body.docs.map(({ error, _source, _seq_no = 0, _primary_term = 0 }) => {
    if (error !== undefined) {
      const reason = `a document cannot be read: ${error.type}: ${error.reason}`;
      // A shard that is not there yet will be; an index that was dropped will not.
      throw error.type === "index_not_found_exception" ? new Error(reason) : new ServerBusy(reason);
    }
    return _source === undefined ? undefined : { source: _source, version: { seq: _seq_no, term: _primary_term } };
  });
};

interface Got<Source> {
  readonly error?: { readonly type: string; readonly reason: string };
  readonly _source?: Source;
  readonly _seq_no?: number;
  readonly _primary_term?: number;
}

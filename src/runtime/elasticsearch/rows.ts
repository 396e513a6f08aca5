import { createBatches } from "../batches.js";
import type { Fold } from "../fold.js";
import { pageOf, planPage } from "../page.js";
import type { Retrying } from "../retrying.js";
import type { AnyProjection, KeyedRow, ProjectionRows, ProjectionWrite } from "../store.js";
import type { Documents, Source } from "./document.js";
import { indexesOf, own } from "./mapping.js";
import { documentId, type IndexNames } from "./names.js";
import { ask, type SearchClient } from "./request.js";
import { type StreamSource, streamHas } from "./streams.js";
import { writeBatch } from "./write-batch.js";

/** The rows of a projection as they are opened. */
export interface SearchTable {
  readonly client: SearchClient;
  readonly projection: AnyProjection;
  readonly target: string;
  readonly names: IndexNames;
  readonly fold: Fold;
  readonly documents: Documents;
  readonly maxBatch: number;
  readonly retrying: Retrying;
  readonly refresh: boolean;
}

/** The rows of a projection, a document each. */
export const searchRows = (table: SearchTable & { readonly fingerprint: string }): ProjectionRows => {
  const { client, projection, target, names, fold, documents, fingerprint, refresh } = table;
  const batches = createBatches((writes: readonly ProjectionWrite[]) => writeBatch(table, writes), table.maxBatch);
  const orders = indexesOf(projection);
  return {
    ...{ target, fingerprint, write: batches.add },
    async get(key) {
      const source = await sourceOf<Source>(client, names.rows, fold.keyText(key));
      return source === undefined ? undefined : documents.read(source)?.row;
    },
    async page(query) {
      const plan = planPage(projection, query);
      const name = (query.index ?? projection.key).join("-");
      const order = orders.find((one) => one.name === name);
      if (order === undefined) throw new TypeError(`${target} has no order by ${name}`);
      // What was written is there by its id at once, and is found later, unless that is asked for.
      if (refresh && query.after === undefined) await ask(client, "POST", [names.rows, "_refresh"]);
      const field = `${own}.by.${name}`;
      const from = order.sortKeys.after(plan);
      const between = { gte: order.sortKeys.prefix(plan), lt: order.sortKeys.end(plan) };
      const { body } = await ask<SearchAnswer>(client, "POST", [names.rows, "_search"], {
        body: {
          size: plan.limit + 1,
          query: { bool: { filter: { range: { [field]: between } } } },
          sort: [{ [field]: "asc" }],
          ...(from === undefined ? {} : { search_after: [from] }),
          track_total_hits: false,
        },
      });
      const rows = body.hits.hits.map(({ _source }) => documents.read(_source));
      return pageOf(
        plan,
        rows.filter((row): row is KeyedRow => row !== undefined),
      );
    },
    async holds(stream, event) {
      const source = await sourceOf<StreamSource>(client, names.streams, stream);
      return source !== undefined && streamHas(source, event);
    },
  };
};

interface SearchAnswer {
  readonly hits: { readonly hits: readonly { readonly _source: Source }[] };
}

/** The document of a text, as it was written last. */
const sourceOf = async <Of>(client: SearchClient, index: string, text: string): Promise<Of | undefined> => {
  const { body } = await ask<{ readonly _source?: Of }>(client, "GET", [index, "_doc", documentId(text)], {
    ignore: [404],
  });
  return body._source;
};

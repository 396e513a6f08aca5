import { StoreMismatch } from "../errors.js";
import { shapeDifferences } from "../store-shape.js";
import { writeDocuments } from "./bulk.js";
import type { Source } from "./document.js";
import { indexesOf, mappingOf, own } from "./mapping.js";
import { ask } from "./request.js";
import type { SearchTable } from "./rows.js";
import { type About, liveAlias, readTargets } from "./targets.js";

/**
 * Makes the indexes, or holds the projection against those that are there; gives rows a place in orders that are new. The
 * fingerprint of the beginning.
 */
export const beginIndex = async (table: SearchTable, settings: Readonly<Record<string, unknown>>): Promise<string> => {
  const { client, projection, target, names } = table;
  const { name, key, columns, fingerprint } = projection;
  const about: About = { target, name, key, columns, fingerprint };
  const mapping = mappingOf(projection);
  const fields = {
    "index.mapping.total_fields.limit": Math.max(1000, 3 * JSON.stringify(mapping).split('"type"').length),
  };
  await makeIndex(table, names.streams, { mappings: { dynamic: false, properties: {} }, settings });
  await makeIndex(table, names.rows, {
    ...{ mappings: { ...mapping, _meta: { evgen: about } }, settings: { ...fields, ...settings } },
    aliases: { [names.all]: {} },
  });
  const answer = await ask<MappingAnswer>(client, "GET", [names.rows, "_mapping"]);
  const known = Object.values(answer.body)[0]?.mappings;
  if (known?._meta?.evgen === undefined) {
    throw new StoreMismatch(target, [`the index ${names.rows} is not one that evgen has made`]);
  }
  const differences = shapeDifferences(known._meta.evgen, about);
  if (differences.length > 0) throw new StoreMismatch(target, differences);
  const there = new Set(Object.keys(known.properties?.[own]?.properties?.by?.properties ?? {}));
  const missing = indexesOf(projection).filter((one) => !there.has(one.name));
  if (missing.length > 0) {
    await ask(client, "PUT", [names.rows, "_mapping"], { body: { properties: mapping.properties } });
  }
  await placeInOrders(table);
  await beLive(table);
  return known._meta.evgen.fingerprint;
};

/** When no copy is live, the oldest is: of two that are begun at the same time only one thinks so. */
const beLive = async ({ client, target, names }: SearchTable): Promise<void> => {
  const targets = await readTargets(client, names);
  if (targets.some(({ live }) => live) || targets[0]?.target !== target) return;
  await ask(client, "POST", ["_aliases"], { body: { actions: [{ add: liveAlias(names, names.rows) }] } });
};

type MappingAnswer = Readonly<
  Record<
    string,
    {
      readonly mappings: {
        readonly _meta?: { readonly evgen?: About };
        readonly properties?: {
          readonly [own]?: { readonly properties?: { readonly by?: { readonly properties?: object } } };
        };
      };
    }
  >
>;

const makeIndex = async (
  { client, target }: SearchTable,
  index: string,
  body: { readonly [name: string]: unknown },
): Promise<void> => {
  const answer = await ask<{ readonly error?: { readonly type?: string; readonly reason?: string } }>(
    client,
    "PUT",
    [index],
    { body, ignore: [400] },
  );
  const { type, reason } = answer.body.error ?? {};
  if (answer.statusCode === 400 && type !== "resource_already_exists_exception") {
    throw new Error(`the index ${index} of ${target} cannot be made: ${type}: ${reason}`);
  }
};

/** Rows that were written before there was an order, or by a process that does not know it, have no place in it yet. */
const placeInOrders = async (table: SearchTable): Promise<void> => {
  const { client, projection, names, documents } = table;
  const lacking = indexesOf(projection).map(({ name }) => ({
    bool: { must_not: { exists: { field: `${own}.by.${name}` } } },
  }));
  const query = {
    bool: { must_not: { term: { [`${own}.gone`]: true } }, should: lacking, minimum_should_match: 1 },
  };
  for (;;) {
    await ask(client, "POST", [names.rows, "_refresh"]);
    const found = await ask<{ readonly hits: { readonly hits: readonly Hit[] } }>(
      client,
      "POST",
      [names.rows, "_search"],
      {
        body: { query, size: 1000, seq_no_primary_term: true },
      },
    );
    const { hits } = found.body.hits;
    if (hits.length === 0) return;
    await writeDocuments(
      client,
      names.rows,
      hits.flatMap((hit) => {
        const keyed = documents.read(hit._source);
        if (keyed === undefined) return [];
        const source = documents.write(keyed.key, keyed.row, hit._source[own]);
        return [{ id: hit._id, source, version: { seq: hit._seq_no, term: hit._primary_term } }];
      }),
    );
  }
};

interface Hit {
  readonly _id: string;
  readonly _source: Source;
  readonly _seq_no: number;
  readonly _primary_term: number;
}

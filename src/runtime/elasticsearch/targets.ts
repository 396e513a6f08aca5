import { UnknownTarget } from "../errors.js";
import type { StoredTarget } from "../store.js";
import type { StoredShape } from "../store-shape.js";
import { own } from "./mapping.js";
import { type IndexNames, indexNames } from "./names.js";
import { ask, type SearchClient } from "./request.js";

/** What an index remembers of the rows that it was made for. */
export interface About extends StoredShape {
  readonly target: string;
  readonly fingerprint: string;
}

/** A copy of the rows, and the index that has it. */
interface IndexedTarget extends StoredTarget {
  readonly index: string;
}

/** Every copy of the rows of a table, the oldest first. */
export const readTargets = async (
  client: SearchClient,
  { all, live }: Pick<IndexNames, "all" | "live">,
): Promise<readonly IndexedTarget[]> => {
  const { statusCode, body } = await ask<IndexAnswer>(client, "GET", [all], { ignore: [404] });
  if (statusCode === 404) return [];
  return Object.entries(body)
    .flatMap(([index, { aliases, mappings, settings }]) => {
      const about = mappings._meta?.evgen;
      if (about === undefined) return [];
      const { target, name: projection, fingerprint } = about;
      const made = Number(settings.index.creation_date);
      return [{ made, one: { target, projection, fingerprint, live: live in aliases, index } }];
    })
    .sort((a, b) => a.made - b.made || (a.one.target < b.one.target ? -1 : 1))
    .map(({ one }) => one);
};

type IndexAnswer = Readonly<
  Record<
    string,
    {
      readonly aliases: object;
      readonly mappings: { readonly _meta?: { readonly evgen?: About } };
      readonly settings: { readonly index: { readonly creation_date: string } };
    }
  >
>;

/** Makes a copy the one that is read: the alias of the table goes from the one before to it in one step. */
export const promoteTarget = async (
  client: SearchClient,
  table: string,
  target: string,
  prefix: string,
): Promise<void> => {
  const names = indexNames(table, target, prefix);
  const targets = await readTargets(client, names);
  const found = targets.find((one) => one.target === target);
  if (found === undefined) throw new UnknownTarget(table, target);
  const before = targets
    .filter(({ live, index }) => live && index !== found.index)
    .map(({ index }) => ({ remove: { index, alias: names.live } }));
  await ask(client, "POST", ["_aliases"], { body: { actions: [...before, { add: liveAlias(names, found.index) }] } });
};

/** The alias of a table shows no document of a row that was deleted. */
export const liveAlias = ({ live }: Pick<IndexNames, "live">, index: string) => ({
  ...{ index, alias: live },
  filter: { bool: { must_not: { term: { [`${own}.gone`]: true } } } },
});

/** Removes a copy, live or not. */
export const dropTarget = async (
  client: SearchClient,
  table: string,
  target: string,
  prefix: string,
): Promise<void> => {
  const names = indexNames(table, target, prefix);
  if (!(await readTargets(client, names)).some((one) => one.target === target)) return;
  for (const index of [names.streams, names.rows]) await ask(client, "DELETE", [index], { ignore: [404] });
};

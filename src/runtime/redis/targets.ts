import { UnknownTarget } from "../errors.js";
import type { StoredTarget } from "../store.js";
import { keysOfTable, keysOfTarget } from "./layout.js";
import { aboutScript, dropScript, promoteScript, type RedisClient, runScript, targetsScript } from "./scripts.js";

/** Every copy of the rows of a table, the oldest first. */
export const readTargets = async (
  client: RedisClient,
  table: string,
  prefix: string,
): Promise<readonly (StoredTarget & { readonly indexes: readonly (readonly string[])[] })[]> => {
  const { targets, live } = keysOfTable(table, prefix);
  const found = await runScript(client, targetsScript, [targets, live], []);
  const [read, names] = found as readonly [string | null, readonly string[]];
  if (names.length === 0) return [];
  const abouts = names.map((target) => keysOfTarget(table, target, prefix).about);
  const known = (await runScript(client, aboutScript, abouts, [])) as readonly (readonly (string | null)[])[];
  return names.flatMap((target, at) => {
    const [shape, fingerprint, indexes] = known[at] ?? [];
    if (typeof shape !== "string" || typeof fingerprint !== "string") return [];
    const { name } = JSON.parse(shape) as { readonly name: string };
    return [
      {
        ...{ target, projection: name, fingerprint, live: target === read },
        indexes: JSON.parse(indexes ?? "[]") as readonly (readonly string[])[],
      },
    ];
  });
};

/** Makes a copy the one that is read. */
export const promoteTarget = async (
  client: RedisClient,
  table: string,
  target: string,
  prefix: string,
): Promise<void> => {
  const { targets, live } = keysOfTable(table, prefix);
  if ((await runScript(client, promoteScript, [targets, live], [target])) !== 1) throw new UnknownTarget(table, target);
};

/** Removes a copy, live or not. */
export const dropTarget = async (client: RedisClient, table: string, target: string, prefix: string): Promise<void> => {
  const found = (await readTargets(client, table, prefix)).find((one) => one.target === target);
  if (found === undefined) return;
  const { targets, live } = keysOfTable(table, prefix);
  const { about, rows, streams, seen, order } = keysOfTarget(table, target, prefix);
  const keys = [targets, live, about, rows, streams, seen, ...found.indexes.map(order)];
  await runScript(client, dropScript, keys, [target]);
};

import type { Aggregate, Model } from "../model/model.js";
import type { GeneratedFile, KnownFile, KnownFiles, Target, TargetContext } from "./target.js";

/** What a target makes, without the contents of aggregates that it has made before from all the same. */
export const generateUnknown = async (
  target: Target,
  model: Model,
  fragments: TargetContext["fragments"],
  { files, origins }: Known,
): Promise<readonly (GeneratedFile | KnownFile)[]> => {
  // A file of one aggregate may still ask whether a name is taken anywhere, so the answers are a part of its origin.
  const all = target.names?.(model) ?? new Set<string>();
  const askedKey = `names that ${target.name} asks for`;
  const asked = new Set<string>(JSON.parse(fragments.get(askedKey) ?? "[]"));
  const keys = () => {
    const taken = JSON.stringify([target.name, [...asked].sort().map((name) => [name, all.has(name)])]);
    return new Map([...origins].map(([aggregate, origin]) => [aggregate, [taken, ...origin]] as const));
  };
  const found = new Map<Aggregate, readonly KnownFile[]>();
  for (const [aggregate, key] of keys()) {
    const its = files.get(key);
    if (its !== undefined) found.set(aggregate, its);
  }
  const count = asked.size;
  const made = await target.generate(model, {
    fragments,
    isWanted: (aggregate) => !found.has(aggregate),
    names: {
      has: (name) => {
        asked.add(name);
        return all.has(name);
      },
    },
  });
  if (asked.size > count) fragments.set(askedKey, JSON.stringify([...asked]));
  const own = new Map<Aggregate, GeneratedFile[]>();
  for (const aggregate of model.aggregates) if (!found.has(aggregate)) own.set(aggregate, []);
  for (const file of made) if (file.of !== undefined) own.get(file.of)?.push(file);
  for (const [aggregate, key] of keys()) files.set(key, found.get(aggregate) ?? own.get(aggregate) ?? []);
  return [...made, ...[...found.values()].flat()];
};

/** What earlier runs have made, and what the aggregates of this one are made from. */
export interface Known {
  readonly files: KnownFiles;
  readonly origins: ReadonlyMap<Aggregate, readonly string[]>;
}

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { GeneratedFile, KnownFile } from "../targets/target.js";
import type { BuildOptions } from "./build-model.js";
import { withLock } from "./lock.js";
import { hasLeftovers, lockName, manifestName, parseManifest } from "./manifest.js";
import type { OutputTree } from "./output.js";
import type { Plan } from "./plan.js";
import { isStale, makePlan } from "./plan.js";
import { applyPlan } from "./write.js";

/**
 * Finds out what is to be done in the output folder, and does it, unless it is only to be checked or a file stands in
 * the way. `read` gives the folder as it is now, or undefined when it is not there; `complete` gives the files with all
 * contents, which is asked for only when one is needed that is not at hand.
 */
export const updateOutput = async (
  folder: string,
  read: () => OutputTree | undefined,
  files: readonly (GeneratedFile | KnownFile)[],
  complete: () => Promise<readonly GeneratedFile[]>,
  options: BuildOptions,
): Promise<Plan> => {
  const tree = read() ?? nothing;
  const manifest = readManifest(tree);
  const plan = compare(manifest, tree, files, options);
  if (plan === undefined) return updateOutput(folder, read, await complete(), complete, options);
  if (options.check || plan.obstacles.length > 0) return plan;
  if (!isStale(plan) && !hasLeftovers(tree)) return plan;
  mkdirSync(folder, { recursive: true });
  const done = await withLock(join(folder, lockName), () => {
    // Another build may have written while this one waited: what it did changed the manifest.
    const now = read() ?? nothing;
    const text = readManifest(now);
    const valid = text === manifest ? plan : compare(text, now, files, options);
    if (valid?.obstacles.length === 0) applyPlan(folder, valid);
    return valid;
  });
  return done ?? updateOutput(folder, read, await complete(), complete, options);
};

const nothing: OutputTree = { read: () => ({ kind: "missing" }) };

const readManifest = (tree: OutputTree): string => {
  const found = tree.read(manifestName);
  return found.kind === "file" ? Buffer.from(found.bytes).toString("utf8") : "";
};

const compare = (
  manifest: string,
  tree: OutputTree,
  files: readonly (GeneratedFile | KnownFile)[],
  { force, targets }: BuildOptions,
): Plan | undefined => {
  // A target's files are in a folder of its name.
  const inScope = (path: string) => targets === undefined || targets.includes(path.slice(0, path.indexOf("/")));
  return makePlan(files, manifest, parseManifest(manifest), tree, { force, inScope });
};

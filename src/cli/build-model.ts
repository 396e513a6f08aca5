import { isFresh, loadRecord } from "./build-record.js";
import type { Cache } from "./cache.js";
import type { ModelFile } from "./find-model.js";
import type { Findings } from "./findings.js";
import type { Place } from "./place.js";
import type { Plan } from "./plan.js";

export interface BuildOptions {
  /** Whether nothing is to be written. */
  readonly check: boolean;
  /** Whether files that are not evgen's may be overwritten and removed. */
  readonly force: boolean;
  /** Names of targets; all of the model's when not said. */
  readonly targets: readonly string[] | undefined;
}

export interface BuildResult {
  readonly model: ModelFile;
  readonly findings: Findings;
  /** Relative to the model's folder; not known when the model has errors. */
  readonly out?: string;
  /** What was compared; absent when it was not come to that, or when the cache knew the answer. */
  readonly plan?: Plan;
  /** How many files are as they should be. */
  readonly unchanged: number;
  /** `ignored`: nothing is staged in the output folder and git ignores it, so there is nothing to compare. */
  readonly outcome: "fresh" | "written" | "stale" | "ignored" | "findings";
}

/**
 * Builds a model, unless the cache knows that nothing has changed since there was nothing left to do. What it takes to
 * build is loaded only then.
 */
export const buildModel = async (
  model: ModelFile,
  place: Place,
  options: BuildOptions,
  cache: Cache,
): Promise<BuildResult> => {
  const slot = { staged: place.staged !== undefined, targets: options.targets };
  const known = loadRecord(cache, slot);
  if (known !== undefined && isFresh(known, place))
    return { model, out: known.out, findings: known.findings, unchanged: known.files, outcome: "fresh" };
  const { buildAnew } = await import("./build-anew.js");
  return buildAnew(model, place, options, cache, slot);
};

import { join } from "node:path";
import type { Cache } from "./cache.js";
import { noCache, openCache } from "./cache.js";
import type { ModelFile } from "./find-model.js";
import { findModel } from "./find-model.js";
import { codeFingerprint } from "./fingerprint.js";
import type { Place } from "./place.js";
import { diskPlace } from "./place.js";
import type { Inputs } from "./recording.js";
import { areSame, recordInputs } from "./recording.js";
import type { Report } from "./report.js";
import { repositoryPrefix } from "./repository.js";
import { sha256 } from "./sha256.js";

/** A model that a command is about, where it is read, and what is remembered of it. */
export interface Target {
  readonly model: ModelFile;
  readonly place: Place;
  readonly cache: Cache;
}

/** What a command has to say of its models. */
export interface Outcome {
  /** On stdout. */
  readonly printed: string;
  /** Lines on stderr, which `--quiet` leaves out. */
  readonly notes: readonly string[];
  readonly failed: boolean;
}

/** The model that is named, or all those that are staged. */
export const targetsOf = async (
  named: string | undefined,
  options: { readonly staged?: boolean; readonly cache?: boolean },
): Promise<readonly Target[]> => {
  const fingerprint = options.cache === false ? undefined : codeFingerprint();
  const cacheOf = ({ folder, entry }: ModelFile): Cache =>
    fingerprint === undefined ? noCache : openCache(join(folder, entry), fingerprint);
  if (options.staged === true) {
    const { stagedModels } = await import("./staged-models.js");
    return stagedModels(named).map((one) => ({ ...one, cache: cacheOf(one.model) }));
  }
  const model = findModel(named);
  return [{ model, place: diskPlace(model.folder), cache: cacheOf(model) }];
};

/**
 * The outcome of the last run of a command with these options, as long as every file that it read is as it was. It must
 * depend on nothing else.
 */
export const remembered = async (
  command: string,
  options: object,
  targets: readonly Target[],
  colours: Report["colours"],
  run: (targets: readonly Target[]) => Promise<Outcome>,
): Promise<Outcome> => {
  const [target, ...more] = targets;
  // What several models print belongs together, and what a terminal shows has colours: neither is kept.
  if (target === undefined || more.length > 0 || colours.stdout) return run(targets);
  const { model, place, cache } = target;
  const name = `${command}-${sha256(JSON.stringify([options, model, repositoryPrefix(model)])).slice(0, 16)}`;
  const body = cache.load(name);
  const known: { readonly inputs: Inputs; readonly outcome: Outcome } | undefined = body && JSON.parse(body);
  if (known !== undefined && areSame(known.inputs, place.sources)) return known.outcome;

  const { sources, inputs } = recordInputs(place.sources);
  const outcome = await run([{ ...target, place: { ...place, sources: { ...place.sources, ...sources } } }]);
  cache.save(name, JSON.stringify({ inputs: inputs(), outcome }));
  return outcome;
};

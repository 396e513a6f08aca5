import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { hasErrors } from "./diagnostics/diagnostic.js";
import type { Lock } from "./evolution/lock/read-lock.js";
import type { Aggregate, Model } from "./model/model.js";
import type { DocumentCache, ModelDocument, Sources } from "./passes/load.js";
import { load } from "./passes/load.js";
import type { Origin } from "./passes/origins.js";
import { rememberValid } from "./passes/remember-valid.js";
import type { KnownTypes } from "./passes/resolve/known-types.js";
import type { ProvedMappings } from "./passes/resolve/mappings.js";
import type { Known } from "./targets/generate-unknown.js";
import { generateUnknown } from "./targets/generate-unknown.js";
import type { GeneratedFile, KnownFile, TargetContext } from "./targets/target.js";

/** What the files of a model mean, and what each aggregate is made from; no model when there are errors. */
export interface Compiled {
  readonly model?: Model;
  readonly origins?: ReadonlyMap<Aggregate, Origin>;
  /** What has been released; absent when nothing has. */
  readonly lock?: Lock;
  /** The files as they are written: there with the model. */
  readonly documents?: readonly ModelDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface CompileOptions {
  readonly documents?: DocumentCache;
  /** Mappings that are known to be right. */
  readonly proved?: ProvedMappings;
  /** Types that are known to be right. */
  readonly types?: KnownTypes;
  /** Whether versions that the lock has may be missing: for `evgen check`, which says more about them. */
  readonly mayMiss?: boolean;
}

/**
 * The whole pipeline: the files of a model to the resolved Model. Each pass reports all that it finds and then stops
 * the pipeline, so the next one relies on what it checked. Imports are lazy where a pass brings a library along.
 */
export const compile = async (entry: string, sources: Sources, options: CompileOptions = {}): Promise<Compiled> => {
  const remembered = rememberValid(options.documents);
  const loaded = await load(entry, sources, remembered.cache);
  if (hasErrors(loaded.diagnostics)) return { diagnostics: loaded.diagnostics };

  const { validate } = await import("./passes/validate.js");
  const invalid = await validate(loaded.documents, remembered.isKnown);
  remembered.save(loaded.documents, invalid);
  const seen = [...loaded.diagnostics, ...invalid];
  if (hasErrors(invalid)) return { diagnostics: seen };

  const { resolve } = await import("./passes/resolve.js");
  const { findLock } = await import("./evolution/lock/find-lock.js");
  const found = findLock(entry, sources);
  const released = found.lock && { ...found.lock, mayMiss: options.mayMiss === true };
  const resolved = resolve(loaded.documents, sources, { released, proved: options.proved, types: options.types });
  const diagnostics = [...seen, ...found.diagnostics, ...resolved.diagnostics];
  return hasErrors(diagnostics)
    ? { diagnostics }
    : {
        ...resolved,
        documents: loaded.documents,
        ...(found.lock === undefined ? {} : { lock: found.lock }),
        diagnostics,
      };
};

/**
 * What the model's targets (or those named) make of it, in memory; no files when one of them reports an error. With
 * `known`, the contents of aggregates whose origins are as they were are not made again.
 */
export async function generate(model: Model, options?: GenerateOptions): Promise<Generated<GeneratedFile>>;
export async function generate(
  model: Model,
  options: GenerateOptions & { readonly known?: Known },
): Promise<Generated<GeneratedFile | KnownFile>>;
export async function generate(
  model: Model,
  options: GenerateOptions & { readonly known?: Known } = {},
): Promise<Generated<GeneratedFile | KnownFile>> {
  const { targets } = await import("./targets/index.js");
  const wanted = options.targets ?? model.generate.targets;
  const chosen = targets.filter((target) => wanted.includes(target.name));
  const diagnostics = chosen.flatMap((target) => target.check(model));
  if (hasErrors(diagnostics)) return { files: [], diagnostics };

  const fragments = options.fragments ?? new Map<string, string>();
  const files: (GeneratedFile | KnownFile)[] = [];
  for (const target of chosen) {
    const made =
      options.known === undefined
        ? await target.generate(model, { fragments })
        : await generateUnknown(target, model, fragments, options.known);
    files.push(...made);
  }
  return { files, diagnostics };
}

/** What the model's targets cannot do with it, without making their files. */
export const checkTargets = async (model: Model): Promise<readonly Diagnostic[]> => {
  const { targets } = await import("./targets/index.js");
  return targets.flatMap((target) => (model.generate.targets.includes(target.name) ? target.check(model) : []));
};

export interface GenerateOptions {
  readonly targets?: readonly string[];
  readonly fragments?: TargetContext["fragments"];
}

export interface Generated<File> {
  readonly files: readonly File[];
  readonly diagnostics: readonly Diagnostic[];
}

import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { hasErrors } from "./diagnostics/diagnostic.js";
import type { Model } from "./model/model.js";
import type { DocumentCache, Sources } from "./passes/load.js";
import { load } from "./passes/load.js";
import type { GeneratedFile, TargetContext } from "./targets/target.js";

/**
 * The whole pipeline: the files of a model to the resolved Model. Each pass reports all that it finds and then stops
 * the pipeline, so the next one relies on what it checked. Imports are lazy where a pass brings a library along.
 */
export const compile = async (
  entry: string,
  sources: Sources,
  options: { readonly documents?: DocumentCache } = {},
): Promise<{ readonly model?: Model; readonly diagnostics: readonly Diagnostic[] }> => {
  const loaded = await load(entry, sources, options.documents);
  if (hasErrors(loaded.diagnostics)) return { diagnostics: loaded.diagnostics };

  const { validate } = await import("./passes/validate.js");
  const invalid = await validate(loaded.documents);
  const seen = [...loaded.diagnostics, ...invalid];
  if (hasErrors(invalid)) return { diagnostics: seen };

  const { resolve } = await import("./passes/resolve.js");
  const resolved = await resolve(loaded.documents, sources);
  const diagnostics = [...seen, ...resolved.diagnostics];
  return resolved.model === undefined || hasErrors(diagnostics)
    ? { diagnostics }
    : { model: resolved.model, diagnostics };
};

/** What the model's targets (or those named) make of it, in memory; no files when one of them reports an error. */
export const generate = async (
  model: Model,
  options: { readonly targets?: readonly string[]; readonly fragments?: TargetContext["fragments"] } = {},
): Promise<{ readonly files: readonly GeneratedFile[]; readonly diagnostics: readonly Diagnostic[] }> => {
  const { targets } = await import("./targets/index.js");
  const wanted = options.targets ?? model.generate.targets;
  const chosen = targets.filter((target) => wanted.includes(target.name));
  const diagnostics = chosen.flatMap((target) => target.check(model));
  if (hasErrors(diagnostics)) return { files: [], diagnostics };

  const context: TargetContext = { fragments: options.fragments ?? new Map<string, string>() };
  const files: GeneratedFile[] = [];
  for (const target of chosen) files.push(...(await target.generate(model, context)));
  return { files, diagnostics };
};

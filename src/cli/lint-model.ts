import { compile } from "../compile.js";
import type { Finding } from "../evolution/finding.js";
import { lint } from "../lint/lint.js";
import type { Sources } from "../passes/load.js";
import type { Cache } from "./cache.js";
import { openMemories } from "./cache.js";
import type { ModelFile } from "./find-model.js";
import { findingsOf } from "./formats/from-diagnostics.js";

/** What the rules find in a model, or what keeps it from being one. */
export const lintModel = async (model: ModelFile, sources: Sources, cache: Cache): Promise<readonly Finding[]> => {
  // All types are looked at, so it does not help to know some.
  const { types: _, ...memories } = openMemories(cache);
  const compiled = await compile(model.entry, sources, memories);
  memories.saveChecked();
  const found = findingsOf(compiled.diagnostics);
  return compiled.model === undefined ? found : [...found, ...lint(compiled.model, compiled.documents ?? [])];
};

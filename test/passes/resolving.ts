import type { Diagnostic } from "../../src/diagnostics/diagnostic.js";
import { hasErrors } from "../../src/diagnostics/diagnostic.js";
import type { Model } from "../../src/model/model.js";
import { load } from "../../src/passes/load.js";
import { resolve } from "../../src/passes/resolve.js";
import { validate } from "../../src/passes/validate.js";

export type Resolved = { readonly model?: Model; readonly diagnostics: readonly Diagnostic[] };

/** Resolves a model of several files, by their names; the first is the entry. It has passed the form check. */
export const resolveFiles = async (files: { readonly [name: string]: string }): Promise<Resolved> => {
  const sources = {
    read: (path: string) => {
      const text = Object.hasOwn(files, path) ? files[path] : undefined;
      return text === undefined ? ({ kind: "missing" } as const) : ({ kind: "text", text } as const);
    },
    match: (pattern: string) => Object.keys(files).filter((name) => name === pattern),
  };
  const loaded = await load(Object.keys(files)[0] ?? "", sources);
  if (hasErrors(loaded.diagnostics)) return { diagnostics: loaded.diagnostics };
  const invalid = await validate(loaded.documents);
  if (hasErrors(invalid)) return { diagnostics: invalid };
  return resolve(loaded.documents, sources);
};

/** Resolves a model of one file. */
export const resolveText = (text: string): Promise<Resolved> => resolveFiles({ "model.yaml": text });

/** `code path: message`, one line each, in the order in which they were found. */
export const findings = ({ diagnostics }: Resolved): string[] =>
  diagnostics.map(({ code, place, message }) => `${code} ${place.path.join("/")}: ${message}`);

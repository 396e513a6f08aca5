import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { JsonValue } from "../model/type.js";

/** The files of a model, as the command line reads them. Paths are relative to the model's folder, slashes forward. */
export interface Sources {
  /** The text of a file, or why it cannot be had: a file outside of the model's folder is refused, also behind a link. */
  read(path: string): SourceText;
  /** The files that a pattern of `include:` names, sorted by code unit. */
  match(pattern: string): readonly string[];
}

export type SourceText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "refused"; readonly reason: string };

/** A file of the model as plain data; its positions are looked up in its text when there is something to report. */
export interface ModelDocument {
  readonly file: string;
  readonly value: JsonValue;
}

/** Parsed documents by the hash of their text, so that what did not change is not parsed again. */
export interface DocumentCache {
  get(text: string): JsonValue | undefined;
  set(text: string, value: JsonValue): void;
}

/** Reads a model: its entry file and all that it includes, in order. */
export declare const load: (
  entry: string,
  sources: Sources,
  cache?: DocumentCache,
) => { readonly documents: readonly ModelDocument[]; readonly diagnostics: readonly Diagnostic[] };

import type { Diagnostic, Place } from "../diagnostics/diagnostic.js";
import { diagnostic } from "../diagnostics/diagnostic.js";
import { suggest } from "../diagnostics/entry.js";
import type { JsonValue } from "../model/type.js";
import { readPlainYaml } from "./read-plain-yaml.js";

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
  /** The reason goes on after "it cannot be read:", such as "it is a link out of the model's folder". */
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

/**
 * Reads a model: its entry file and all that it includes, each file once, in the order in which they are included.
 * Every document is a map. What a file's text is parsed to is kept in the cache only when there is nothing to say
 * about it.
 */
export const load = async (
  entry: string,
  sources: Sources,
  cache?: DocumentCache,
): Promise<{ readonly documents: readonly ModelDocument[]; readonly diagnostics: readonly Diagnostic[] }> => {
  const documents: ModelDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  const found = new Set([entry]);
  const matched = new Map<string, readonly string[]>();
  // The next file is at the end. `from` is the include that asks for it.
  const waiting: { readonly file: string; readonly from?: Include }[] = [{ file: entry }];

  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { file, from } = next;
    const source = sources.read(file);
    if (source.kind !== "text") {
      diagnostics.push(unreadable(file, from, source, sources));
      continue;
    }
    const parsed = await parse(file, source.text, cache);
    diagnostics.push(...parsed.diagnostics);
    if (parsed.value === undefined) continue;
    documents.push({ file, value: parsed.value });

    const included: { file: string; from: Include }[] = [];
    for (const include of includesOf(file, parsed.value)) {
      const resolved = resolveInclude(include, sources, matched);
      if ("problem" in resolved) diagnostics.push(resolved.problem);
      else {
        for (const path of resolved.files) {
          if (found.has(path)) continue;
          found.add(path);
          included.push({ file: path, from: include });
        }
      }
    }
    waiting.push(...included.reverse());
  }
  return { documents, diagnostics };
};

/** An entry of `include:` as it is written, and where. */
interface Include {
  readonly path: string;
  readonly place: Place;
}

type Parsed = { readonly value?: JsonValue; readonly diagnostics: readonly Diagnostic[] };

const parse = async (file: string, text: string, cache: DocumentCache | undefined): Promise<Parsed> => {
  const cached = cache?.get(text);
  if (cached !== undefined) return { value: cached, diagnostics: [] };
  const plain = readPlainYaml(text);
  if (plain !== undefined) {
    cache?.set(text, plain);
    return { value: plain, diagnostics: [] };
  }
  // The parser is loaded only for a file that is out of the ordinary, or wrong.
  const { parseYaml } = await import("./parse-yaml.js");
  const { value, diagnostics } = parseYaml(file, text);
  if (value === undefined) return { diagnostics };
  const shape = shapeProblem(file, value);
  if (shape !== undefined) return { diagnostics: [...diagnostics, shape] };
  if (diagnostics.length === 0) cache?.set(text, value);
  return { value, diagnostics };
};

const shapeProblem = (file: string, value: JsonValue): Diagnostic | undefined => {
  const place: Place = { file, path: [] };
  if (value === null) return diagnostic("empty-file", {}, { ...place, range: [0, 0] });
  if (typeof value === "object" && !Array.isArray(value)) return undefined;
  const found = Array.isArray(value) ? "a list" : typeof value === "string" ? "one text" : `the value ${value}`;
  return diagnostic("not-a-map", { found }, place);
};

/** The entries of `include:`; what is not a text there is reported by validation. */
const includesOf = (file: string, value: JsonValue): readonly Include[] => {
  const include = (value as { readonly include?: JsonValue }).include;
  if (!Array.isArray(include)) return [];
  return include.flatMap((path: JsonValue, index) =>
    typeof path === "string" && path !== "" ? [{ path, place: { file, path: ["include", index] } }] : [],
  );
};

const resolveInclude = (
  include: Include,
  sources: Sources,
  matched: Map<string, readonly string[]>,
): { readonly files: readonly string[] } | { readonly problem: Diagnostic } => {
  const { path, place } = include;
  const resolved = relativeTo(place.file, path);
  if (typeof resolved === "object") {
    return { problem: diagnostic("include-outside", { path, reason: resolved.reason }, place) };
  }
  if (!path.includes("*")) return { files: [resolved] };
  const files = matched.get(resolved) ?? sources.match(resolved);
  matched.set(resolved, files);
  if (files.length > 0) return { files };
  return { problem: diagnostic("include-missing", { path, pattern: true, suggestion: undefined }, place) };
};

/** The path from the model's folder, of a path that stands in a file; or why it is none. */
const relativeTo = (file: string, path: string): string | { readonly reason: string } => {
  if (path.includes("\\")) return { reason: "paths are written with forward slashes" };
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(path)) return { reason: "it is not a path inside the model's folder" };
  if (path.startsWith("/") || path.startsWith("~")) return { reason: "paths are relative to the file they stand in" };
  if (path.includes("\0")) return { reason: "it is not the name of a file" };
  const parts = file.split("/").slice(0, -1);
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return { reason: "it leads out of the model's folder" };
  }
  return parts.length === 0 ? { reason: "it is a folder" } : parts.join("/");
};

const unreadable = (
  file: string,
  from: Include | undefined,
  source: Exclude<SourceText, { readonly kind: "text" }>,
  sources: Sources,
): Diagnostic => {
  const folder = file.slice(0, file.lastIndexOf("/") + 1);
  const suggestion = source.kind === "missing" ? suggest(file, sources.match(`${folder}*`)) : undefined;
  if (from === undefined) {
    const place: Place = { file, path: [] };
    return source.kind === "missing"
      ? diagnostic("file-missing", { file, suggestion }, place)
      : diagnostic("file-refused", { file, reason: source.reason }, place);
  }
  const { path, place } = from;
  return source.kind === "missing"
    ? diagnostic("include-missing", { path, pattern: false, suggestion }, place)
    : diagnostic("include-outside", { path, reason: source.reason }, place);
};

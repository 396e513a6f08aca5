import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import type { Lock } from "./read-lock.js";
import { lockFile, readLock } from "./read-lock.js";

/** The lock of a model by the name of its first file; none when nothing was released yet. */
export const findLock = (
  entry: string,
  sources: { read(path: string): SourceText },
): { readonly lock?: Lock; readonly diagnostics: readonly Diagnostic[] } => {
  const file = lockFile(entry);
  const source = sources.read(file);
  switch (source.kind) {
    case "missing":
      return { diagnostics: [] };
    case "refused":
      return { diagnostics: [diagnostic("lock-unreadable", { reason: source.reason }, { file, path: [] })] };
    case "text":
      return readLock(file, source.text);
  }
};

/** As the command line reads it. */
type SourceText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "refused"; readonly reason: string };

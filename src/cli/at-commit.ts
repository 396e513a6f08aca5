import { isUtf8 } from "node:buffer";
import type { Sources, SourceText } from "../passes/load.js";
import { byCodeUnit } from "./by-code-unit.js";
import { git } from "./git.js";
import { parsePattern } from "./pattern.js";
import { isNamed, readBatch } from "./staged.js";

/** The files below a folder as they are in a commit. */
export interface CommitTree extends Sources {
  /** The names of files, relative to the folder. */
  readonly paths: readonly string[];
}

/**
 * What a commit, named by its id, holds below a folder, or below another one that is named from there with a slash at its
 * end, and that only the commit may have. The working tree is left alone.
 */
export const openCommit = (folder: string, commit: string, below = ""): CommitTree => {
  const entries = new Map<string, { readonly mode: string; readonly id: string }>();
  // Names are relative to the folder; a folder that the commit does not have gives none.
  const lines = git(folder, ["ls-tree", "-r", "-z", commit, "--", below === "" ? "." : below]).toString("utf8");
  for (const line of lines.split("\u0000")) {
    const tab = line.indexOf("\t");
    if (tab < 0) continue;
    const [mode = "", , id = ""] = line.slice(0, tab).split(" ");
    entries.set(line.slice(tab + 1 + below.length), { mode, id });
  }
  const contents = new Map<string, Buffer>();
  const prefetch = (paths: readonly string[]): void => {
    const ids = paths.flatMap((path) => {
      const entry = entries.get(path);
      return entry === undefined || !entry.mode.startsWith("100") || contents.has(entry.id) ? [] : [entry.id];
    });
    if (ids.length > 0) readBatch(git(folder, ["cat-file", "--batch"], `${[...new Set(ids)].join("\n")}\n`), contents);
  };
  return {
    paths: [...entries.keys()].sort(byCodeUnit),
    read: (path): SourceText => {
      const entry = entries.get(path);
      if (entry === undefined) return { kind: "missing" };
      if (!entry.mode.startsWith("100"))
        return { kind: "refused", reason: "it is a symbolic link or a submodule in git" };
      prefetch([path]);
      const content = contents.get(entry.id);
      if (content === undefined) return { kind: "refused", reason: "git does not have its content" };
      if (!isUtf8(content)) return { kind: "refused", reason: "it is not text in UTF-8" };
      return { kind: "text", text: content.toString("utf8") };
    },
    match: (text) => {
      const pattern = parsePattern(text);
      if (pattern === undefined) return [];
      const paths = [...entries.keys()].filter((path) => isNamed(pattern, path)).sort(byCodeUnit);
      prefetch(paths);
      return paths;
    },
  };
};

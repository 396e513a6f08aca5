import { isUtf8 } from "node:buffer";
import { byCodeUnit } from "./by-code-unit.js";
import { git, tryGit } from "./git.js";
import type { Found, OutputTree } from "./output.js";
import type { Pattern } from "./pattern.js";
import { enter, names, parsePattern, start } from "./pattern.js";
import type { Place } from "./place.js";
import { sha256 } from "./sha256.js";
import type { SourceTree } from "./sources.js";
import { tooLarge } from "./sources.js";

/** The index of git below a folder: what the next commit will hold there. */
export interface Index {
  /** By path relative to the folder. */
  readonly entries: ReadonlyMap<string, IndexEntry>;
  /** Reads contents ahead, all at once. */
  prefetch(paths: Iterable<string>): void;
  content(path: string): Buffer | undefined;
  /** Whether git ignores what is new at a path. */
  isIgnored(path: string): boolean;
}

export interface IndexEntry {
  /** 100644, 100755, 120000 (a symbolic link), 160000 (a submodule) */
  readonly mode: string;
  readonly id: string;
  /** Whether a merge left it undecided. */
  readonly unmerged: boolean;
}

export const openIndex = (folder: string): Index => {
  const entries = new Map<string, IndexEntry>();
  for (const line of git(folder, ["ls-files", "--stage", "-z", "--", "."]).toString("utf8").split("\u0000")) {
    const tab = line.indexOf("\t");
    if (tab < 0) continue;
    const [mode = "", id = "", stage = "0"] = line.slice(0, tab).split(" ");
    entries.set(line.slice(tab + 1), { mode, id, unmerged: stage !== "0" });
  }
  const contents = new Map<string, Buffer>();
  const prefetch = (paths: Iterable<string>): void => {
    const ids = new Set<string>();
    for (const path of paths) {
      const entry = entries.get(path);
      if (entry !== undefined && isFile(entry) && !contents.has(entry.id)) ids.add(entry.id);
    }
    if (ids.size > 0) readBatch(git(folder, ["cat-file", "--batch"], `${[...ids].join("\n")}\n`), contents);
  };
  return {
    entries,
    prefetch,
    content: (path) => {
      prefetch([path]);
      const entry = entries.get(path);
      return entry === undefined ? undefined : contents.get(entry.id);
    },
    isIgnored: (path) => tryGit(folder, ["check-ignore", "--quiet", "--", path]).status === 0,
  };
};

const isFile = ({ mode, unmerged }: IndexEntry): boolean => mode.startsWith("100") && !unmerged;

/** The part of an index that is below a folder of its own. */
export const indexBelow = (index: Index, folder: string): Index => {
  if (folder === ".") return index;
  const prefix = `${folder}/`;
  const entries = [...index.entries].filter(([path]) => path.startsWith(prefix));
  return {
    entries: new Map(entries.map(([path, entry]) => [path.slice(prefix.length), entry])),
    prefetch: (paths) => index.prefetch([...paths].map((path) => prefix + path)),
    content: (path) => index.content(prefix + path),
    isIgnored: (path) => index.isIgnored(prefix + path),
  };
};

/** The format of `git cat-file --batch`: `<id> blob <size>`, a line end, the bytes, a line end. */
export const readBatch = (output: Buffer, contents: Map<string, Buffer>): void => {
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf("\n", at);
    const [id = "", kind, size] = output.toString("utf8", at, end).split(" ");
    if (kind !== "blob") {
      at = end + 1;
      continue;
    }
    const length = Number(size);
    contents.set(id, output.subarray(end + 1, end + 1 + length));
    at = end + 1 + length + 1;
  }
};

/** What is staged in a model's folder, which is the index's. */
export const stagedPlace = (index: Index): Place => ({
  sources: stagedSources(index),
  output: (out) => {
    index.prefetch(outputEntries(index, out).map(([path]) => path));
    return stagedOutput(index, out);
  },
  staged: {
    identify: (out) =>
      sha256(
        outputEntries(index, out)
          .map(([path, { mode, id }]) => `${mode} ${id} ${path}`)
          .join("\n"),
      ),
    isIgnored: (out) => outputEntries(index, out).length === 0 && index.isIgnored(out),
  },
});

const stagedSources = (index: Index): SourceTree => ({
  read: (path) => {
    const entry = index.entries.get(path);
    if (entry === undefined) return { kind: "missing" };
    if (entry.unmerged) return { kind: "refused", reason: "its merge is not resolved" };
    if (!isFile(entry)) return { kind: "refused", reason: "it is a symbolic link or a submodule in git" };
    const content = index.content(path);
    if (content === undefined) return { kind: "refused", reason: "git does not have its content" };
    const excess = tooLarge(path, content.length);
    if (excess !== undefined) return { kind: "refused", reason: excess };
    if (!isUtf8(content)) return { kind: "refused", reason: "it is not text in UTF-8" };
    return { kind: "text", text: content.toString("utf8") };
  },
  match: (text) => {
    const pattern = parsePattern(text);
    if (pattern === undefined) return [];
    const paths = [...index.entries.keys()].filter((path) => isNamed(pattern, path)).sort(byCodeUnit);
    index.prefetch(paths);
    return paths;
  },
  identify: (path) => {
    const entry = index.entries.get(path);
    return entry === undefined ? "missing" : `${entry.mode} ${entry.id} ${entry.unmerged}`;
  },
  folders: new Set(),
});

/** Whether a pattern of `include:` names a path. */
export const isNamed = (pattern: Pattern, path: string): boolean => {
  const segments = path.split("/");
  let positions = start(pattern);
  for (const folder of segments.slice(0, -1)) positions = enter(pattern, positions, folder);
  return names(pattern, positions, segments.at(-1) ?? "");
};

const stagedOutput = (index: Index, out: string): OutputTree => ({
  read: (path): Found => {
    const entry = index.entries.get(inFolder(out, path));
    if (entry === undefined) return { kind: "missing" };
    if (entry.unmerged) return { kind: "other", what: "its merge is not resolved" };
    if (entry.mode === "120000") return { kind: "other", what: "it is a symbolic link" };
    const bytes = index.content(inFolder(out, path));
    if (bytes === undefined) return { kind: "other", what: "it is not a file in git" };
    return { kind: "file", bytes, executable: entry.mode === "100755" };
  },
});

/** What is staged in the output folder. */
const outputEntries = (index: Index, out: string): readonly (readonly [string, IndexEntry])[] => {
  const prefix = inFolder(out, "");
  return [...index.entries].filter(([path]) => path.startsWith(prefix));
};

const inFolder = (out: string, path: string): string => (out === "." ? path : `${out}/${path}`);

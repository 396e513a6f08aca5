import { isUtf8 } from "node:buffer";
import { visible } from "../diagnostics/visible.js";
import type { Sources, SourceText } from "../passes/load.js";
import { byCodeUnit } from "./by-code-unit.js";
import { environmentFailed } from "./failure.js";
import { git, tryGit } from "./git.js";
import { parsePattern } from "./pattern.js";
import { isNamed, readBatch } from "./staged.js";

/** The files below a folder as they are in a commit. */
export interface RefTree extends Sources {
  /** The names of files, relative to the folder. */
  readonly paths: readonly string[];
}

/** What a branch, a tag or a commit holds below a folder. The working tree is left alone. */
export const openRef = (folder: string, ref: string): RefTree => {
  const commit = commitOf(folder, ref);
  const entries = new Map<string, { readonly mode: string; readonly id: string }>();
  // Names are relative to the folder; a folder that the commit does not have gives none.
  for (const line of git(folder, ["ls-tree", "-r", "-z", commit, "--", "."]).toString("utf8").split("\u0000")) {
    const tab = line.indexOf("\t");
    if (tab < 0) continue;
    const [mode = "", , id = ""] = line.slice(0, tab).split(" ");
    entries.set(line.slice(tab + 1), { mode, id });
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

/** The commit that a name stands for, also that of an annotated tag. */
const commitOf = (folder: string, ref: string): string => {
  const found = tryGit(folder, ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
  if (found.status === 0) return found.stdout.toString("utf8").trim();

  const shown = `git:${visible(ref)}`;
  const top = tryGit(folder, ["rev-parse", "--is-shallow-repository"]);
  if (top.status !== 0)
    throw environmentFailed(
      `${shown}: ${visible(folder)} is in no git repository that can be read (${visible(top.stderr.toString("utf8").trim())}). Without one: evgen check --against lock`,
    );
  if (tryGit(folder, ["rev-parse", "--verify", "--quiet", "HEAD"]).status !== 0)
    throw environmentFailed(`${shown}: the repository has no commits yet, so there is nothing to compare with.`);
  if (tryGit(folder, ["rev-parse", "--verify", "--quiet", `origin/${ref}^{commit}`]).status === 0)
    throw environmentFailed(
      `${shown}: there is no such branch here, but origin has one. Write git:origin/${visible(ref)}`,
    );
  const isShallow = top.stdout.toString("utf8").trim() === "true";
  const where = isShallow ? "in this shallow clone" : "in this repository";
  throw environmentFailed(`${shown}: there is no such commit ${where}. Fetch it: ${fetchOf(ref, isShallow)}`);
};

/** The command that brings a ref. */
const fetchOf = (ref: string, isShallow: boolean): string => {
  const depth = isShallow ? "--depth=1 " : "";
  if (/^[0-9a-f]{40}$/.test(ref)) return `git fetch ${depth}origin ${ref}`;
  if (/[~^@{]/.test(ref)) return isShallow ? "git fetch --unshallow origin" : "git fetch origin";
  const branch = ref.replace(/^origin\//, "").replace(/^refs\/(?:heads|remotes\/origin)\//, "");
  if (ref.startsWith("refs/tags/")) return `git fetch ${depth}origin tag ${ref.slice("refs/tags/".length)}`;
  const name = visible(branch);
  const again = ref.startsWith("origin/") ? "" : `, then --against git:origin/${name}`;
  return `git fetch ${depth}origin +refs/heads/${name}:refs/remotes/origin/${name}${again}`;
};

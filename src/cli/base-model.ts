import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { lockFile } from "../evolution/lock/read-lock.js";
import type { CommitTree } from "./at-commit.js";
import { openCommit } from "./at-commit.js";
import { byCodeUnit } from "./by-code-unit.js";
import type { ModelFile } from "./find-model.js";
import { git, tryGit } from "./git.js";

/** A model as it was in a commit. */
export interface BaseModel {
  readonly tree: CommitTree;
  /** Where it was: a way from the folder of the model as it is, with a slash at its end, or empty for there. */
  readonly folder: string;
  readonly entry: string;
}

/** A model in a commit, also where its file or its folder had another name; none when it is new. */
export const modelAt = (commit: string, { folder, entry }: ModelFile, system: string): BaseModel | undefined => {
  const tree = openCommit(folder, commit);
  if (tree.paths.includes(entry) || tree.paths.includes(lockFile(entry))) return { tree, folder: "", entry };
  const old = movedFrom(commit, folder, system);
  if (old === undefined) return undefined;
  const name = posix.basename(old);
  const below = old.slice(0, -name.length);
  return { tree: below === "" ? tree : openCommit(folder, commit, below), folder: below, entry: name };
};

/** Where a commit has a model that is there no longer, one of the system first: a way from the folder. */
const movedFrom = (commit: string, folder: string, system: string): string | undefined => {
  const pattern = `^["']?evgen["']?[[:space:]]*:`;
  // What is found nowhere is an answer too.
  const found = tryGit(folder, ["grep", "-l", "-z", "-E", pattern, commit, "--", ":(top)*.yaml", ":(top)*.yml"]);
  const gone = found.stdout
    .toString("utf8")
    .split("\u0000")
    .map((path) => path.slice(commit.length + 1))
    .filter((path) => path !== "" && !existsSync(join(folder, path)))
    .sort(byCodeUnit);
  const isOfSystem = (path: string): boolean => {
    const name = /^["']?system["']?[ \t]*:[ \t]*["']?([^\s"'#]+)/m;
    return name.exec(git(folder, ["show", `${commit}:./${path}`]).toString("utf8"))?.[1] === system;
  };
  return gone.find(isOfSystem) ?? gone[0];
};

import { existsSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { ModelFile } from "./find-model.js";

/**
 * The way from the top of the repository to a model's folder, with a slash at its end, or empty for the top: what goes
 * before file names in formats that CI systems read. Outside of a repository it starts where the command was called.
 */
export const repositoryPrefix = ({ folder, prefix }: ModelFile): string => {
  for (let top = folder; ; top = dirname(top)) {
    // A folder, or a file in a worktree and a submodule.
    if (existsSync(join(top, ".git"))) {
      const way = relative(top, folder).replaceAll(sep, "/");
      return way === "" ? "" : `${way}/`;
    }
    if (dirname(top) === top) return prefix;
  }
};

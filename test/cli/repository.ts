import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { expect } from "vitest";
import type { Workspace } from "./evgen.js";
import { workspace } from "./evgen.js";

/** A workspace that is a git repository, with a branch `main` and no commits. */
export interface Repository extends Workspace {
  /** What git printed; it is expected to succeed. */
  git(...args: readonly string[]): string;
  gitIn(folder: string, ...args: readonly string[]): string;
  /** Commits all that is in the folder. */
  commit(message: string): void;
  /** Writes a hook of git, as a shell script in which `evgen` is the compiled command line. */
  hook(name: string, script: string, hooks?: string): void;
  /** Runs what a hook may refuse, with what it printed. */
  tryGit(folder: string, ...args: readonly string[]): { readonly code: number | null; readonly output: string };
}

export const repository = (): Repository => {
  const work = workspace();
  const tryGit = (folder: string, ...args: readonly string[]) => {
    const settings = ["user.name=a", "user.email=a@example.org", "protocol.file.allow=always"];
    const run = spawnSync("git", [...settings.flatMap((one) => ["-c", one]), ...args], {
      cwd: work.path(folder),
      env: gitEnvironment(join(work.folder, "..", "cache")),
      encoding: "utf8",
    });
    return { code: run.status, output: run.stdout, errors: run.stderr };
  };
  const gitIn = (folder: string, ...args: readonly string[]): string => {
    const { code, output, errors } = tryGit(folder, ...args);
    expect(code, `git ${args.join(" ")}\n${output}\n${errors}`).toBe(0);
    return output;
  };
  const git = (...args: readonly string[]) => gitIn(".", ...args);
  git("init", "--quiet", "--initial-branch=main");
  return {
    ...{ ...work, git, gitIn },
    commit: (message) => {
      git("add", ".");
      git("commit", "--quiet", "--allow-empty", "--message", message);
    },
    hook: (name, script, hooks = ".git/hooks") => {
      mkdirSync(work.path(hooks), { recursive: true });
      work.write(
        `${hooks}/${name}`,
        `#!/bin/sh\nset -e\nevgen() { "${process.execPath}" "${work.main}" "$@"; }\n${script}\n`,
      );
      chmodSync(work.path(hooks, name), 0o755);
    },
    tryGit: (folder, ...args) => {
      const { code, output, errors } = tryGit(folder, ...args);
      return { code, output: output + errors };
    },
  };
};

/** Releases and builds what is in a folder. */
export const released = (work: Workspace, folder = "."): void => {
  for (const command of ["release", "build"]) expect(work.evgen([command], { cwd: folder })).toMatchObject({ code: 0 });
};

/** Without the settings of whoever runs the tests, and with the node that runs them. */
const gitEnvironment = (cache: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:GIT_|EVGEN_)/.test(name))),
  PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  EVGEN_CACHE_DIR: cache,
});

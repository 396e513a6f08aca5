import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { environmentFailed } from "./failure.js";
import { isInside } from "./sources.js";

/** Runs git in a folder; a failure of it is one of the environment. */
export const git = (folder: string, args: readonly string[], input = ""): Buffer => {
  const { status, stdout, stderr } = tryGit(folder, args, input);
  if (status !== 0) throw environmentFailed(`git ${args[0]}: ${stderr.toString("utf8").trim()}`);
  return stdout;
};

/** The same, where git's saying no is an answer. */
export const tryGit = (folder: string, args: readonly string[], input = "") =>
  spawnGit(folder, args, input, environmentOf(folder));

const spawnGit = (folder: string, args: readonly string[], input: string, env: NodeJS.ProcessEnv) => {
  const result = spawnSync("git", args, { cwd: folder, input, env, maxBuffer: 2 ** 30 });
  if (result.error === undefined) return result;
  const { code } = result.error as NodeJS.ErrnoException;
  throw environmentFailed(code === "ENOENT" ? "git is not installed." : `git ${args[0]}: ${result.error.message}`);
};

/** Without the variables that git gives to hooks, which would lead into the repository of the hook's caller. */
const environmentOf = (folder: string): NodeJS.ProcessEnv => {
  const known = environments.get(folder);
  if (known !== undefined) return known;
  const { GIT_INDEX_FILE: index, ...rest } = process.env;
  const clean: NodeJS.ProcessEnv = { ...rest, LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" };
  for (const name of ofOneRepository) delete clean[name];
  const own = index === undefined ? undefined : ownIndex(folder, index, clean);
  const env = own === undefined ? clean : { ...clean, GIT_INDEX_FILE: own };
  environments.set(folder, env);
  return env;
};

/** `git rev-parse --local-env-vars`, but for settings, which are the user's: `GIT_CONFIG_COUNT` may say safe.directory. */
const ofOneRepository = [
  ...["GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_NAMESPACE"],
  ...["GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE"],
];

const environments = new Map<string, NodeJS.ProcessEnv>();

/**
 * In `git commit --all` and `git commit <path>` what is committed is in an index beside the usual one, which only the
 * variable names. It is taken when it lies in the folder's own repository.
 */
const ownIndex = (folder: string, index: string, env: NodeJS.ProcessEnv): string | undefined => {
  const found = spawnGit(folder, ["rev-parse", "--absolute-git-dir"], "", env);
  const file = resolve(index);
  const isOwn = found.status === 0 && isInside(found.stdout.toString("utf8").trim(), file);
  return isOwn && existsSync(file) ? file : undefined;
};

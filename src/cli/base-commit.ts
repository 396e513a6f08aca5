import { visible } from "../diagnostics/visible.js";
import { environmentFailed } from "./failure.js";
import { tryGit } from "./git.js";

/** The commit that a model is compared with. */
export interface BaseCommit {
  readonly commit: string;
  /** What `git:<ref>` stands for now: the end of the branch, or the commit itself. */
  readonly tip: string;
  /** Where the one is not the other, or nobody can tell, a sentence about it. */
  readonly note?: string;
}

/**
 * A branch goes on while one works on another one. What was released on it meanwhile is not removed by a change that does
 * not have it yet, so the change is compared with the commit where it left the branch. Tags and commits stand still, and are
 * compared as they are: what was deployed may be on no branch of this one. `left` asks for the former of any of them.
 */
export const findBaseCommit = (
  folder: string,
  { ref, left = false }: { readonly ref: string; readonly left?: boolean },
): BaseCommit => {
  const moves = left || isBranch(folder, ref);
  const tip = tipOf(folder, ref, moves);
  if (!moves) return { commit: tip, tip };

  const shown = `git:${visible(ref)}`;
  const found = tryGit(folder, ["merge-base", "--all", "HEAD", tip]);
  const [commit, ...more] = found.status === 0 ? found.stdout.toString("utf8").trim().split("\n") : [];
  if (commit === undefined && isShallow(folder))
    throw environmentFailed(
      `${shown}: this shallow clone does not reach back to where HEAD left it. Fetch the history: git fetch --unshallow origin. ` +
        `Or compare with it as it is now: --against ${word(`git:${ref}^{commit}`)}`,
    );
  if (commit === undefined) return { commit: tip, tip, note: `HEAD and ${shown} have no commit in common` };
  // Each of several has what the others lack; the end of the branch has it all.
  if (more.length > 0)
    return { commit: tip, tip, note: `HEAD left ${shown} in more than one place, so it was taken as it is now` };
  return commit === tip ? { commit, tip } : { commit, tip, note: `HEAD left ${shown} at ${commit.slice(0, 12)}` };
};

const isBranch = (folder: string, ref: string): boolean => {
  const { status, stdout } = tryGit(folder, ["rev-parse", "--symbolic-full-name", "--verify", "--quiet", ref]);
  // Of what is not there at all only its place in git's own names tells.
  const name = status === 0 ? stdout.toString("utf8").trim() : ref;
  return /^(?:refs\/heads|refs\/remotes)\//.test(name);
};

const isShallow = (folder: string): boolean =>
  tryGit(folder, ["rev-parse", "--is-shallow-repository"]).stdout.toString("utf8").trim() === "true";

/** The commit that a name stands for, also that of an annotated tag. */
const tipOf = (folder: string, ref: string, moves: boolean): string => {
  const found = tryGit(folder, ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
  if (found.status === 0) return found.stdout.toString("utf8").trim();

  const shown = `git:${visible(ref)}`;
  const top = tryGit(folder, ["rev-parse", "--git-dir"]);
  if (top.status !== 0)
    throw environmentFailed(
      `${shown}: ${visible(folder)} is in no git repository that can be read. Without one: evgen check --against lock\n${saidBy(top.stderr)}`,
    );
  if (tryGit(folder, ["rev-parse", "--verify", "--quiet", "HEAD"]).status !== 0)
    throw environmentFailed(`${shown}: the repository has no commits yet, so there is nothing to compare with.`);
  if (tryGit(folder, ["rev-parse", "--verify", "--quiet", `origin/${ref}^{commit}`]).status === 0)
    throw environmentFailed(
      `${shown}: there is no such branch here, but origin has one. Write git:origin/${visible(ref)}`,
    );
  const where = isShallow(folder) ? "in this shallow clone" : "in this repository";
  throw environmentFailed(
    `${shown}: there is no such commit ${where}. Fetch it: ${fetchOf(ref, isShallow(folder), moves)}`,
  );
};

const saidBy = (stderr: Buffer): string =>
  stderr
    .toString("utf8")
    .split("\n")
    .map((line) => visible(line.trim()))
    .filter((line) => line !== "")
    .join("\n");

/** The command that brings a ref, and of a branch the history that tells where another one left it. */
const fetchOf = (ref: string, shallow: boolean, moves: boolean): string => {
  const history = shallow ? "--unshallow " : "";
  const depth = shallow ? (moves ? history : "--depth=1 ") : "";
  if (/^[0-9a-f]{40}$/.test(ref)) return `git fetch ${depth}origin ${ref}`;
  if (/[~^]|@\{/.test(ref)) return `git fetch ${history}origin`;
  const tag = /^(?:refs\/tags\/(.+)|v?\d+\.\d.*)$/.exec(ref);
  if (tag !== null) return `git fetch ${depth}origin tag ${word(tag[1] ?? ref)}`;
  const name = ref.replace(/^(?:refs\/heads\/|refs\/remotes\/origin\/|origin\/)/, "");
  const again = ref.includes("origin/") ? "" : `, then --against ${word(`git:origin/${name}`)}`;
  return `git fetch ${history}origin ${word(`+refs/heads/${name}:refs/remotes/origin/${name}`)}${again}`;
};

/** A word for a shell: names of branches may hold what it would take for more than that. */
const word = (text: string): string => {
  const shown = visible(text);
  return /^[\w./:+@-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
};

import { compile } from "../compile.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import type { ReadText } from "../diagnostics/format.js";
import { visible } from "../diagnostics/visible.js";
import type { Base } from "../evolution/check/base.js";
import { baseOfLock, baseOfModel } from "../evolution/check/base.js";
import type { Finding } from "../evolution/finding.js";
import { findLock } from "../evolution/lock/find-lock.js";
import { type Lock, lockFile } from "../evolution/lock/read-lock.js";
import { snapshotIn } from "../evolution/lock/snapshot-in.js";
import type { Sources } from "../passes/load.js";
import type { Against } from "./against.js";
import { findBaseCommit } from "./base-commit.js";
import { modelAt } from "./base-model.js";
import { environmentFailed } from "./failure.js";
import type { ModelFile } from "./find-model.js";
import { tryGit } from "./git.js";

type GitRef = Extract<Against, { readonly kind: "git" }>;

export interface Comparison {
  /** Absent when there is nothing that the model could break. */
  readonly base?: Base;
  /** Why there is none, or what people should know: a sentence. */
  readonly note?: string;
  /** The text of a file of the base. */
  readonly read?: ReadText;
  /** Where the base's files were, when not where the model's are: a way from there, with a slash at its end. */
  readonly folder?: string;
  /** What was accepted outside of the model. */
  readonly accepted?: readonly { readonly finding: string; readonly reason: string }[];
  /** What is wrong with the base itself. */
  readonly findings?: readonly Finding[];
}

/**
 * The base of a comparison, of the model's system. `lock` is that of the model as it is. One function for each kind of base
 * with versions.
 */
export const openBase = async (
  against: Exclude<Against, { readonly kind: "pulsar" }>,
  model: ModelFile,
  system: string,
  lock: Lock | undefined,
  sources: Sources,
): Promise<Comparison> => {
  switch (against.kind) {
    case "lock":
      return lockBase(lock, sources);
    case "git":
      return gitBase(against, model, system);
  }
};

const lockBase = async (lock: Lock | undefined, sources: Sources): Promise<Comparison> => {
  if (lock === undefined)
    return {
      note: "there is no evgen.lock, so nothing is released yet and any change is safe. evgen release writes it",
    };
  return { ...(await readLockBase(lock.file, lock)), read: textsOf(sources) };
};

const readLockBase = async (name: string, lock: Lock): Promise<Comparison> => {
  const { snapshot, diagnostics } = snapshotIn(lock);
  if (snapshot !== undefined) return { base: baseOfLock(name, lock, snapshot) };
  const { findingsOf } = await import("./formats/from-diagnostics.js");
  return { findings: findingsOf(diagnostics) };
};

/** Sources as reports read them. */
export const textsOf =
  ({ read }: Pick<Sources, "read">): ReadText =>
  (file) => {
    const source = read(file);
    return source.kind === "text" ? source.text : undefined;
  };

/** What the lock of a commit has released; all that its model has, where there is no lock. */
const gitBase = async (against: GitRef, model: ModelFile, system: string): Promise<Comparison> => {
  const name = `git:${against.ref}`;
  const { commit, tip, note } = findBaseCommit(model.folder, against);
  const accepted = acceptedSince(model.folder, tip);
  const notes = (...more: readonly string[]) => {
    const all = [...(note === undefined ? [] : [note]), ...more];
    return all.length === 0 ? {} : { note: all.join("; ") };
  };
  const found = modelAt(commit, model, system);
  if (found === undefined) return { accepted, ...notes(`${visible(name)} has no model here, so all of it is new`) };
  const { tree, folder, entry } = found;
  const common = { read: textsOf(tree), accepted, ...(folder === "" ? {} : { folder }) };

  const locked = findLock(entry, tree);
  if (hasErrors(locked.diagnostics)) {
    const [first] = locked.diagnostics;
    throw environmentFailed(
      `${visible(name)}: ${lockFile(entry)} cannot be used there: ${first?.message} Compare with another commit.`,
    );
  }
  if (locked.lock !== undefined) return { ...(await readLockBase(name, locked.lock)), ...common, ...notes() };

  const compiled = await compile(entry, tree);
  if (compiled.model === undefined) {
    const first = compiled.diagnostics.find((one) => one.severity === "error");
    throw environmentFailed(
      `${visible(name)}: the model there has errors, so nothing can be compared with it: ${visible(first?.place.file ?? "")}: ${visible(first?.message ?? "")}`,
    );
  }
  return {
    base: baseOfModel(name, compiled.model),
    ...common,
    ...notes(`${visible(name)} has no evgen.lock, so all versions there count as released`),
  };
};

/** `Evgen-Accept: <fingerprint> <reason>` in the commits since the base accepts a finding, too. */
const acceptedSince = (folder: string, commit: string): NonNullable<Comparison["accepted"]> => {
  const log = tryGit(folder, ["log", "--format=%(trailers:key=Evgen-Accept,valueonly,unfold)", `${commit}..HEAD`]);
  if (log.status !== 0) return [];
  return [...log.stdout.toString("utf8").matchAll(/^([0-9a-f]{16})[ \t]+(\S.*)$/gm)].map(
    ([, finding = "", reason = ""]) => ({
      finding,
      reason: reason.trim(),
    }),
  );
};

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
import type { RefTree } from "./at-ref.js";
import { openRef } from "./at-ref.js";
import { environmentFailed } from "./failure.js";
import type { ModelFile } from "./find-model.js";
import { usualNames } from "./find-model.js";
import { tryGit } from "./git.js";

export interface Comparison {
  /** Absent when there is nothing that the model could break. */
  readonly base?: Base;
  /** Why there is none, or what people should know: a sentence. */
  readonly note?: string;
  /** The text of a file of the base. */
  readonly read?: ReadText;
  /** What was accepted outside of the model. */
  readonly accepted?: readonly { readonly finding: string; readonly reason: string }[];
  /** What is wrong with the base itself. */
  readonly findings?: readonly Finding[];
}

/** The base of a comparison. `lock` is that of the model as it is. One function for each kind of base with versions. */
export const openBase = async (
  against: Exclude<Against, { readonly kind: "pulsar" }>,
  model: ModelFile,
  lock: Lock | undefined,
  sources: Sources,
): Promise<Comparison> => {
  switch (against.kind) {
    case "lock":
      return lockBase(lock, sources);
    case "git":
      return gitBase(against.ref, model);
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
const gitBase = async (ref: string, model: ModelFile): Promise<Comparison> => {
  const name = `git:${ref}`;
  const tree = openRef(model.folder, ref);
  const accepted = acceptedSince(model.folder, ref);
  const file = lockFile(model.entry);
  const found = findLock(model.entry, tree);
  if (hasErrors(found.diagnostics)) {
    const [first] = found.diagnostics;
    throw environmentFailed(
      `${visible(name)}: ${file} cannot be used there: ${first?.message} Compare with another commit.`,
    );
  }
  if (found.lock !== undefined) return { ...(await readLockBase(name, found.lock)), read: textsOf(tree), accepted };

  const entry = entryAt(tree, model);
  if (entry === undefined) return { note: `${visible(name)} has no model here, so all of it is new`, accepted };
  const compiled = await compile(entry, tree);
  if (compiled.model === undefined) {
    const first = compiled.diagnostics.find((one) => one.severity === "error");
    throw environmentFailed(
      `${visible(name)}: the model there has errors, so nothing can be compared with it: ${visible(first?.place.file ?? "")}: ${visible(first?.message ?? "")}`,
    );
  }
  const base = baseOfModel(name, compiled.model);
  return {
    base,
    read: textsOf(tree),
    accepted,
    note: `${visible(name)} has no evgen.lock, so all versions there count as released`,
  };
};

/** The model's first file in a commit, also where it had another name. */
const entryAt = (tree: RefTree, { entry }: ModelFile): string | undefined => {
  if (tree.paths.includes(entry)) return entry;
  const candidates = tree.paths.filter((path) => !path.includes("/") && /\.ya?ml$/.test(path));
  const isModel = (path: string): boolean => {
    const source = tree.read(path);
    return source.kind === "text" && /^["']?evgen["']?[ \t]*:/m.test(source.text);
  };
  return candidates.find((path) => usualNames.includes(path) && isModel(path)) ?? candidates.find(isModel);
};

/** `Evgen-Accept: <fingerprint> <reason>` in the commits since the base accepts a finding, too. */
const acceptedSince = (folder: string, ref: string): NonNullable<Comparison["accepted"]> => {
  const log = tryGit(folder, ["log", "--format=%(trailers:key=Evgen-Accept,valueonly,unfold)", `${ref}..HEAD`]);
  if (log.status !== 0) return [];
  return [...log.stdout.toString("utf8").matchAll(/^([0-9a-f]{16})[ \t]+(\S.*)$/gm)].map(
    ([, finding = "", reason = ""]) => ({
      finding,
      reason: reason.trim(),
    }),
  );
};

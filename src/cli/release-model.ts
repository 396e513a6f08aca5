import { join } from "node:path";
import { checkTargets, compile } from "../compile.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { lockFile } from "../evolution/lock/read-lock.js";
import { snapshotIn } from "../evolution/lock/snapshot-in.js";
import { printLock } from "../evolution/lock/write-lock.js";
import type { Release } from "../evolution/release.js";
import { releaseOf } from "../evolution/release.js";
import type { Sources } from "../passes/load.js";
import type { ModelFile } from "./find-model.js";
import type { Findings } from "./findings.js";
import { describeFindings } from "./findings.js";
import { withLock } from "./lock.js";
import { replaceFile } from "./replace-file.js";
import { diskSources } from "./sources.js";

export interface ReleaseResult {
  readonly model: ModelFile;
  /** The lock, relative to the current folder. */
  readonly lock: string;
  readonly findings: Findings;
  /** What is or would be new; absent when there are findings. */
  readonly release?: Release;
  /** `released`: the lock was written. `unreleased`: it would be. `nothing`: it says all. */
  readonly outcome: "released" | "unreleased" | "nothing" | "findings";
}

/** Freezes a model in its lock, or finds out what there is to be frozen. */
export const releaseModel = async (model: ModelFile, write: boolean): Promise<ReleaseResult> => {
  const file = lockFile(model.entry);
  const common = { model, lock: model.prefix + file };
  const sources = diskSources(model.folder);
  const made = await makeRelease(model, sources);
  const findings = await describeFindings(made.diagnostics, sources.read, model.prefix);
  if (made.release === undefined) return { ...common, findings, outcome: "findings" };

  const { release } = made;
  const text = printLock(release.snapshot);
  const before = sources.read(file);
  if (before.kind === "text" && before.text === text) return { ...common, findings, release, outcome: "nothing" };
  if (!write) return { ...common, findings, release, outcome: "unreleased" };

  const path = join(model.folder, file);
  const written = await withLock(join(model.folder, ".evgen-release"), () => {
    // Another release may have come between, with versions that take the positions of these.
    const now = diskSources(model.folder).read(file);
    if (now.kind !== before.kind || (now.kind === "text" && before.kind === "text" && now.text !== before.text))
      return false;
    replaceFile(path, text);
    return true;
  });
  return written ? { ...common, findings, release, outcome: "released" } : releaseModel(model, write);
};

const makeRelease = async (
  model: ModelFile,
  sources: Sources,
): Promise<{ readonly release?: Release; readonly diagnostics: readonly Diagnostic[] }> => {
  const compiled = await compile(model.entry, sources);
  if (compiled.model === undefined) return { diagnostics: compiled.diagnostics };
  const before = compiled.lock === undefined ? undefined : snapshotIn(compiled.lock);
  const diagnostics = [
    ...compiled.diagnostics,
    ...(await checkTargets(compiled.model)),
    ...(before?.diagnostics ?? []),
  ];
  if (hasErrors(diagnostics)) return { diagnostics };
  return { release: releaseOf(compiled.model, before?.snapshot), diagnostics };
};

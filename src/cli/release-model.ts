import { join } from "node:path";
import { checkTargets, compile } from "../compile.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { visible } from "../diagnostics/visible.js";
import { baseOfLock } from "../evolution/check/base.js";
import { checkChanges } from "../evolution/check/check.js";
import type { Finding } from "../evolution/finding.js";
import { mergedLock } from "../evolution/lock/merged.js";
import { lockFile, readLock } from "../evolution/lock/read-lock.js";
import { provedIn, snapshotIn } from "../evolution/lock/snapshot-in.js";
import { printLock } from "../evolution/lock/write-lock.js";
import type { Release } from "../evolution/release.js";
import { isAppended, releaseOf } from "../evolution/release.js";
import type { Sources } from "../passes/load.js";
import { textsOf } from "./bases.js";
import { environmentFailed } from "./failure.js";
import type { ModelFile } from "./find-model.js";
import type { Findings } from "./findings.js";
import { describeFindings } from "./findings.js";
import type { ModelFindings } from "./formats/print-findings.js";
import { withLock } from "./lock.js";
import { replaceFile } from "./replace-file.js";
import { diskSources, tooLarge } from "./sources.js";

export interface ReleaseResult {
  readonly model: ModelFile;
  /** The lock, relative to the current folder. */
  readonly lock: string;
  readonly findings: Findings;
  /** Whether the lock has the lines of both sides of a merge, which fit together. */
  readonly merged: boolean;
  /** What `evgen check` says about it; errors among it stop the release. */
  readonly changes: ModelFindings;
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
  const before = sources.read(file);
  const mended = withMergedLock(sources, file);
  const made = await makeRelease(model, mended);
  const findings = await describeFindings(made.diagnostics, sources.read, model.prefix);
  const read = textsOf(sources);
  const found = {
    ...{ ...common, findings, merged: mended !== sources },
    changes: { model, findings: made.changes ?? [], read, readBase: read },
  };
  if (made.release === undefined) return { ...found, outcome: "findings" };

  const { release } = made;
  const text = printLock(release.snapshot);
  if (before.kind === "text" && before.text === text) return { ...found, release, outcome: "nothing" };
  if (!write) return { ...found, release, outcome: "unreleased" };

  // What is released can only be added to, so it must not come to be unreadable.
  const excess = tooLarge(file, Buffer.byteLength(text));
  if (excess !== undefined)
    throw environmentFailed(
      `${visible(common.lock)} is not written: ${excess}, which evgen does not read. Split the model.`,
    );
  const path = join(model.folder, file);
  const written = await withLock(join(model.folder, ".evgen-release"), () => {
    // Another release may have come between, with versions that take the positions of these.
    const now = diskSources(model.folder).read(file);
    if (now.kind !== before.kind || (now.kind === "text" && before.kind === "text" && now.text !== before.text))
      return false;
    replaceFile(path, text);
    return true;
  });
  return written ? { ...found, release, outcome: "released" } : releaseModel(model, write);
};

/** With a lock that has both sides of a merge as one, where the two fit together. */
const withMergedLock = (sources: Sources, file: string): Sources => {
  const source = sources.read(file);
  if (source.kind !== "text") return sources;
  const text = mergedLock(source.text);
  if (text === source.text || readLock(file, text).lock === undefined) return sources;
  return { ...sources, read: (path) => (path === file ? { kind: "text", text } : sources.read(path)) };
};

const makeRelease = async (
  model: ModelFile,
  sources: Sources,
): Promise<{
  readonly release?: Release;
  readonly diagnostics: readonly Diagnostic[];
  readonly changes?: readonly Finding[];
}> => {
  const compiled = await compile(model.entry, sources, { mayMiss: true });
  if (compiled.model === undefined) return { diagnostics: compiled.diagnostics };
  const before = compiled.lock === undefined ? undefined : snapshotIn(compiled.lock);
  const diagnostics = [
    ...compiled.diagnostics,
    ...(await checkTargets(compiled.model)),
    ...(before?.diagnostics ?? []),
  ];
  const { lock } = compiled;
  if (hasErrors(diagnostics)) return { diagnostics };
  if (lock === undefined || before?.snapshot === undefined)
    return { release: releaseOf(compiled.model, undefined), diagnostics };

  const changes = await checkChanges(baseOfLock(lock.file, lock, before.snapshot), compiled.model, {
    proved: provedIn(lock),
  });
  if (changes.some((one) => one.level === "error" && one.accepted === undefined)) return { diagnostics, changes };
  const release = releaseOf(compiled.model, before.snapshot);
  // What is gone may have been accepted; but nothing that stays on the wire moves into its place.
  if (!isAppended(before.snapshot, release.snapshot))
    return { diagnostics: (await compile(model.entry, sources)).diagnostics, changes };
  return { release, diagnostics, changes };
};

import { visible } from "../../diagnostics/visible.js";
import type { Release } from "../../evolution/release.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { wrongUse } from "../failure.js";
import { findModel } from "../find-model.js";
import { findingsJson } from "../formats/json.js";
import type { ReleaseResult } from "../release-model.js";
import { releaseModel } from "../release-model.js";
import type { Report } from "../report.js";
import { createReport } from "../report.js";

interface Options {
  readonly dryRun?: boolean;
  readonly check?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `evgen release`: freezes what the model has in evgen.lock. */
export const release = async (named: string | undefined, options: Options): Promise<ExitCode> => {
  if (options.check === true && options.dryRun === true) throw wrongUse("--check and --dry-run exclude each other.");
  const report = createReport({ quiet: options.quiet });
  const writes = options.check !== true && options.dryRun !== true;
  const result = await releaseModel(findModel(named), writes);
  if (options.json === true) report.data(`${JSON.stringify(jsonOf(result), undefined, 2)}\n`);
  else await reportRelease(result, writes, report);
  const isMissing = options.check === true && result.outcome === "unreleased";
  return result.outcome === "findings" || isMissing ? exitCode.findings : exitCode.done;
};

const reportRelease = async (result: ReleaseResult, writes: boolean, report: Report): Promise<void> => {
  const { lock, release, findings, changes, outcome, merged } = result;
  const problems = report.colours.stderr ? findings.coloured : findings.plain;
  if (outcome === "findings" || release === undefined) {
    const { textOf } = await import("../formats/text.js");
    const broken = { ...changes, findings: changes.findings.filter((one) => one.level === "error" && !one.accepted) };
    const said = problems + textOf({ command: "check", results: [broken] }, report.colours.stderr);
    report.problem(`${said.trimEnd()}. Nothing was released.\n`);
    return;
  }
  report.problem(problems);
  if (merged) report.note(`${visible(lock)}: has the lines of both sides of a merge, which fit together.\n`);
  if (outcome === "nothing") {
    report.note(`${visible(lock)}: all is released, nothing to do.\n`);
    noteUnread(release, lock, report);
    return;
  }
  for (const { version, position, topic } of positionsOf(release)) {
    const line = `${version}  position ${position} of ${topic}\n`;
    if (writes) report.note(line);
    else report.data(line);
  }
  const { length } = release.versions;
  const counted =
    length === 0 ? "no version is new, readers or settings are" : `${length} new version${length === 1 ? "" : "s"}`;
  if (writes) {
    report.note(`${visible(lock)}: written, ${counted}.\n`);
    noteUnread(release, lock, report);
  } else report.note(`${visible(lock)}: not written, ${counted}. Run evgen release.\n`);
};

/** What functions of the user's make of a sample, a release cannot know. */
const noteUnread = ({ snapshot }: Release, lock: string, report: Report): void => {
  const { length } = snapshot.samples.filter(({ reads }) => reads === undefined);
  if (length === 0) return;
  const samples = length === 1 ? "a sample" : `${length} samples`;
  report.note(`${visible(lock)}: what functions make of ${samples} is not noted yet: evgen verify --record\n`);
};

const positionsOf = (
  release: NonNullable<ReleaseResult["release"]>,
): readonly { readonly version: string; readonly topic: string; readonly position: number }[] => {
  const isNew = new Set(release.versions);
  return release.snapshot.topics.flatMap(({ url, branches }) =>
    branches.flatMap((version, position) => (isNew.has(version) ? [{ version, topic: url, position }] : [])),
  );
};

/** The machine format of `evgen release --json`. */
const jsonOf = ({ model, lock, release, findings, changes, outcome }: ReleaseResult) => ({
  format: "evgen-release",
  version: 1,
  model: model.prefix + model.entry,
  lock,
  outcome,
  released: release === undefined ? [] : positionsOf(release),
  diagnostics: findings.items,
  findings: findingsJson(changes),
});

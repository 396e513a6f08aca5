import type { Finding } from "../../evolution/finding.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import type { FindingFormat } from "../formats/finding-formats.js";
import type { ModelFindings } from "../formats/print-findings.js";
import { type Outcome, remembered, type Target, targetsOf } from "../remembered.js";
import type { Report } from "../report.js";
import { createReport } from "../report.js";

interface Options {
  readonly format?: FindingFormat;
  readonly strict?: boolean;
  readonly staged?: boolean;
  readonly cache?: boolean;
  readonly quiet?: boolean;
}

/** `evgen lint`: what works, and would be regretted in a log that is kept for ever. */
export const lint = async (named: string | undefined, options: Options): Promise<ExitCode> => {
  const report = createReport({ quiet: options.quiet });
  const targets = await targetsOf(named, options);
  const outcome = await remembered("lint", options, targets, report.colours, (these) =>
    lintAll(these, options, report.colours),
  );
  report.data(outcome.printed);
  for (const note of outcome.notes) report.note(note);
  return outcome.failed ? exitCode.findings : exitCode.done;
};

const lintAll = async (
  targets: readonly Target[],
  { format = "text", strict, quiet }: Options,
  colours: Report["colours"],
): Promise<Outcome> => {
  const { lintModel } = await import("../lint-model.js");
  const { formatFindings } = await import("../formats/print-findings.js");
  const results: ModelFindings[] = [];
  for (const { model, place, cache } of targets) {
    const found = await lintModel(model, place.sources, cache);
    const findings = found
      .map((one) => (strict === true && one.level === "warning" ? { ...one, level: "error" as const } : one))
      .filter((one) => quiet !== true || one.level !== "info");
    const read = (file: string): string | undefined => {
      const source = place.sources.read(file);
      return source.kind === "text" ? source.text : undefined;
    };
    results.push({ model, findings, read });
  }
  const clean = format === "text" ? results.filter((one) => one.findings.length === 0) : [];
  return {
    printed: await formatFindings({ command: "lint", results }, format, colours.stdout),
    notes: clean.map(({ model }) => `${model.prefix}${model.entry}: no findings.\n`),
    failed: results.flatMap((one) => one.findings).some(isFailure),
  };
};

const isFailure = (one: Finding): boolean => one.level === "error" && one.accepted === undefined;

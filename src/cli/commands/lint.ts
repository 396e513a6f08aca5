import { join } from "node:path";
import type { Finding } from "../../evolution/finding.js";
import type { Cache } from "../cache.js";
import { noCache, openCache } from "../cache.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import type { ModelFile } from "../find-model.js";
import { findModel } from "../find-model.js";
import { codeFingerprint } from "../fingerprint.js";
import type { FindingFormat } from "../formats/finding-formats.js";
import type { ModelFindings } from "../formats/print-findings.js";
import type { Place } from "../place.js";
import { diskPlace } from "../place.js";
import type { Inputs } from "../recording.js";
import { areSame, recordInputs } from "../recording.js";
import type { Report } from "../report.js";
import { createReport } from "../report.js";
import { repositoryPrefix } from "../repository.js";
import { sha256 } from "../sha256.js";

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
  const [first, ...more] = targets;
  // What several models print belongs together, and what a terminal shows has colours: neither is remembered.
  const isKept = first !== undefined && more.length === 0 && !report.colours.stdout;
  const outcome = isKept ? await remembered(first, options) : await anew(targets, options, report.colours);
  report.data(outcome.printed);
  for (const { prefix, entry } of outcome.clean) report.note(`${prefix}${entry}: no findings.\n`);
  return outcome.failed ? exitCode.findings : exitCode.done;
};

interface Target {
  readonly model: ModelFile;
  readonly place: Place;
  readonly cache: Cache;
}

const targetsOf = async (named: string | undefined, options: Options): Promise<readonly Target[]> => {
  const fingerprint = options.cache === false ? undefined : codeFingerprint();
  const cacheOf = ({ folder, entry }: ModelFile): Cache =>
    fingerprint === undefined ? noCache : openCache(join(folder, entry), fingerprint);
  if (options.staged === true) {
    const { stagedModels } = await import("../staged-models.js");
    return stagedModels(named).map((one) => ({ ...one, cache: cacheOf(one.model) }));
  }
  const model = findModel(named);
  return [{ model, place: diskPlace(model.folder), cache: cacheOf(model) }];
};

interface Outcome {
  readonly printed: string;
  /** Models in which there is nothing to be found, where the format does not say so. */
  readonly clean: readonly ModelFile[];
  readonly failed: boolean;
}

/** The outcome of the last run with these options, as long as every file that it read is as it was. */
const remembered = async (target: Target, options: Options): Promise<Outcome> => {
  const { model, place, cache } = target;
  const { format, strict, quiet, staged } = options;
  const name = `lint-${sha256(JSON.stringify([format, strict, quiet, staged, model, repositoryPrefix(model)])).slice(0, 16)}`;
  const body = cache.load(name);
  const known: { readonly inputs: Inputs; readonly outcome: Outcome } | undefined = body && JSON.parse(body);
  if (known !== undefined && areSame(known.inputs, place.sources)) return known.outcome;

  const { sources, inputs } = recordInputs(place.sources);
  const recording = { ...target, place: { ...place, sources: { ...place.sources, ...sources } } };
  const outcome = await anew([recording], options, { stdout: false });
  cache.save(name, JSON.stringify({ inputs: inputs(), outcome }));
  return outcome;
};

const anew = async (
  targets: readonly Target[],
  { format = "text", strict, quiet }: Options,
  colours: Pick<Report["colours"], "stdout">,
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
  return {
    printed: await formatFindings({ command: "lint", results }, format, colours.stdout),
    clean: format === "text" ? results.filter((one) => one.findings.length === 0).map((one) => one.model) : [],
    failed: results.flatMap((one) => one.findings).some(isFailure),
  };
};

const isFailure = (one: Finding): boolean => one.level === "error" && one.accepted === undefined;

import { resolve } from "node:path";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { wrongUse } from "../failure.js";
import { findModel } from "../find-model.js";
import type { FindingFormat } from "../formats/finding-formats.js";
import { findingsOf } from "../formats/from-diagnostics.js";
import { printFindings } from "../formats/print-findings.js";
import { createReport, type Report } from "../report.js";
import { diskSources } from "../sources.js";
import { recordSamples } from "../verify/record-samples.js";
import { superviseVerify, type Verified } from "../verify/supervise.js";

interface Options {
  readonly functions?: string;
  readonly runs?: string;
  readonly seed?: string;
  readonly time?: string;
  readonly only?: string;
  readonly path?: string;
  readonly format?: FindingFormat;
  readonly record?: boolean;
  readonly quiet?: boolean;
}

/** `evgen verify`: reads generated events of every stored version, with the functions that the user wrote. */
export const verify = async (named: string | undefined, options: Options): Promise<ExitCode> => {
  const { functions, only, path } = options;
  if (path !== undefined && (only === undefined || options.seed === undefined))
    throw wrongUse("--path is the way to one event, and needs --only and --seed.");
  if (path !== undefined && !/^\d+(?::\d+)*$/.test(path)) throw wrongUse(`--path ${path} is not of a counter-example.`);
  if (options.record === true && only !== undefined) throw wrongUse("--record and --only exclude each other.");
  const seed = wholeNumber("seed", options.seed) ?? Math.floor(Math.random() * 2 ** 31);
  const runs = wholeNumber("runs", options.runs) ?? 100;
  if (runs === 0) throw wrongUse("--runs 0 would try nothing.");
  const model = findModel(named);
  const report = createReport({ quiet: options.quiet });
  const verified = await superviseVerify({
    ...{ folder: model.folder, entry: model.entry, runs, seed, only, path },
    record: options.record === true,
    time: milliseconds(options.time ?? "60s"),
    functions: functions === undefined ? undefined : { file: resolve(functions), shown: functions },
  });
  const findings = verified.kind === "model" ? findingsOf(verified.diagnostics) : verified.findings;
  const source = diskSources(model.folder);
  const read = (file: string): string | undefined => {
    const text = source.read(file);
    return text.kind === "text" ? text.text : undefined;
  };
  await printFindings({ command: "verify", results: [{ model, findings, read }] }, options.format ?? "text", report);
  note(verified, seed, runs, report);
  if (findings.some(({ level }) => level === "error")) return exitCode.findings;
  if (options.record === true && verified.kind === "verified") {
    const written = await recordSamples(model, verified);
    report.note(`evgen: ${written ? "evgen.lock notes" : "evgen.lock notes already"} what the samples are read as.\n`);
  }
  return exitCode.done;
};

const wholeNumber = (option: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value >= 2 ** 31)
    throw wrongUse(`--${option} ${text} is not a whole number below 2147483648.`);
  return value;
};

const milliseconds = (text: string): number => {
  const [, digits, unit = ""] = /^(\d{1,9})(ms|s|m)$/.exec(text) ?? [];
  const value = Number(digits) * ({ ms: 1, s: 1000, m: 60_000 }[unit] ?? Number.NaN);
  if (!(value > 0)) throw wrongUse(`--time ${text} is not a time: write 500ms, 30s or 5m.`);
  return value;
};

/** What was tried, since no findings mean little without it. */
const note = (verified: Verified, seed: number, runs: number, report: Report): void => {
  if (verified.kind === "model" || verified.versions.length === 0) return;
  const { versions } = verified;
  const tried = versions.reduce((sum, one) => sum + one.runs, 0);
  const short = versions.filter((one) => one.runs < runs).length;
  const failing = verified.findings.length > 0;
  report.note(
    `evgen: ${tried} events of ${versions.length} stored version${versions.length === 1 ? "" : "s"} were tried, seed ${seed}.\n` +
      (short > 0 && !failing
        ? `evgen: ${short} of them less often than ${runs} times, since the time was over: --time is for more.\n`
        : ""),
  );
};

import { join } from "node:path";
import { compile } from "../../compile.js";
import type { Cache } from "../cache.js";
import { noCache, openCache, openMemories } from "../cache.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import type { ModelFile } from "../find-model.js";
import { findModel } from "../find-model.js";
import { codeFingerprint } from "../fingerprint.js";
import type { FindingFormat } from "../formats/finding-formats.js";
import type { ModelFindings } from "../formats/print-findings.js";
import { printFindings } from "../formats/print-findings.js";
import type { Place } from "../place.js";
import { diskPlace } from "../place.js";
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
  const { format = "text" } = options;
  const report = createReport({ quiet: options.quiet });
  const fingerprint = options.cache === false ? undefined : codeFingerprint();
  const results: ModelFindings[] = [];
  for (const { model, place } of await modelsOf(named, options)) {
    const cache = fingerprint === undefined ? noCache : openCache(join(model.folder, model.entry), fingerprint);
    results.push(await lintModel(model, place, cache, options));
  }
  await printFindings({ command: "lint", results }, format, report);
  for (const { model, findings } of results)
    if (findings.length === 0 && format === "text") report.note(`${model.prefix}${model.entry}: no findings.\n`);
  const failed = results.flatMap(({ findings }) => findings).some((one) => one.level === "error" && !one.accepted);
  return failed ? exitCode.findings : exitCode.done;
};

const modelsOf = async (
  named: string | undefined,
  options: Options,
): Promise<readonly { readonly model: ModelFile; readonly place: Place }[]> => {
  if (options.staged === true) return (await import("../staged-models.js")).stagedModels(named);
  const model = findModel(named);
  return [{ model, place: diskPlace(model.folder) }];
};

/** What the rules find, or what keeps the model from being one. */
const lintModel = async (
  model: ModelFile,
  { sources }: Place,
  cache: Cache,
  { strict, quiet }: Options,
): Promise<ModelFindings> => {
  const memories = openMemories(cache);
  const compiled = await compile(model.entry, sources, { documents: memories.documents });
  memories.saveDocuments();
  const { findingsOf } = await import("../formats/from-diagnostics.js");
  const { lint: lintModelFiles } = await import("../../lint/lint.js");
  const linted = compiled.model === undefined ? [] : lintModelFiles(compiled.model, compiled.documents ?? []);
  const found = [...findingsOf(compiled.diagnostics), ...linted];
  return {
    model,
    findings: found
      .map((one) => (strict === true && one.level === "warning" ? ({ ...one, level: "error" } as const) : one))
      .filter((one) => quiet !== true || one.level !== "info"),
    read: (file) => {
      const source = sources.read(file);
      return source.kind === "text" ? source.text : undefined;
    },
  };
};

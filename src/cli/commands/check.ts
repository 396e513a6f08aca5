import { join } from "node:path";
import { compile } from "../../compile.js";
import { visible } from "../../diagnostics/visible.js";
import type { Finding } from "../../evolution/finding.js";
import type { Against } from "../bases.js";
import { openBase, parseAgainst, textsOf } from "../bases.js";
import type { Cache } from "../cache.js";
import { noCache, openCache, openMemories } from "../cache.js";
import { type ConnectionOptions, connectionNames } from "../connection.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { wrongUse } from "../failure.js";
import type { ModelFile } from "../find-model.js";
import { findModel } from "../find-model.js";
import { codeFingerprint } from "../fingerprint.js";
import type { FindingFormat } from "../formats/finding-formats.js";
import type { ModelFindings } from "../formats/print-findings.js";
import { printFindings } from "../formats/print-findings.js";
import type { Place } from "../place.js";
import { diskPlace } from "../place.js";
import { createReport } from "../report.js";

interface Options extends ConnectionOptions {
  readonly against?: string;
  readonly format?: FindingFormat;
  readonly staged?: boolean;
  readonly cache?: boolean;
  readonly quiet?: boolean;
}

/** `evgen check`: whether a change is safe for a log that is kept for ever. */
export const check = async (named: string | undefined, options: Options): Promise<ExitCode> => {
  const { format = "text", against = "lock", quiet } = options;
  const base = parseAgainst(against);
  const unused = connectionNames.find((name) => options[name] !== undefined);
  if (unused !== undefined && base.kind !== "pulsar")
    throw wrongUse("Options of a connection go with --against pulsar.");
  const report = createReport({ quiet });
  const fingerprint = options.cache === false ? undefined : codeFingerprint();
  const results: Checked[] = [];
  for (const { model, place } of await modelsOf(named, options)) {
    const cache = fingerprint === undefined ? noCache : openCache(join(model.folder, model.entry), fingerprint);
    results.push(await checkModel(model, place, base, cache, options));
  }
  const shown = results.map(({ note: _, ...one }) => ({
    ...one,
    findings: one.findings.filter((finding) => quiet !== true || finding.level !== "info"),
  }));
  await printFindings({ command: "check", results: shown }, format, report);
  for (const one of results) if (format === "text") report.note(`${summaryOf(one, against)}\n`);
  return results.some(({ findings }) => findings.some(fails)) ? exitCode.findings : exitCode.done;
};

interface Checked extends ModelFindings {
  readonly note?: string;
}

const fails = ({ level, accepted }: Finding): boolean => level === "error" && accepted === undefined;

const modelsOf = async (
  named: string | undefined,
  options: Options,
): Promise<readonly { readonly model: ModelFile; readonly place: Place }[]> => {
  if (options.staged === true) return (await import("../staged-models.js")).stagedModels(named);
  const model = findModel(named);
  return [{ model, place: diskPlace(model.folder) }];
};

/** What has changed, or what keeps the model from being one. */
const checkModel = async (
  model: ModelFile,
  { sources }: Place,
  against: Against,
  cache: Cache,
  options: Options,
): Promise<Checked> => {
  const memories = openMemories(cache);
  const compiled = await compile(model.entry, sources, { ...memories, mayMiss: true });
  memories.saveChecked();
  const read = textsOf(sources);
  const { findingsOf } = await import("../formats/from-diagnostics.js");
  const diagnostics = findingsOf(compiled.diagnostics);
  if (compiled.model === undefined) return { model, read, findings: diagnostics };

  if (against.kind === "pulsar") {
    const { checkBroker } = await import("../check-broker.js");
    const found = await checkBroker(against.where, compiled.model, model, options);
    return { model, read, findings: [...diagnostics, ...found] };
  }
  const {
    base,
    note,
    accepted,
    findings: wrong = [],
    read: readBase,
  } = await openBase(against, model, compiled.lock, sources);
  const { checkChanges } = await import("../../evolution/check/check.js");
  const changes = base === undefined ? [] : await checkChanges(base, compiled.model, accepted);
  return {
    ...{ model, read, findings: [...diagnostics, ...wrong, ...changes] },
    ...(readBase === undefined ? {} : { readBase }),
    ...(note === undefined ? {} : { note }),
  };
};

/** "model.yaml: 2 breaking changes against evgen.lock" */
const summaryOf = ({ model, findings, note }: Checked, against: string): string => {
  const file = visible(`${model.prefix}${model.entry}`);
  const base = against === "lock" ? "evgen.lock" : visible(against);
  const count = findings.filter(fails).length;
  // What is wrong with the model itself has no verdict.
  if (findings.some((one) => fails(one) && one.verdict === undefined)) return `${file}: not compared, it has errors.`;
  if (against.startsWith("pulsar"))
    return `${file}: ${count === 0 ? "nothing to hold" : `${count} ${count === 1 ? "thing" : "things"} to hold`} against ${base}.`;
  const result =
    count > 0
      ? `${count} breaking change${count === 1 ? "" : "s"}`
      : findings.length === 0
        ? "nothing has changed"
        : "no breaking change";
  return note === undefined ? `${file}: ${result} since ${base}.` : `${file}: ${result}; ${note}.`;
};

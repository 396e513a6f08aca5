import { compile } from "../compile.js";
import { visible } from "../diagnostics/visible.js";
import type { Finding } from "../evolution/finding.js";
import type { Against } from "./against.js";
import { openBase, textsOf } from "./bases.js";
import { openMemories } from "./cache.js";
import type { ConnectionOptions } from "./connection.js";
import type { FindingFormat } from "./formats/finding-formats.js";
import type { ModelFindings } from "./formats/print-findings.js";
import { formatFindings } from "./formats/print-findings.js";
import type { Outcome, Target } from "./remembered.js";
import type { Report } from "./report.js";

export interface CheckOptions extends ConnectionOptions {
  readonly format?: FindingFormat;
  readonly quiet?: boolean;
}

/** What has changed in models since a base, which is shown as `against` says it. */
export const checkModels = async (
  targets: readonly Target[],
  base: Against,
  against: string,
  options: CheckOptions,
  colours: Report["colours"],
): Promise<Outcome> => {
  const { format = "text", quiet } = options;
  const checked: Checked[] = [];
  for (const target of targets) checked.push(await checkModel(target, base, options));
  const results = checked.map(({ note: _, ...one }) => ({
    ...one,
    findings: one.findings.filter((finding) => quiet !== true || finding.level !== "info"),
  }));
  return {
    printed: await formatFindings({ command: "check", results }, format, colours.stdout),
    notes: format === "text" ? checked.map((one) => `${summaryOf(one, against)}\n`) : [],
    failed: results.some(({ findings }) => findings.some(fails)),
  };
};

interface Checked extends ModelFindings {
  readonly note?: string;
}

const fails = ({ level, accepted }: Finding): boolean => level === "error" && accepted === undefined;

/** What has changed, or what keeps the model from being one. */
const checkModel = async (
  { model, place: { sources }, cache }: Target,
  against: Against,
  options: CheckOptions,
): Promise<Checked> => {
  // All types are looked at, so it does not help to know some.
  const { types: _, ...memories } = openMemories(cache);
  const compiled = await compile(model.entry, sources, { ...memories, mayMiss: true });
  memories.saveChecked();
  const read = textsOf(sources);
  const { findingsOf } = await import("./formats/from-diagnostics.js");
  const diagnostics = findingsOf(compiled.diagnostics);
  if (compiled.model === undefined) return { model, read, findings: diagnostics };

  if (against.kind === "pulsar") {
    const { checkBroker } = await import("./check-broker.js");
    const found = await checkBroker(against.where, compiled.model, model, options);
    return { model, read, findings: [...diagnostics, ...found] };
  }
  const {
    base,
    note,
    accepted,
    findings: wrong = [],
    read: readBase,
    folder: baseFolder,
  } = await openBase(against, model, compiled.model.system, compiled.lock, sources);
  const [{ checkChanges }, { provedIn }] = await Promise.all([
    import("../evolution/check/check.js"),
    import("../evolution/lock/snapshot-in.js"),
  ]);
  const marks = { accepted: accepted ?? [], proved: provedIn(compiled.lock) };
  const changes = base === undefined ? [] : await checkChanges(base, compiled.model, marks);
  return {
    ...{ model, read, findings: [...diagnostics, ...wrong, ...changes] },
    ...(readBase === undefined ? {} : { readBase }),
    ...(baseFolder === undefined ? {} : { baseFolder }),
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

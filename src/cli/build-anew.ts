import { join } from "node:path";
import { compile, generate } from "../compile.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { visible } from "../diagnostics/visible.js";
import type { Sources } from "../passes/load.js";
import type { GeneratedFile, KnownFile } from "../targets/target.js";
import type { BuildOptions, BuildResult } from "./build-model.js";
import type { Slot } from "./build-record.js";
import { saveRecord } from "./build-record.js";
import type { Cache } from "./cache.js";
import { openMemories } from "./cache.js";
import { wrongUse } from "./failure.js";
import type { ModelFile } from "./find-model.js";
import { describeFindings } from "./findings.js";
import { obstacleDiagnostics, outputProblems } from "./output-problems.js";
import type { Place } from "./place.js";
import { isStale } from "./plan.js";
import { recordInputs } from "./recording.js";
import { updateOutput } from "./update-output.js";

/** Builds a model: reads, compiles, compares, and writes unless it is only to be checked. */
export const buildAnew = async (
  model: ModelFile,
  place: Place,
  options: BuildOptions,
  cache: Cache,
  slot: Slot,
): Promise<BuildResult> => {
  const { sources, inputs, seen } = recordInputs(place.sources);
  const { diagnostics, out, files, complete } = await makeFiles(model, sources, options, cache);
  const describe = (more: readonly Diagnostic[]) => describeFindings([...diagnostics, ...more], seen, model.prefix);
  if (files === undefined) return { model, findings: await describe([]), unchanged: 0, outcome: "findings" };

  const problems = outputProblems(model, out, files, place.staged === undefined);
  if (problems.length > 0) return { model, out, findings: await describe(problems), unchanged: 0, outcome: "findings" };
  if (place.staged?.isIgnored(out) === true)
    return { model, out, findings: await describe([]), unchanged: 0, outcome: "ignored" };

  const plan = await updateOutput(join(model.folder, out), () => place.output(out), files, complete, options);
  const result = { model, out, plan, unchanged: plan.unchanged };
  if (plan.obstacles.length > 0) {
    const findings = await describe(obstacleDiagnostics(out, plan.obstacles));
    return { ...result, findings, outcome: "findings" };
  }
  const findings = await describe([]);
  if (options.check && isStale(plan)) return { ...result, findings, outcome: "stale" };
  saveRecord(cache, slot, place, { inputs: inputs(), out, files, manifest: plan.after, findings });
  return { ...result, findings, outcome: isStale(plan) ? "written" : "fresh" };
};

/** The files in memory, and where they belong; no files when there are errors. */
const makeFiles = async (
  model: ModelFile,
  sources: Sources,
  options: BuildOptions,
  cache: Cache,
): Promise<{
  readonly diagnostics: readonly Diagnostic[];
  readonly out: string;
  readonly files?: readonly (GeneratedFile | KnownFile)[];
  /** Makes the files once more, all with their contents. */
  readonly complete: () => Promise<readonly GeneratedFile[]>;
}> => {
  const memories = openMemories(cache);
  const compiled = await compile(model.entry, sources, memories);
  if (compiled.model === undefined) {
    memories.saveChecked();
    return { diagnostics: compiled.diagnostics, out: "", complete: async () => [] };
  }
  const { out, targets } = compiled.model.generate;
  for (const name of options.targets ?? [])
    if (!targets.includes(name))
      throw wrongUse(`The model has no target "${visible(name)}". Its targets are ${targets.join(", ")}.`);
  const { model: made, origins = new Map() } = compiled;
  const how = {
    fragments: memories.fragments,
    ...(options.targets === undefined ? {} : { targets: options.targets }),
  };
  const generated = await generate(made, { ...how, known: { files: memories.files, origins } });
  memories.save();
  const diagnostics = [...compiled.diagnostics, ...generated.diagnostics];
  const complete = async () => {
    const { files } = await generate(made, how);
    memories.save();
    return files;
  };
  return { diagnostics, out, complete, ...(hasErrors(diagnostics) ? {} : { files: generated.files }) };
};

import { join } from "node:path";
import type { BuildOptions, BuildResult } from "../build-model.js";
import { buildModel } from "../build-model.js";
import { noCache, openCache } from "../cache.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { wrongUse } from "../failure.js";
import type { ModelFile } from "../find-model.js";
import { findModel } from "../find-model.js";
import { codeFingerprint } from "../fingerprint.js";
import { diskPlace } from "../place.js";
import { createReport } from "../report.js";
import { reportBuild, reportJson } from "../report-build.js";

interface Options {
  readonly check?: boolean;
  readonly watch?: boolean;
  readonly target?: readonly string[];
  readonly json?: boolean;
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly cache?: boolean;
  readonly staged?: boolean;
}

/** `evgen build`: makes the output folder what the model says, or says how it differs. */
export const build = async (named: string | undefined, options: Options): Promise<ExitCode> => {
  refuseContradictions(options);
  const report = createReport({ quiet: options.quiet });
  const how: BuildOptions = {
    check: options.check === true,
    force: options.force === true,
    targets: options.target === undefined ? undefined : [...new Set(options.target)],
  };
  const fingerprint = options.cache === false ? undefined : codeFingerprint();
  const cacheOf = (model: ModelFile) =>
    fingerprint === undefined ? noCache : openCache(join(model.folder, model.entry), fingerprint);

  if (options.watch === true) {
    const model = findModel(named);
    const { watch } = await import("../watch.js");
    return watch(model, how, cacheOf(model), report);
  }
  const results: BuildResult[] = [];
  if (options.staged === true) {
    const { stagedModels } = await import("../staged-models.js");
    for (const { model, place } of stagedModels(named))
      results.push(await buildModel(model, place, how, cacheOf(model)));
  } else {
    const model = findModel(named);
    results.push(await buildModel(model, diskPlace(model.folder), how, cacheOf(model)));
  }
  if (options.json === true) reportJson(results, how, report);
  else for (const result of results) reportBuild(result, how, report);
  return results.some(({ outcome }) => outcome === "findings" || outcome === "stale")
    ? exitCode.findings
    : exitCode.done;
};

const refuseContradictions = (options: Options): void => {
  for (const [a, b] of [
    ["staged", "watch"],
    ["staged", "force"],
    ["check", "watch"],
    ["check", "force"],
    ["watch", "json"],
  ] as const)
    if (options[a] === true && options[b] === true) throw wrongUse(`--${a} and --${b} exclude each other.`);
};

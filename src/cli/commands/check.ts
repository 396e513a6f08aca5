import { parseAgainst } from "../against.js";
import type { CheckOptions } from "../check-models.js";
import { connectionNames } from "../connection.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { wrongUse } from "../failure.js";
import { type Outcome, remembered, type Target, targetsOf } from "../remembered.js";
import { createReport } from "../report.js";

interface Options extends CheckOptions {
  readonly against?: string;
  readonly staged?: boolean;
  readonly cache?: boolean;
}

/** `evgen check`: whether a change is safe for a log that is kept for ever. */
export const check = async (named: string | undefined, options: Options): Promise<ExitCode> => {
  const { against = "lock", quiet } = options;
  const base = parseAgainst(against);
  const unused = connectionNames.find((name) => options[name] !== undefined);
  if (unused !== undefined && base.kind !== "pulsar")
    throw wrongUse("Options of a connection go with --against pulsar.");
  const report = createReport({ quiet });
  const run = async (these: readonly Target[]): Promise<Outcome> => {
    const { checkModels } = await import("../check-models.js");
    return checkModels(these, base, against, options, report.colours);
  };
  const targets = await targetsOf(named, options);
  // Commits and brokers are no files of the model: what they hold may change while those do not.
  const outcome =
    base.kind === "lock" ? await remembered("check", options, targets, report.colours, run) : await run(targets);
  report.data(outcome.printed);
  for (const note of outcome.notes) report.note(note);
  return outcome.failed ? exitCode.findings : exitCode.done;
};

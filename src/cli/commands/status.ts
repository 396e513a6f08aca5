import { isAdminError } from "../../pulsar/admin-error.js";
import { readStatus } from "../../pulsar/status.js";
import { parseDuration } from "../duration.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { wrongUse } from "../failure.js";
import { type Provisioning, type ProvisioningOptions, prepareProvisioning } from "../provisioning.js";
import { createReport, type Report } from "../report.js";
import { statusJson, statusText } from "../report-status.js";
import { type Problem, problemsOf } from "../status-problems.js";

interface Options extends ProvisioningOptions {
  readonly check?: boolean;
  readonly watch?: boolean;
  readonly every?: string;
  readonly patience?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `evgen status`: what a broker does with the model's topics and readers, what is wrong first. */
export const status = async (named: string | undefined, options: Options): Promise<ExitCode> => {
  const report = createReport({ quiet: options.quiet });
  if (options.every !== undefined && options.watch !== true) throw wrongUse("--every needs --watch.");
  if (options.check === true && options.watch === true) throw wrongUse("--check and --watch exclude each other.");
  const every = milliseconds("every", options.every ?? "5s");
  const patience = milliseconds("patience", options.patience ?? "5m");
  const prepared = await prepareProvisioning(named, options);
  report.problem(report.colours.stderr ? prepared.findings.coloured : prepared.findings.plain);
  if (prepared.kind === "findings") return exitCode.findings;
  try {
    if (options.watch === true) return await watchStatus(prepared, patience, every, options, report);
    const problems = await look(prepared, patience, options, report);
    return options.check === true && problems.some(({ level }) => level === "wrong")
      ? exitCode.findings
      : exitCode.done;
  } finally {
    prepared.admin.close();
  }
};

const milliseconds = (option: string, text: string): number => {
  const time = parseDuration(text);
  if (time === undefined || time === 0) throw wrongUse(`--${option} ${text} is not a time: write 30s, 5m or 2h.`);
  return time;
};

const look = async (
  prepared: Provisioning,
  patience: number,
  options: Options,
  report: Report,
): Promise<readonly Problem[]> => {
  const { admin, model, desired } = prepared;
  const found = await readStatus(admin, model, desired);
  const problems = problemsOf(found, patience);
  const isTerminal = options.watch === true && process.stdout.isTTY === true;
  if (options.json === true) {
    // Of many, each is a line.
    const space = options.watch === true ? undefined : 2;
    report.data(`${JSON.stringify(statusJson(found, problems, prepared), undefined, space)}\n`);
  } else report.data((isTerminal ? clear : "") + statusText(found, problems, prepared, report.colours.stdout));
  return problems;
};

const clear = "\u001b[2J\u001b[3J\u001b[H";

/** Looks again and again until Ctrl-C. A broker that is away may come back. */
const watchStatus = async (
  prepared: Provisioning,
  patience: number,
  every: number,
  options: Options,
  report: Report,
): Promise<ExitCode> => {
  let stop: (() => void) | undefined;
  let stopped = false;
  const onSignal = (): void => {
    stopped = true;
    stop?.();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    while (!stopped) {
      try {
        await look(prepared, patience, options, report);
      } catch (thrown) {
        if (!isAdminError(thrown) || (thrown.admin.kind === "refused" && (thrown.admin.status ?? 0) < 500))
          throw thrown;
        report.problem(`evgen: ${thrown.message} Looking again.\n`);
      }
      if (stopped) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, every);
        stop = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return exitCode.done;
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
};

import type { Model, Subscription } from "../../model/model.js";
import { isAdminError } from "../../pulsar/admin-error.js";
import {
  connectedConsumers,
  type PartitionReplay,
  planReplay,
  type Replay,
  resetPartition,
} from "../../pulsar/replay.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { wrongUse } from "../failure.js";
import { findReader, type Provisioning, type ProvisioningOptions, prepareProvisioning } from "../provisioning.js";
import { parseStart } from "../replay-start.js";
import { createReport, type Report } from "../report.js";
import { headText, partitionLine, type ReplayResult, refusal, replayJson, totalLine } from "../report-replay.js";
import { waitForHead } from "../wait-for-head.js";

interface Options extends ProvisioningOptions {
  readonly from: string;
  readonly topic?: readonly string[];
  readonly disconnect?: boolean;
  readonly skipUnread?: boolean;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `evgen replay`: lets a projection or a consumer read again, from a position that is proved to hold. */
export const replay = async (name: string, named: string | undefined, options: Options): Promise<ExitCode> => {
  const report = createReport({ quiet: options.quiet });
  if (options.dryRun === true && options.wait === true) throw wrongUse("--dry-run and --wait exclude each other.");
  const start = parseStart(options.from, Date.now());
  // What is released has no meaning here: any subscription of the model may be read again.
  const prepared = await prepareProvisioning(named, { ...options, drafts: true });
  report.problem(report.colours.stderr ? prepared.findings.coloured : prepared.findings.plain);
  if (prepared.kind === "findings") return exitCode.findings;
  const { admin, desired, model } = prepared;
  try {
    const reader = findReader(model, name);
    const { subscription } = reader;
    if ("store" in reader && reader.store !== "memory")
      report.note(
        `The rows of ${reader.name} hold what they have seen, and stay as they are. To build them anew, raise its \`version\`.\n`,
      );
    const topics = chosenTopics(subscription, options.topic, model);
    const urls = topics.map((topic) => `persistent://${desired.namespace.name}/${topic}`);
    if (options.json !== true) report.data(headText(prepared, subscription.name, start));
    const planned = await planReplay(admin, urls, subscription.name, start);
    const result = await carryOut(prepared, subscription.name, planned, options, report);
    if (options.json === true)
      report.data(`${JSON.stringify(replayJson(prepared, subscription.name, start, result), undefined, 2)}\n`);
    if (result.why !== undefined) report.problem(`evgen: ${result.why}\n`);
    return exitCodes[result.outcome];
  } finally {
    admin.close();
  }
};

const exitCodes: { readonly [outcome in ReplayResult["outcome"]]: ExitCode } = {
  planned: exitCode.done,
  reset: exitCode.done,
  read: exitCode.done,
  refused: exitCode.findings,
  stopped: exitCode.environment,
};

const chosenTopics = (
  { name, topics }: Subscription,
  chosen: readonly string[] | undefined,
  model: Model,
): readonly string[] => {
  const all = topics.map((topic) => topic.name);
  for (const one of chosen ?? [])
    if (!all.includes(one))
      throw wrongUse(`${name} of ${model.system} does not read "${one}", only ${all.join(", ")}.`);
  return [...new Set(chosen ?? all)];
};

const carryOut = async (
  prepared: Provisioning,
  subscription: string,
  planned: Replay | string,
  options: Options,
  report: Report,
): Promise<ReplayResult> => {
  if (typeof planned === "string") return { outcome: "refused", why: planned, consumers: [], partitions: [] };
  const { partitions, consumers } = planned;
  const states = partitions.map((partition) => ({ partition, state: "as before" as const }));
  const tell = (line: string): void => {
    if (options.json !== true) report.data(line);
  };
  const why = refusal(subscription, planned, options);
  if (options.dryRun === true) {
    for (const partition of partitions) tell(partitionLine(partition, "would be reset"));
    tell(totalLine(partitions, "would be read again"));
  }
  if (why !== undefined) return { outcome: "refused", why, consumers, partitions: states };
  if (options.dryRun === true) return { outcome: "planned", consumers, partitions: states };

  const done = await resetAll(prepared, subscription, planned, (partition) => tell(partitionLine(partition, "reset")));
  if (done.outcome === "stopped") return done;
  tell(totalLine(partitions, "to be read again"));
  if (options.wait !== true) return done;
  await waitForHead(prepared.admin, subscription, partitions, report);
  return { ...done, outcome: "read" };
};

const resetAll = async (
  { admin }: Provisioning,
  subscription: string,
  { partitions, consumers }: Replay,
  onReset: (partition: PartitionReplay) => void,
): Promise<ReplayResult> => {
  const states: ReplayResult["partitions"][number][] = [];
  const whys: string[] = [];
  for (const partition of partitions) {
    try {
      // Consumers that come back read on at once, and then the cursor is no longer where it was put.
      const elsewhere = await resetPartition(admin, subscription, partition, consumers.length > 0 ? 1 : 3);
      states.push({ partition, state: elsewhere === undefined ? "reset" : "not proved" });
      if (elsewhere === undefined) onReset(partition);
      else whys.push(`${partition.name}: ${elsewhere}`);
    } catch (thrown) {
      if (!isAdminError(thrown)) throw thrown;
      const rest = partitions.slice(states.length).map((one) => ({ partition: one, state: "as before" as const }));
      const reset = states.filter(({ state }) => state === "reset").length;
      const why = `${thrown.message}\n${reset} of ${partitions.length} partitions are reset. Run this again: it resets all of them.`;
      return { outcome: "stopped", why, consumers, partitions: [...states, ...rest] };
    }
  }
  if (whys.length === 0) return { outcome: "reset", consumers, partitions: states };
  const paths = partitions.map(({ path }) => path);
  const cause =
    (await connectedConsumers(admin, paths, subscription)).length > 0 || consumers.length > 0
      ? "Its consumers have gone on, or the broker has lost the reset. To be sure, stop them and run this again."
      : "The broker has lost the reset. Run this again.";
  return { outcome: "stopped", why: `not proved: ${whys.join("; ")}. ${cause}`, consumers, partitions: states };
};

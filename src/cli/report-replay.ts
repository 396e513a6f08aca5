import { visible } from "../diagnostics/visible.js";
import { showPosition } from "../pulsar/positions.js";
import type { PartitionReplay, Replay, Start } from "../pulsar/replay.js";
import type { Provisioning } from "./provisioning.js";

/** What has become of a replay. */
export interface ReplayResult {
  /**
   * `planned`: a dry run. `refused`: nothing was reset. `stopped`: not all is reset, or not proved to be. `read`: all has
   * been read again.
   */
  readonly outcome: "planned" | "refused" | "reset" | "stopped" | "read";
  /** Of what is refused or stopped. */
  readonly why?: string;
  /** Those that were connected. */
  readonly consumers: readonly string[];
  readonly partitions: readonly {
    readonly partition: PartitionReplay;
    readonly state: "as before" | "reset" | "not proved";
  }[];
}

/** What is replayed, from where, and what time means. */
export const headText = ({ environment, desired, admin }: Provisioning, subscription: string, start: Start): string => {
  const where = `${environment === undefined ? "" : `${environment.name}: `}${subscription} on ${desired.namespace.name} at ${visible(admin.url)}`;
  return `${where}\nfrom ${startText(start)}, by publish time: when a message was sent, not when its event happened\n`;
};

const startText = (start: Start): string => {
  if (start.kind === "message") return `the message ${showPosition(start.position)}`;
  return start.time === 0 ? "the first message that is kept" : iso(start.time);
};

export const partitionLine = (partition: PartitionReplay, verb: "reset" | "would be reset"): string => {
  const { name, position, published, isFirst, toRead } = partition;
  const at = `${visible(name)} ${verb} to ${showPosition(position)}`;
  if (toRead === 0) return `${at}, behind the last message\n`;
  const when = published === undefined ? "" : `, published ${iso(published)}`;
  return `${at}${when}${isFirst ? ", the first that is kept" : ""}: ${count(toRead)} to read\n`;
};

export const totalLine = (partitions: readonly PartitionReplay[], verb: string): string => {
  const total = partitions.reduce((sum, { toRead }) => sum + toRead, 0);
  return `${count(total)} ${verb}\n`;
};

const count = (entries: number): string => (entries === 1 ? "1 entry" : `${entries} entries`);

/** Why a replay is not begun. */
export const refusal = (
  subscription: string,
  { consumers, partitions }: Replay,
  options: { readonly disconnect?: boolean; readonly skipUnread?: boolean },
): string | undefined => {
  if (consumers.length > 0 && options.disconnect !== true) {
    const names = consumers.map((one) => visible(one)).join(", ");
    return `${subscription} is being read by ${names}. While consumers are connected the broker may lose a reset without a word. Stop them, or say --disconnect: they are thrown out, and come back.`;
  }
  const skipped = partitions.filter((one) => one.skipped > 0);
  if (skipped.length === 0 || options.skipUnread === true) return undefined;
  const which = skipped.map((one) => `${count(one.skipped)} of ${visible(one.name)}`).join(", ");
  return `${subscription} has not read all that is before this position: ${which} would never be read. Start earlier, or say --skip-unread.`;
};

/** The machine format of `evgen replay --json`. */
export const replayJson = (
  { file, environment, desired, admin, findings }: Provisioning,
  subscription: string,
  start: Start,
  { outcome, why, consumers, partitions }: ReplayResult,
) => ({
  format: "evgen-replay",
  version: 1,
  model: file.prefix + file.entry,
  ...(environment === undefined ? {} : { environment: environment.name }),
  adminUrl: admin.url,
  namespace: desired.namespace.name,
  subscription,
  from: start.kind === "message" ? { message: showPosition(start.position) } : { publishTime: iso(start.time) },
  outcome,
  ...(why === undefined ? {} : { why }),
  consumers,
  partitions: partitions.map(({ partition: { name, position, published, isFirst, toRead, skipped }, state }) => ({
    ...{ name, state, position: showPosition(position) },
    ...(published === undefined ? {} : { published: iso(published) }),
    ...{ isFirst, toRead, skipped },
  })),
  diagnostics: findings.items,
});

const iso = (time: number): string => new Date(time).toISOString();

import type { Admin } from "./admin.js";
import {
  after,
  entriesBetween,
  holds,
  type PartitionLog,
  type Position,
  positionAt,
  publishTime,
  readLog,
  resetTo,
  showPosition,
  standsAt,
} from "./positions.js";
import { createReader } from "./reader.js";
import { readStats, subscriptionIn } from "./stats.js";
import { nameOfPath, partitionPaths, readTopic } from "./topics.js";

/** From where a subscription is to read again. */
export type Start =
  /** Milliseconds since 1970, of publishing; 0 is the first message that is kept. */
  | { readonly kind: "time"; readonly time: number }
  /** This message; on other partitions, what was published when it was, or later. */
  | { readonly kind: "message"; readonly position: Position };

export interface Replay {
  readonly partitions: readonly PartitionReplay[];
  /** Names of the consumers that are connected. */
  readonly consumers: readonly string[];
}

export interface PartitionReplay {
  /** orders-partition-2 */
  readonly name: string;
  /** In the admin API. */
  readonly path: string;
  readonly position: Position;
  /** When the message there was published, in milliseconds; undefined where nothing was since. */
  readonly published?: number;
  /** Whether it is the first that is kept, and what was before it may have been deleted. */
  readonly isFirst: boolean;
  /** The place behind what is the last message now. */
  readonly head: Position;
  /** Entries from the position to the head. */
  readonly toRead: number;
  /** Entries that are not all acknowledged, and would be passed over. */
  readonly skipped: number;
}

/** Where each partition of some topics would be put; a sentence when it cannot be said. */
export const planReplay = async (
  admin: Admin,
  urls: readonly string[],
  subscription: string,
  start: Start,
): Promise<Replay | string> => {
  const paths: string[] = [];
  for (const url of urls) {
    const topic = await readTopic(createReader(admin), url);
    if (topic === undefined) return `There is no topic ${url}. Run evgen apply.`;
    paths.push(...partitionPaths(url, topic.partitions));
  }
  const found = await Promise.all(paths.map(async (path) => ({ path, log: await readLog(admin, path) })));
  const lacking = found.filter(({ log }) => log.cursor(subscription) === undefined);
  if (lacking.length > 0)
    return `There is no subscription ${subscription} on ${lacking.map(({ path }) => nameOfPath(path)).join(", ")}. Run evgen apply.`;
  const time = await timeOf(admin, found, start);
  if (typeof time === "string") return time;
  const partitions = await Promise.all(
    found.map(async ({ path, log }) => {
      const isIts = start.kind === "message" && holds(log, start.position);
      return planPartition(
        admin,
        path,
        log,
        subscription,
        isIts ? start.position : await positionAt(admin, path, time),
      );
    }),
  );
  const consumers = await connectedConsumers(admin, paths, subscription);
  return { partitions, consumers };
};

type FoundPartition = { readonly path: string; readonly log: PartitionLog };

const timeOf = async (admin: Admin, found: readonly FoundPartition[], start: Start): Promise<number | string> => {
  if (start.kind === "time") return start.time;
  const at = found.find(({ log }) => holds(log, start.position));
  const time = at === undefined ? undefined : await publishTime(admin, at.path, start.position);
  const names = found.map(({ path }) => nameOfPath(path)).join(", ");
  return time ?? `There is no message ${showPosition(start.position)} on ${names}, or it is no longer kept.`;
};

const planPartition = async (
  admin: Admin,
  path: string,
  log: PartitionLog,
  subscription: string,
  position: Position,
): Promise<PartitionReplay> => {
  const head = after(log.last);
  const toRead = entriesBetween(log, position, head);
  const published = toRead === 0 ? undefined : await publishTime(admin, path, position);
  const acknowledged = log.cursor(subscription)?.acknowledged ?? log.last;
  return {
    ...{ name: nameOfPath(path), path, position, head, toRead },
    ...(published === undefined ? {} : { published }),
    isFirst: toRead > 0 && entriesBetween(log, { ledger: 0, entry: 0 }, position) === 0,
    skipped: entriesBetween(log, after(acknowledged), position),
  };
};

/** Names of the consumers that read some partitions, each once. */
export const connectedConsumers = async (
  admin: Admin,
  paths: readonly string[],
  subscription: string,
): Promise<readonly string[]> => {
  const stats = await Promise.all(paths.map((path) => readStats(admin, path)));
  const consumers = stats.flatMap((one) => subscriptionIn(one, subscription)?.consumers ?? []);
  return [...new Set(consumers.map(({ consumerName }) => consumerName || "one without a name"))].sort();
};

/**
 * Resets a partition and looks whether the cursor stands there: a broker may drop a reset although it has said yes
 * (apache/pulsar#26304). It is then asked again. Undefined when it holds, else where the cursor stands.
 */
export const resetPartition = async (
  admin: Admin,
  subscription: string,
  { path, position }: PartitionReplay,
  attempts: number,
): Promise<string | undefined> => {
  for (let attempt = 1; ; attempt++) {
    await resetTo(admin, path, subscription, position);
    const cursor = (await readLog(admin, path)).cursor(subscription);
    if (cursor === undefined) return "the subscription is gone";
    if (standsAt(cursor, position)) return undefined;
    if (attempt >= attempts)
      return `the cursor stands at ${showPosition(cursor.next)}, acknowledged up to ${showPosition(cursor.acknowledged)}`;
  }
};

export interface Progress {
  /** Entries up to the head. */
  readonly left: number;
  readonly consumers: number;
}

/** How far a replay has come; a sentence when nobody can read any more. */
export const readProgress = async (
  admin: Admin,
  subscription: string,
  partitions: readonly PartitionReplay[],
): Promise<Progress | string> => {
  const progress = { left: 0, consumers: 0 };
  const gone = await Promise.all(
    partitions.map(async ({ path, head }) => {
      const [log, stats] = await Promise.all([readLog(admin, path), readStats(admin, path)]);
      const [cursor, its] = [log.cursor(subscription), subscriptionIn(stats, subscription)];
      if (cursor === undefined || its === undefined) return true;
      // What came after the head does not count; nor does what is acknowledged behind a hole.
      progress.left += Math.min(entriesBetween(log, after(cursor.acknowledged), head), its.msgBacklog);
      progress.consumers += its.consumers.length;
      return false;
    }),
  );
  const lacking = partitions.filter((_, index) => gone[index] === true).map(({ name }) => name);
  return lacking.length === 0 ? progress : `The subscription ${subscription} is gone from ${lacking.join(", ")}.`;
};

import type { Admin } from "./admin.js";
import { createReader } from "./reader.js";
import { type PartitionStats, readStats, subscriptionIn } from "./stats.js";
import { partitionPaths, readTopic } from "./topics.js";

/** How far a subscription is behind on all partitions of its topics. */
export interface Lag {
  /** Entries that are not acknowledged: a batch counts once. */
  readonly behind: number;
  readonly consumers: number;
}

/** The lag of a subscription by its name; undefined when it is not there on every partition. */
export const readLags = async (
  admin: Admin,
  urls: readonly string[],
): Promise<(subscription: string) => Lag | undefined> => {
  const reader = createReader(admin);
  const partitions = await Promise.all(
    urls.map(async (url): Promise<readonly (PartitionStats | undefined)[]> => {
      const topic = await readTopic(reader, url);
      if (topic === undefined) return [undefined];
      return Promise.all(partitionPaths(url, topic.partitions).map((path) => readStats(admin, path)));
    }),
  );
  return (subscription) => {
    const found = partitions.flat().map((stats) => subscriptionIn(stats, subscription));
    const lag = { behind: 0, consumers: 0 };
    for (const one of found) {
      if (one === undefined) return undefined;
      lag.behind += one.msgBacklog;
      // Each is on every partition.
      lag.consumers = Math.max(lag.consumers, one.consumers.length);
    }
    return lag;
  };
};

import { adminPath } from "./admin.js";
import type { Reader } from "./reader.js";
import { topicPath } from "./schemas.js";

/** What a broker has of a topic. */
export interface BrokerTopic {
  /** 0 is a topic without partitions. */
  readonly partitions: number;
  readonly properties: { readonly [name: string]: string };
}

/** The topic of a URL; undefined when it does not exist. */
export const readTopic = async (reader: Reader, url: string): Promise<BrokerTopic | undefined> => {
  const path = `persistent/${topicPath(url)}`;
  const found = await reader.find<{ readonly partitions: number; readonly properties?: BrokerTopic["properties"] }>(
    `${path}/partitions`,
  );
  if (found === undefined) return undefined;
  const { partitions } = found;
  if (partitions > 0) return { partitions, properties: found.properties ?? {} };
  const properties = await reader.find<BrokerTopic["properties"]>(`${path}/properties`);
  return { partitions, properties: properties ?? {} };
};

/** Paths of what is read one by one: the partitions, or the topic itself where it has none. */
export const partitionPaths = (url: string, partitions: number): readonly string[] => {
  const path = `persistent/${topicPath(url)}`;
  return partitions === 0 ? [path] : Array.from({ length: partitions }, (_, index) => `${path}-partition-${index}`);
};

/** The last part of a path, as it is written: orders-partition-2. */
export const nameOfPath = (path: string): string => decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));

/**
 * The names of subscriptions, for each partition in its order. A subscription may be missing on some of them, which the
 * broker does not tell when it is asked about the topic.
 */
export const readSubscriptions = async (
  reader: Reader,
  url: string,
  partitions: number,
): Promise<readonly (readonly string[])[]> =>
  Promise.all(
    partitionPaths(url, partitions).map(
      async (path) => (await reader.find<readonly string[]>(`${path}/subscriptions`)) ?? [],
    ),
  );

/** Whether Pulsar itself made a subscription: for compaction, replication, its own topics. */
export const isInternal = (subscription: string): boolean =>
  subscription.startsWith("__") || subscription.startsWith("pulsar.repl.") || subscription === "pulsar.dedup";

export const subscriptionPath = (path: string, name: string): string => `${path}/subscription/${adminPath`${name}`}`;

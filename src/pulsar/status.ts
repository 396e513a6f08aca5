import type { Consumer, Model, Projection } from "../model/model.js";
import type { Admin } from "./admin.js";
import type { DesiredState, DesiredTopic } from "./desired.js";
import { createReader, type Reader } from "./reader.js";
import { type SchemaState, schemaState } from "./schema-state.js";
import { type PartitionStats, readStats, type SubscriptionStats, subscriptionIn } from "./stats.js";
import { nameOfPath, partitionPaths, readTopic } from "./topics.js";

/** What a broker does with a model's topics at a moment. Rates are the broker's, of its last minute, per second. */
export interface Status {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly readers: readonly ReaderStatus[];
  readonly topics: readonly TopicStatus[];
}

export interface TopicStatus {
  readonly name: string;
  readonly kind: "events" | "dead-letter";
  /** As the model says; 0 is none. */
  readonly partitions: number;
  /** On the broker; undefined when the topic is not there. */
  readonly present?: number;
  /** Names of partitions that should be there and are not. */
  readonly lacking: readonly string[];
  /** Bytes. */
  readonly storage: number;
  readonly rateIn: number;
  /** By which its storage grows, in bytes. */
  readonly growth: number;
  /** Of a topic of events that is there. */
  readonly schema?: SchemaState;
}

export interface ReaderStatus {
  readonly name: string;
  readonly kind: "projection" | "consumer";
  readonly subscription: string;
  readonly topics: readonly SubscriptionStatus[];
  /** What it has parked. */
  readonly deadLetters: SubscriptionStatus;
}

/** A subscription on all partitions of a topic. */
export interface SubscriptionStatus {
  readonly topic: string;
  /** Names of partitions without it. */
  readonly lacking: readonly string[];
  /** Entries: a batch counts once. */
  readonly backlog: number;
  /** When the oldest of them was published, in milliseconds. */
  readonly oldest?: number;
  /** Handed out, and not acknowledged yet. */
  readonly unacknowledged: number;
  readonly rateOut: number;
  readonly rateAcknowledged: number;
  /** By which the backlog grows; below zero it shrinks. */
  readonly growth: number;
  readonly rateRedelivered: number;
  readonly consumers: number;
  /** Whether the broker hands out nothing more until something is acknowledged. */
  readonly blocked: boolean;
  /** Since when consumers are there and nothing of what waits has been acknowledged, in milliseconds; nothing where all is well. */
  readonly idleSince?: number;
}

/** Reads what a broker tells of all topics, as many things at once as the API takes. */
export const readStatus = async (admin: Admin, model: Model, desired: DesiredState): Promise<Status> => {
  const reader = createReader(admin);
  const found = await Promise.all(desired.topics.map((topic) => findTopic(reader, topic)));
  const byName = new Map(found.map((one) => [one.topic.name, one]));
  const on = (topic: string, name: string): SubscriptionStatus => subscriptionStatus(topic, byName.get(topic), name);
  const statusOf = (kind: ReaderStatus["kind"], { name, subscription }: Projection | Consumer): ReaderStatus => ({
    ...{ name, kind, subscription: subscription.name },
    topics: subscription.topics.filter((topic) => byName.has(topic.name)).map((one) => on(one.name, subscription.name)),
    deadLetters: on(subscription.deadLetter.name, subscription.deadLetter.subscription),
  });
  return {
    at: Date.now(),
    readers: [
      ...model.projections.map((one) => statusOf("projection", one)),
      ...model.consumers.map((one) => statusOf("consumer", one)),
    ].filter(({ topics }) => topics.length > 0),
    topics: found.map(topicStatus),
  };
};

interface FoundTopic {
  readonly topic: DesiredTopic;
  readonly present?: number;
  readonly partitions: readonly { readonly name: string; readonly stats: PartitionStats | undefined }[];
  readonly schema?: SchemaState;
}

const findTopic = async (reader: Reader, topic: DesiredTopic): Promise<FoundTopic> => {
  const present = await readTopic(reader, topic.url);
  if (present === undefined) return { topic, partitions: [] };
  const [partitions, schema] = await Promise.all([
    Promise.all(
      partitionPaths(topic.url, present.partitions).map(async (path) => ({
        name: nameOfPath(path),
        stats: await readStats(reader.admin, path, { oldest: true }),
      })),
    ),
    topic.schema === undefined ? undefined : schemaState(reader, topic.url, topic.schema),
  ]);
  return { topic, present: present.partitions, partitions, ...(schema === undefined ? {} : { schema }) };
};

const topicStatus = ({ topic, present, partitions, schema }: FoundTopic): TopicStatus => ({
  ...{ name: topic.name, kind: topic.kind, partitions: topic.partitions },
  ...(present === undefined ? {} : { present }),
  lacking: partitions.filter(({ stats }) => stats === undefined).map(({ name }) => name),
  storage: sum(partitions, ({ stats }) => stats?.storageSize),
  rateIn: sum(partitions, ({ stats }) => stats?.msgRateIn),
  growth: sum(partitions, ({ stats }) => stats?.msgThroughputIn),
  ...(schema === undefined ? {} : { schema }),
});

const subscriptionStatus = (topic: string, found: FoundTopic | undefined, name: string): SubscriptionStatus => {
  const all = found?.partitions ?? [];
  const its = all.flatMap(({ stats }) => subscriptionIn(stats, name) ?? []);
  const oldest = its.map((one) => one.earliestMsgPublishTimeInBacklog ?? 0).filter((time) => time > 0);
  const idle = its.map(idleSince).filter((time) => time !== undefined);
  const rateAcknowledged = sum(its, (one) => one.messageAckRate);
  return {
    topic,
    lacking: all.filter(({ stats }) => subscriptionIn(stats, name) === undefined).map((one) => one.name),
    backlog: sum(its, (one) => one.msgBacklog),
    ...(oldest.length === 0 ? {} : { oldest: Math.min(...oldest) }),
    unacknowledged: sum(its, (one) => one.unackedMessages),
    rateOut: sum(its, (one) => one.msgRateOut),
    rateAcknowledged,
    growth: sum(all, ({ stats }) => stats?.msgRateIn) - rateAcknowledged,
    rateRedelivered: sum(its, (one) => one.msgRateRedeliver),
    // Each is on every partition.
    consumers: Math.max(0, ...its.map((one) => one.consumers.length)),
    blocked: its.some(
      (one) =>
        one.blockedSubscriptionOnUnackedMsgs === true ||
        one.consumers.some(({ blockedConsumerOnUnackedMsgs }) => blockedConsumerOnUnackedMsgs === true),
    ),
    ...(idle.length === 0 ? {} : { idleSince: Math.min(...idle) }),
  };
};

/** Of a partition: since its last acknowledgement, or since there was something to read and somebody to read it. */
const idleSince = (stats: SubscriptionStats): number | undefined => {
  const { consumers, msgBacklog, earliestMsgPublishTimeInBacklog: oldest = 0 } = stats;
  if (consumers.length === 0 || msgBacklog === 0 || oldest <= 0) return undefined;
  const connected = consumers.map(({ connectedSince }) => Date.parse(connectedSince ?? "") || 0);
  const acknowledged = consumers.map(({ lastAckedTimestamp = 0 }) => lastAckedTimestamp);
  return Math.max(oldest, Math.min(...connected), stats.lastMarkDeleteAdvancedTimestamp ?? 0, ...acknowledged);
};

const sum = <T>(all: readonly T[], value: (one: T) => number | undefined): number =>
  all.reduce((total, one) => total + (value(one) ?? 0), 0);

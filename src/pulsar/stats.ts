import type { Admin } from "./admin.js";

/** What a broker tells of a partition, or of a topic without. Rates are those of the last minute. */
export interface PartitionStats {
  /** Messages and bytes a second. */
  readonly msgRateIn: number;
  readonly msgThroughputIn: number;
  readonly storageSize: number;
  readonly subscriptions: { readonly [name: string]: SubscriptionStats };
}

export interface SubscriptionStats {
  /** Entries: a batch counts once. */
  readonly msgBacklog: number;
  readonly msgRateOut: number;
  readonly msgRateRedeliver: number;
  readonly messageAckRate?: number;
  readonly unackedMessages: number;
  readonly blockedSubscriptionOnUnackedMsgs?: boolean;
  /** Milliseconds since 1970; 0 or -1 where nothing waits. */
  readonly earliestMsgPublishTimeInBacklog?: number;
  readonly lastMarkDeleteAdvancedTimestamp?: number;
  readonly consumers: readonly ConsumerStats[];
}

interface ConsumerStats {
  readonly consumerName?: string;
  readonly blockedConsumerOnUnackedMsgs?: boolean;
  readonly lastAckedTimestamp?: number;
  readonly lastConsumedTimestamp?: number;
}

/** The stats of a partition, with a backlog that is exact and not what the broker remembers. */
export const readStats = (
  admin: Admin,
  partition: string,
  options: { readonly oldest?: boolean } = {},
): Promise<PartitionStats> =>
  admin.get<PartitionStats>(`${partition}/stats`, {
    getPreciseBacklog: true,
    getEarliestTimeInBacklog: options.oldest === true,
    excludePublishers: true,
  });

/** What the consumers of a subscription call themselves. */
export const consumersOf = (stats: SubscriptionStats | undefined): readonly string[] =>
  (stats?.consumers ?? []).map(({ consumerName }) => consumerName || "without a name");

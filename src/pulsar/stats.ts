import type { Admin } from "./admin.js";

/** What a broker tells of a partition, or of a topic without. Rates are those of its last minute, per second. */
export interface PartitionStats {
  readonly msgRateIn: number;
  /** Bytes. */
  readonly msgThroughputIn: number;
  readonly storageSize: number;
  readonly subscriptions: { readonly [name: string]: SubscriptionStats };
}

export interface SubscriptionStats {
  /** Entries: a batch counts once. */
  readonly msgBacklog: number;
  readonly msgRateOut: number;
  readonly msgRateRedeliver: number;
  readonly messageAckRate: number;
  readonly unackedMessages: number;
  /** Whether nothing is handed out until something is acknowledged. */
  readonly blockedSubscriptionOnUnackedMsgs?: boolean;
  /** Milliseconds since 1970; 0 or -1 where nothing waits. */
  readonly earliestMsgPublishTimeInBacklog?: number;
  /** Milliseconds since 1970; 0 where it has not happened since the topic was loaded. */
  readonly lastMarkDeleteAdvancedTimestamp?: number;
  readonly consumers: readonly ConsumerStats[];
}

interface ConsumerStats {
  readonly consumerName?: string;
  readonly blockedConsumerOnUnackedMsgs?: boolean;
  /** Milliseconds since 1970; 0 for never. */
  readonly lastAckedTimestamp?: number;
  /** 2026-01-05T10:00:00.000Z */
  readonly connectedSince?: string;
}

/** The stats of a partition, with a backlog that is exact and not what the broker remembers; undefined when it is not there. */
export const readStats = (
  admin: Admin,
  partition: string,
  options: { readonly oldest?: boolean } = {},
): Promise<PartitionStats | undefined> =>
  admin.find<PartitionStats>(`${partition}/stats`, {
    getPreciseBacklog: true,
    getEarliestTimeInBacklog: options.oldest === true,
    excludePublishers: true,
  });

/** Those of a subscription, whatever it is called; undefined when there is none. */
export const subscriptionIn = (stats: PartitionStats | undefined, name: string): SubscriptionStats | undefined =>
  stats !== undefined && Object.hasOwn(stats.subscriptions, name) ? stats.subscriptions[name] : undefined;

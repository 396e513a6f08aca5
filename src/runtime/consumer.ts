import type { Clock } from "./clock.js";
import type { EventHeader } from "./definitions.js";
import type { ParkingReason } from "./parking.js";

/** A consumer that runs. */
export interface Consumer {
  readonly name: string;
  /**
   * Stops: handlers that run end (their signal is aborted, so they may do so early), what is not acknowledged comes back
   * to the next consumer of the subscription.
   */
  close(): Promise<void>;
  /**
   * Resolves when it was closed, and rejects with ConsumerHalted when it stopped by itself. When nobody looks at it, a
   * halt is an unhandled rejection: it is never silent.
   */
  readonly closed: Promise<void>;
  /**
   * Resolves when everything that was published is handled or parked. On a broker that cannot say so: when nothing
   * arrived for `quiet` milliseconds (default 1,000).
   */
  whenCaughtUp(options?: { readonly quiet?: number }): Promise<void>;
  /** The keys whose events are being parked. */
  readonly parkedKeys: ReadonlySet<string>;
  readonly counts: ConsumerCounts;
}

/** What a consumer has done since it started, in events. */
export interface ConsumerCounts {
  readonly handled: number;
  /** Attempts that failed. */
  readonly failed: number;
  readonly parked: number;
  readonly duplicates: number;
  readonly gaps: number;
  readonly upcasts: number;
  /** Not wanted, or passed over by the policy for newer events. */
  readonly skipped: number;
  readonly inFlight: number;
}

/** Something that a consumer has to say, for logs and metrics. */
export type ConsumerNotice =
  | { readonly kind: "handled"; readonly header: EventHeader; readonly attempt: number }
  | { readonly kind: "failed"; readonly header: EventHeader; readonly attempt: number; readonly error: unknown }
  | {
      readonly kind: "parked";
      readonly header: EventHeader | undefined;
      readonly key: string;
      readonly reason: ParkingReason;
      readonly error: string;
    }
  | { readonly kind: "duplicate" | "gap"; readonly header: EventHeader }
  | { readonly kind: "skipped"; readonly header: EventHeader; readonly reason: string }
  | { readonly kind: "acknowledgement-failed"; readonly header: EventHeader | undefined; readonly error: unknown };

/** How a consumer runs; everything has a default. */
export interface ConsumerSettings {
  /** Messages in hand at a time. Default 256. */
  readonly maxInFlight?: number;
  /** When more keys than this are parked, the consumer halts: then it is not an event that is broken. Default 100. */
  readonly maxParkedKeys?: number;
  /** Streams whose last sequence is remembered. Default 100,000. */
  readonly rememberedStreams?: number;
  /** Ids that are remembered of events without a sequence. Default 10,000. */
  readonly rememberedIds?: number;
  /** Milliseconds that `close` waits for handlers that run. Default 30,000. */
  readonly closeTimeout?: number;
  /** Of the consumer, as the broker shows it. */
  readonly consumerName?: string;
  /** Called for everything worth a log line or a count. Must not throw. */
  readonly onNotice?: (notice: ConsumerNotice) => void;
  readonly clock?: Clock;
}

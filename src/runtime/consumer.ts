import type { Clock } from "./clock.js";
import type { EventHeader } from "./definitions.js";
import type { GuardStore } from "./guard.js";
import type { ParkingReason } from "./logbook.js";
import type { Telemetry } from "./telemetry.js";

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
  /**
   * Asks that parked events be handled again, in order per key; a process of the consumer does so, not necessarily this
   * one. Resolves when it has. A key whose event fails again stays parked from there on.
   */
  redrive(options?: { readonly keys?: readonly string[] }): Promise<Redriven>;
  /** The keys whose events are being parked, by this process and all others of the consumer. */
  readonly parkedKeys: ReadonlySet<string>;
  readonly counts: ConsumerCounts;
}

/** What a redrive has come to. */
export interface Redriven {
  /** Events that were handled. */
  readonly resolved: number;
  /** Keys that are still parked, since an event of them failed again. */
  readonly failed: number;
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
  | {
      readonly kind: "handled";
      readonly header: EventHeader;
      readonly attempt: number;
      /** Whether it was stored in an older version, or as another event. */
      readonly upcast: boolean;
    }
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
  | { readonly kind: "acknowledgement-failed"; readonly header: EventHeader | undefined; readonly error: unknown }
  /** Someone asked for parked events to be handled again, and this process has done so. */
  | ({ readonly kind: "redriven" } & Redriven)
  /** The dead-letter topic cannot be reached for now: `reading` it, or `subscribing` to it for redrives. It is tried again. */
  | { readonly kind: "dead-letter-topic-lost"; readonly while: "reading" | "subscribing"; readonly error: unknown };

/** What is missing of a stream. */
export interface StreamGap {
  /** persistent://tenant/namespace/name */
  readonly topic: string;
  readonly aggregate: string;
  readonly aggregateId: string;
  /** Sequences, both included. */
  readonly from: number;
  readonly to: number;
}

/** How a consumer runs; everything has a default. */
export interface ConsumerSettings {
  /** Messages in hand at a time. Default 256. */
  readonly maxInFlight?: number;
  /** When more keys than this are parked, the consumer halts: then it is not an event that is broken. Default 100. */
  readonly maxParkedKeys?: number;
  /** The same for parked events. About 500 bytes of memory are needed for each. Default 100,000. */
  readonly maxParkedEvents?: number;
  /**
   * An event while which so many processes have ended is parked: it is it that ends them. Only the ones are counted that
   * took care, since a process before them had ended soon after its beginning. Default 2.
   */
  readonly maxCrashes?: number;
  /**
   * Events that wait in memory behind one that is tried again, for each key; when there are more, the key is parked
   * without further attempts. Default 1,000; over all keys ten times as many.
   */
  readonly maxWaitingPerKey?: number;
  /** Remembers durably what was handled, beside the memory of the process. A projection's store does so itself. */
  readonly guard?: GuardStore;
  /**
   * Reads from the event store what the topic has not brought: payloads as they are published, in order. Without it, and
   * with `guard`, an event behind a gap is parked; without both a gap is reported only.
   */
  readonly readStream?: (gap: StreamGap) => Promise<readonly Buffer[]>;
  /** Streams whose last sequence is remembered, at least; up to twice as many are. Default 100,000. */
  readonly rememberedStreams?: number;
  /** Ids that are remembered of events without a sequence, in the same way. Default 10,000. */
  readonly rememberedIds?: number;
  /** Milliseconds that `close` waits for handlers that run. Default 30,000. */
  readonly closeTimeout?: number;
  /** Of the consumer, as the broker shows it. */
  readonly consumerName?: string;
  /** Called for everything worth a log line or a count. Must not throw. */
  readonly onNotice?: (notice: ConsumerNotice) => void;
  readonly clock?: Clock;
  /** Traces and metrics; `false`: none. Default: the OpenTelemetry SDK that is registered, when there is one. */
  readonly telemetry?: Telemetry | false;
}

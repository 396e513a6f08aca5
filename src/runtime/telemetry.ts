import type { ConsumerCounts, ConsumerNotice } from "./consumer.js";
import type { EventHeader } from "./definitions.js";

/**
 * Where traces and metrics go. `createTelemetry` of `evgen/opentelemetry` makes one; without it nothing is measured,
 * unless an OpenTelemetry SDK is registered in the process, which is then used.
 */
export interface Telemetry {
  producer(of: { readonly topic: string }): ProducerTelemetry;
  consumer(of: ConsumerState): ConsumerTelemetry;
}

/** What is measured of a producer. */
export interface ProducerTelemetry {
  /** Sends an event with the properties that continue the trace. */
  send<T>(header: EventHeader, send: (properties: Properties) => Promise<T>): Promise<T>;
}

/** What is measured of a consumer or a projection. */
export interface ConsumerTelemetry {
  /** Handles an event, as a part of the trace that its properties tell of. */
  handle<T>(message: HandledMessage, run: () => Promise<T>): Promise<T>;
  notice(notice: ConsumerNotice): void;
  /** Nothing is asked any more. */
  close(): void;
}

/** An event on its way to a handler. */
export interface HandledMessage {
  readonly header: EventHeader;
  readonly topic: string;
  readonly properties: Properties;
  readonly messageId: string | undefined;
  readonly attempt: number;
}

/** A consumer as it is asked now and then. */
export interface ConsumerState {
  readonly name: string;
  readonly subscription: string;
  readonly topics: readonly string[];
  readonly counts: () => ConsumerCounts;
  readonly parkedKeys: () => number;
  readonly parkedEvents: () => number;
  /** Seconds since the message that is being handled was published; 0 when there is none. */
  readonly lagSeconds: () => number;
  /** Events that were published and are not handled. Undefined where the transport cannot know it. */
  readonly lagEvents: () => Promise<number | undefined>;
}

type Properties = { readonly [name: string]: string };

/** What was given, or what is registered in the process; the API package is not loaded for nothing. */
export const telemetryOf = async (given: Telemetry | false | undefined): Promise<Telemetry | undefined> => {
  if (given !== undefined) return given === false ? undefined : given;
  // Where the API package, in all its versions 1, keeps what an SDK has registered.
  const registered = (globalThis as { [name: symbol]: unknown })[Symbol.for("opentelemetry.js.api.1")];
  if (typeof registered !== "object" || registered === null) return undefined;
  if (!("trace" in registered || "metrics" in registered)) return undefined;
  return (await import("./open-telemetry.js")).createTelemetry();
};

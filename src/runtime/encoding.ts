import type { EventHeader } from "./definitions.js";

/** How the payloads of a topic are written and read. */
export interface Encoding {
  /** The payload of an event that has been validated. Throws a NotAvro for what no payload can carry. */
  readonly encode: (header: EventHeader, data: unknown, branch: number) => Buffer;
  /** What a payload holds, or why it is none. Never throws because of its bytes. */
  readonly decode: (payload: Buffer) => Stored | string;
}

/** An event as it was stored. */
export interface Stored {
  readonly header: EventHeader;
  /** Undefined when the payload has a branch that the topic's definition does not know. */
  readonly branch: number | undefined;
  readonly data: unknown;
}

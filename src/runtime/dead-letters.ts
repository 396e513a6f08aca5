import { systemClock } from "./clock.js";
import type { Redriven } from "./consumer.js";
import { newId } from "./ids.js";
import { createLogbook, type MarkFields, markOf, originalOf, parkingProperties, topicOf } from "./logbook.js";
import { nextOf, openReader } from "./tail.js";
import type { Message, ProducerClient, ReaderClient } from "./transport.js";

/** An event that is parked and was not handled since. */
export interface ParkedEvent {
  /** Empty when it has none. */
  readonly key: string;
  /** The topic that it was in, without a partition. */
  readonly topic: string;
  /** Where it was there; what is not known is left out. */
  readonly original: { readonly topic?: string; readonly messageId?: string; readonly publishedAt?: string };
  /** Empty where Pulsar's own client has parked it. */
  readonly reason: string;
  readonly error: string;
  readonly attempts: number;
  /** By the clock of the broker: RFC 3339, UTC. */
  readonly parkedAt: string;
  /** As its properties say, where they do. */
  readonly event: { readonly id?: string; readonly type?: string; readonly version?: number };
  /** What happened when it was to be handled again, the last time. */
  readonly redriveError?: string;
  /** With `messages` only. */
  readonly message?: Message;
}

/** How far a redrive is. */
export interface RedriveProgress extends Redriven {
  /** Whether a process of the consumer has taken it up. */
  readonly taken: boolean;
  readonly done: boolean;
}

/** A dead-letter topic as it was when it was opened. */
export interface DeadLetters {
  /** In the order in which they were parked. */
  readonly parked: readonly ParkedEvent[];
  /**
   * Asks the consumer's processes to handle events of these keys again, of all when none are said, and follows what they
   * do until it is done or the signal is aborted. The request stays in the topic all the same.
   */
  redrive(options: { readonly keys?: readonly string[]; readonly signal: AbortSignal }): Promise<RedriveProgress>;
  close(): Promise<void>;
}

/** Whose dead letters, and what of them. */
export interface DeadLetterOptions {
  /** persistent://tenant/namespace/name */
  readonly topic: string;
  /** The name of the consumer or projection. */
  readonly consumer: string;
  /** Not on a `shared` subscription. */
  readonly ordered: boolean;
  /** Whether the messages are kept, which may need much memory. */
  readonly messages: boolean;
}

/** Reads a dead-letter topic from its beginning to where it ends now; needs a client whose readers know where that is. */
export const openDeadLetters = async (
  client: ProducerClient & ReaderClient,
  { topic, consumer, ordered, messages }: DeadLetterOptions,
): Promise<DeadLetters> => {
  const logbook = createLogbook(consumer, ordered);
  const parked = new Map<string, ParkedEvent>();
  const reader = await openReader(client, topic, undefined);
  try {
    while (await reader.hasNext()) {
      const message = await reader.readNext();
      const said = logbook.add(message);
      if (said.kind === "parked") parked.set(said.entry.id, parkedEventOf(message, messages));
      if (said.kind === "resolved") parked.delete(said.fields.parked ?? "");
      if (said.kind !== "failed") continue;
      const event = parked.get(said.fields.parked ?? "");
      if (event !== undefined)
        parked.set(said.fields.parked ?? "", { ...event, redriveError: said.fields.error ?? "" });
    }
  } catch (error) {
    await reader.close().catch(() => null);
    throw error;
  }

  return {
    parked: [...parked.values()],
    async redrive({ keys, signal }) {
      const request = newId();
      await sendRequest(client, topic, consumer, {
        request,
        ...(keys === undefined ? {} : { keys: JSON.stringify(keys) }),
      });
      let taken = false;
      let done = false;
      // Each once, also when a process that takes it up again comes to them again.
      const resolved = new Set<string>();
      const failed = new Set<string>();
      const stop = () => void reader.close().catch(() => null);
      signal.addEventListener("abort", stop, { once: true });
      try {
        while (!signal.aborted && !done) {
          const message = await nextOf(client, reader, systemClock, signal);
          if (message === undefined) break;
          const said = logbook.add(message);
          if (!("fields" in said) || said.fields.request !== request) continue;
          const { parked: id = "" } = said.fields;
          if (said.kind === "taken") taken = true;
          if (said.kind === "resolved") resolved.add(id);
          if (said.kind === "failed") failed.add(id);
          if (said.kind === "redriven") done = true;
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        signal.removeEventListener("abort", stop);
      }
      for (const id of resolved) failed.delete(id);
      return { taken, done, resolved: resolved.size, failed: failed.size };
    },
    async close() {
      await reader.close().catch(() => null);
    },
  };
};

const sendRequest = async (
  client: ProducerClient,
  topic: string,
  consumer: string,
  fields: MarkFields,
): Promise<void> => {
  const producer = await client.createProducer({ topic, batchingEnabled: false, hashingScheme: "Murmur3_32Hash" });
  try {
    await producer.send({ data: Buffer.alloc(0), properties: markOf(consumer, "redrive", fields) });
  } finally {
    await producer.close().catch(() => null);
  }
};

const parkedEventOf = (message: Message, keep: boolean): ParkedEvent => {
  const properties = message.getProperties();
  const { ce_id: id, ce_type: named = "" } = properties;
  const match = /([^.]+)\.v(\d+)$/.exec(named);
  const original = originalOf(properties);
  const publishedAt = timeOf(properties[parkingProperties.publishTime]);
  return {
    key: message.getPartitionKey(),
    topic: topicOf(properties),
    original: {
      ...(original.topic === undefined ? {} : { topic: original.topic }),
      ...(original.messageId === undefined ? {} : { messageId: original.messageId }),
      ...(publishedAt === undefined ? {} : { publishedAt }),
    },
    reason: properties[parkingProperties.reason] ?? "",
    error: properties[parkingProperties.error] ?? "",
    attempts: countOf(properties[parkingProperties.attempts]),
    parkedAt: new Date(message.getPublishTimestamp()).toISOString(),
    event: {
      ...(id === undefined ? {} : { id }),
      ...(match?.[1] === undefined ? {} : { type: match[1], version: Number(match[2]) }),
    },
    ...(keep ? { message } : {}),
  };
};

// Anybody may have written what stands in the properties.

const countOf = (text: string | undefined): number => (text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0);

const timeOf = (text: string | undefined): string | undefined =>
  text !== undefined && /^\d{1,14}$/.test(text) ? new Date(Number(text)).toISOString() : undefined;

import { type Clock, sleep } from "./clock.js";
import type { Message, MessageId, ReaderClient, TransportReader } from "./transport.js";

/** A topic that is read from its first message on, for as long as it is not closed. */
export interface Tail {
  readonly close: () => Promise<void>;
}

/** Before the first message of any topic. */
const earliest: MessageId = {
  serialize: () => Buffer.from("(-1,-1,-1,-1)", "utf8"),
  toString: () => "(-1,-1,-1,-1)",
};

/**
 * Reads a topic from a message on, and follows it; `read` must not throw. Rejects when it cannot be opened; when it is
 * lost later, it is opened again where it was, and `lost` is told.
 */
export const followTopic = async (
  client: ReaderClient,
  topic: string,
  { clock, read, lost }: { clock: Clock; read: (message: Message) => void; lost: (error: unknown) => void },
): Promise<Tail> => {
  const stop = new AbortController();
  let last: MessageId | undefined;
  let reader = await openReader(client, topic, last);
  const follow = async (): Promise<void> => {
    for (let failures = 0; !stop.signal.aborted; ) {
      try {
        const message = await nextOf(client, reader, clock, stop.signal);
        if (stop.signal.aborted || message === undefined) return;
        failures = 0;
        last = message.getMessageId();
        read(message);
      } catch (error) {
        if (stop.signal.aborted) return;
        lost(error);
        await sleep(clock, Math.min(10_000, 100 * 2 ** failures++), stop.signal).catch(() => {});
        if (stop.signal.aborted) return;
        await reader.close().catch(() => null);
        reader = await openReader(client, topic, last).catch(() => reader);
      }
    }
  };
  void follow();
  return {
    async close() {
      if (stop.signal.aborted) return;
      stop.abort();
      await reader.close().catch(() => null);
    },
  };
};

/** A reader of what comes after a message, or of everything. */
export const openReader = async (
  client: ReaderClient,
  topic: string,
  after: MessageId | undefined,
): Promise<TransportReader> => client.createReader({ topic, startMessageId: after ?? (await firstOf(client)) });

/** The official client takes no message id but its own. */
const firstOf = async (client: ReaderClient): Promise<MessageId> => {
  if (client.capabilities !== undefined) return earliest;
  const pulsar = await import("pulsar-client");
  return (pulsar.default ?? pulsar).MessageId.earliest();
};

/**
 * The next message. The official client holds a thread of Node's small pool for as long as it waits for one, so there it
 * is asked now and then whether there is one.
 */
export const nextOf = async (
  client: ReaderClient,
  reader: TransportReader,
  clock: Clock,
  signal: AbortSignal,
): Promise<Message | undefined> => {
  if (client.capabilities !== undefined) return reader.readNext();
  while (!(await reader.hasNext())) {
    await sleep(clock, 250, signal).catch(() => {});
    if (signal.aborted) return undefined;
  }
  return reader.readNext();
};

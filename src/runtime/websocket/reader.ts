import { demandAdmin, lastMessageOf, partitionsOf, pathOf } from "../admin.js";
import { TransportFailed, UnsupportedByTransport } from "../errors.js";
import { PulsarMessageId, partitionName } from "../message-id.js";
import type { Message, TransportReader, TransportReaderConfig } from "../transport.js";
import { Inbox } from "./inbox.js";
import { Link } from "./link.js";
import { type MessageFrame, WebSocketMessage } from "./message.js";
import type { Settings } from "./settings.js";

/** Opens a reader: one connection for each partition where their number can be known. */
export const openReader = async (settings: Settings, config: TransportReaderConfig): Promise<WebSocketReader> => {
  if (config.startMessageId === undefined) throw new TypeError("startMessageId is required");
  const partitions = await partitionsOf(settings, "create reader", config.topic);
  const reader = new WebSocketReader(settings, config, partitions);
  try {
    await reader.open();
    return reader;
  } catch (error) {
    await reader.drop();
    throw error;
  }
};

/** A reader over the WebSocket API. */
export class WebSocketReader implements TransportReader {
  readonly #settings: Settings;
  readonly #inbox: Inbox<Arrival>;
  readonly #tracks: readonly Track[];
  #closed = false;

  constructor(settings: Settings, config: TransportReaderConfig, partitions: number | undefined) {
    this.#settings = settings;
    const start = PulsarMessageId.from(config.startMessageId);
    // The broker sends more than a queue full only as what was taken is confirmed to it.
    this.#inbox = new Inbox<Arrival>("read next message", ({ track, message }) => {
      track.read = message.getMessageId();
      track.link.send(`{"messageId":"${message.token}"}`);
    });
    const topics =
      (partitions ?? 0) === 0
        ? [config.topic]
        : Array.from({ length: partitions ?? 0 }, (_, index) => partitionName(config.topic, index));
    this.#tracks = topics.map((topic, index) => {
      const elsewhere = topics.length > 1 && !start.isLatest && !start.isEarliest && start.partition !== index;
      return this.#track(topic, elsewhere ? PulsarMessageId.earliest() : start, config.readerName);
    });
  }

  async open(): Promise<void> {
    await Promise.all(
      this.#tracks.map(async (track) => {
        // What comes after now is told from what was there by its id.
        if (track.received.isLatest && this.#settings.adminUrl !== undefined) {
          const last = await lastMessageOf(this.#settings, track.topic);
          track.received = last.entry < 0n ? PulsarMessageId.earliest() : last;
          track.read = track.received;
        }
        await track.link.open();
      }),
    );
  }

  async readNext(timeout?: number): Promise<Message> {
    if (this.#closed) throw new TransportFailed("read next message", "AlreadyClosed");
    return (await this.#inbox.receive(timeout)).message;
  }

  async hasNext(): Promise<boolean> {
    if (this.#closed) throw new TransportFailed("find the last message", "AlreadyClosed");
    if (this.#inbox.length > 0) return true;
    demandAdmin(this.#settings, "hasNext");
    const more = await Promise.all(
      this.#tracks.map(async ({ topic, read }) => {
        const last = await lastMessageOf(this.#settings, topic);
        return last.entry >= 0n && last.isAfter(read);
      }),
    );
    return more.includes(true);
  }

  isConnected(): boolean {
    return !this.#closed && this.#tracks.every(({ link }) => link.isOpen);
  }

  seek(): Promise<null> {
    return Promise.reject(new UnsupportedByTransport("seek of a reader", "open another reader where it is to start"));
  }

  seekTimestamp(): Promise<null> {
    return this.seek();
  }

  async close(): Promise<null> {
    if (this.#closed) throw new TransportFailed("close reader", "AlreadyClosed");
    await this.drop();
    return null;
  }

  async drop(): Promise<void> {
    this.#closed = true;
    this.#inbox.fail(new TransportFailed("read next message", "AlreadyClosed"));
    await Promise.all(this.#tracks.map(({ link }) => link.close()));
  }

  #track(topic: string, start: PulsarMessageId, readerName: string | undefined): Track {
    const link = new Link(this.#settings, {
      what: "create reader",
      of: `reader of ${topic}`,
      path: () => {
        const query = new URLSearchParams({ messageId: startOf(track.received), receiverQueueSize: "1000" });
        if (readerName !== undefined) query.set("readerName", readerName);
        return `reader/${pathOf(topic)}?${query}`;
      },
      onOpen: () => {},
      onText: (text) => {
        const message = new WebSocketMessage(JSON.parse(text) as MessageFrame, topic);
        track.received = message.getMessageId();
        track.mixed ||= track.received.partition >= 0 && message.getTopicName() !== topic;
        this.#inbox.push({ track, message });
      },
      onDown: (error, permanent) => {
        if (permanent) this.#inbox.fail(error);
        // It has read on in several partitions, and could only say one place to go on from.
        if (!track.mixed) return;
        const reason =
          "the connection was lost; a reader of a topic with partitions can go on only where the client has an adminUrl";
        this.#inbox.fail(new TransportFailed("read next message", "ConnectError", reason, error));
        void this.drop();
      },
    });
    const track: Track = { topic, link, received: start, read: start, mixed: false };
    return track;
  }
}

/** A topic or partition as it is read. */
interface Track {
  readonly topic: string;
  readonly link: Link;
  /** The last message that has arrived: where it goes on after a connection broke. */
  received: PulsarMessageId;
  /** The last message that somebody got. */
  read: PulsarMessageId;
  /** Messages of several partitions come over this connection. */
  mixed: boolean;
}

interface Arrival {
  readonly track: Track;
  readonly message: WebSocketMessage;
}

const startOf = (id: PulsarMessageId): string => {
  if (id.isEarliest) return "earliest";
  return id.isLatest ? "latest" : id.serialize().toString("base64");
};

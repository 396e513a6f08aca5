import { setTimeout as pause } from "node:timers/promises";
import { demandAdmin, partitionsOf, pathOf, resetToMessage, resetToTime } from "../admin.js";
import { TransportFailed, UnsupportedByTransport } from "../errors.js";
import { PulsarMessageId, partitionName } from "../message-id.js";
import type { Message, MessageId, SubscriptionType, TransportConsumer, TransportConsumerConfig } from "../transport.js";
import { checkConsumerConfig } from "../transport-config.js";
import { Inbox } from "./inbox.js";
import { Link } from "./link.js";
import { type MessageFrame, WebSocketMessage } from "./message.js";
import type { Settings } from "./settings.js";

/** Subscribes. */
export const openConsumer = async (settings: Settings, config: TransportConsumerConfig): Promise<WebSocketConsumer> => {
  checkConsumerConfig(config);
  if (config.deadLetterPolicy?.initialSubscriptionName !== undefined) {
    throw new UnsupportedByTransport(
      "initialSubscriptionName",
      "create the subscription of the dead-letter topic beforehand",
    );
  }
  if (config.schema !== undefined) {
    throw new UnsupportedByTransport("schemas", "subscribe without a schema, or use another transport");
  }
  const consumer = new WebSocketConsumer(settings, config);
  try {
    await consumer.open();
    return consumer;
  } catch (error) {
    await consumer.drop();
    throw error;
  }
};

/** A consumer over the WebSocket API. It asks for messages as they are taken, so that no more wait here than were asked for. */
export class WebSocketConsumer implements TransportConsumer {
  readonly #settings: Settings;
  readonly #config: TransportConsumerConfig;
  readonly #inbox: Inbox<WebSocketMessage>;
  /** Half of the queue is here, half with the broker's own client. */
  readonly #window: number;
  #link: Link;
  #taken = 0;
  #seeking: Promise<null> | undefined;
  #closed = false;

  constructor(settings: Settings, config: TransportConsumerConfig) {
    this.#settings = settings;
    this.#config = config;
    this.#window = Math.max(1, Math.min(1000, config.receiverQueueSize ?? 1000) >> 1);
    this.#inbox = new Inbox("receive message", () => this.#makeRoom());
    this.#link = this.#connect();
  }

  open(): Promise<void> {
    return this.#link.open();
  }

  receive(timeout?: number): Promise<Message> {
    if (this.#closed) return Promise.reject(new TransportFailed("receive message", "AlreadyClosed"));
    return this.#inbox.receive(timeout);
  }

  /** A tenth of a second, and then whatever there is: as the official client does it. */
  async batchReceive(): Promise<Message[]> {
    const messages: Message[] = [];
    try {
      messages.push(await this.receive(100));
    } catch (error) {
      if (!(error instanceof TransportFailed) || error.code !== "TimeOut") throw error;
    }
    while (messages.length > 0 && messages.length < 1000) {
      const next = this.#inbox.take();
      if (next === undefined) break;
      messages.push(next);
    }
    return messages;
  }

  async acknowledge(message: Message): Promise<null> {
    return this.#acknowledge(tokenOf(message));
  }

  async acknowledgeId(messageId: MessageId): Promise<null> {
    return this.#acknowledge(PulsarMessageId.from(messageId).serialize().toString("base64"));
  }

  negativeAcknowledge(message: Message): void {
    // Without a connection it comes back anyhow.
    this.#link.send(JSON.stringify({ type: "negativeAcknowledge", messageId: tokenOf(message) }));
  }

  async seek(messageId: MessageId): Promise<null> {
    const id = PulsarMessageId.from(messageId);
    return this.#seek(async (topics) => {
      const { subscription } = this.#config;
      for (const [index, topic] of topics.entries()) {
        const own = topics.length === 1 || index === id.partition;
        if (own || id.isEarliest || id.isLatest) await resetToMessage(this.#settings, topic, subscription, id);
      }
    });
  }

  async seekTimestamp(timestamp: number): Promise<null> {
    return this.#seek(async (topics) => {
      for (const topic of topics) await resetToTime(this.#settings, topic, this.#config.subscription, timestamp);
    });
  }

  isConnected(): boolean {
    return !this.#closed && this.#link.isOpen;
  }

  async close(): Promise<null> {
    if (this.#closed) throw new TransportFailed("close consumer", "AlreadyClosed");
    await this.drop();
    return null;
  }

  /** What was not taken comes to others. */
  async drop(): Promise<void> {
    this.#closed = true;
    this.#inbox.clear();
    this.#inbox.fail(new TransportFailed("receive message", "AlreadyClosed"));
    await this.#link.close();
  }

  #connect(): Link {
    return new Link(this.#settings, {
      what: "create consumer",
      of: `consumer ${this.#config.subscription} of ${this.#config.topic}`,
      path: () => this.#path(),
      onOpen: () => {
        this.#taken = 0;
        this.#permit(this.#window);
      },
      onText: (text) => this.#inbox.push(new WebSocketMessage(JSON.parse(text) as MessageFrame, this.#config.topic)),
      onDown: (error, permanent) => {
        // The broker gives it out again.
        this.#inbox.clear();
        if (permanent) this.#inbox.fail(error);
      },
    });
  }

  #path(): string {
    const { topic, subscription, subscriptionType = "Exclusive", deadLetterPolicy, consumerName } = this.#config;
    const { ackTimeoutMs = 0, nAckRedeliverTimeoutMs, subscriptionInitialPosition = "Latest" } = this.#config;
    const query = new URLSearchParams({
      pullMode: "true",
      subscriptionType: subscriptionTypes[subscriptionType],
      subscriptionInitialPosition,
      receiverQueueSize: String(this.#window),
    });
    if (ackTimeoutMs > 0) query.set("ackTimeoutMillis", String(ackTimeoutMs));
    if (nAckRedeliverTimeoutMs !== undefined) query.set("negativeAckRedeliveryDelay", String(nAckRedeliverTimeoutMs));
    if (consumerName !== undefined) query.set("consumerName", consumerName);
    if (deadLetterPolicy !== undefined) {
      const { deadLetterTopic, maxRedeliverCount } = deadLetterPolicy;
      if (deadLetterTopic !== "") query.set("deadLetterTopic", deadLetterTopic);
      if (maxRedeliverCount !== undefined) query.set("maxRedeliverCount", String(maxRedeliverCount));
    }
    return `consumer/${pathOf(topic)}/${encodeURIComponent(subscription)}?${query}`;
  }

  #acknowledge(messageId: string): null {
    if (this.#closed) throw new TransportFailed("acknowledge message", "AlreadyClosed");
    if (!this.#link.isOpen)
      throw new TransportFailed(
        "acknowledge message",
        "ConnectError",
        "the connection is lost; the message comes again",
      );
    this.#link.send(`{"messageId":"${messageId}"}`);
    return null;
  }

  /** More is asked for by the half window. */
  #makeRoom(): void {
    this.#taken++;
    if (this.#taken * 2 < this.#window) return;
    this.#permit(this.#taken);
    this.#taken = 0;
  }

  #permit(permitMessages: number): void {
    this.#link.send(`{"type":"permit","permitMessages":${permitMessages}}`);
  }

  /** Without a connection meanwhile: the broker may drop a reset in silence while somebody consumes. */
  #seek(reset: (topics: readonly string[]) => Promise<void>): Promise<null> {
    demandAdmin(this.#settings, "seek");
    if (this.#closed) throw new TransportFailed("seek", "AlreadyClosed");
    if (this.#seeking !== undefined)
      throw new TransportFailed("seek", "InvalidConfiguration", "another seek is not done yet");
    this.#seeking = (async () => {
      const { topic } = this.#config;
      const partitions = (await partitionsOf(this.#settings, "seek", topic)) ?? 0;
      await this.#link.close();
      this.#inbox.clear();
      try {
        const topics = Array.from({ length: partitions }, (_, index) => partitionName(topic, index));
        await persistently(() => reset(partitions === 0 ? [topic] : topics));
      } finally {
        this.#link = this.#connect();
        if (!this.#closed) await this.#link.open();
        this.#seeking = undefined;
      }
      return null;
    })();
    return this.#seeking;
  }
}

const subscriptionTypes: { readonly [Type in SubscriptionType]: string } = {
  Exclusive: "Exclusive",
  Failover: "Failover",
  Shared: "Shared",
  KeyShared: "Key_Shared",
};

const tokenOf = (message: Message): string =>
  message instanceof WebSocketMessage
    ? message.token
    : PulsarMessageId.from(message.getMessageId()).serialize().toString("base64");

/** The broker closes its own consumer a moment after the connection, and refuses a reset until then. */
const persistently = async (action: () => Promise<void>): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (attempt === 6 || (error instanceof TransportFailed && error.code !== "UnknownError")) throw error;
      await pause(50 * 2 ** attempt);
    }
  }
};

import { PulsarMessageId, partitionName } from "../message-id.js";
import type { Message } from "../transport.js";

/** A message as it comes over the WebSocket API. */
export interface MessageFrame {
  readonly messageId: string;
  readonly payload: string;
  readonly properties?: { readonly [key: string]: string };
  readonly publishTime: string;
  readonly redeliveryCount?: number;
  readonly eventTime?: string;
  readonly key?: string;
}

/** A message; what is not asked for is not decoded. */
export class WebSocketMessage implements Message {
  readonly #frame: MessageFrame;
  readonly #topic: string;
  #id: PulsarMessageId | undefined;

  constructor(frame: MessageFrame, topic: string) {
    this.#frame = frame;
    this.#topic = topic;
  }

  /** The id as the broker wrote it, by which it wants it back. */
  get token(): string {
    return this.#frame.messageId;
  }

  getTopicName(): string {
    const { partition } = this.getMessageId();
    return partition < 0 ? this.#topic : partitionName(this.#topic, partition);
  }
  getProperties(): { [key: string]: string } {
    return { ...this.#frame.properties };
  }
  getData(): Buffer {
    return Buffer.from(this.#frame.payload, "base64");
  }
  getMessageId(): PulsarMessageId {
    this.#id ??= PulsarMessageId.deserialize(Buffer.from(this.#frame.messageId, "base64"));
    return this.#id;
  }
  getPublishTimestamp(): number {
    return Date.parse(this.#frame.publishTime);
  }
  getEventTimestamp(): number {
    return this.#frame.eventTime === undefined ? 0 : Date.parse(this.#frame.eventTime);
  }
  getRedeliveryCount(): number {
    return this.#frame.redeliveryCount ?? 0;
  }
  getPartitionKey(): string {
    return this.#frame.key ?? "";
  }
  /** The WebSocket API does not say it. */
  getProducerName(): string {
    return "";
  }
}

import { randomUUID } from "node:crypto";
import { demandAdmin, partitionsOf, pathOf } from "../admin.js";
import { TransportFailed, UnsupportedByTransport } from "../errors.js";
import { partitionName } from "../message-id.js";
import { partitionOf } from "../murmur.js";
import type { MessageId, OutgoingMessage, TransportProducer, TransportProducerConfig } from "../transport.js";
import { checkProducerConfig } from "../transport-config.js";
import { Outbox } from "./outbox.js";
import type { Settings } from "./settings.js";

/** Partitions may be added to a topic; the other clients look for new ones as often. */
const lookForPartitionsEvery = 60_000;

/** Opens a producer: over one connection for each partition where their number can be known, else over one for all. */
export const openProducer = async (settings: Settings, config: TransportProducerConfig): Promise<WebSocketProducer> => {
  checkProducerConfig(config);
  if (config.accessMode !== undefined && config.accessMode !== "Shared") {
    throw new UnsupportedByTransport("exclusiveProducers", "use the access mode Shared, or another transport");
  }
  if (config.schema !== undefined) {
    throw new UnsupportedByTransport("schemas", "open the producer without a schema, or use another transport");
  }
  const partitions = await partitionsOf(settings, "create producer", config.topic);
  const producer = new WebSocketProducer(settings, config, partitions);
  try {
    await producer.open();
    return producer;
  } catch (error) {
    await producer.drop();
    throw error;
  }
};

/** A producer over the WebSocket API. */
export class WebSocketProducer implements TransportProducer {
  readonly #settings: Settings;
  readonly #config: TransportProducerConfig;
  readonly #name: string;
  readonly #outboxes: (Outbox | undefined)[] = [];
  readonly #maxPending: number;
  readonly #look: NodeJS.Timeout | undefined;
  /** 0 in a topic without partitions, undefined when it is not known. */
  #partitions: number | undefined;
  #turn = 0;
  #closed = false;

  constructor(settings: Settings, config: TransportProducerConfig, partitions: number | undefined) {
    this.#settings = settings;
    this.#config = config;
    this.#partitions = partitions;
    // A name that no other has: the broker then drops what is sent again after a connection broke, and nothing else.
    this.#name = config.producerName ?? `evgen-${randomUUID()}`;
    this.#maxPending = config.maxPendingMessages ?? 1000;
    if (partitions !== undefined && partitions > 0) {
      this.#look = setInterval(() => void this.#lookForPartitions(), lookForPartitionsEvery);
      this.#look.unref();
    }
  }

  /** Connects to the first partition, so that a refusal is seen; to the others when they get something. */
  open(): Promise<void> {
    return this.#outbox(0).open();
  }

  async send(message: OutgoingMessage): Promise<MessageId> {
    if (this.#closed) throw new TransportFailed("send message", "AlreadyClosed");
    if (!Buffer.isBuffer(message.data)) throw new TypeError("the data of a message must be a Buffer");
    if (message.sequenceId !== undefined) demandAdmin(this.#settings, "sequenceId");
    const pending = this.#outboxes.reduce((sum, outbox) => sum + (outbox?.size ?? 0), 0);
    if (this.#maxPending > 0 && pending >= this.#maxPending)
      throw new TransportFailed("send message", "ProducerQueueIsFull");
    return this.#outbox(this.#route(message.partitionKey ?? "")).send(message);
  }

  async flush(): Promise<null> {
    if (this.#closed) throw new TransportFailed("flush producer", "AlreadyClosed");
    await this.#whenIdle();
    return null;
  }

  /** What was sent before is confirmed first, or fails after its time. */
  async close(): Promise<null> {
    if (this.#closed) throw new TransportFailed("close producer", "AlreadyClosed");
    this.#closed = true;
    await this.#whenIdle();
    await this.drop();
    return null;
  }

  /** Closes without waiting for what is on its way. */
  async drop(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#look);
    await Promise.all(this.#outboxes.map((outbox) => outbox?.close()));
  }

  getProducerName(): string {
    return this.#name;
  }

  getTopic(): string {
    return this.#config.topic;
  }

  isConnected(): boolean {
    return !this.#closed && this.#outboxes.every((outbox) => outbox?.isConnected ?? true);
  }

  /** The partition of a key, as every client of Pulsar counts it with Murmur3_32Hash; in turn without a key. */
  #route(key: string): number {
    const partitions = this.#partitions ?? 0;
    if (partitions === 0) return 0;
    return key === "" ? this.#turn++ % partitions : partitionOf(key, partitions);
  }

  #outbox(partition: number): Outbox {
    const { topic, producerName, initialSequenceId, sendTimeoutMs = 30_000 } = this.#config;
    const url = (this.#partitions ?? 0) > 0 ? partitionName(topic, partition) : topic;
    this.#outboxes[partition] ??= new Outbox(this.#settings, {
      path: pathOf(url),
      topic: url,
      producerName: this.#name,
      // The broker's last id of a name that was used before cannot be asked for: the time is above all that it had.
      initialSequenceId: initialSequenceId ?? (producerName === undefined ? -1 : Date.now() * 1000),
      freshIds: initialSequenceId === undefined,
      sendTimeout: sendTimeoutMs === 0 ? 2 ** 31 - 1 : sendTimeoutMs,
    });
    return this.#outboxes[partition];
  }

  async #whenIdle(): Promise<void> {
    await Promise.all(this.#outboxes.map((outbox) => outbox?.whenIdle()));
  }

  async #lookForPartitions(): Promise<void> {
    try {
      const partitions = await partitionsOf(this.#settings, "find partitions", this.#config.topic);
      if (partitions !== undefined && partitions > (this.#partitions ?? 0)) this.#partitions = partitions;
    } catch {
      // The admin API may be away for a while; asked again in a minute.
    }
  }
}

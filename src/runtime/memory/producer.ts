import { type FailureCode, TransportFailed } from "../errors.js";
import { partitionOf } from "../murmur.js";
import type { MessageId, OutgoingMessage, TransportProducer, TransportProducerConfig } from "../transport.js";
import { checkProducerConfig } from "../transport-config.js";
import type { Broker } from "./broker.js";
import { noMessageId } from "./message-id.js";
import type { ProducerHolder, Topic } from "./topic.js";

/** Five megabytes, as a broker has it when nothing else is said. */
const mostBytes = 5 * 1024 * 1024;

/** Opens a producer with the access that it asks for. */
export const openProducer = async (
  broker: Broker,
  topic: Topic,
  config: TransportProducerConfig,
): Promise<MemoryProducer> => {
  checkProducerConfig(config);
  const name = config.producerName ?? broker.producerName();
  const holder: ProducerHolder = { name, accessMode: config.accessMode ?? "Shared", fenced: false };
  if ([...topic.producers].some((other) => other.name === name)) throw failed("create producer", "ProducerBusy");
  await admit(topic, holder);
  topic.producers.add(holder);
  return new MemoryProducer(broker, topic, holder, config);
};

const admit = async (topic: Topic, holder: ProducerHolder): Promise<void> => {
  const others = topic.producers;
  const owner = [...others].find((other) => other.accessMode !== "Shared");
  switch (holder.accessMode) {
    case "Shared":
      if (owner !== undefined) throw failed("create producer", "ProducerBusy");
      return;
    case "Exclusive":
      if (others.size > 0) throw failed("create producer", "ProducerFenced");
      return;
    case "ExclusiveWithFencing":
      for (const other of others) other.fenced = true;
      others.clear();
      return;
    case "WaitForExclusive":
      while (topic.producers.size > 0) await new Promise<void>((resolve) => topic.waiting.push(resolve));
  }
};

/** The error of a failure, in the words of the official client. */
export const failed = (what: string, code: FailureCode, reason?: string): TransportFailed =>
  new TransportFailed(what, code, reason);

/** A producer in memory. */
export class MemoryProducer implements TransportProducer {
  readonly #broker: Broker;
  readonly #topic: Topic;
  readonly #holder: ProducerHolder;
  /** Ids that are not said go on from the last one that the broker knew: mixing both kinds loses messages, as with Pulsar. */
  #sequence: number;
  #turn = 0;
  #closed = false;

  constructor(broker: Broker, topic: Topic, holder: ProducerHolder, config: TransportProducerConfig) {
    this.#broker = broker;
    this.#topic = topic;
    this.#holder = holder;
    this.#sequence = Math.max(config.initialSequenceId ?? -1, topic.lastSequence(holder.name));
  }

  async send(message: OutgoingMessage): Promise<MessageId> {
    if (this.#closed) throw failed("send message", "AlreadyClosed");
    if (this.#holder.fenced) throw failed("send message", "ProducerFenced");
    const { data, partitionKey = "" } = message;
    // The official client sends an empty message in its place, in silence.
    if (!Buffer.isBuffer(data)) throw new TypeError("the data of a message must be a Buffer");
    if (data.length > mostBytes) throw failed("send message", "MessageTooBig");
    const fault = this.#broker.faults.nextSend();
    if (fault !== undefined && !fault.stored) throw failed("send message", fault.error);
    const sequence = message.sequenceId ?? ++this.#sequence;
    const id = this.#store(message, sequence, this.#partition(partitionKey), partitionKey);
    if (fault !== undefined) throw failed("send message", fault.error);
    return id;
  }

  #partition(key: string): number {
    const { partitions } = this.#topic;
    if (partitions === 0) return 0;
    return key === "" ? this.#turn++ % partitions : partitionOf(key, partitions);
  }

  #store(message: OutgoingMessage, sequence: number, partition: number, key: string): MessageId {
    const { name } = this.#holder;
    const sequences = this.#topic.sequences[partition];
    if (this.#broker.deduplication) {
      if (sequence <= (sequences?.get(name) ?? -1)) return noMessageId();
      sequences?.set(name, sequence);
    }
    return this.#broker.store(this.#topic, partition, {
      data: Buffer.from(message.data),
      properties: textsOf(message.properties),
      key,
      publishTime: this.#broker.clock.now(),
      eventTime: message.eventTimestamp ?? 0,
      producer: name,
    });
  }

  async flush(): Promise<null> {
    if (this.#closed) throw failed("flush producer", "AlreadyClosed");
    return null;
  }

  async close(): Promise<null> {
    if (this.#closed) throw failed("close producer", "AlreadyClosed");
    this.drop();
    return null;
  }

  /** Leaves the topic, as a process that died. */
  drop(): void {
    this.#closed = true;
    this.#topic.producers.delete(this.#holder);
    this.#topic.waiting.shift()?.();
  }

  getProducerName(): string {
    return this.#holder.name;
  }

  getTopic(): string {
    return this.#topic.url;
  }

  isConnected(): boolean {
    return !this.#closed && !this.#holder.fenced;
  }
}

/** Values become text, as with the official client. */
const textsOf = (properties: OutgoingMessage["properties"]): { [key: string]: string } => {
  const texts: { [key: string]: string } = {};
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (key !== "__proto__") texts[key] = String(value);
    else
      Object.defineProperty(texts, key, { value: String(value), enumerable: true, configurable: true, writable: true });
  }
  return texts;
};

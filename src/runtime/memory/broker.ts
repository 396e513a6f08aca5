import { type Clock, systemClock } from "../clock.js";
import type {
  Capabilities,
  DeadLetterPolicy,
  MessageId,
  SubscriptionType,
  TransportClient,
  TransportConsumerConfig,
  TransportProducerConfig,
  TransportSchema,
} from "../transport.js";
import { checkConsumerConfig } from "../transport-config.js";
import { MemoryConsumer } from "./consumer.js";
import { FaultState, type Faults } from "./faults.js";
import type { StoredMessage } from "./log.js";
import { failed, type MemoryProducer, openProducer } from "./producer.js";
import { MemoryReader } from "./reader.js";
import { Subscription, Topic } from "./topic.js";

/** How a broker in memory is set up; everything has a default. */
export interface MemoryBrokerOptions {
  /** Topics that exist from the start, with their partitions; a TopicDefinition fits. */
  readonly topics?: readonly { readonly url: string; readonly partitions: number }[];
  /** Topics that are not there are made, without partitions, when someone asks for them. Default: true. */
  readonly autoCreateTopics?: boolean;
  /** Drops what a producer sends again with the same or a lower sequence id. Default: true. */
  readonly deduplication?: boolean;
  /** A first producer or consumer may register its schema. Default: true. */
  readonly autoUpdateSchema?: boolean;
  /** Producers without a schema are refused where there is one. Default: false. */
  readonly schemaValidationEnforced?: boolean;
  /** `none`: what all subscriptions have acknowledged is forgotten, what has no subscription at once. Default: forever. */
  readonly retention?: "forever" | "none";
  readonly clock?: Clock;
}

/** Pulsar in memory, as far as evgen needs it, for tests and trying out. */
export interface MemoryBroker {
  /** A client, as `new Pulsar.Client()` would give. */
  client(): MemoryClient;
  createTopic(url: string, partitions: number): void;
  /** Registers a schema as an administrator: also where clients may not. */
  registerSchema(url: string, schema: TransportSchema): void;
  schemas(url: string): readonly TransportSchema[];
  createSubscription(url: string, name: string, position?: "Earliest" | "Latest"): void;
  /** Messages of a subscription that are not acknowledged. */
  backlog(url: string, subscription: string): number;
  /** Messages that a topic holds. */
  stored(url: string): number;
  readonly faults: Faults;
}

/** A client of a broker in memory. */
export interface MemoryClient extends TransportClient {
  readonly capabilities: Capabilities;
  getPartitionsForTopic(topic: string): Promise<string[]>;
  /** Ends without a word, like a process that is killed: what it had not acknowledged comes back to others. */
  crash(): void;
}

/** Makes a broker. It lives as long as something refers to it; it has no threads and keeps no process alive. */
export const createMemoryBroker = (options: MemoryBrokerOptions = {}): MemoryBroker => {
  const broker = new Broker(options);
  return {
    client: () => broker.client(),
    createTopic: (url, partitions) => broker.createTopic(url, partitions),
    registerSchema: (url, schema) => broker.topic(url).register(schema),
    schemas: (url) => broker.topic(url).schemas,
    createSubscription: (url, name, position = "Earliest") => {
      broker.subscription(broker.topic(url), name, "Shared", position);
    },
    backlog: (url, subscription) => broker.topic(url).subscriptions.get(subscription)?.backlog ?? 0,
    stored: (url) => broker.topic(url).logs.reduce((sum, log) => sum + log.end - log.start, 0),
    faults: broker.controls(),
  };
};

/** What producers, consumers and readers share. */
export class Broker {
  readonly clock: Clock;
  readonly deduplication: boolean;
  readonly faults = new FaultState();
  readonly #options: MemoryBrokerOptions;
  readonly #topics = new Map<string, Topic>();
  readonly #consumers = new Set<MemoryConsumer>();
  #names = 0;

  constructor(options: MemoryBrokerOptions) {
    this.#options = options;
    this.clock = options.clock ?? systemClock;
    this.deduplication = options.deduplication ?? true;
    for (const { url, partitions } of options.topics ?? []) this.createTopic(url, partitions);
  }

  createTopic(url: string, partitions: number): void {
    const name = fullName(url);
    const known = this.#topics.get(name);
    if (known === undefined) this.#topics.set(name, new Topic(name, partitions));
    else if (known.partitions !== partitions)
      throw failed("create topic", "InvalidConfiguration", `it exists with ${known.partitions} partitions`);
  }

  topic(url: string, what = "find topic"): Topic {
    const name = fullName(url);
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    if (this.#options.autoCreateTopics === false) throw failed(what, "TopicNotFound");
    const topic = new Topic(name, 0);
    this.#topics.set(name, topic);
    return topic;
  }

  producerName(): string {
    return `standalone-0-${this.#names++}`;
  }

  consumerName(): string {
    return `consumer-${String(this.#names++).padStart(6, "0")}`;
  }

  controls(): Faults {
    const { faults } = this;
    return {
      failSends: (count, how) => faults.failSends(count, how),
      dropAcknowledgements: (count) => faults.dropAcknowledgements(count),
      duplicateDeliveries: (count) => faults.duplicateDeliveries(count),
      delayDeliveries: (milliseconds) => {
        faults.delay = milliseconds;
      },
      shuffleKeys: (seed) => faults.shuffleKeys(seed),
      disconnect: () => {
        for (const consumer of [...this.#consumers]) consumer.reconnect();
      },
    };
  }

  client(): MemoryClient {
    const open = new Set<{ close(): Promise<null>; drop(): void; isConnected(): boolean }>();
    let closed = false;
    const demand = (what: string) => {
      if (closed) throw failed(what, "AlreadyClosed");
    };
    const remember = <T extends { close(): Promise<null>; drop(): void; isConnected(): boolean }>(one: T): T => {
      // Those that were closed need not be remembered; looked through now and then.
      if (open.size % 256 === 255) for (const other of open) if (!other.isConnected()) open.delete(other);
      open.add(one);
      return one;
    };
    return {
      capabilities: { schemas: true, seek: true, exclusiveProducers: true, confirmedAcknowledgements: true },
      createProducer: async (config) => {
        demand("create producer");
        return remember(await this.#createProducer(config));
      },
      subscribe: async (config) => {
        demand("create consumer");
        return remember(this.#subscribe(config));
      },
      createReader: async (config) => {
        demand("create reader");
        if (config.startMessageId === undefined) throw new Error("StartMessageId is required");
        return remember(new MemoryReader(this, this.topic(config.topic, "create reader"), config.startMessageId));
      },
      registeredSchema: async (url) => this.topic(url, "read the schema").schemas.at(-1),
      getPartitionsForTopic: async (url) => this.topic(url, "get partitions").logs.map((log) => log.topic),
      close: async () => {
        demand("close client");
        closed = true;
        for (const one of open) if (one.isConnected()) await one.close();
        return null;
      },
      crash: () => {
        closed = true;
        for (const one of open) if (one.isConnected()) one.drop();
      },
    };
  }

  /** Keeps a message and shows it to those who read. */
  store(topic: Topic, partition: number, message: Omit<StoredMessage, "id" | "topic" | "hash">): MessageId {
    const log = topic.logs[partition];
    if (log === undefined) throw failed("send message", "InvalidTopicName");
    const { id } = log.append(message);
    const show = () => {
      log.announce(id.entry + 1);
      if (this.#options.retention === "none") log.trim();
    };
    if (this.faults.delay > 0) this.clock.after(this.faults.delay, show);
    else show();
    return id;
  }

  /** As the client does it: the payload, the key and the properties stay, the event time is lost. */
  deadLetter(message: StoredMessage, policy: DeadLetterPolicy, origin: Topic, subscription: Subscription): void {
    const name = policy.deadLetterTopic || `${origin.url}-${subscription.name}-DLQ`;
    const topic = this.topic(name, "create producer");
    if (policy.initialSubscriptionName !== undefined) {
      this.subscription(topic, policy.initialSubscriptionName, "Shared", "Earliest");
    }
    this.store(topic, topic.partitions === 0 ? 0 : message.hash % topic.partitions, {
      data: message.data,
      properties: { ...message.properties, ORIGIN_MESSAGE_ID: message.id.toString(), REAL_TOPIC: origin.url },
      key: message.key,
      publishTime: this.clock.now(),
      eventTime: 0,
      producer: `${origin.url}-${subscription.name}-DLQ`,
    });
  }

  subscription(topic: Topic, name: string, type: SubscriptionType, position: "Earliest" | "Latest"): Subscription {
    const known = topic.subscriptions.get(name);
    if (known !== undefined) return known;
    const subscription = new Subscription(name, type, topic, position);
    for (const dispatcher of subscription.dispatchers) {
      dispatcher.onAcknowledged = () => {
        if (this.#options.retention === "none") dispatcher.log.trim();
        subscription.acknowledged();
      };
    }
    topic.subscriptions.set(name, subscription);
    return subscription;
  }

  async #createProducer(config: TransportProducerConfig): Promise<MemoryProducer> {
    const topic = this.topic(config.topic, "create producer");
    this.#checkSchema(topic, config.schema, "create producer");
    return openProducer(this, topic, config);
  }

  #checkSchema(topic: Topic, schema: TransportSchema | undefined, what: string): void {
    if (schema === undefined) {
      const enforced = this.#options.schemaValidationEnforced === true && what === "create producer";
      if (enforced && topic.schemas.length > 0)
        throw failed(what, "IncompatibleSchema", "a producer without a schema, where schemas are enforced");
      return;
    }
    if (!isRecordDefinition(schema)) throw failed(what, "IncompatibleSchema", "it is not the definition of a record");
    if (topic.hasSchema(schema)) return;
    if (topic.schemas.length > 0 || this.#options.autoUpdateSchema === false)
      throw failed(what, "IncompatibleSchema", "Schema not found and schema auto updating is disabled.");
    topic.register(schema);
  }

  #subscribe(config: TransportConsumerConfig): MemoryConsumer {
    const topic = this.topic(config.topic, "create consumer");
    const { subscriptionType = "Exclusive" } = config;
    checkConsumerConfig(config);
    this.#checkSchema(topic, config.schema, "create consumer");
    const position = config.subscriptionInitialPosition ?? "Latest";
    const subscription = this.subscription(topic, config.subscription, subscriptionType, position);
    if (subscription.consumers > 0 && (subscription.type !== subscriptionType || subscriptionType === "Exclusive")) {
      throw failed("create consumer", "ConsumerBusy");
    }
    if (subscription.type !== subscriptionType) subscription.setType(subscriptionType);
    subscription.consumers++;
    const consumer = new MemoryConsumer(this, topic, subscription, config);
    this.#consumers.add(consumer);
    for (const other of this.#consumers) if (!other.isConnected()) this.#consumers.delete(other);
    return consumer;
  }
}

const fullName = (url: string): string => {
  if (/^(non-)?persistent:\/\/[^/]+\/[^/]+\/.+$/.test(url)) return url;
  if (/^[^/:]+$/.test(url)) return `persistent://public/default/${url}`;
  if (/^[^/:]+\/[^/:]+\/[^/:]+$/.test(url)) return `persistent://${url}`;
  throw failed("find topic", "InvalidTopicName");
};

const isRecordDefinition = (schema: TransportSchema): boolean => {
  try {
    return (JSON.parse(schema.schema) as { type?: unknown }).type === "record";
  } catch {
    return false;
  }
};

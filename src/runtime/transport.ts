/**
 * The part of the official `pulsar-client` that evgen needs, so that a real `Pulsar.Client` is passed as it is. The
 * other transports have the same form.
 */

/** What a client must be able to do to produce events. */
export interface ProducerClient {
  createProducer(config: TransportProducerConfig): Promise<TransportProducer>;
  /** What this transport can and cannot do. A client without it can do what the official one can. */
  readonly capabilities?: Capabilities;
  /** The newest schema of a topic, where the client can know it: to say how a refused one differs. */
  registeredSchema?(topic: string): Promise<TransportSchema | undefined>;
}

/** What a client must be able to do to consume events: it also produces to the dead-letter topic, and reads it. */
export interface ConsumerClient extends ProducerClient {
  subscribe(config: TransportConsumerConfig): Promise<TransportConsumer>;
  createReader(config: TransportReaderConfig): Promise<TransportReader>;
}

/** A client that can read a topic without a subscription. */
export interface ReaderClient {
  createReader(config: TransportReaderConfig): Promise<TransportReader>;
  readonly capabilities?: Capabilities;
}

/** All of a client. */
export interface TransportClient extends ConsumerClient, ReaderClient {
  createReader(config: TransportReaderConfig): Promise<TransportReader>;
  close(): Promise<null>;
}

/** What a transport can do. */
export interface Capabilities {
  /** Producers present a schema, and the broker holds them to it. */
  readonly schemas: boolean;
  /** Consumers can be moved to a message id or a publish time. */
  readonly seek: boolean;
  /** Producers can have a topic for themselves, and fence others off. */
  readonly exclusiveProducers: boolean;
  /** An acknowledgement is confirmed by the broker; else it is on its way when it resolves. */
  readonly confirmedAcknowledgements: boolean;
}

const official: Capabilities = {
  schemas: true,
  seek: true,
  exclusiveProducers: true,
  confirmedAcknowledgements: false,
};

/** What a client's transport can do; the official client says nothing about it and can do what the protocol can. */
export const capabilitiesOf = (client: { readonly capabilities?: Capabilities }): Capabilities =>
  client.capabilities ?? official;

/** A schema as it is registered: for both encodings the text of an Avro record. */
export interface TransportSchema {
  schemaType: "Avro" | "Json";
  name: string;
  schema: string;
}

export type AccessMode = "Shared" | "Exclusive" | "WaitForExclusive" | "ExclusiveWithFencing";

export interface TransportProducerConfig {
  topic: string;
  producerName?: string;
  sendTimeoutMs?: number;
  initialSequenceId?: number;
  maxPendingMessages?: number;
  hashingScheme?: "Murmur3_32Hash";
  messageRoutingMode?: "RoundRobinDistribution";
  batchingEnabled?: boolean;
  batchingType?: "KeyBasedBatching";
  batchingMaxPublishDelayMs?: number;
  schema?: TransportSchema;
  accessMode?: AccessMode;
}

export interface TransportProducer {
  send(message: OutgoingMessage): Promise<MessageId>;
  flush(): Promise<null>;
  close(): Promise<null>;
  getProducerName(): string;
  getTopic(): string;
  isConnected(): boolean;
}

export interface OutgoingMessage {
  data: Buffer;
  properties?: { [key: string]: string };
  /** Milliseconds since 1970. */
  eventTimestamp?: number;
  sequenceId?: number;
  partitionKey?: string;
}

/** Pulsar's own spelling; the official client takes an unknown one for Exclusive, in silence. */
export type SubscriptionType = "Exclusive" | "Failover" | "Shared" | "KeyShared";

export interface TransportConsumerConfig {
  topic: string;
  subscription: string;
  subscriptionType?: SubscriptionType;
  subscriptionInitialPosition?: "Latest" | "Earliest";
  ackTimeoutMs?: number;
  nAckRedeliverTimeoutMs?: number;
  receiverQueueSize?: number;
  consumerName?: string;
  schema?: TransportSchema;
  deadLetterPolicy?: DeadLetterPolicy;
}

export interface DeadLetterPolicy {
  deadLetterTopic: string;
  maxRedeliverCount?: number;
  initialSubscriptionName?: string;
}

export interface TransportConsumer {
  receive(timeout?: number): Promise<Message>;
  batchReceive(): Promise<Message[]>;
  acknowledge(message: Message): Promise<null>;
  acknowledgeId(messageId: MessageId): Promise<null>;
  negativeAcknowledge(message: Message): void;
  seek(messageId: MessageId): Promise<null>;
  seekTimestamp(timestamp: number): Promise<null>;
  isConnected(): boolean;
  close(): Promise<null>;
  /**
   * Resolves when nothing that was published is unacknowledged on the subscription. Only transports that can know it
   * have this; the broker in memory does.
   */
  whenDrained?(): Promise<void>;
  /** Messages of the subscription that are not acknowledged, where the transport can know it. */
  backlog?(): Promise<number>;
}

export interface TransportReaderConfig {
  topic: string;
  /** Reads what comes after it. */
  startMessageId: MessageId;
  readerName?: string;
}

export interface TransportReader {
  readNext(timeout?: number): Promise<Message>;
  /** Over WebSocket the broker has to be asked, so await it. */
  hasNext(): boolean | Promise<boolean>;
  isConnected(): boolean;
  seek(messageId: MessageId): Promise<null>;
  seekTimestamp(timestamp: number): Promise<null>;
  close(): Promise<null>;
}

export interface Message {
  getTopicName(): string;
  /** With the official client an array with named keys: read it by name, never by length. */
  getProperties(): { [key: string]: string };
  getData(): Buffer;
  getMessageId(): MessageId;
  /** Milliseconds since 1970. */
  getPublishTimestamp(): number;
  getEventTimestamp(): number;
  getRedeliveryCount(): number;
  /** Empty when there is none. */
  getPartitionKey(): string;
  getProducerName(): string;
}

export interface MessageId {
  serialize(): Buffer;
  /** (ledger,entry,partition,batch index) */
  toString(): string;
}

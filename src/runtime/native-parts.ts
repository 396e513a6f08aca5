import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { type FailureCode, messageOf, TransportFailed } from "./errors.js";
import { type ClientLog, reasonIn } from "./native-log.js";
import type {
  Message,
  MessageId,
  OutgoingMessage,
  TransportConsumer,
  TransportConsumerConfig,
  TransportProducer,
  TransportProducerConfig,
  TransportReader,
  TransportReaderConfig,
} from "./transport.js";

/** A producer of the official client. */
export class NativeProducer implements TransportProducer {
  readonly #raw: TransportProducer;
  readonly #config: TransportProducerConfig;
  readonly #log: ClientLog;
  #closed = false;

  constructor(raw: TransportProducer, config: TransportProducerConfig, log: ClientLog) {
    this.#raw = raw;
    this.#config = config;
    this.#log = log;
  }

  async send(message: OutgoingMessage): Promise<MessageId> {
    if (this.#closed) throw new TransportFailed("send message", "AlreadyClosed");
    check(message);
    const since = this.#log.now();
    try {
      return await this.#raw.send(message);
    } catch (error) {
      const failure = await refusedBy(this.#log, "send message", this.#config.topic, since, error);
      // A producer that has waited for its access is put back into the queue when it is fenced, and told nothing.
      const waits =
        this.#config.accessMode === "WaitForExclusive" && failure.code === "TimeOut" && !this.#raw.isConnected();
      throw waits
        ? new TransportFailed("send message", "ProducerFenced", "another producer has taken the topic", error)
        : failure;
    }
  }

  async flush(): Promise<null> {
    if (this.#closed) throw new TransportFailed("flush producer", "AlreadyClosed");
    return call(this.#log, "flush producer", this.#config.topic, () => this.#raw.flush());
  }

  async close(): Promise<null> {
    // The addon's second close throws where nobody can catch it.
    if (this.#closed) throw new TransportFailed("close producer", "AlreadyClosed");
    this.#closed = true;
    return call(this.#log, "close producer", this.#config.topic, () => this.#raw.close());
  }

  getProducerName(): string {
    return this.#raw.getProducerName();
  }

  getTopic(): string {
    return this.#raw.getTopic();
  }

  isConnected(): boolean {
    return !this.#closed && this.#raw.isConnected();
  }
}

/** A consumer of the official client. */
export class NativeConsumer implements TransportConsumer {
  readonly #raw: TransportConsumer;
  readonly #config: TransportConsumerConfig;
  readonly #log: ClientLog;
  /** Receives whose callers did not want to wait so long; the next ones get what comes. */
  readonly #spare: Promise<Message>[] = [];
  #seeking: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(raw: TransportConsumer, config: TransportConsumerConfig, log: ClientLog) {
    this.#raw = raw;
    this.#config = config;
    this.#log = log;
  }

  async receive(timeout?: number): Promise<Message> {
    if (this.#closed) throw new TransportFailed("receive message", "AlreadyClosed");
    // Without a time, always: with one the addon holds a thread of Node's pool of four for so long.
    const receiving = this.#spare.shift() ?? this.#raw.receive();
    try {
      const message = await (timeout === undefined || timeout <= 0 ? receiving : within(timeout, receiving));
      if (message !== undefined) return new NativeMessage(message, this.#log);
    } catch (error) {
      throw await refusedBy(this.#log, "receive message", this.#config.topic, this.#log.now(), error);
    }
    receiving.catch(() => {});
    this.#spare.push(receiving);
    throw new TransportFailed("receive message", "TimeOut");
  }

  async batchReceive(): Promise<Message[]> {
    if (this.#closed) throw new TransportFailed("receive message", "AlreadyClosed");
    if (this.#spare.length > 0) {
      // What comes first goes to the receive that still waits in the client.
      return this.receive(100).then(
        (message) => [message],
        (error: unknown) => (error instanceof TransportFailed && error.code === "TimeOut" ? [] : Promise.reject(error)),
      );
    }
    const messages = await call(this.#log, "receive message", this.#config.topic, () => this.#raw.batchReceive());
    return messages.map((message) => new NativeMessage(message, this.#log));
  }

  acknowledge(message: Message): Promise<null> {
    return this.acknowledgeId(message.getMessageId());
  }

  async acknowledgeId(messageId: MessageId): Promise<null> {
    if (this.#closed) throw new TransportFailed("acknowledge message", "AlreadyClosed");
    return call(this.#log, "acknowledge message", this.#config.topic, () => this.#raw.acknowledgeId(messageId));
  }

  negativeAcknowledge(message: Message): void {
    if (!this.#closed) this.#raw.negativeAcknowledge(message instanceof NativeMessage ? message.raw : message);
  }

  seek(messageId: MessageId): Promise<null> {
    return this.#seek(() => this.#raw.seek(messageId));
  }

  seekTimestamp(timestamp: number): Promise<null> {
    // The addon takes everything else for 0, which is everything from the start.
    if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
      const reason = `${timestamp} is not a time in milliseconds since 1970`;
      return Promise.reject(new TransportFailed("seek", "InvalidConfiguration", reason));
    }
    return this.#seek(() => this.#raw.seekTimestamp(timestamp));
  }

  isConnected(): boolean {
    return !this.#closed && this.#raw.isConnected();
  }

  async close(): Promise<null> {
    if (this.#closed) throw new TransportFailed("close consumer", "AlreadyClosed");
    this.#closed = true;
    return call(this.#log, "close consumer", this.#config.topic, () => this.#raw.close());
  }

  /** One after the other: a second one at the same time is refused. */
  #seek(seek: () => Promise<null>): Promise<null> {
    if (this.#closed) return Promise.reject(new TransportFailed("seek", "AlreadyClosed"));
    const done = this.#seeking.then(() => call(this.#log, "seek", this.#config.topic, seek));
    this.#seeking = done.catch(() => {});
    return done;
  }
}

/** A reader of the official client. */
export class NativeReader implements TransportReader {
  readonly #raw: TransportReader;
  readonly #config: TransportReaderConfig;
  readonly #log: ClientLog;
  #reading: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(raw: TransportReader, config: TransportReaderConfig, log: ClientLog) {
    this.#raw = raw;
    this.#config = config;
    this.#log = log;
  }

  readNext(timeout?: number): Promise<Message> {
    const next = this.#reading.then(() => this.#next(timeout));
    this.#reading = next.catch(() => {});
    return next;
  }

  hasNext(): boolean | Promise<boolean> {
    if (this.#closed) throw new TransportFailed("find the last message", "AlreadyClosed");
    return this.#raw.hasNext();
  }

  async seek(messageId: MessageId): Promise<null> {
    return call(this.#log, "seek", this.#config.topic, () => this.#raw.seek(messageId));
  }

  async seekTimestamp(timestamp: number): Promise<null> {
    return call(this.#log, "seek", this.#config.topic, () => this.#raw.seekTimestamp(timestamp));
  }

  isConnected(): boolean {
    return !this.#closed && this.#raw.isConnected();
  }

  async close(): Promise<null> {
    if (this.#closed) throw new TransportFailed("close reader", "AlreadyClosed");
    this.#closed = true;
    // A read that fails takes the process down, so none may be going on.
    await this.#reading;
    return call(this.#log, "close reader", this.#config.topic, () => this.#raw.close());
  }

  /** The addon's own readNext holds a thread while it waits, and crashes the process when it gives up: so it never waits. */
  async #next(timeout = 0): Promise<Message> {
    const until = timeout > 0 ? Date.now() + timeout : Number.POSITIVE_INFINITY;
    for (let wait = 2; !this.#closed; wait = Math.min(100, wait * 2)) {
      if (await this.#raw.hasNext()) return new NativeMessage(await this.#raw.readNext(), this.#log);
      const left = until - Date.now();
      if (left <= 0) throw new TransportFailed("read next message", "TimeOut");
      await pause(Math.min(wait, left));
    }
    throw new TransportFailed("read next message", "AlreadyClosed");
  }
}

/** A message of the official client. */
class NativeMessage implements Message {
  readonly raw: Message;
  readonly #log: ClientLog;

  constructor(raw: Message, log: ClientLog) {
    this.raw = raw;
    this.#log = log;
  }

  /** The addon gives an array with named keys, and none at all when one of them is `length`: then it is said in the log. */
  getProperties(): { [key: string]: string } {
    try {
      return { ...this.raw.getProperties() };
    } catch (error) {
      const message = `the properties of ${this.raw.getMessageId()} cannot be read: one is called "length" (${messageOf(error)})`;
      this.#log.tell({ level: "error", file: "native-parts", line: 0, message });
      return {};
    }
  }
  getTopicName(): string {
    return this.raw.getTopicName();
  }
  getData(): Buffer {
    return this.raw.getData();
  }
  getMessageId(): MessageId {
    return this.raw.getMessageId();
  }
  getPublishTimestamp(): number {
    return this.raw.getPublishTimestamp();
  }
  getEventTimestamp(): number {
    return this.raw.getEventTimestamp();
  }
  getRedeliveryCount(): number {
    return this.raw.getRedeliveryCount();
  }
  getPartitionKey(): string {
    return this.raw.getPartitionKey();
  }
  getProducerName(): string {
    return this.raw.getProducerName();
  }
}

/** The error of the official client with a code, and the broker's reason from its log. */
export const refusedBy = async (
  log: ClientLog,
  what: string,
  topic: string,
  since: number,
  error: unknown,
): Promise<TransportFailed> => {
  if (error instanceof TransportFailed) return error;
  const message = messageOf(error);
  const result = /: (?:Result)?(\w+)$/.exec(message)?.[1];
  if (result === undefined) return new TransportFailed(what, "UnknownError", message, error);
  const code = codes.has(result) ? (result as FailureCode) : "UnknownError";
  let reason: string | undefined;
  if (asksBroker.has(what)) {
    // The log comes from another thread, and may be a turn behind the failure.
    for (let turn = 0; turn < 5 && reason === undefined; turn++) {
      await (turn < 3 ? nextTurn() : pause(10));
      reason = reasonIn(log.since(since), result, topic);
    }
  }
  return new TransportFailed(what, code, reason ?? (code === "UnknownError" ? result : undefined), error);
};

const asksBroker = new Set(["create producer", "create consumer", "create reader", "send message", "seek"]);

const codes: ReadonlySet<string> = new Set<FailureCode>([
  ...(["AlreadyClosed", "AuthenticationError", "AuthorizationError", "ConnectError", "ConsumerBusy"] as const),
  ...(["IncompatibleSchema", "InvalidConfiguration", "InvalidTopicName", "MessageTooBig", "NotAllowedError"] as const),
  ...([
    "ProducerBusy",
    "ProducerFenced",
    "ProducerQueueIsFull",
    "TimeOut",
    "TopicNotFound",
    "TopicTerminated",
  ] as const),
]);

const call = async <T>(log: ClientLog, what: string, topic: string, action: () => Promise<T>): Promise<T> => {
  const since = log.now();
  try {
    return await action();
  } catch (error) {
    throw await refusedBy(log, what, topic, since, error);
  }
};

/** What the addon would send as something else in silence, or what its readers could not read. */
const check = ({ data, properties, partitionKey }: OutgoingMessage): void => {
  if (!Buffer.isBuffer(data))
    throw new TypeError("the data of a message must be a Buffer: the client would send an empty one");
  if (partitionKey !== undefined && typeof partitionKey !== "string") throw new TypeError("partitionKey must be text");
  for (const name in properties) {
    if (name === "length" || typeof properties[name] !== "string") refuseProperty(name);
  }
};

const refuseProperty = (name: string): never => {
  if (name === "length")
    throw new TypeError('a property must not be called "length": the official client could not read it');
  throw new TypeError(`the property "${name}" must be text`);
};

const within = <T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });

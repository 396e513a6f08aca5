import {
  type MemoryClient,
  type Message,
  type PulsarModule,
  type TransportConsumer,
  TransportFailed,
  type TransportProducer,
  type TransportReader,
} from "../../../src/runtime/index.js";

/** What it does to a process that falls into a trap of the addon which takes the process down. */
export const crashes: string[] = [];

/**
 * The module `pulsar-client` as its addon was seen to behave, traps and all, with a broker in memory behind it: errors
 * without code and reason, a log that comes a turn late, a constructor that writes into its configuration, properties
 * as an array with named keys, threads that are held, and crashes.
 */
export const standIn = (open: () => MemoryClient): PulsarModule => {
  let handler: (level: number, file: string, line: number, message: string) => void = () => {};
  const words = async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof TransportFailed)) throw error;
      const { code, reason = "no more is known" } = error;
      const result = code === "ProducerFenced" ? "ResultProducerFenced" : code;
      const line = `[127.0.0.1:1 -> 127.0.0.1:6650] Received error response from server: ${code} (${reason}) -- req_id: 1`;
      setImmediate(() => handler(2, "ClientConnection", 1, line));
      throw new Error(`${error.message.split(":")[0]}: ${result}`);
    }
  };
  const producerOf = (real: TransportProducer): TransportProducer => {
    let closed = false;
    return {
      send: (message) =>
        words(() => real.send({ ...message, data: Buffer.isBuffer(message.data) ? message.data : Buffer.of() })),
      flush: () => words(() => real.flush()),
      close: () => {
        if (closed) crashes.push("a producer was closed twice");
        closed = true;
        return words(() => real.close());
      },
      getProducerName: () => real.getProducerName(),
      getTopic: () => real.getTopic(),
      isConnected: () => real.isConnected(),
    };
  };
  const consumerOf = (real: TransportConsumer): TransportConsumer => {
    let seeking = false;
    const seek = async (action: () => Promise<null>) => {
      if (seeking) throw new Error("Failed to seek: ResultNotAllowedError");
      seeking = true;
      await new Promise((resolve) => setImmediate(resolve));
      try {
        return await words(action);
      } finally {
        seeking = false;
      }
    };
    return {
      receive: async (timeout) => {
        if (timeout !== undefined) crashes.push("a thread was held by receive(ms)");
        return messageOf(await words(() => real.receive()));
      },
      batchReceive: async () => (await words(() => real.batchReceive())).map(messageOf),
      acknowledge: (message) => words(() => real.acknowledge(rawOf(message))),
      acknowledgeId: (id) => words(() => real.acknowledgeId(id)),
      negativeAcknowledge: (message) => real.negativeAcknowledge(rawOf(message)),
      seek: (id) => seek(() => real.seek(id)),
      seekTimestamp: (time) => seek(() => real.seekTimestamp(Number(time) || 0)),
      isConnected: () => real.isConnected(),
      close: () => words(() => real.close()),
    };
  };
  const readerOf = (real: TransportReader): TransportReader => ({
    readNext: async (timeout) => {
      if (timeout !== undefined || !(await real.hasNext())) crashes.push("readNext had nothing to read");
      return messageOf(await words(() => real.readNext()));
    },
    hasNext: () => real.hasNext(),
    seek: (id) => words(() => real.seek(id)),
    seekTimestamp: (time) => words(() => real.seekTimestamp(time)),
    isConnected: () => real.isConnected(),
    close: () => words(() => real.close()),
  });

  class Client {
    readonly #real: MemoryClient;

    static setLogHandler(given: typeof handler): void {
      handler = given;
    }

    constructor(config: { serviceUrl?: string; tlsTrustCertsFilePath?: string }) {
      if (config.serviceUrl === undefined) throw new Error("Service URL is required and must be specified as a string");
      config.tlsTrustCertsFilePath = "";
      this.#real = open();
    }

    async createProducer(config: Parameters<MemoryClient["createProducer"]>[0]): Promise<TransportProducer> {
      if (config.hashingScheme === undefined) crashes.push("keys were hashed by BoostHash");
      return producerOf(await words(() => this.#real.createProducer(config)));
    }
    async subscribe(config: Parameters<MemoryClient["subscribe"]>[0]): Promise<TransportConsumer> {
      return consumerOf(await words(() => this.#real.subscribe(config)));
    }
    async createReader(config: Parameters<MemoryClient["createReader"]>[0]): Promise<TransportReader> {
      return readerOf(await words(() => this.#real.createReader(config)));
    }
    getPartitionsForTopic(topic: string): Promise<string[]> {
      return this.#real.getPartitionsForTopic(topic);
    }
    close(): Promise<null> {
      return words(() => this.#real.close());
    }
  }
  class AuthenticationToken {}
  return { Client: Client as unknown as PulsarModule["Client"], AuthenticationToken };
};

const raw = new WeakMap<Message, Message>();
const rawOf = (message: Message): Message => raw.get(message) ?? message;

const messageOf = (real: Message): Message => {
  const message: Message = {
    getTopicName: () => real.getTopicName(),
    getData: () => real.getData(),
    getMessageId: () => real.getMessageId(),
    getPublishTimestamp: () => real.getPublishTimestamp(),
    getEventTimestamp: () => real.getEventTimestamp(),
    getRedeliveryCount: () => real.getRedeliveryCount(),
    getPartitionKey: () => real.getPartitionKey(),
    getProducerName: () => real.getProducerName(),
    getProperties: () => Object.assign([], real.getProperties()) as unknown as { [key: string]: string },
  };
  raw.set(message, real);
  return message;
};

import { type AdminSettings, schemaOf } from "./admin.js";
import { messageOf, TransportFailed } from "./errors.js";
import { type LogLine, logOf } from "./native-log.js";
import { NativeConsumer, NativeProducer, NativeReader, refusedBy } from "./native-parts.js";
import type { Capabilities, TransportClient, TransportSchema } from "./transport.js";
import { checkConsumerConfig, checkProducerConfig } from "./transport-config.js";

/** The part of the module `pulsar-client` that is needed: `import Pulsar from "pulsar-client"`. */
export interface PulsarModule {
  readonly Client: new (config: never) => PulsarClient;
  readonly AuthenticationToken: new (options: { token: string | (() => string) | (() => Promise<string>) }) => object;
}

/** A client of it. */
interface PulsarClient extends Omit<TransportClient, "capabilities" | "registeredSchema"> {
  getPartitionsForTopic(topic: string): Promise<string[]>;
}

/** The official client's own configuration, with a few things that it does not have. */
export interface NativeClientConfig {
  /** `pulsar://host:6650` or `pulsar+ssl://host:6651`. */
  readonly serviceUrl: string;
  /** A JSON Web Token, or what gives one; it is asked at every connection. */
  readonly token?: string | (() => string) | (() => Promise<string>);
  readonly operationTimeoutSeconds?: number;
  /** PEM of the authorities to trust. */
  readonly tlsTrustCertsFilePath?: string;
  /** PEM of the client's own certificate and key. */
  readonly tlsCertificateFilePath?: string;
  readonly tlsPrivateKeyFilePath?: string;
  /** Whether the certificate must be the host's. The client's default is false: say true. */
  readonly tlsValidateHostname?: boolean;
  readonly tlsAllowInsecureConnection?: boolean;
  /** Anything else that the official client's `ClientConfig` has; `authentication` in place of `token`. */
  readonly [option: string]: unknown;
  /** Where the admin REST API is, to say how a schema that is refused differs from the registered one. */
  readonly adminUrl?: string;
  /** What the client logs; without it warnings and errors are kept only for the reasons of failures. */
  readonly onLog?: (line: LogLine) => void;
}

/** A client of the official library, without its traps. */
export interface NativeClient extends TransportClient {
  readonly capabilities: Capabilities;
  getPartitionsForTopic(topic: string): Promise<string[]>;
}

/** Clients that are open: one that is collected as garbage stops working, and so do its consumers. */
const alive = new Set<PulsarClient>();

/**
 * A client of `pulsar-client`, given as the module that was imported. Throws TransportFailed for a configuration that it
 * does not take. Failures have a code and the broker's reason, which the official client only logs.
 */
export const createNativeClient = (pulsar: PulsarModule, config: NativeClientConfig): NativeClient => {
  const { token, adminUrl, onLog, ...own } = config;
  const log = logOf(pulsar, onLog);
  const admin: AdminSettings = { adminUrl, token, tls: {}, operationTimeout: 30_000 };
  let client: PulsarClient;
  try {
    const authentication = token === undefined ? {} : { authentication: new pulsar.AuthenticationToken({ token }) };
    // A copy, since the constructor writes into what it is given.
    client = new pulsar.Client({ ...own, ...authentication } as never);
  } catch (error) {
    throw new TransportFailed("create client", "InvalidConfiguration", messageOf(error), error);
  }
  alive.add(client);
  let closed = false;
  const parts = new Set<{ isConnected(): boolean; close(): Promise<null> }>();
  const opened = async <Raw, Part extends { isConnected(): boolean; close(): Promise<null> }>(
    what: string,
    topic: string,
    open: () => Promise<Raw>,
    wrap: (raw: Raw) => Part,
  ): Promise<Part> => {
    if (closed) throw new TransportFailed(what, "AlreadyClosed");
    const since = log.now();
    try {
      const part = wrap(await open());
      parts.add(part);
      return part;
    } catch (error) {
      throw await refusedBy(log, what, topic, since, error);
    }
  };
  return {
    capabilities: { schemas: true, seek: true, exclusiveProducers: true, confirmedAcknowledgements: false },
    createProducer: async (options) => {
      checkProducerConfig(options);
      // Its own default is another one, which would split a key over two partitions.
      const complete = { hashingScheme: "Murmur3_32Hash" as const, ...options };
      return opened(
        "create producer",
        options.topic,
        () => client.createProducer(complete),
        (raw) => new NativeProducer(raw, complete, log),
      );
    },
    subscribe: async (options) => {
      checkConsumerConfig(options);
      return opened(
        "create consumer",
        options.topic,
        () => client.subscribe({ ...options }),
        (raw) => new NativeConsumer(raw, options, log),
      );
    },
    createReader: async (options) =>
      opened(
        "create reader",
        options.topic,
        () => client.createReader({ ...options }),
        (raw) => new NativeReader(raw, options, log),
      ),
    getPartitionsForTopic: (topic) => client.getPartitionsForTopic(topic),
    registeredSchema: async (topic): Promise<TransportSchema | undefined> =>
      adminUrl === undefined ? undefined : schemaOf(admin, topic),
    async close() {
      if (closed) throw new TransportFailed("close client", "AlreadyClosed");
      closed = true;
      // One by one and first: closing a client that has open parts races with what they wait for.
      for (const part of parts) await part.close().catch(() => {});
      try {
        await client.close();
      } finally {
        alive.delete(client);
      }
      return null;
    },
  };
};

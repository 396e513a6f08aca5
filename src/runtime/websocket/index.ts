/** Pulsar over its WebSocket API, for places where a native addon cannot run: `evgen/websocket`. */

import { demandAdmin, partitionsOf, schemaOf } from "../admin.js";
import { TransportFailed } from "../errors.js";
import { partitionName } from "../message-id.js";
import type { Capabilities, TransportClient, TransportSchema } from "../transport.js";
import { openConsumer } from "./consumer.js";
import { openProducer } from "./producer.js";
import { openReader } from "./reader.js";
import { settingsOf, type WebSocketClientConfig } from "./settings.js";

export type { ConnectionEvent, WebSocketClientConfig, WebSocketTls } from "./settings.js";

/** A client over the WebSocket API. */
export interface WebSocketClient extends TransportClient {
  readonly capabilities: Capabilities;
  /** Needs an `adminUrl`. */
  getPartitionsForTopic(topic: string): Promise<string[]>;
  /** The newest schema of a topic; undefined when it has none. Needs an `adminUrl`. */
  registeredSchema(topic: string): Promise<TransportSchema | undefined>;
}

/** Makes a client. Nothing is connected until a producer, consumer or reader is opened; each has connections of its own. */
export const createWebSocketClient = (config: WebSocketClientConfig): WebSocketClient => {
  const settings = settingsOf(config);
  const open = new Set<Openable>();
  let closed = false;
  const remember = async <T extends Openable>(what: string, opening: () => Promise<T>): Promise<T> => {
    if (closed) throw new TransportFailed(what, "AlreadyClosed");
    const one = await opening();
    open.add(one);
    if (!closed) return one;
    await one.drop();
    throw new TransportFailed(what, "AlreadyClosed");
  };
  return {
    capabilities: {
      schemas: false,
      seek: settings.adminUrl !== undefined,
      exclusiveProducers: false,
      confirmedAcknowledgements: false,
    },
    createProducer: (options) => remember("create producer", () => openProducer(settings, options)),
    subscribe: (options) => remember("create consumer", () => openConsumer(settings, options)),
    createReader: (options) => remember("create reader", () => openReader(settings, options)),
    async getPartitionsForTopic(topic) {
      demandAdmin(settings, "getPartitionsForTopic");
      const partitions = (await partitionsOf(settings, "get partitions", topic)) ?? 0;
      return partitions === 0 ? [topic] : Array.from({ length: partitions }, (_, index) => partitionName(topic, index));
    },
    async registeredSchema(topic) {
      demandAdmin(settings, "registeredSchema");
      return schemaOf(settings, topic);
    },
    async close() {
      if (closed) throw new TransportFailed("close client", "AlreadyClosed");
      closed = true;
      await Promise.all([...open].map((one) => one.drop()));
      return null;
    },
  };
};

interface Openable {
  drop(): Promise<void>;
}

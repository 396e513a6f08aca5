import {
  createMemoryStore,
  createNativeClient,
  type MemoryClient,
  type Message,
  type MessageId,
  runProjection,
  type TransportClient,
} from "evgen/runtime";
import Pulsar from "pulsar-client";
import { createOrderConsumer, createOrderProducer, orderSummary } from "../../../generated/typescript/index.js";

/** A client of the official library is a transport as it is. */
export const accepts = (client: Pulsar.Client): TransportClient => client;

/** The module of the official library is what its client is made of. */
export const wrapped = (): TransportClient =>
  createNativeClient(Pulsar, {
    serviceUrl: "pulsar+ssl://localhost:6651",
    token: async () => "token",
    tlsTrustCertsFilePath: "ca.pem",
    tlsValidateHostname: true,
  });

export const message = (official: Pulsar.Message): Message => official;
export const messageId = (official: Pulsar.MessageId): MessageId => official;

export const uses = async (client: Pulsar.Client, memory: MemoryClient): Promise<void> => {
  await createOrderProducer(client);
  await createOrderProducer(memory);
  await runProjection(client, createMemoryStore(), orderSummary);
  await createOrderConsumer(client, {
    subscription: "audit",
    handlers: {
      OrderPlaced: ({ data }) => void data.items,
      PaymentReceived: () => {},
      OrderShipped: () => {},
      OrderCancelled: () => {},
    },
  });
  await createOrderConsumer(client, {
    subscription: "audit",
    // @ts-expect-error: a handler is missing
    handlers: { OrderPlaced: () => {}, PaymentReceived: () => {}, OrderShipped: () => {} },
  });
};

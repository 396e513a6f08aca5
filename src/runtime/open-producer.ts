import type { TopicDefinition } from "./definitions.js";
import { messageOf, SchemaRefused, UnsupportedByTransport } from "./errors.js";
import type { ProducerOptions } from "./produce.js";
import { schemaDifferences } from "./schema-differences.js";
import { definitionOf } from "./shape.js";
import {
  capabilitiesOf,
  type ProducerClient,
  type TransportProducer,
  type TransportProducerConfig,
  type TransportSchema,
} from "./transport.js";

/** A producer of a topic's events; rejects with SchemaRefused, or with what the transport fails with. */
export const openTransport = async (
  client: ProducerClient,
  topic: TopicDefinition,
  options: ProducerOptions,
): Promise<TransportProducer> => {
  try {
    return await client.createProducer(configOf(client, topic, options));
  } catch (error) {
    if (!messageOf(error).includes("IncompatibleSchema")) throw error;
    throw await schemaRefused(client, topic, error);
  }
};

const schemaRefused = async (
  client: ProducerClient,
  topic: TopicDefinition,
  cause: unknown,
): Promise<SchemaRefused> => {
  const own = schemaOf(topic);
  const definition = definitionOf(topic);
  const name = `${definition["namespace"]}.${own.name} (${own.schemaType.toUpperCase()})`;
  if (!capabilitiesOf(client).schemas) {
    const help = "This transport presents no schema, and the namespace enforces one: use the official client.";
    return new SchemaRefused(topic.url, name, [], help, cause);
  }
  const help = "Register it first (evgen apply, or register.sh), or produce with the code of the registered one.";
  // Only to tell more: what cannot be found out must not hide what has happened.
  const registered = await client.registeredSchema?.(topic.url).catch(() => undefined);
  return new SchemaRefused(
    topic.url,
    name,
    registered === undefined ? [] : schemaDifferences(own, registered),
    help,
    cause,
  );
};

const configOf = (
  client: ProducerClient,
  topic: TopicDefinition,
  options: ProducerOptions,
): TransportProducerConfig => {
  const capabilities = capabilitiesOf(client);
  const { name, accessMode = "Shared", batching = true, sendTimeout = 30_000 } = options;
  if (accessMode !== "Shared" && !capabilities.exclusiveProducers) {
    throw new UnsupportedByTransport("exclusiveProducers", "use the access mode Shared, or another transport");
  }
  return {
    topic: topic.url,
    accessMode,
    sendTimeoutMs: sendTimeout,
    maxPendingMessages: 1000,
    messageRoutingMode: "RoundRobinDistribution",
    // Said every time: the clients of Node and Java have different defaults, which would split a key over partitions.
    hashingScheme: "Murmur3_32Hash",
    batchingEnabled: batching,
    ...(batching ? { batchingType: "KeyBasedBatching" as const } : {}),
    ...(name === undefined ? {} : { producerName: name }),
    ...(capabilities.schemas ? { schema: schemaOf(topic) } : {}),
  };
};

/** The schema of a topic exactly as it is registered. */
export const schemaOf = (topic: TopicDefinition): TransportSchema => {
  const definition = definitionOf(topic);
  return {
    schemaType: topic.encoding === "avro" ? "Avro" : "Json",
    name: String(definition["name"]),
    schema: JSON.stringify(definition),
  };
};

import { type Codec, createCodec } from "./codec.js";
import type { ConsumerSettings } from "./consumer.js";
import type { AggregateDefinition, Functions, SubscriptionDefinition, TopicDefinition } from "./definitions.js";
import type { ConsumerClient, SubscriptionType, TransportConsumer, TransportConsumerConfig } from "./transport.js";

/** Where messages come from, and how they are read. */
export interface Source {
  /** Keys of different topics have nothing to do with each other, so each is told apart by this. */
  readonly topic: string;
  /** The first one whose events are there, for those whose type says nothing. */
  readonly aggregate: string;
  readonly codec: Codec;
  readonly transport: TransportConsumer;
}

/** What the sources of a consumer are made of. */
interface SourceOptions {
  readonly aggregates: readonly AggregateDefinition[];
  readonly subscription: SubscriptionDefinition;
  readonly functions?: Functions | undefined;
  readonly wants: (type: string) => boolean;
  readonly settings: ConsumerSettings;
}

/** One consumer of the client for each topic; when one cannot be opened, none stays open. */
export const openSources = async (
  client: ConsumerClient,
  topics: readonly TopicDefinition[],
  { aggregates, functions, wants, subscription, settings }: SourceOptions,
): Promise<readonly Source[]> => {
  const sources: Source[] = [];
  try {
    for (const topic of topics) {
      const own = aggregates.filter((aggregate) => aggregate.topic === topic);
      const codec = await createCodec({ topic, aggregates: own, functions, wants });
      const transport = await client.subscribe(configOf(topic, subscription, settings));
      sources.push({ topic: topic.url, aggregate: own[0]?.name ?? "", codec, transport });
    }
    return sources;
  } catch (error) {
    await Promise.allSettled(sources.map(({ transport }) => transport.close()));
    throw error;
  }
};

const subscriptionTypes: { readonly [Type in SubscriptionDefinition["type"]]: SubscriptionType } = {
  exclusive: "Exclusive",
  failover: "Failover",
  shared: "Shared",
  key_shared: "KeyShared",
};

const configOf = (
  topic: TopicDefinition,
  subscription: SubscriptionDefinition,
  settings: ConsumerSettings,
): TransportConsumerConfig => ({
  topic: topic.url,
  subscription: subscription.name,
  subscriptionType: subscriptionTypes[subscription.type],
  subscriptionInitialPosition: subscription.position === "earliest" ? "Earliest" : "Latest",
  receiverQueueSize: 1000,
  ...(settings.consumerName === undefined ? {} : { consumerName: settings.consumerName }),
  // Redelivery breaks the order of a key, so only a subscription without order leaves it to the broker.
  ...(subscription.type === "shared"
    ? {
        nAckRedeliverTimeoutMs: subscription.retry.minBackoff,
        deadLetterPolicy: {
          deadLetterTopic: subscription.deadLetterTopic,
          maxRedeliverCount: Math.max(1, subscription.retry.attempts - 1),
        },
      }
    : {}),
});

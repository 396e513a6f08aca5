import { type Clock, sleep } from "./clock.js";
import { messageOf } from "./errors.js";
import {
  type ConsumerClient,
  capabilitiesOf,
  type Message,
  type TransportProducer,
  type TransportSchema,
} from "./transport.js";

/** Why a message lies in a dead-letter topic. */
export type ParkingReason = "failed" | "invalid" | "unknown-type" | "newer-version" | "blocked";

/** The properties of a parked message, beside its own. */
export const parkingProperties = {
  reason: "evgen_reason",
  error: "evgen_error",
  consumer: "evgen_consumer",
  attempts: "evgen_attempts",
  originTopic: "evgen_origin_topic",
  originMessageId: "evgen_origin_message_id",
  publishTime: "evgen_origin_publish_time",
} as const;

/** Where messages go that cannot be handled. */
export interface ParkingLot {
  /** Resolves when it has been stored; retries a few times. */
  readonly park: (message: Message, reason: ParkingReason, error: string, attempts: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A dead-letter topic; its producer is opened when the first message is parked. */
export const createParkingLot = (
  client: ConsumerClient,
  { topic, consumer, schema, clock }: { topic: string; consumer: string; schema: TransportSchema; clock: Clock },
): ParkingLot => {
  let opened: Promise<TransportProducer> | undefined;
  const open = (): Promise<TransportProducer> => {
    opened ??= openProducer(client, topic, schema).catch((error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    async park(message, reason, error, attempts) {
      const properties = {
        ...message.getProperties(),
        [parkingProperties.reason]: reason,
        [parkingProperties.error]: error.slice(0, 1000),
        [parkingProperties.consumer]: consumer,
        [parkingProperties.attempts]: String(attempts),
        [parkingProperties.originTopic]: message.getTopicName(),
        [parkingProperties.originMessageId]: message.getMessageId().toString(),
        [parkingProperties.publishTime]: String(message.getPublishTimestamp()),
      };
      await persistently(clock, async () => {
        const producer = await open();
        await producer.send({
          data: message.getData(),
          properties,
          ...(message.getPartitionKey() === "" ? {} : { partitionKey: message.getPartitionKey() }),
          eventTimestamp: message.getEventTimestamp(),
        });
      });
    },
    async close() {
      const producer = await opened?.catch(() => undefined);
      await producer?.close();
    },
  };
};

/** With the schema of the topic that the messages come from; without one where the dead-letter topic has another or none. */
const openProducer = async (
  client: ConsumerClient,
  topic: string,
  schema: TransportSchema,
): Promise<TransportProducer> => {
  const config = { topic, batchingEnabled: false, hashingScheme: "Murmur3_32Hash" as const };
  if (!capabilitiesOf(client).schemas) return client.createProducer(config);
  try {
    return await client.createProducer({ ...config, schema });
  } catch (error) {
    if (!messageOf(error).includes("IncompatibleSchema")) throw error;
    return client.createProducer(config);
  }
};

const persistently = async (clock: Clock, action: () => Promise<void>): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (attempt === 5) throw error;
      await sleep(clock, 100 * 2 ** attempt);
    }
  }
};

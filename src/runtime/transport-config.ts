import { TransportFailed } from "./errors.js";
import type { TransportConsumerConfig, TransportProducerConfig } from "./transport.js";

/** Refuses, as an InvalidConfiguration, what a broker or client would take for something else in silence. */
export const checkProducerConfig = (config: TransportProducerConfig): void => {
  const what = "create producer";
  demandOneOf(what, "accessMode", config.accessMode, [
    "Shared",
    "Exclusive",
    "WaitForExclusive",
    "ExclusiveWithFencing",
  ]);
  demandOneOf(what, "hashingScheme", config.hashingScheme, ["Murmur3_32Hash"]);
  demandOneOf(what, "messageRoutingMode", config.messageRoutingMode, ["RoundRobinDistribution"]);
  demandOneOf(what, "batchingType", config.batchingType, ["KeyBasedBatching"]);
  demandOneOf(what, "schemaType", config.schema?.schemaType, ["Avro", "Json"]);
};

/** The same for consumers. */
export const checkConsumerConfig = (config: TransportConsumerConfig): void => {
  const what = "create consumer";
  const { subscriptionType = "Exclusive", ackTimeoutMs = 0, deadLetterPolicy } = config;
  demandOneOf(what, "subscriptionType", subscriptionType, ["Exclusive", "Failover", "Shared", "KeyShared"]);
  demandOneOf(what, "subscriptionInitialPosition", config.subscriptionInitialPosition, ["Latest", "Earliest"]);
  demandOneOf(what, "schemaType", config.schema?.schemaType, ["Avro", "Json"]);
  if (ackTimeoutMs !== 0 && !(ackTimeoutMs >= 10_000)) {
    throw new TransportFailed(
      what,
      "InvalidConfiguration",
      `ackTimeoutMs is ${ackTimeoutMs}: it must be 0, or 10,000 and more`,
    );
  }
  if (deadLetterPolicy === undefined) return;
  if (subscriptionType !== "Shared" && subscriptionType !== "KeyShared") {
    throw new TransportFailed(
      what,
      "InvalidConfiguration",
      `a subscription of the type ${subscriptionType} counts no redeliveries: nothing would reach deadLetterTopic`,
    );
  }
  const { maxRedeliverCount } = deadLetterPolicy;
  if (maxRedeliverCount !== undefined && !(Number.isInteger(maxRedeliverCount) && maxRedeliverCount >= 1)) {
    throw new TransportFailed(
      what,
      "InvalidConfiguration",
      `maxRedeliverCount is ${maxRedeliverCount}: below 1, messages would be redelivered for ever`,
    );
  }
};

const demandOneOf = (what: string, name: string, value: string | undefined, values: readonly string[]): void => {
  if (value === undefined || values.includes(value)) return;
  throw new TransportFailed(
    what,
    "InvalidConfiguration",
    `${name} is ${JSON.stringify(value)}: it must be ${values.join(" or ")}`,
  );
};

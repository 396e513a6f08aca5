import { change } from "../entry.js";

/** Three opinions about the schema of a topic, on one line. */
export interface Opinions {
  readonly topic: string;
  readonly versions: number;
  readonly strategy: string;
  readonly predicted: boolean;
  readonly broker: boolean;
  readonly breaking: boolean;
}

const line = ({ topic, versions, strategy, predicted, broker, breaking }: Opinions): string =>
  `${topic} (${versions} version${versions === 1 ? "" : "s"}, ${strategy}): predicted ${yes(predicted)}, ` +
  `broker ${yes(broker)}, evgen ${breaking ? "breaking" : "safe"}`;

const yes = (answer: boolean): string => (answer ? "yes" : "no");

const ofBrokers = { none: "It is about what a broker holds, which the model cannot have the other way round." };

/** Of `evgen check --against pulsar`. */
export const brokerChanges = {
  "broker-compatible": change(
    "safe",
    (p: Opinions & { readonly same?: number }) =>
      `${line(p)}${p.same === undefined ? "" : `; it is version ${p.same} already`}.`,
    "broker-refuses",
    `The broker would take the schema of the topic as a new version, or has it already; events of all versions that it holds
are read as what they are.`,
  ),
  "broker-new-topic": change(
    "safe",
    (p: { readonly topic: string }) => `${p.topic}: the broker holds no schema of it yet, and takes any first one.`,
    ofBrokers,
    "Nothing of the topic is known to the broker, or its schema was deleted. `evgen apply` registers the first version.",
  ),
  "broker-refuses": change(
    "breaking",
    (p: Opinions & { readonly reason: string }) => `${line(p)}: ${p.reason}.`,
    "broker-compatible",
    `The broker does not take the schema under the strategy of the topic, its namespace or itself, so a deployment fails where
the schema is registered. The strategy for logs is BACKWARD_TRANSITIVE: FORWARD and FULL refuse every new event, and a
namespace for which nobody has said one has FULL. When the schema is what breaks, put back what was released.`,
  ),
  "broker-lets-through": change(
    "breaking",
    (p: Opinions & { readonly version: number; readonly misreading: string; readonly others: number }) =>
      `${line(p)}: events of version ${p.version}: ${p.misreading}${p.others === 0 ? "" : `, and ${p.others} more`}.`,
    { none: "The other way round is about what is not stored yet: events of the new schema, read with the old one." },
    `The broker compares schemas as Avro's Java library does, which forgives more than a log can bear: it takes branches of a
union for one another when their fields fit, drops enum symbols, and overlooks names of records, string for bytes, logical
types and defaults. And it supposes that a reader knows the schema with which an event was written, which not every client
is told. evgen goes by names and by the bytes as they are. docs/broker-compatibility.md has the table.`,
  ),
  "broker-unpredicted": change(
    "unknown",
    (p: { readonly topic: string; readonly predicted: boolean; readonly broker: boolean; readonly reason: string }) =>
      `${p.topic}: evgen PREDICTED ${yes(p.predicted)} AND THE BROKER SAYS ${yes(p.broker)}: ${p.reason}.`,
    ofBrokers,
    `evgen predicts without a broker what it will answer, and is held against brokers of Pulsar 4.0 and 4.2. Here it is wrong,
so do not go by its prediction: the broker decides what is registered. Most likely the broker is of another version, has
a compatibility check of its own, or somebody registered a schema in the moment between two calls; if it is none of these,
please report it with both schemas.`,
    "error",
  ),
  "broker-elsewhere": change(
    "unknown",
    (p: { readonly topic: string; readonly other: string; readonly accepts: boolean; readonly reason: string }) =>
      `${p.topic}: a broker of Pulsar ${p.other} answers ${yes(p.accepts)} instead${p.reason === "" ? "" : `: ${p.reason}`}.`,
    ofBrokers,
    `Pulsar 4.0 brings Avro 1.11, Pulsar 4.2 brings Avro 1.12, and they differ: 1.12 looks at namespaces, takes a default that
is of any branch of a union, and names that are defined further down. What is refused by the newer one keeps a cluster from
being upgraded; what is refused by the older one keeps it from going back, and from replicating to one.`,
  ),
};

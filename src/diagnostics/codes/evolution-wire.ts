import { change } from "../entry.js";

type Moved = {
  readonly from: string;
  readonly to: string;
};

/** Of changes of topics, the encoding and the system. */
export const wireChanges = {
  "namespace-changed": change(
    "breaking",
    (p: Moved) => `All topics moved from ${p.from} to ${p.to}.`,
    "namespace-changed",
    `Stored events are in the topics of the old tenant and namespace, and so are the subscriptions with what they have read.
Programs look for both in the new one and find nothing. The names of records in Avro have the namespace in them, too. Keep
tenant and namespace; to move on purpose, copy the topics first (Pulsar's geo-replication or a function does it), and accept
the change once.`,
  ),
  "topic-moved": change(
    "breaking",
    (p: Moved & { readonly aggregate: string }) =>
      `The events of ${p.aggregate} were on ${p.from}, and now are on ${p.to}.`,
    "topic-moved",
    `Stored events stay on the old topic, where nobody reads them any more. Keep the topic. To move on purpose, stop the
producers, copy what is stored, and accept the change once.`,
  ),
  "partitions-changed": change(
    "breaking",
    (p: { readonly topic: string; readonly from: number; readonly to: number }) =>
      `The topic ${p.topic} had ${p.from} partitions, and now has ${p.to}.`,
    "partitions-changed",
    `The key decides on the partition, by a hash modulo their number: with another number, events of one key go to another
partition than those before them, and their order is lost for consumers that read both. Pulsar can add partitions, and cannot
take any away. Keep the number; if more are needed, let consumers catch up while producers are stopped, and accept the
change once.`,
  ),
  "encoding-changed": change(
    "breaking",
    (p: Moved) => `Events were written as ${p.from}, and now are as ${p.to}.`,
    "encoding-changed",
    `What is stored is in the old encoding, and the new code reads every message in the new one. The broker refuses another type
of schema on a topic that has one. Keep the encoding; another one needs a topic of its own.`,
  ),
  "envelope-renamed": change(
    "breaking",
    (p: Moved & { readonly topic: string }) =>
      `The envelope of ${p.topic} was the record ${p.from}, and now is ${p.to}.`,
    "envelope-renamed",
    `Avro matches records by name, so the broker refuses the new definition, or readers of other languages do. The name comes
from the aggregate, or from the topic where several aggregates share it. Once it is in the lock it stays, also when another
aggregate comes to the topic: \`evgen release\` before that change keeps it.`,
  ),
  "envelope-changed": change(
    "breaking",
    (p: { readonly from: number; readonly to: number }) =>
      `Events were released in envelope ${p.from}, and this evgen writes envelope ${p.to}.`,
    { none: "An older evgen does not know a newer envelope, and refuses the lock." },
    `The header around the events has another form in this version of evgen. Stored ones are in the old form. Stay with the
version of evgen that released them until its changelog says how to go on.`,
  ),
  "wire-order-changed": change(
    "breaking",
    (p: { readonly topic: string; readonly version: string; readonly from: number; readonly to: number }) =>
      `${p.version} had position ${p.from} on the wire of ${p.topic}, and now has ${p.to}.`,
    "wire-order-changed",
    `A stored event names its version by a position. When positions move, it is read as another version, or as another event.
Without \`evgen.lock\` they follow the order of the model, so a version that is added in the middle moves all that come after
it. \`evgen release\` at the state that is deployed freezes them; put the model back until then.`,
  ),
  "long-narrowed": change(
    "breaking",
    () => "Longs were held as bigint, and now are as number: stored ones beyond ±(2^53−1) are no longer valid.",
    "long-widened",
    `With \`long: bigint\` events may hold whole numbers of 64 bits. As numbers of JavaScript they are exact within ±(2^53−1)
only, and everything beyond is refused. Keep \`bigint\`.`,
  ),
  "long-widened": change(
    "breaking",
    () => "Longs were held as number, and now are as bigint: programs that are running refuse what may be written now.",
    "long-narrowed",
    `With \`long: number\` events hold whole numbers within ±(2^53−1). As \`bigint\` they may hold 64 bits, which programs that
are deployed park. When no new event is larger than before, or all readers are deployed first, accept the change once.`,
  ),
  "system-renamed": change(
    "safe",
    (p: Moved) => `The system ${p.from} is now called ${p.to}.`,
    "system-renamed",
    `The name stands in comments of generated files only. Where the model does not say the tenant of Pulsar, it is the name of
the system: then \`namespace-changed\` is found as well.`,
  ),
};

import type { Expression } from "../mapping/expression.js";
import { avroNamespace } from "../model/avro-names.js";
import type { Aggregate, Event, EventVersion, KeyPart, Model, Projection, Reaction, Topic } from "../model/model.js";
import type { Field, JsonValue } from "../model/type.js";
import { canonicalMapping } from "./canonical-mapping.js";
import { canonicalRecord, canonicalType, namedTypesIn } from "./canonical-type.js";
import { hashOfJson } from "./hash.js";
import type {
  AggregateSnapshot,
  ProjectionSnapshot,
  RetiredSnapshot,
  Snapshot,
  TopicSnapshot,
  VersionSnapshot,
} from "./snapshot.js";

/** The version of docs/runtime.md's envelope that is written. */
const envelopeVersion = 1;

/** All of a model that a log kept for ever depends on, drafts included. Samples are made when a version is released. */
export const snapshotOf = (model: Model): Snapshot => {
  const events = model.aggregates.flatMap((aggregate) => aggregate.events);
  const versions = events.flatMap((event) => event.versions);
  return {
    ...{ system: model.system, envelope: envelopeVersion, long: model.long },
    types: namedTypesIn(versions.map((version) => version.type)).map(({ name, type }) => ({
      name,
      type: canonicalType(type),
    })),
    topics: model.topics.map((topic) => topicSnapshot(topic, model)).sort(by((topic) => topic.url)),
    aggregates: model.aggregates.map(aggregateSnapshot).sort(byName),
    versions: versions.map(versionSnapshot).sort(byName),
    retired: events.flatMap(retiredSnapshot).sort(by(({ event }) => event)),
    projections: model.projections.map(projectionSnapshot).sort(byName),
    consumers: model.consumers
      .map(({ name, subscription, events: handled }) => ({
        ...{ name, subscription: subscription.name },
        events: handled.map((event) => event.name).sort(),
      }))
      .sort(byName),
    samples: [],
  };
};

/** Compares by code unit, as everything in a lock is sorted. */
export const by =
  <T>(key: (one: T) => string) =>
  (a: T, b: T): number => {
    const [one, other] = [key(a), key(b)];
    return one < other ? -1 : one > other ? 1 : 0;
  };

const byName = by((one: { readonly name: string }) => one.name);

const topicSnapshot = (topic: Topic, model: Model): TopicSnapshot => ({
  url: topic.url,
  partitions: topic.partitions,
  encoding: model.pulsar.encoding,
  record: `${avroNamespace(model)}.${topic.envelope}`,
  branches: topic.branches.map((version) => version.name),
});

const aggregateSnapshot = ({ name, key, topic }: Aggregate): AggregateSnapshot => ({
  name,
  key: { name: key.name, type: canonicalType(key.type) },
  topic: topic.url,
});

const versionSnapshot = ({ event, number, name, type, upcast }: EventVersion): VersionSnapshot => ({
  ...{ aggregate: event.aggregate.name, event: event.name, number, name },
  type: canonicalRecord(type),
  ...(upcast === undefined ? {} : { upcast: canonicalMapping(upcast) }),
});

const retiredSnapshot = ({ name, aggregate, becomes }: Event): readonly RetiredSnapshot[] =>
  becomes === undefined
    ? []
    : [
        {
          ...{ aggregate: aggregate.name, event: name },
          becomes: becomes.map(({ version, mapping }) => ({
            version: version.name,
            mapping: canonicalMapping(mapping),
          })),
        },
      ];

/**
 * What a row is depends on where and how it is kept, and on what each event does in the version that is current; not on
 * the order in which the model says so, but for that of the key.
 */
const projectionSnapshot = ({ name, store, key, row, on }: Projection): ProjectionSnapshot => {
  const types = namedTypesIn([...key.fields, ...row.fields].map((field) => field.type));
  return {
    name,
    hash: hashOfJson(
      [
        store,
        key.fields.map(canonicalField),
        sorted(row.fields.map(canonicalField)),
        sorted(types.map((type) => [type.name, canonicalType(type.type)])),
        sorted(on.filter((reaction) => reaction.kind !== "ignore").map(canonicalReaction)),
      ],
      16,
    ),
  };
};

const canonicalField = ({ name, type, optional }: Field): JsonValue => [
  name,
  canonicalType(type),
  ...(optional ? ["optional"] : []),
];

const canonicalReaction = (reaction: Reaction): JsonValue => {
  const event = reaction.event.current.name;
  switch (reaction.kind) {
    case "ignore":
      return [event, "ignore"];
    case "delete":
      return [event, "delete", parts(reaction.key)];
    case "by":
      return [event, "by", reaction.function.name, parts(reaction.key)];
    case "change":
      return [
        event,
        "change",
        ...[reaction.key, reaction.set, reaction.increment, reaction.append, reaction.remove].map(parts),
      ];
  }
};

const parts = (assignments: readonly (KeyPart | { readonly field: Field; readonly value: Expression })[]): JsonValue =>
  sorted(assignments.map(({ field, value }) => [field.name, canonicalMapping(value)]));

/** By their text; each begins with a name. */
const sorted = (values: readonly JsonValue[]): readonly JsonValue[] =>
  values
    .map((value) => ({ value, text: JSON.stringify(value) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ value }) => value);

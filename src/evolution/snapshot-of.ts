import { avroNamespace } from "../model/avro-names.js";
import type { Aggregate, Event, EventVersion, Model, Topic } from "../model/model.js";
import { canonicalMapping } from "./canonical-mapping.js";
import { canonicalRecord, canonicalType, namedTypesIn } from "./canonical-type.js";
import { projectionHash } from "./projection-hash.js";
import type { AggregateSnapshot, RetiredSnapshot, Snapshot, TopicSnapshot, VersionSnapshot } from "./snapshot.js";

/** The version of docs/runtime.md's envelope that is written. */
const envelopeVersion = 1;

/** All of a model that a log kept for ever depends on, drafts included. Samples are made when a version is released, and proofs by `evgen verify`. */
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
    projections: model.projections.map((one) => ({ name: one.name, hash: projectionHash(one) })).sort(byName),
    consumers: model.consumers
      .map(({ name, subscription, events: handled }) => ({
        ...{ name, subscription: subscription.name },
        events: handled.map((event) => event.name).sort(),
      }))
      .sort(byName),
    ...{ samples: [], proved: [] },
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

import type { Model } from "../model/model.js";
import { problemOf } from "../model/values.js";
import { functionStepsOf } from "./function-steps.js";
import { createReadings } from "./readings.js";
import { samplesOf } from "./samples.js";
import type { Sample, Snapshot } from "./snapshot.js";
import { by, snapshotOf } from "./snapshot-of.js";

/** What a release adds to what was released before. */
export interface Release {
  readonly snapshot: Snapshot;
  /** Names of the versions that were drafts, in the order of their positions on the wire. */
  readonly versions: readonly string[];
  /** Names of the topics that are new. */
  readonly topics: readonly string[];
}

/**
 * Freezes all of a model. It has been compared with what was released before, which its branches start with; samples
 * of versions that were released stay what they were, and what today's chain reads them as is noted anew.
 */
export const releaseOf = (model: Model, before: Snapshot | undefined): Release => {
  const head = snapshotOf(model);
  const known = new Set(before?.versions.map((version) => version.name));
  const topics = new Set(before?.topics.map((topic) => topic.url));
  return {
    snapshot: { ...head, samples: samplesIn(model, before), proved: stillProved(model, before) },
    versions: head.topics.flatMap((topic) => topic.branches).filter((name) => !known.has(name)),
    topics: head.topics.map((topic) => topic.url).filter((url) => !topics.has(url)),
  };
};

/**
 * Whether all that was released keeps its position on the wire. What was taken back may have been at the end of a topic;
 * of a topic that is gone, nothing moves.
 */
export const isAppended = (before: Snapshot, after: Snapshot): boolean => {
  const topics = new Map(after.topics.map((topic) => [topic.url, topic.branches]));
  return before.topics.every(({ url, branches }) => {
    const known = new Set(topics.get(url));
    return branches.filter((name) => known.has(name)).every((name, index) => branches[index] === name);
  });
};

/** A proof of a step as it still is. */
const stillProved = (model: Model, before: Snapshot | undefined): Snapshot["proved"] => {
  const hashes = new Map(
    model.aggregates
      .flatMap(({ events }) => events.flatMap((event) => functionStepsOf(event, model.long)))
      .map(({ key, hash }) => [key, hash]),
  );
  return (before?.proved ?? []).filter(({ key, hash }) => hashes.get(key) === hash);
};

const samplesIn = (model: Model, before: Snapshot | undefined): readonly Sample[] => {
  const known = new Map<string, Sample[]>();
  for (const sample of before?.samples ?? []) {
    const its = known.get(sample.version);
    if (its === undefined) known.set(sample.version, [sample]);
    else its.push(sample);
  }
  const { readingsOf } = createReadings(model.long);
  return model.aggregates
    .flatMap((aggregate) => aggregate.events.flatMap((event) => event.versions))
    .flatMap((version) => {
      // A change of a released version that was accepted may have made its samples invalid.
      const valid = known.get(version.name)?.filter(({ data }) => !problemOf(data, version.type, model.long)) ?? [];
      const samples: readonly Sample[] = valid.length > 0 ? valid : samplesOf(version, model.long);
      // With a function of the user's on the way, `evgen verify --record` has noted what the sample is read as.
      return samples.map((sample): Sample => {
        const reads = readingsOf(version, sample.data);
        return reads === undefined ? sample : { ...sample, reads };
      });
    })
    .sort(by(({ version, kind }) => `${version} ${kind}`));
};

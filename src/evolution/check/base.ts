import type { Place } from "../../diagnostics/diagnostic.js";
import { under } from "../../diagnostics/diagnostic.js";
import type { Model } from "../../model/model.js";
import type { Kind } from "../lock/line.js";
import type { Lock } from "../lock/read-lock.js";
import { samplesIn } from "../lock/snapshot-in.js";
import { createReadings } from "../readings.js";
import { samplesOf } from "../samples.js";
import type { Sample, Snapshot } from "../snapshot.js";
import { snapshotOf } from "../snapshot-of.js";

/** What a model is compared with. */
export interface Base {
  /** As it is shown: `evgen.lock`, `git:main`. */
  readonly name: string;
  readonly snapshot: Snapshot;
  /** Where it says something; kinds and keys are those of a lock's lines. */
  placeOf(kind: Kind, key: string): Place | undefined;
  /** Stored events of a version, `OrderPlacedV1`, with what they were read as. */
  samplesOf(version: string): readonly Sample[];
}

/** What a lock says has been released. */
export const baseOfLock = (name: string, lock: Lock, snapshot: Snapshot): Base => ({
  ...{ name, snapshot },
  placeOf: (kind, key) => {
    const fact = lock.fact(kind, key);
    return fact && { file: lock.file, path: [], range: fact.range };
  },
  samplesOf: samplesIn(lock),
});

/** A whole model, all of whose versions count as released. */
export const baseOfModel = (name: string, model: Model): Base => {
  const versions = new Map(
    model.aggregates
      .flatMap((aggregate) => aggregate.events.flatMap((event) => event.versions))
      .map((version) => [version.name as string, version]),
  );
  const { readingsOf } = createReadings(model.long);
  return {
    ...{ name, snapshot: snapshotOf(model) },
    placeOf: (kind, key) => placeInModel(model, kind, key.split(" ")),
    samplesOf: (name) => {
      const version = versions.get(name);
      if (version === undefined) return [];
      return samplesOf(version, model.long).map((sample): Sample => {
        const reads = readingsOf(version, sample.data);
        return reads === undefined ? sample : { ...sample, reads };
      });
    },
  };
};

const placeInModel = (model: Model, kind: Kind, [first = "", second = "", third = ""]: readonly string[]) => {
  const named = <T extends { readonly name: string }>(list: readonly T[], name: string): T | undefined =>
    list.find((one) => one.name === name);
  const event = () => named(named(model.aggregates, first)?.events ?? [], second);
  switch (kind) {
    case "system":
      return model.aggregates[0] && { file: model.aggregates[0].place.file, path: ["system"] };
    case "topic":
    case "branch":
      return model.topics.find((one) => one.url === first)?.place;
    case "aggregate":
    case "sum":
      return named(model.aggregates, first)?.place;
    case "type":
      return named(model.types, first)?.place;
    case "version":
      return event()?.versions.find((one) => String(one.number) === third)?.place;
    case "upcast": {
      const version = event()?.versions.find((one) => String(one.number) === third);
      return version && under(version.place, "upcast");
    }
    case "retired": {
      const place = event()?.place;
      return place && under(place, "becomes");
    }
    case "sample":
    case "proved":
      return undefined;
    case "projection":
      return named(model.projections, first)?.place;
    case "consumer":
      return named(model.consumers, first)?.place;
  }
};

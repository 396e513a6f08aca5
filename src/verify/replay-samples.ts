import { diagnostic } from "../diagnostics/diagnostic.js";
import type { Finding } from "../evolution/finding.js";
import { hashOfJson } from "../evolution/hash.js";
import { createReadings } from "../evolution/readings.js";
import type { Reading, Sample } from "../evolution/snapshot.js";
import type { EventVersion, Model } from "../model/model.js";
import { problemOf } from "../model/values.js";
import type { Functions } from "../runtime/definitions.js";
import { messageOf } from "../runtime/errors.js";
import { same } from "../testing/same.js";
import { affectedBy } from "./affected-by.js";

/**
 * What was released is read once more: what is read otherwise is found. Samples with functions of the user's on their way
 * are returned with what they are read as now; where that is to be recorded, a change is only warned of.
 */
export const replaySamples = (
  model: Model,
  { samples, functions, record }: { samples: readonly Sample[]; functions: Functions; record: boolean },
): { readonly findings: readonly Finding[]; readonly samples: readonly Sample[] } => {
  const { readingsOf, upTo } = createReadings(model.long, functions);
  const withoutFunctions = createReadings(model.long);
  const versions = new Map(
    model.aggregates
      .flatMap((one) => one.events)
      .flatMap((event) => event.versions)
      .map((version) => [version.name as string, version]),
  );
  const findings: Finding[] = [];
  const read = samples.map((sample): Sample => {
    const version = versions.get(sample.version);
    // A version that is gone, or that was changed, is for `evgen check` to find.
    if (version === undefined || problemOf(sample.data, version.type, model.long) !== undefined) return sample;
    const callsFunctions = withoutFunctions.readingsOf(version, sample.data) === undefined;
    const level = record && callsFunctions ? "warning" : "error";
    try {
      const now = readingsOf(version, sample.data);
      const before = sample.reads;
      if (now === undefined) return sample;
      if (before !== undefined && !same(comparable(now, before, version, sample, upTo), before))
        findings.push({ ...changed(sample, now, version, model), level, ...helpFor(callsFunctions) });
      return callsFunctions ? { ...sample, reads: now } : sample;
    } catch (error) {
      if (sample.reads !== undefined)
        findings.push({ ...changed(sample, messageOf(error), version, model), level: "error" });
      return sample;
    }
  });
  return { findings, samples: read };
};

/** What a mapping of the model does is accepted and released; what functions do is recorded. */
const helpFor = (callsFunctions: boolean): { readonly help?: string } =>
  callsFunctions ? { help: "evgen verify --record" } : { help: "evgen check" };

type UpTo = ReturnType<typeof createReadings>["upTo"];

/** A sample that was noted before the event had its newest version is read up to the version that was the newest then. */
const comparable = (
  now: readonly Reading[],
  before: readonly Reading[],
  version: EventVersion,
  { data }: Sample,
  upTo: UpTo,
): readonly Reading[] =>
  now.map((reading, index) => {
    const then = before[index];
    if (then?.type !== reading.type || then.version >= reading.version) return reading;
    // What is behind a step that is new to a retired event cannot be held against anything.
    const its = then.type === version.event.name ? upTo(version, data, then.version) : then.data;
    return { ...then, data: its ?? then.data };
  });

const changed = (sample: Sample, now: readonly Reading[] | string, version: EventVersion, model: Model): Finding => {
  const { event, number, name } = version;
  const parameters = { version: name, kind: sample.kind, file: lockName };
  const { code, message } = diagnostic("read-changed", parameters, version.place);
  const subject = [event.aggregate.name, event.name, `v${number}`, sample.kind];
  return {
    ...{ rule: code, level: "error", verdict: "breaking", message, place: version.place, subject },
    base: { name: lockName },
    chain: event.versions
      .slice(number - 1)
      .map((one) => `v${one.number}`)
      .join(" → "),
    affected: affectedBy(event, model),
    example: {
      version: name,
      data: JSON.stringify(sample.data),
      result: `${describe(now)}, before ${describe(sample.reads ?? [])}`,
    },
    related: [],
    fingerprint: hashOfJson(
      [code, ...subject, typeof now === "string" ? now : now.map(({ type, data }) => [type, data])],
      16,
    ),
  };
};

const lockName = "evgen.lock";

const describe = (readings: readonly Reading[] | string): string => {
  if (typeof readings === "string") return readings;
  return (
    readings.map(({ type, version, data }) => `${type} v${version} ${JSON.stringify(data)}`).join(" and ") || "nothing"
  );
};

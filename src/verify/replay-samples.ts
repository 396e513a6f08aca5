import { diagnostic } from "../diagnostics/diagnostic.js";
import type { Finding } from "../evolution/finding.js";
import { hashOfJson } from "../evolution/hash.js";
import { createReadings } from "../evolution/readings.js";
import type { Reading, Sample, Snapshot } from "../evolution/snapshot.js";
import type { EventVersion, Model } from "../model/model.js";
import { problemOf } from "../model/values.js";
import type { Functions } from "../runtime/definitions.js";
import { messageOf } from "../runtime/errors.js";
import { same } from "../testing/same.js";
import { affectedBy } from "./affected-by.js";

/**
 * What was released is read once more: what is read otherwise is found. Samples with functions of the user's on their way
 * are returned with what they are read as now, in released versions; where that is to be recorded, a change is only warned of.
 */
export const replaySamples = (
  model: Model,
  { released, functions, record }: { released: Snapshot | undefined; functions: Functions; record: boolean },
): { readonly findings: readonly Finding[]; readonly samples: readonly Sample[] } => {
  const { samples = [] } = released ?? {};
  const names = namesIn(released);
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
      const both = before && compared(now, before, version, sample, { upTo, readingsOf, versions });
      if (both !== undefined && !same(both.is, both.was))
        findings.push({ ...changed(sample, now, version, model), level, ...helpFor(callsFunctions) });
      return callsFunctions ? { ...sample, ...noted(now, version, sample, names, upTo) } : sample;
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

/** Names of what has been released: of versions, and of events that are retired. */
const namesIn = (released: Snapshot | undefined) => ({
  versions: new Set(released?.versions.map(({ name }) => name)),
  retired: new Set(released?.retired.map(({ event }) => event)),
});

/** What a sample is read as, as far as that has been released: drafts may yet change, and with them what they are read as. */
const noted = (
  now: readonly Reading[],
  version: EventVersion,
  { data }: Sample,
  { versions, retired }: ReturnType<typeof namesIn>,
  upTo: UpTo,
): Pick<Sample, "reads"> => {
  const { event } = version;
  const isRetired = event.becomes === undefined || retired.has(event.name);
  if (isRetired && now.every((one) => versions.has(`${one.type}V${one.version}`))) return { reads: now };
  const last = event.versions.findLast(({ name }) => versions.has(name))?.number ?? version.number;
  const value = upTo(version, data, last);
  return value === undefined ? {} : { reads: [{ type: event.name, version: last, data: value }] };
};

type UpTo = ReturnType<typeof createReadings>["upTo"];

/**
 * What a sample was read as and is, in versions that can be compared: the event may have a newer one since, or be retired,
 * and so may what it has become.
 */
const compared = (
  now: readonly Reading[],
  before: readonly Reading[],
  version: EventVersion,
  { data }: Sample,
  {
    upTo,
    readingsOf,
    versions,
  }: Pick<ReturnType<typeof createReadings>, "upTo" | "readingsOf"> & {
    readonly versions: ReadonlyMap<string, EventVersion>;
  },
): { readonly was: unknown; readonly is: unknown } => {
  const [first] = before;
  const { event } = version;
  if (before.length === 1 && first?.type === event.name && first.version <= event.current.number)
    return { was: first.data, is: upTo(version, data, first.version) };
  // What it became is read on from there.
  const was = before.flatMap((one) => {
    const its = versions.get(`${one.type}V${one.version}`);
    return its === undefined ? [one] : (readingsOf(its, one.data) ?? [one]);
  });
  return { was, is: now };
};

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

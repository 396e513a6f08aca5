import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Event, EventVersion } from "../../model/model.js";
import type { JsonValue } from "../../model/type.js";
import { same } from "../../testing/same.js";
import type { Finding } from "../finding.js";
import type { Reading, RetiredSnapshot, Sample, VersionSnapshot } from "../snapshot.js";
import type { Session } from "./session.js";
import { report } from "./session.js";
import { isReadable, keyIn, subjectOf } from "./versions.js";

/** Upcasters of one event's released versions. */
export const checkUpcasts = (
  session: Session,
  event: Event,
  released: readonly VersionSnapshot[],
  after: ReadonlyMap<string, VersionSnapshot>,
): void => {
  for (const before of released) {
    const now = after.get(before.name);
    const version = event.versions[before.number - 1];
    if (before.upcast === undefined || now?.upcast === undefined || version?.upcast === undefined) continue;
    if (isSameMapping(before.upcast, now.upcast)) continue;
    const example = upcastExample(session, event, version);
    report(
      session,
      "upcast-changed",
      { event: event.name, version: before.number, shown: example !== undefined },
      {
        place: keyOf(under(version.place, "upcast")),
        subject: subjectOf(before),
        base: ["upcast", keyIn(before)],
        change: [before.upcast, now.upcast],
        event,
        example,
        help: `Put the mapping back; what should be said differently is version ${event.current.number + 1}.`,
      },
    );
  }
};

/** The fields that a mapping builds have no order, though they are written in that of the type. */
const isSameMapping = (a: JsonValue, b: JsonValue): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

const sorted = (mapping: JsonValue): JsonValue => {
  if (typeof mapping !== "object" || mapping === null) return mapping;
  if (Array.isArray(mapping)) return mapping.map(sorted);
  return Object.fromEntries(
    Object.entries(mapping).map(([key, value]) => {
      const its = sorted(value as JsonValue);
      const isList = key === "fields" && Array.isArray(its);
      return [key, isList ? [...its].sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)) : its];
    }),
  );
};

/** A stored event that is read differently because of the upcaster to a version. */
const upcastExample = (session: Session, event: Event, version: EventVersion): Finding["example"] => {
  for (let number = version.number - 1; number > 0; number--) {
    const from = event.versions[number - 1];
    if (from === undefined) continue;
    for (const sample of session.base.samplesOf(from.name)) {
      const example = changedReading(session, from, sample);
      if (example !== undefined) return example;
    }
  }
  return undefined;
};

/** What a sample was read as and is now, where that differs. */
const changedReading = (session: Session, from: EventVersion, sample: Sample): Finding["example"] => {
  if (sample.reads === undefined || !isReadable(session, from, sample.data)) return undefined;
  const compared = compareReadings(session, from, sample.data, sample.reads);
  if (compared === undefined || same(compared.is, compared.was)) return undefined;
  return {
    version: sample.version,
    data: JSON.stringify(sample.data),
    result: `was read as ${listed(compared.was)}, is read as ${listed(compared.is)}`,
  };
};

const listed = (data: readonly JsonValue[]): string =>
  data.length === 0 ? "nothing" : data.map((one) => JSON.stringify(one)).join(" and ");

interface Compared {
  readonly was: readonly JsonValue[];
  readonly is: readonly JsonValue[];
}

/**
 * What was read and what is read now, in versions that can be compared; undefined where that cannot be told: a function of
 * the user's is on the way, or something has changed that is reported itself.
 */
const compareReadings = (
  { events, readings }: Session,
  from: EventVersion,
  data: JsonValue,
  before: readonly Reading[],
): Compared | undefined => {
  const { event } = from;
  const [first] = before;
  if (before.length === 1 && first?.type === event.name) {
    if (first.version < from.number || first.version > event.current.number) return undefined;
    const value = readings.upTo(from, data, first.version);
    return value === undefined ? undefined : { was: [first.data], is: [value] };
  }
  if (event.becomes === undefined) return undefined;
  // What it became may have newer versions now, or be retired in turn: it is read on from there.
  const was = before.map((one) => {
    const version = events.get(one.type)?.versions[one.version - 1];
    return version === undefined ? undefined : readings.readingsOf(version, one.data);
  });
  const is = readings.readingsOf(from, data);
  if (is === undefined || was.some((one) => one === undefined)) return undefined;
  const [all, now] = [was.flatMap((one) => one ?? []), is];
  return same(
    all.map(({ type }) => type),
    now.map(({ type }) => type),
  )
    ? { was: all.map((one) => one.data), is: now.map((one) => one.data) }
    : { was: all.map(named), is: now.map(named) };
};

const named = ({ type, data }: Reading): JsonValue => ({ [type]: data });

/** Samples are read as they were; where no mapping has changed, anything else is evgen's own doing. */
export const checkReadings = (session: Session, event: Event, released: readonly VersionSnapshot[]): void => {
  for (const before of released) {
    const version = event.versions[before.number - 1];
    if (version === undefined) continue;
    for (const sample of session.base.samplesOf(before.name)) {
      const [first] = sample.reads ?? [];
      // Read as itself: nothing is done to it.
      if (first?.type === event.name && first.version === before.number) continue;
      const example = changedReading(session, version, sample);
      if (example === undefined) continue;
      report(
        session,
        "reading-changed",
        { version: before.name, sample: sample.kind },
        {
          place: keyOf(version.place),
          subject: [...subjectOf(before), sample.kind],
          base: ["sample", `${before.aggregate} ${before.name} ${sample.kind}`],
          change: [sample.data, example.result],
          event,
          example,
        },
      );
    }
  }
};

/** What a retired event becomes, before and now. */
export const checkRetired = (
  session: Session,
  event: Event,
  before: RetiredSnapshot | undefined,
  after: RetiredSnapshot | undefined,
): void => {
  if (JSON.stringify(before?.becomes) === JSON.stringify(after?.becomes)) return;
  const subject = [event.aggregate.name, event.name];
  const base = [
    before === undefined ? "aggregate" : "retired",
    before === undefined ? event.aggregate.name : subject.join(" "),
  ] as const;
  if (after === undefined) {
    report(
      session,
      "retirement-removed",
      { event: event.name, became: names(before) },
      {
        ...{ place: keyOf(event.place), subject, base, event, change: [before?.becomes as never, null] },
        help: "Retire it again, and give what should be emitted now a name of its own.",
      },
    );
    return;
  }
  const place = keyOf(under(event.place, "becomes"));
  if (before === undefined) {
    const change = [null, after.becomes as never];
    report(
      session,
      "retirement-added",
      { event: event.name, becomes: names(after) },
      { place, subject, event, change },
    );
    return;
  }
  const example = event.versions
    .flatMap((version) =>
      session.base.samplesOf(version.name).map((sample) => changedReading(session, version, sample)),
    )
    .find((one) => one !== undefined);
  report(
    session,
    "becomes-changed",
    { event: event.name, shown: example !== undefined },
    {
      ...{ place, subject, base, event, example, change: [before.becomes as never, after.becomes as never] },
      help: "Put `becomes` back; what should be different is a next version of what it becomes.",
    },
  );
};

const names = (retired: RetiredSnapshot | undefined): readonly string[] => [
  ...new Set(retired?.becomes.map((one) => one.version) ?? []),
];

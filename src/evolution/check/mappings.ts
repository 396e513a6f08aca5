import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Event, EventVersion } from "../../model/model.js";
import type { JsonValue } from "../../model/type.js";
import type { Finding } from "../finding.js";
import type { Reading, RetiredSnapshot, Sample, VersionSnapshot } from "../snapshot.js";
import type { Session } from "./session.js";
import { report } from "./session.js";
import { isReadable, keyIn, reportUnproved, subjectOf } from "./versions.js";

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
    if (JSON.stringify(before.upcast) === JSON.stringify(now.upcast)) continue;
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
    reportUnproved(session, version, version.upcast);
  }
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
  const now = sameReading(session, from, sample.data, sample.reads);
  if (now === undefined || JSON.stringify(now) === JSON.stringify(sample.reads.map((one) => one.data)))
    return undefined;
  const text = (data: readonly JsonValue[]): string =>
    data.length === 0 ? "nothing" : data.map(written).join(" and ");
  return {
    version: sample.version,
    data: JSON.stringify(sample.data),
    result: `was read as ${text(sample.reads.map((one) => one.data))}, is read as ${text(now)}`,
  };
};

const written = (data: JsonValue): string => JSON.stringify(data);

/**
 * What is read now in the versions of an earlier reading, which newer versions may have come after; undefined where that
 * cannot be told: a function of the user's is on the way, or something has changed that is reported itself.
 */
const sameReading = (
  session: Session,
  from: EventVersion,
  data: JsonValue,
  before: readonly Reading[],
): readonly JsonValue[] | undefined => {
  const { upTo, partsOf } = session.readings;
  const { event } = from;
  const [first] = before;
  if (before.length === 1 && first?.type === event.name) {
    if (first.version < from.number || first.version > event.current.number) return undefined;
    const value = upTo(from, data, first.version);
    return value === undefined ? undefined : [value];
  }
  if (event.becomes === undefined) return undefined;
  const current = upTo(from, data, event.current.number);
  const parts = current === undefined ? undefined : partsOf(event, current);
  if (parts === undefined || parts.length !== before.length) return undefined;
  const values: JsonValue[] = [];
  for (const [index, part] of parts.entries()) {
    const was = before[index];
    if (was === undefined || was.type !== part.version.event.name || was.version < part.version.number)
      return undefined;
    const value = upTo(part.version, part.data, was.version);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
};

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

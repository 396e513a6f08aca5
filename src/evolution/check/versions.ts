import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Event, EventVersion } from "../../model/model.js";
import type { Type } from "../../model/type.js";
import { dereference } from "../../model/type.js";
import { problemOf } from "../../model/values.js";
import type { VersionSnapshot } from "../snapshot.js";
import { damageOf, saysNothing } from "./damage.js";
import type { Session } from "./session.js";
import { report } from "./session.js";
import type { NamedTypes, TypeChange } from "./type-change.js";
import { typeChanges } from "./type-change.js";

/** Released versions of one event against those that it has now; its upcasters are compared elsewhere. */
export const checkVersions = (
  session: Session,
  event: Event,
  released: readonly VersionSnapshot[],
  after: ReadonlyMap<string, VersionSnapshot>,
  types: { readonly before: NamedTypes; readonly after: NamedTypes },
): void => {
  const encoding = session.base.snapshot.topics[0]?.encoding ?? session.model.pulsar.encoding;
  for (const before of released) {
    const now = after.get(before.name);
    const version = event.versions.find((one) => one.number === before.number);
    if (now === undefined || version === undefined) {
      report(
        session,
        "version-removed",
        { event: event.name, version: before.number },
        {
          place: keyOf(under(event.place, "versions")),
          subject: subjectOf(before),
          base: ["version", keyIn(before)],
          change: [before.type, null],
          event,
          help: `Bring version ${before.number} back as it was.`,
        },
      );
      continue;
    }
    for (const change of typeChanges(before.type, now.type, types, encoding)) {
      const record = session.recordBefore(before.type, before.name);
      const isEmpty = saysNothing(record, version.type, change, session.model.long);
      reportChange(session, before, version, isEmpty ? { ...change, effect: "restated" } : change);
    }
  }
  const known = new Set(released.map((one) => one.number));
  for (const version of event.versions) if (!known.has(version.number)) reportAdded(session, version);
};

/** Order, OrderPlaced, v2 */
export const subjectOf = ({ aggregate, event, number }: VersionSnapshot): readonly string[] => [
  aggregate,
  event,
  `v${number}`,
];

/** As a lock calls it: `Order OrderPlaced 2`. */
export const keyIn = ({ aggregate, event, number }: VersionSnapshot): string => `${aggregate} ${event} ${number}`;

const rules = {
  tightened: "version-tightened",
  loosened: "version-loosened",
  rewritten: "version-rewritten",
  restated: "version-restated",
} as const;

const reportChange = (session: Session, before: VersionSnapshot, version: EventVersion, change: TypeChange): void => {
  const { event } = version;
  const what = `${pathText(change.path)}${change.what}`;
  const next = event.current.number + 1;
  const base = ["version", keyIn(before)] as const;
  report(
    session,
    rules[change.effect],
    { event: event.name, version: version.number, what },
    {
      place: placeAt(version.type, change.path) ?? keyOf(version.place),
      subject: [...subjectOf(before), ...change.path],
      base,
      change: [change.from, change.to],
      event,
      ...exampleOf(session, before, version, change),
      ...(change.effect === "restated"
        ? {}
        : { help: `Put it back, and write the change as version ${next} with an \`upcast\`.` }),
    },
  );
};

/** "items[].sku, " */
export const pathText = (path: readonly string[]): string =>
  path.length === 0 ? "" : `${path.join(".").replaceAll(/\.(\[\]|\{\})/g, "$1")}, `;

/** Where a part of a type stands: the field that leads to it. */
export const placeAt = (type: Type, path: readonly string[]): Place | undefined => {
  let [at, place]: [Type, Place | undefined] = [dereference(type), undefined];
  for (const step of path) {
    if (step === "[]" && at.kind === "array") at = dereference(at.items);
    else if (step === "{}" && at.kind === "map") at = dereference(at.values);
    else {
      const field = at.kind === "record" ? at.fields.find((one) => one.name === step) : undefined;
      if (field === undefined) return place;
      place = keyOf(field.place);
      at = dereference(field.type);
    }
  }
  return place;
};

/** A stored event that shows the damage, or where one is looked for. */
const exampleOf = (
  session: Session,
  before: VersionSnapshot,
  version: EventVersion,
  { path, effect }: TypeChange,
): Pick<Parameters<typeof report>[3], "example" | "stored"> => {
  if (effect === "restated" || effect === "loosened") return {};
  const record = session.recordBefore(before.type, before.name);
  const long = { before: session.base.snapshot.long, after: session.model.long };
  const damage = effect === "tightened" ? damageOf(record, version.type, path, long) : undefined;
  return damage === undefined
    ? { stored: [{ version: before.name, before: record, after: version.type }] }
    : { example: { version: before.name, data: JSON.stringify(damage.data), result: `refused: ${damage.problem}` } };
};

const reportAdded = (session: Session, version: EventVersion): void => {
  const { event, number } = version;
  // The first version of an event is reported with the event.
  if (number === 1) return;
  const subject = [event.aggregate.name, event.name, `v${number}`];
  const found = { place: keyOf(version.place), subject, change: [null, number], event };
  report(session, "version-added", { event: event.name, version: number }, found);
};

/** Whether data of the base is data of the model as it is, so that it can be read. */
export const isReadable = (session: Session, version: EventVersion, data: Parameters<typeof problemOf>[0]): boolean =>
  problemOf(data, version.type, session.model.long) === undefined;

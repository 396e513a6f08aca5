import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Aggregate, Event } from "../../model/model.js";
import { canonicalText } from "../canonical-text.js";
import type { AggregateSnapshot, VersionSnapshot } from "../snapshot.js";
import type { Session } from "./session.js";
import { report } from "./session.js";

/** The versions of the base by event, in ascending order. */
export type Released = ReadonlyMap<string, readonly VersionSnapshot[]>;

/** Aggregates and their keys; gives the names of those that are gone or renamed, whose events need not be looked at. */
export const checkAggregates = (session: Session, released: Released): ReadonlySet<string> => {
  const { base, model } = session;
  const now = new Map(model.aggregates.map((one) => [one.name as string, one]));
  const before = new Map(base.snapshot.aggregates.map((one) => [one.name, one]));
  const added = model.aggregates.filter((one) => !before.has(one.name));
  const gone = new Set<string>();
  const renamed = new Set<Aggregate>();
  for (const aggregate of before.values()) {
    const same = now.get(aggregate.name);
    if (same !== undefined) {
      checkKey(session, aggregate, same);
      continue;
    }
    gone.add(aggregate.name);
    const events = [...released].filter(([, [first]]) => first?.aggregate === aggregate.name).map(([event]) => event);
    const heir = added.find((one) => !renamed.has(one) && isHeir(one, events));
    const base = ["aggregate", aggregate.name] as const;
    if (heir !== undefined) {
      renamed.add(heir);
      report(
        session,
        "aggregate-renamed",
        { from: aggregate.name, to: heir.name },
        {
          ...{ place: keyOf(heir.place), subject: [aggregate.name], base, change: [aggregate.name, heir.name] },
          help: `Call it ${aggregate.name} again.`,
        },
      );
    } else {
      report(
        session,
        "aggregate-removed",
        { aggregate: aggregate.name, events: events.length },
        {
          ...{ place: topOf(session), subject: [aggregate.name], base, change: [aggregate.name, null] },
          help: "Bring it back, with its events `retired: true` if nobody writes to it any more.",
        },
      );
    }
  }
  for (const aggregate of added) {
    if (renamed.has(aggregate)) continue;
    const found = { place: keyOf(aggregate.place), subject: [aggregate.name], change: [null, aggregate.name] };
    report(session, "aggregate-added", { aggregate: aggregate.name }, found);
  }
  return gone;
};

/** Whether most of the events are those of one that is gone. */
const isHeir = (aggregate: Aggregate, events: readonly string[]): boolean => {
  const same = aggregate.events.filter((event) => events.includes(event.name)).length;
  return same > 0 && same * 2 >= events.length;
};

/** What is gone stands nowhere: the top of the first file is shown. */
export const topOf = ({ model }: Session): Place => model.place;

const checkKey = (session: Session, before: AggregateSnapshot, { name, key, place }: Aggregate): void => {
  const base = ["aggregate", name] as const;
  const at = keyOf(under(place, "key", key.name));
  const head = session.head.aggregates.find((one) => one.name === name);
  if (before.key.name !== key.name) {
    report(
      session,
      "key-renamed",
      { aggregate: name, from: before.key.name, to: key.name },
      {
        ...{ place: at, subject: [name, "key"], base, change: [before.key.name, key.name] },
        affected: {
          projections: session.model.projections
            .filter((one) => one.key.aggregateId && one.aggregates.some((other) => other.name === name))
            .map((one) => one.name),
          consumers: [],
        },
        help: `Call it ${before.key.name} again.`,
      },
    );
  }
  if (head === undefined || JSON.stringify(before.key.type) === JSON.stringify(head.key.type)) return;
  const [from, to] = [keyText(before), keyText(head)];
  report(
    session,
    "key-type-changed",
    { aggregate: name, from, to },
    {
      ...{ place: under(place, "key", key.name), subject: [name, "key", "type"], base },
      change: [before.key.type, head.key.type],
      help: "Put the type back.",
    },
  );
};

const keyText = ({ key }: AggregateSnapshot): string =>
  typeof key.type === "string" ? key.type : `${canonicalText(key.type)} ${JSON.stringify(withoutType(key.type))}`;

const withoutType = (type: AggregateSnapshot["key"]["type"]): object => {
  const { type: _, ...rest } = type as { readonly type?: unknown };
  return rest;
};

/** Events that are gone, were renamed or moved, or are new; gives those that are there on both sides. */
export const checkEvents = (
  session: Session,
  released: Released,
  gone: ReadonlySet<string>,
): readonly { readonly event: Event; readonly released: readonly VersionSnapshot[] }[] => {
  const both: { readonly event: Event; readonly released: readonly VersionSnapshot[] }[] = [];
  const added = [...session.events.values()].filter((event) => !released.has(event.name));
  const heirs = new Set<Event>();
  for (const [name, versions] of released) {
    const [first] = versions;
    const event = session.events.get(name);
    if (first === undefined) continue;
    if (event !== undefined) {
      if (event.aggregate.name === first.aggregate || gone.has(first.aggregate))
        both.push({ event, released: versions });
      else reportMoved(session, event, first);
    } else if (!gone.has(first.aggregate)) {
      const heir = added.find((one) => !heirs.has(one) && looksLike(session, one, versions));
      if (heir !== undefined) heirs.add(heir);
      reportGone(session, first, heir);
    }
  }
  const known = new Set(session.base.snapshot.aggregates.map((one) => one.name));
  for (const event of added) {
    // Those of a new aggregate are said with it, and a new name of an old event with that one.
    if (heirs.has(event) || !known.has(event.aggregate.name)) continue;
    const found = {
      place: keyOf(event.place),
      subject: [event.aggregate.name, event.name],
      change: [null, event.name],
      event,
    };
    report(session, "event-added", { event: event.name }, found);
  }
  return both;
};

const reportMoved = (session: Session, event: Event, before: VersionSnapshot): void => {
  const [from, to] = [before.aggregate, event.aggregate.name];
  report(
    session,
    "event-moved",
    { event: event.name, from, to },
    {
      ...{ place: keyOf(event.place), subject: [from, event.name], base: ["version", `${from} ${event.name} 1`] },
      ...{
        change: [from, to],
        event,
        help: `Move it back to ${from}, retired if need be, and give ${to} an event of its own.`,
      },
    },
  );
};

const reportGone = (session: Session, first: VersionSnapshot, heir: Event | undefined): void => {
  const { event, aggregate } = first;
  const subject = [aggregate, event];
  const base = ["version", `${aggregate} ${event} ${first.number}`] as const;
  const [sample] = session.base.samplesOf(first.name);
  const example =
    sample === undefined
      ? undefined
      : { version: first.name, data: JSON.stringify(sample.data), result: "cannot be read: nothing knows the event" };
  if (heir !== undefined) {
    report(
      session,
      "event-renamed",
      { from: event, to: heir.name },
      {
        ...{ place: keyOf(heir.place), subject, base, change: [event, heir.name], event: heir, example },
        help: `Bring ${event} back beside it: retired: true, becomes: [{ event: ${heir.name} }]`,
      },
    );
    return;
  }
  const now = session.model.aggregates.find((one) => one.name === aggregate);
  report(
    session,
    "event-removed",
    { event },
    {
      place: now === undefined ? topOf(session) : keyOf(under(now.place, "events")),
      ...{ subject, base, change: [event, null], example },
      help: "Bring it back, with `retired: true` if nobody emits it any more.",
    },
  );
};

/** Whether a new event has the fields of one that is gone, and so most probably is that one. */
const looksLike = (session: Session, event: Event, versions: readonly VersionSnapshot[]): boolean => {
  const [first] = versions;
  const [mine] = event.versions;
  if (first?.aggregate !== event.aggregate.name || mine === undefined) return false;
  const shape = session.head.versions.find((one) => one.name === mine.name);
  const text = JSON.stringify(first.type).replaceAll(first.name, mine.name);
  return JSON.stringify(shape?.type) === text && text !== '{"fields":[]}';
};

import { change } from "../entry.js";

type Moved = {
  readonly from: string;
  readonly to: string;
};

/** Of changes of events, aggregates, and what they are written to. */
export const eventChanges = {
  "event-added": change(
    "safe",
    (p: { readonly event: string }) => `${p.event} is a new event.`,
    "event-removed",
    `Nothing of it is stored yet, so nothing can break. Consumers and projections that were deployed before park it or pass it
by, as their \`newer:\` says. Until \`evgen release\` it is a draft.`,
  ),
  "event-removed": change(
    "breaking",
    (p: { readonly event: string }) => `${p.event} was released, and is gone.`,
    "event-added",
    `Events of it are in the log and cannot be read any more, and its positions on the wire stay taken. An event that nobody
emits any more stays in the model as \`retired: true\`; under \`becomes\` stands what a stored one is read as, empty for nothing.`,
  ),
  "event-renamed": change(
    "breaking",
    (p: Moved) => `${p.from} was released, and is now called ${p.to}.`,
    "event-renamed",
    `The name of an event is in every stored one. Programs do not know it by another name, and its positions on the wire stay
taken. Keep it as a retired event that becomes the new one:

    OrderSent:
      retired: true
      becomes: [{ event: OrderShipped }]
      versions: …`,
  ),
  "event-moved": change(
    "breaking",
    (p: Moved & { readonly event: string }) =>
      `${p.event} was released as an event of ${p.from}, and now is one of ${p.to}.`,
    "event-moved",
    `Stored ones are in the stream of the old aggregate, under its keys and on its topic, where nobody looks for them now.
Retire the event there, and give the other aggregate an event of its own.`,
  ),
  "retirement-added": change(
    "covered",
    (p: { readonly event: string; readonly becomes: readonly string[] }) =>
      `${p.event} is retired: a stored one is read as ${p.becomes.length === 0 ? "nothing" : p.becomes.join(", ")}.`,
    "retirement-removed",
    `Stored events are carried over by \`becomes\`, which is proved as an upcaster is. Consumers and projections get what they
become; producers can no longer write the event.`,
  ),
  "retirement-unproved": change(
    "unknown",
    (p: { readonly event: string; readonly functions: readonly string[] }) =>
      `What a stored ${p.event} becomes is built by functions that evgen cannot look into: ${p.functions.join(", ")}.`,
    { none: "A function that is no longer called is a change of what the event becomes, becomes-changed." },
    `As of an upcaster that calls functions, version-unproved: \`evgen verify --record\` runs them on events of every version and,
when all is well, notes that in evgen.lock. This is then said no more, until the mapping or one of the versions changes.`,
  ),
  "retirement-removed": change(
    "breaking",
    (p: { readonly event: string; readonly became: readonly string[] }) =>
      `${p.event} was retired, and is no longer: stored ones were read as ${p.became.length === 0 ? "nothing" : p.became.join(", ")}.`,
    "retirement-added",
    `Since it was retired, everybody has read stored ones as what they became. Now the same stored events are the old event
again: rows and decisions that were made from the others no longer follow from the log. Define a new event instead.`,
  ),
  "becomes-changed": change(
    "breaking",
    (p: { readonly event: string; readonly shown: boolean }) =>
      `What a stored ${p.event} is read as has changed${p.shown ? "" : ", though its samples are read as before"}.`,
    "becomes-changed",
    `What a retired event becomes is part of what the log means, as an upcaster is. Projections were built with it, and
consumers acted on it. Put \`becomes\` back as it was. What should be different is a next version of the event that it becomes.`,
  ),
  "aggregate-added": change(
    "safe",
    (p: { readonly aggregate: string }) => `${p.aggregate} is a new aggregate.`,
    "aggregate-removed",
    "Nothing of it is stored yet, so nothing can break. Until `evgen release` its events are drafts, and so are its key and its topic.",
  ),
  "aggregate-removed": change(
    "breaking",
    (p: { readonly aggregate: string; readonly events: number }) =>
      `${p.aggregate} was released with ${p.events} event${p.events === 1 ? "" : "s"}, and is gone.`,
    "aggregate-added",
    `Its events are in the log and cannot be read any more. An aggregate that nobody writes to stays in the model, with its
events \`retired\`.`,
  ),
  "aggregate-renamed": change(
    "breaking",
    (p: Moved) => `The aggregate ${p.from} was released, and is now called ${p.to}.`,
    "aggregate-renamed",
    `The name of an aggregate is that of its topic by default, of its envelope in Avro, and of its streams in an event store:
stored events are not found under another one. Keep the name. What people should read may stand in its description.`,
  ),
  "key-renamed": change(
    "breaking",
    (p: Moved & { readonly aggregate: string }) => `The key of ${p.aggregate} was ${p.from}, and now is ${p.to}.`,
    "key-renamed",
    `The key names the id of a stream in generated code, and a column in the rows of projections that are keyed by it: tables
have to be made anew. Keep the name, or accept the change once and rebuild those projections.`,
  ),
  "key-type-changed": change(
    "breaking",
    (p: Moved & { readonly aggregate: string }) =>
      `The type of the key of ${p.aggregate} was ${p.from}, and now is ${p.to}.`,
    "key-type-changed",
    `The key is the id of every stream that there is. Under a narrower type, stored ids are refused; under a wider one, programs
that are deployed refuse new ones. Keep the type.`,
  ),
};

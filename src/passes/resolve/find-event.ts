import type { Place } from "../../diagnostics/diagnostic.js";
import type { Aggregate, Event } from "../../model/model.js";
import type { Context } from "./context.js";
import type { Drafts } from "./drafts.js";

/** The event of one of these aggregates that a model names, or undefined after it has been reported. */
export const findEvent = (
  name: string,
  aggregates: readonly Aggregate[],
  place: Place,
  drafts: Drafts,
  context: Context,
): Event | undefined => {
  const event = drafts.events.get(name)?.event;
  if (event !== undefined && aggregates.includes(event.aggregate)) return event;
  const owners = aggregates.map((one) => one.name).join(", ");
  const own = aggregates.flatMap((one) => one.events);
  // An event that was defined twice is known under its first aggregate only.
  const twin = own.find((one) => one.name === name);
  if (twin !== undefined) return twin;
  const elsewhere = event === undefined ? "" : `; ${event.aggregate.name} has one`;
  const suggestion = context.suggest(
    name,
    own.map((one) => one.name),
  );
  context.report("unknown-name", { what: "event", name, where: ` in ${owners}${elsewhere}`, suggestion }, place);
  return undefined;
};

/** The same, for uses that an event which is no longer emitted cannot have: "cannot be consumed". */
export const findCurrentEvent = (
  name: string,
  where: string,
  aggregates: readonly Aggregate[],
  place: Place,
  drafts: Drafts,
  context: Context,
): Event | undefined => {
  const event = findEvent(name, aggregates, place, drafts, context);
  if (event?.becomes === undefined) return event;
  const instead = (drafts.events.get(name)?.source.becomes ?? []).map((one) => one.event);
  context.report("event-retired", { event: name, where }, place, {
    help: instead.length === 0 ? "Nothing takes its place." : `It becomes ${[...new Set(instead)].join(", ")}.`,
  });
  return undefined;
};

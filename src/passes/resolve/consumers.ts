import type { Place } from "../../diagnostics/diagnostic.js";
import { under } from "../../diagnostics/diagnostic.js";
import type { Aggregate, Consumer, Event, PulsarSettings } from "../../model/model.js";
import { kebabCase } from "../../model/names.js";
import type { Context } from "./context.js";
import type { Drafts } from "./drafts.js";
import { findCurrentEvent } from "./find-event.js";
import type { FunctionsByEvent } from "./functions.js";
import { distinctFunctions, functionsOnTheWay } from "./functions.js";
import type { Definitions } from "./merge.js";
import { checkedName } from "./names.js";
import { present } from "./present.js";
import { resolveFrom, resolveRetry, resolveSubscription } from "./readers.js";
import type { SourceConsumer } from "./source.js";

/** The consumers with the events that they handle and the functions that reading these takes. */
export const resolveConsumers = (
  definitions: Definitions<SourceConsumer>,
  drafts: Drafts,
  functions: FunctionsByEvent,
  pulsar: PulsarSettings,
  context: Context,
): readonly Consumer[] =>
  [...definitions].flatMap(([text, { source, place }]) => {
    const name = checkedName("consumer", text, place, context);
    const aggregates = resolveFrom(source, place, drafts, context);
    const retry = resolveRetry(source.retry, under(place, "retry"), context);
    if (aggregates.length === 0) return [];
    const events = resolveEvents(source, aggregates, under(place, "events"), drafts, context);
    const readable = aggregates.flatMap((one) => one.events);
    return {
      name,
      ...present({ description: source.description }),
      ...{ aggregates, events, retry, place },
      subscription: resolveSubscription(
        kebabCase(name),
        source,
        source.subscription ?? "key_shared",
        aggregates,
        pulsar,
      ),
      functions: distinctFunctions(functionsOnTheWay(events, readable, functions), context),
    };
  });

const resolveEvents = (
  source: SourceConsumer,
  aggregates: readonly Aggregate[],
  place: Place,
  drafts: Drafts,
  context: Context,
): readonly Event[] => {
  if (source.events === undefined) {
    return aggregates.flatMap((one) => one.events).filter((event) => event.becomes === undefined);
  }
  const events = new Set<Event>();
  for (const [index, name] of source.events.entries()) {
    const at = under(place, index);
    const event = findCurrentEvent(name, "cannot be consumed", aggregates, at, drafts, context);
    if (event !== undefined && events.has(event)) context.report("duplicate-entry", { what: "event", name }, at);
    if (event !== undefined) events.add(event);
  }
  return [...events];
};

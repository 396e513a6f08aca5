import type { FunctionReference } from "../../mapping/expression.js";
import type { Aggregate, Event } from "../../model/model.js";
import type { Origin } from "../origins.js";
import { checkBecoming, resolveBecoming } from "./becomes.js";
import type { Context } from "./context.js";
import type { Drafts } from "./drafts.js";
import type { FunctionsByEvent } from "./functions.js";
import { distinctFunctions } from "./functions.js";
import type { TypeScope } from "./type-scope.js";
import { resolveUpcasts } from "./upcasts.js";

/**
 * The origins of aggregates of which all mappings have been proved, with nothing to say about them and no functions.
 * While an origin is the same there is nothing to find, so the proofs are not made again.
 */
export interface ProvedMappings {
  has(origin: Origin): boolean;
  add(origin: Origin): void;
}

/** How versions are upcast and what retired events become; the functions that the reading of each event may call. */
export const resolveMappings = (
  drafts: Drafts,
  origins: ReadonlyMap<Aggregate, Origin>,
  proved: ProvedMappings | undefined,
  scope: TypeScope,
  context: Context,
): FunctionsByEvent => {
  const functions = new Map<Event, readonly FunctionReference[]>();
  for (const { aggregate, events } of drafts.aggregates.values()) {
    const origin = origins.get(aggregate);
    const isProved = origin !== undefined && proved?.has(origin) === true;
    const before = context.reports();
    for (const draft of events) {
      const upcasts = resolveUpcasts(draft, aggregate, isProved, scope, context);
      const becomings = resolveBecoming(draft, drafts, isProved, scope, context);
      functions.set(draft.event, [...upcasts, ...becomings]);
    }
    aggregate.functions = distinctFunctions(
      events.flatMap(({ event }) => functions.get(event) ?? []),
      context,
    );
    checkBecoming(events, context);
    const isClean = context.reports() === before && !context.failed() && aggregate.functions.length === 0;
    if (isClean && origin !== undefined && !isProved) proved?.add(origin);
  }
  return functions;
};

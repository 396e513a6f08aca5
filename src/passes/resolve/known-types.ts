import type { Place } from "../../diagnostics/diagnostic.js";
import type { TypeNames } from "../../model/type-names.js";
import { typeNamesOf } from "../../model/type-names.js";
import type { Sources } from "../load.js";
import type { Origin } from "../origins.js";
import { typesOrigin } from "../origins.js";
import type { AggregateDraft, Drafts } from "./drafts.js";

/** What the types of an aggregate's events mean to the rest of the model, by the events' names. */
export type KnownNames = readonly (readonly [event: string, names: TypeNames])[];

/**
 * What was found in types with which nothing is wrong, by the origins of their aggregates. While an origin is the same,
 * the types themselves are needed only by who looks at them.
 */
export interface KnownTypes {
  get(origin: Origin): KnownNames | undefined;
  set(origin: Origin, names: KnownNames): void;
}

/** Looks aggregates up among those that are known, and makes those known that are not. */
export const createTypeMemory = (known: KnownTypes, shared: string, sources: Sources) => {
  const originOf = (aggregate: string, place: Place): Origin => typesOrigin(aggregate, place, shared, sources);
  return {
    get: (aggregate: string, place: Place): KnownNames | undefined => known.get(originOf(aggregate, place)),
    add: (drafts: Drafts): void => {
      for (const [name, draft] of drafts.aggregates)
        if (draft.types === "plain") known.set(originOf(name, draft.place), namesIn(draft));
    },
  };
};

const namesIn = ({ events }: AggregateDraft): KnownNames =>
  events.map(({ event }) => [event.name, typeNamesOf(event)] as const);

import * as fc from "fast-check";
import type { Long } from "../model/memory-form.js";
import type { JsonValue, Type } from "../model/type.js";
import { arbitraryOf, NoValueKnown } from "./arbitrary-value.js";

/** The smallest of the values of a type, in data form, for which something holds, among so many tried; the same always. */
export const findSmallest = (
  type: Type,
  long: Long,
  holds: (value: JsonValue) => boolean,
  tries: number,
): JsonValue | undefined => {
  try {
    const property = fc.property(arbitraryOf(type, long), (value) => !holds(value));
    return fc.check(property, { seed: 1, numRuns: tries }).counterexample?.[0];
  } catch (error) {
    if (error instanceof NoValueKnown) return undefined;
    throw error;
  }
};

import type { Expression } from "../mapping/expression.js";
import type { Event, EventVersion, Model } from "../model/model.js";
import { callsFunction, canonicalMapping, functionsIn } from "./canonical-mapping.js";
import { canonicalRecord, canonicalType, namedTypesIn } from "./canonical-type.js";
import { hashOfJson } from "./hash.js";

/** A step on the way on which stored events are read that calls functions of the user's: nothing proves it but running it. */
export interface FunctionStep {
  readonly event: Event;
  /** The version that it leads to; what a retired event becomes has none. */
  readonly version?: EventVersion;
  /** Sorted. */
  readonly functions: readonly string[];
  /** As a lock calls it: `Order OrderPlaced 2`, `Order OrderSent becomes`. */
  readonly key: string;
  /** Of its mappings and of all types that they stand between: a proof of this one is none of another. */
  readonly hash: string;
}

/** The steps of one event of a model that call functions. */
export const functionStepsOf = (event: Event, long: Model["long"]): readonly FunctionStep[] => {
  const steps: FunctionStep[] = [];
  const add = (name: string, from: EventVersion, to: readonly To[], version?: EventVersion): void => {
    if (!to.some(({ mapping }) => callsFunction(mapping))) return;
    steps.push({
      ...{ event, ...(version === undefined ? {} : { version }) },
      functions: [...new Set(to.flatMap(({ mapping }) => [...functionsIn(mapping)]))].sort(),
      key: `${event.aggregate.name} ${event.name} ${name}`,
      hash: hashOf(from, to, long),
    });
  };
  for (const version of event.versions) {
    const from = event.versions[version.number - 2];
    if (from === undefined || version.upcast === undefined) continue;
    add(String(version.number), from, [{ version, mapping: version.upcast }], version);
  }
  add("becomes", event.current, event.becomes ?? []);
  return steps;
};

interface To {
  readonly version: EventVersion;
  readonly mapping: Expression;
}

const hashOf = (from: EventVersion, to: readonly To[], long: Model["long"]): string =>
  hashOfJson(
    [
      long,
      canonicalRecord(from.type),
      ...to.map(({ version, mapping }) => [version.name, canonicalRecord(version.type), canonicalMapping(mapping)]),
      ...namedTypesIn([from, ...to.map(({ version }) => version)].map(({ type }) => type)).map(({ name, type }) => [
        name,
        canonicalType(type),
      ]),
    ],
    16,
  );

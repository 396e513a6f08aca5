import { evaluator } from "../mapping/evaluate.js";
import type { Expression } from "../mapping/expression.js";
import { fromMemory, toMemory } from "../model/memory-form.js";
import type { Event, EventVersion } from "../model/model.js";
import { sampleOf } from "../model/sample-of.js";
import type { JsonValue } from "../model/type.js";
import type { EventHeader, Functions } from "../runtime/definitions.js";
import { callsFunction } from "./canonical-mapping.js";
import type { Reading } from "./snapshot.js";

type Long = "number" | "bigint";

/**
 * What a stored event is read as, by the model's own upcasters and `becomes`; each is compiled once. Without `functions`
 * nothing is known of an event on whose way a function of the user's is; with them, what they throw is thrown.
 */
export const createReadings = (long: Long, functions?: Functions) => {
  const isOpaque = (mapping: Expression): boolean => functions === undefined && callsFunction(mapping);
  const compiled = new Map<Expression, ReturnType<typeof evaluator>>();
  const run = (mapping: Expression, from: EventVersion, to: EventVersion, data: JsonValue): JsonValue => {
    const evaluate = compiled.get(mapping) ?? evaluator(mapping, long);
    compiled.set(mapping, evaluate);
    return fromMemory(evaluate(toMemory(data, from.type, long), headerOf(from), functions), to.type, long);
  };

  /** The data in a later version of its event; undefined where nothing is known. */
  const upTo = (from: EventVersion, data: JsonValue, last: number): JsonValue | undefined => {
    let [version, value] = [from, data];
    while (version.number < last) {
      const next: EventVersion | undefined = version.event.versions[version.number];
      if (next?.upcast === undefined || isOpaque(next.upcast)) return undefined;
      value = run(next.upcast, version, next, value);
      version = next;
    }
    return value;
  };

  /** The events that data of a version is read as; undefined where nothing is known. */
  const readingsOf = (version: EventVersion, data: JsonValue): readonly Reading[] | undefined => {
    const { event } = version;
    const current = upTo(version, data, event.current.number);
    if (current === undefined) return undefined;
    if (event.becomes === undefined) return [{ type: event.name, version: event.current.number, data: current }];
    const readings: Reading[] = [];
    for (const part of partsOf(event, current) ?? [undefined]) {
      const its = part === undefined ? undefined : readingsOf(part.version, part.data);
      if (its === undefined) return undefined;
      readings.push(...its);
    }
    return readings;
  };

  /** The events that current data of a retired one becomes, in the versions in which it becomes them. */
  const partsOf = (
    event: Event,
    current: JsonValue,
  ): readonly { readonly version: EventVersion; readonly data: JsonValue }[] | undefined => {
    const becomes = event.becomes ?? [];
    if (becomes.some(({ mapping }) => isOpaque(mapping))) return undefined;
    return becomes.map(({ version, mapping }) => ({ version, data: run(mapping, event.current, version, current) }));
  };

  return { upTo, readingsOf, partsOf };
};

/** What mappings find in the envelope of a sample. */
const headerOf = ({ event, number }: EventVersion): EventHeader => ({
  id: "0190b5a0-0000-7000-8000-000000000001",
  type: event.name,
  version: number,
  aggregateId: String(sampleOf(event.aggregate.key.type) ?? "a"),
  sequence: 7,
  time: "2026-01-05T10:00:00.000Z",
  metadata: {},
});

import type { FunctionReference } from "../../mapping/expression.js";
import type { Event } from "../../model/model.js";
import type { Type } from "../../model/type.js";
import { dereference } from "../../model/type.js";
import type { Context } from "./context.js";

/** The functions that reading an event may call, by the event: those of its upcasters and of what it becomes. */
export type FunctionsByEvent = ReadonlyMap<Event, readonly FunctionReference[]>;

/** Each function once, in order of first use; a name that is used with different types is reported. */
export const distinctFunctions = (
  references: Iterable<FunctionReference>,
  context: Context,
): readonly FunctionReference[] => {
  const functions = new Map<string, FunctionReference>();
  for (const one of references) {
    const before = functions.get(one.name);
    if (before === undefined) functions.set(one.name, one);
    else if (before !== one && !isSameFunction(before, one)) {
      context.report("function-conflict", { name: one.name }, one.place, {
        related: [{ message: "It is used here first.", place: before.place }],
      });
    }
  }
  return [...functions.values()];
};

/**
 * The functions that are called until one of `events` is at hand: those of its own upcasters, and those of the retired
 * events that become it, with all that these become beside it.
 */
export const functionsOnTheWay = (
  events: readonly Event[],
  readable: readonly Event[],
  byEvent: FunctionsByEvent,
): readonly FunctionReference[] => {
  const wanted = new Set<Event>();
  const sources = new Map<Event, Event[]>();
  for (const event of readable) {
    for (const { version } of event.becomes ?? []) {
      const known = sources.get(version.event);
      if (known === undefined) sources.set(version.event, [event]);
      else known.push(event);
    }
  }
  const waiting = [...events];
  for (let event = waiting.pop(); event !== undefined; event = waiting.pop()) {
    if (wanted.has(event)) continue;
    wanted.add(event);
    waiting.push(...(sources.get(event) ?? []));
    if (event.becomes !== undefined) waiting.push(...event.becomes.map((one) => one.version.event));
  }
  return readable.filter((event) => wanted.has(event)).flatMap((event) => byEvent.get(event) ?? []);
};

const isSameFunction = (a: FunctionReference, b: FunctionReference): boolean =>
  a.use === b.use && isSameShape(a.source, b.source) && isSameShape(a.target, b.target);

/** Whether TypeScript sees the same type: constraints make no difference to it. */
const isSameShape = (a: Type, b: Type): boolean => {
  if (a.kind === "reference" && b.kind === "reference" && a.to === b.to) return true;
  const [left, right] = [dereference(a), dereference(b)];
  if (left === right) return true;
  if (left.kind === "array" && right.kind === "array") return isSameShape(left.items, right.items);
  if (left.kind === "map" && right.kind === "map") return isSameShape(left.values, right.values);
  if (left.kind === "enum" && right.kind === "enum") return left.values.join("\0") === right.values.join("\0");
  if (left.kind === "record" && right.kind === "record") return left.name === right.name;
  if (left.kind === "union" && right.kind === "union") {
    return left.members.length === right.members.length && left.members.every((one, i) => one === right.members[i]);
  }
  return left.kind === right.kind;
};

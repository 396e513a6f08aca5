import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { MappingContext } from "../../mapping/check.js";
import { checkValueMapping } from "../../mapping/check.js";
import type { Expression, FunctionReference } from "../../mapping/expression.js";
import type { Assignment, Event, KeyPart, Projection, Reaction } from "../../model/model.js";
import type { Field, JsonValue } from "../../model/type.js";
import type { Context } from "./context.js";
import type { Drafts } from "./drafts.js";
import { findCurrentEvent } from "./find-event.js";
import { functionName } from "./names.js";
import { operand } from "./operands.js";
import { isSound } from "./soundness.js";
import type { SourceMapping, SourceProjection, SourceReaction } from "./source.js";
import type { TypeScope } from "./type-scope.js";

/** A projection without what events do to it. */
export type Target = Omit<Projection, "on" | "functions">;

/** What each event does to a projection; `complete` when nothing was wrong with any of it. */
export const resolveReactions = (
  projection: Target,
  source: SourceProjection,
  drafts: Drafts,
  scope: TypeScope,
  context: Context,
): {
  readonly on: readonly Reaction[];
  readonly functions: readonly FunctionReference[];
  readonly complete: boolean;
} => {
  const place = under(projection.place, "on");
  const before = context.diagnostics.length;
  const found = new Map<Event, Reaction | undefined>();
  const functions: FunctionReference[] = [];
  for (const [name, written] of Object.entries(source.on)) {
    const at = under(place, name);
    const where = "does nothing to a projection";
    const event = findCurrentEvent(name, where, projection.aggregates, keyOf(at), drafts, context);
    if (event === undefined) continue;
    found.set(event, resolveReaction({ projection, event, place: at, functions, scope, context }, written));
  }

  const events = projection.aggregates.flatMap((one) => one.events).filter((event) => event.becomes === undefined);
  // What a misspelt line was meant for has been reported with that line.
  const known = new Set<string>(projection.aggregates.flatMap((one) => one.events).map((event) => event.name));
  const meant = new Set(
    Object.keys(source.on).map((name) => (known.has(name) ? undefined : context.suggest(name, known))),
  );
  const missing = events
    .map((event) => event.name)
    .filter((name) => !Object.hasOwn(source.on, name) && !meant.has(name));
  if (missing.length > 0) {
    const help = `Below \`on\` add, if they change nothing:\n${missing
      .slice(0, 20)
      .map((name) => `${name}: ignore`)
      .join("\n")}`;
    context.report("event-unhandled", { projection: projection.name, events: missing }, keyOf(place), { help });
  }
  const on = events.flatMap((event) => found.get(event) ?? []);
  return { on, functions, complete: context.diagnostics.length === before };
};

/** One event and one projection: what is being resolved, and where to put what is found. */
interface Meeting {
  readonly projection: Target;
  readonly event: Event;
  readonly place: Place;
  readonly functions: FunctionReference[];
  readonly scope: TypeScope;
  readonly context: Context;
}

const resolveReaction = (meeting: Meeting, written: SourceProjection["on"][string]): Reaction | undefined => {
  const { event, place, projection, context } = meeting;
  if (written === "ignore") return { kind: "ignore", event, place };
  const source: SourceReaction = written === "delete" ? { delete: true } : written;
  const key = resolveKey(meeting, source.key);
  if (source.delete === true) return { kind: "delete", event, place, key };
  if (source.by !== undefined) {
    const name = functionName(source.by, under(place, "by"), context);
    if (name === undefined) return undefined;
    const types = { source: event.current.type, target: projection.row };
    const reference: FunctionReference = { name, use: "projection", ...types, place: under(place, "by") };
    meeting.functions.push(reference);
    return { kind: "by", event, place, key, function: reference };
  }

  const assigned = new Map<string, string>();
  const change = { set: assign(meeting, "set", source.set, assigned), ...operations(meeting, source, assigned) };
  const said = [source.set, source.increment, source.append, source.remove];
  if (said.every((one) => Object.keys(one ?? {}).length === 0)) {
    context.report("reaction-empty", { event: event.name }, keyOf(place));
  }
  return { kind: "change", event, place, key, ...change };
};

const operations = (meeting: Meeting, source: SourceReaction, assigned: Map<string, string>) => ({
  increment: assign(meeting, "increment", source.increment, assigned),
  append: assign(meeting, "append", source.append, assigned),
  remove: assign(meeting, "remove", source.remove, assigned),
});

type Operation = "set" | "increment" | "append" | "remove";

const assign = (
  meeting: Meeting,
  operation: Operation,
  source: SourceMapping | undefined,
  assigned: Map<string, string>,
): readonly Assignment[] =>
  Object.entries(source ?? {}).flatMap(([name, mapping]) => {
    const { projection, context } = meeting;
    const place = under(meeting.place, operation, name);
    const field = projection.row.fields.find((one) => one.name === name);
    if (field === undefined) {
      reportField(projection, name, place, context);
      return [];
    }
    const first = assigned.get(name);
    if (first !== undefined) {
      context.report("reaction-conflict", { field: name, first, second: operation }, keyOf(place));
      return [];
    }
    assigned.set(name, operation);
    const target = operation === "set" ? field : operand(operation, field, place, context);
    const value = target === undefined ? undefined : mapped(meeting, mapping, target, place);
    return value === undefined ? [] : [{ field, value }];
  });

const reportField = (projection: Target, name: string, place: Place, context: Context): void => {
  const inKey = projection.key.fields.some((field) => field.name === name);
  const names = projection.row.fields.map((field) => field.name);
  const where = ` in ${projection.name}${inKey ? ", beside its key, which never changes" : ""}`;
  const suggestion = inKey ? undefined : context.suggest(name, names);
  context.report("unknown-name", { what: "field", name, where, suggestion }, keyOf(place));
};

const mapped = (meeting: Meeting, mapping: JsonValue, target: Field, place: Place): Expression | undefined => {
  const { event, projection, scope, context } = meeting;
  const source = event.current.type;
  if (context.failed() && !(isSound(source, scope.broken) && isSound(target.type, scope.broken))) return undefined;
  const mappingContext: MappingContext = {
    source,
    sourceName: `version ${event.current.number} of ${event.name}`,
    targetName: projection.name,
    use: "projection",
    long: context.long,
    aggregateKey: event.aggregate.key.type,
  };
  const checked = checkValueMapping(mapping, target, place, mappingContext);
  context.add(checked.diagnostics);
  meeting.functions.push(...checked.functions);
  return checked.expression;
};

/** Which row an event is about: that of its aggregate, or what `key` says. */
const resolveKey = (meeting: Meeting, mapping: JsonValue | undefined): readonly KeyPart[] => {
  const { projection, place, event, context } = meeting;
  const { fields, aggregateId } = projection.key;
  const at = under(place, "key");
  if (aggregateId) {
    if (mapping !== undefined) {
      const problem = `${projection.name} has no key of its own, so each event goes to the row of its aggregate.`;
      const help = `Remove this key, or give ${projection.name} a key with its fields.`;
      context.report("projection-key", { problem }, keyOf(at), { help });
    }
    return fields.map((field) => ({
      field,
      value: { kind: "envelope", type: field.type, optional: false, field: "aggregateId" },
    }));
  }
  const shape = fields.length === 1 ? "$…" : `{ ${fields.map((field) => `${field.name}: $…`).join(", ")} }`;
  if (mapping === undefined) {
    const problem = `${event.name} does not say which row of ${projection.name} it is about.`;
    context.report("projection-key", { problem }, keyOf(place), { help: `Add key: ${shape}` });
    return [];
  }
  const [only] = fields;
  if (fields.length === 1 && only !== undefined) return keyPart(meeting, only, mapping, at);
  return keyParts(meeting, mapping, shape, at);
};

const keyParts = (meeting: Meeting, mapping: JsonValue, shape: string, place: Place): readonly KeyPart[] => {
  const { projection, context } = meeting;
  const { fields } = projection.key;
  const parts = new Map(isObject(mapping) ? Object.entries(mapping) : []);
  for (const name of parts.keys()) {
    if (fields.some((field) => field.name === name)) continue;
    const suggestion = context.suggest(
      name,
      fields.map((field) => field.name),
    );
    const where = ` in the key of ${projection.name}`;
    context.report("unknown-name", { what: "field", name, where, suggestion }, keyOf(under(place, name)));
  }
  const missing = fields.filter((field) => !parts.has(field.name)).map((field) => field.name);
  if (missing.length > 0) {
    const problem = `The key of ${projection.name} has ${fields.length} fields, and ${missing.join(", ")} is not said.`;
    context.report("projection-key", { problem }, place, { help: `Write key: ${shape}` });
  }
  return fields.flatMap((field) => {
    const part = parts.get(field.name);
    return part === undefined ? [] : keyPart(meeting, field, part, under(place, field.name));
  });
};

const keyPart = (meeting: Meeting, field: Field, mapping: JsonValue, place: Place): readonly KeyPart[] => {
  const value = mapped(meeting, mapping, field, place);
  return value === undefined ? [] : [{ field, value }];
};

const isObject = (value: JsonValue): value is { readonly [key: string]: JsonValue } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

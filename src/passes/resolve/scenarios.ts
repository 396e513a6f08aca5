import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Command, Event, Scenario } from "../../model/model.js";
import type { JsonValue, RecordType } from "../../model/type.js";
import { normalize, problemOf } from "../../model/values.js";
import type { Context } from "./context.js";
import type { AggregateDraft, Drafts } from "./drafts.js";
import { findCurrentEvent } from "./find-event.js";
import { isSound } from "./soundness.js";
import type { ByName, SourceScenario } from "./source.js";
import type { TypeScope } from "./type-scope.js";

/** The scenarios of an aggregate; their data are values of the current versions. */
export const resolveScenarios = (
  draft: AggregateDraft,
  drafts: Drafts,
  scope: TypeScope,
  context: Context,
): readonly Scenario[] =>
  Object.entries(draft.source.scenarios ?? {}).flatMap(([title, source]) => {
    const place = under(draft.place, "scenarios", title);
    const resolver: Resolver = { aggregate: draft.aggregate, drafts, scope, context };
    const given = occurrences(source.given ?? [], under(place, "given"), resolver);
    const when = commandOf(source.when, under(place, "when"), resolver);
    const then = outcomeOf(source.then, when?.command, under(place, "then"), resolver);
    return when === undefined ? [] : [{ title, given, when, then, place }];
  });

interface Resolver {
  readonly aggregate: AggregateDraft["aggregate"];
  readonly drafts: Drafts;
  readonly scope: TypeScope;
  readonly context: Context;
}

const occurrences = (sources: readonly ByName<JsonValue>[], place: Place, resolver: Resolver) =>
  sources.flatMap((source, index) => {
    const { aggregate, drafts, context } = resolver;
    const [name = "", data = {}] = Object.entries(source)[0] ?? [];
    const at = under(place, index, name);
    const event = findCurrentEvent(name, "cannot be part of a scenario", [aggregate], keyOf(at), drafts, context);
    return event === undefined ? [] : [{ event, data: dataOf(name, data, event.current.type, at, resolver) }];
  });

const commandOf = (
  source: ByName<JsonValue>,
  place: Place,
  resolver: Resolver,
): { readonly command: Command; readonly data: JsonValue } | undefined => {
  const { aggregate, context } = resolver;
  const [name = "", data = {}] = Object.entries(source)[0] ?? [];
  const at = under(place, name);
  const command = aggregate.commands.find((one) => one.name === name);
  if (command !== undefined) return { command, data: dataOf(name, data, command.type, at, resolver) };
  const suggestion = context.suggest(
    name,
    aggregate.commands.map((one) => one.name),
  );
  context.report("unknown-name", { what: "command", name, where: ` in ${aggregate.name}`, suggestion }, keyOf(at));
  return undefined;
};

const outcomeOf = (
  source: SourceScenario["then"],
  command: Command | undefined,
  place: Place,
  resolver: Resolver,
): Scenario["then"] => {
  if ("rejected" in source) return { kind: "rejected", reason: source.rejected };
  const events = occurrences(source, place, resolver);
  for (const [index, one] of source.entries()) {
    const [name = ""] = Object.keys(one);
    const event: Event | undefined = resolver.drafts.events.get(name)?.event;
    if (command === undefined || event === undefined || event.aggregate !== resolver.aggregate) continue;
    if (event.becomes !== undefined || command.emits.includes(event)) continue;
    const at = keyOf(under(place, index, name));
    resolver.context.report("scenario-not-emitted", { event: name, command: command.name }, at);
  }
  return { kind: "events", events };
};

const dataOf = (name: string, data: JsonValue, type: RecordType, place: Place, resolver: Resolver): JsonValue => {
  const { scope, context } = resolver;
  if (context.failed() && !isSound(type, scope.broken)) return data;
  const found = problemOf(data ?? {}, type, context.long);
  if (found === undefined) return normalize(data ?? {}, type);
  context.report("scenario-data", { name, problem: found.problem }, under(place, ...found.path));
  return data;
};

import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Command, Event } from "../../model/model.js";
import type { Context } from "./context.js";
import type { AggregateDraft, Drafts } from "./drafts.js";
import { findCurrentEvent } from "./find-event.js";
import { checkedName } from "./names.js";
import { present } from "./present.js";
import type { SourceCommand } from "./source.js";
import type { TypeScope } from "./type-scope.js";
import { resolveRecord } from "./types.js";

/** The commands of an aggregate with the events that they may lead to. */
export const resolveCommands = (
  { aggregate, source, place }: AggregateDraft,
  drafts: Drafts,
  scope: TypeScope,
  context: Context,
): readonly Command[] =>
  Object.entries(source.commands ?? {}).map(([name, command]) => {
    const at = under(place, "commands", name);
    const checked = checkedName("command", name, at, context);
    const { type, description } = resolveRecord(command, checked, at, scope, context);
    const emits = resolveEmits(command, aggregate, under(at, "emits"), drafts, context);
    return { name: checked, ...present({ description }), type, emits, place: at };
  });

const resolveEmits = (
  command: SourceCommand,
  aggregate: AggregateDraft["aggregate"],
  place: Place,
  drafts: Drafts,
  context: Context,
): readonly Event[] => {
  const emits = new Set<Event>();
  for (const [index, name] of (command.emits ?? []).entries()) {
    const at = under(place, index);
    const event = findCurrentEvent(name, "cannot be emitted", [aggregate], at, drafts, context);
    if (event === undefined) continue;
    if (emits.has(event)) context.report("duplicate-entry", { what: "event", name }, keyOf(at));
    emits.add(event);
  }
  return [...emits];
};

import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import { checkRecordMapping } from "../../mapping/check.js";
import type { Expression, FunctionReference } from "../../mapping/expression.js";
import { defer } from "../../model/defer.js";
import type { Becoming, Event, EventVersion } from "../../model/model.js";
import type { Context } from "./context.js";
import { cyclesOf } from "./cycles.js";
import type { Drafts, EventDraft, Mutable } from "./drafts.js";
import { findEvent } from "./find-event.js";
import { isSound } from "./soundness.js";
import type { SourceBecoming } from "./source.js";
import type { TypeScope } from "./type-scope.js";

/** Resolves what a retired event is read as; the functions that this takes, in order of use. */
export const resolveBecoming = (
  { event, source, place }: EventDraft,
  drafts: Drafts,
  isProved: boolean,
  scope: TypeScope,
  context: Context,
): readonly FunctionReference[] => {
  if (event.becomes === undefined) return [];
  const becomes: Becoming[] = [];
  const functions: FunctionReference[] = [];
  for (const [index, wish] of (source.becomes ?? []).entries()) {
    const at = under(place, "becomes", index);
    const version = targetOf(wish, event, at, drafts, context);
    if (version === undefined) continue;
    if (context.failed() && !(isSound(version.type, scope.broken) && isSound(event.current.type, scope.broken)))
      continue;
    const check = () =>
      checkRecordMapping(wish.map ?? {}, version.type, wish.drop ?? [], under(at, "map"), {
        source: event.current.type,
        sourceName: `version ${event.current.number} of ${event.name}`,
        targetName: `version ${version.number} of ${version.event.name}`,
        use: "upcast",
        long: context.long,
        aggregateKey: event.aggregate.key.type,
      });
    if (isProved) {
      const becoming: Pick<Becoming, "version" | "place"> = { version, place: at };
      defer(becoming as Mutable<Becoming>, "mapping", () => check().expression as Expression);
      becomes.push(becoming as Becoming);
      continue;
    }
    const checked = check();
    context.add(checked.diagnostics);
    functions.push(...checked.functions);
    if (checked.expression !== undefined) becomes.push({ version, mapping: checked.expression, place: at });
  }
  event.becomes = becomes;
  return functions;
};

/** Reports retired events that become one another without an end. */
export const checkBecoming = (events: readonly EventDraft[], context: Context): void => {
  const retired = new Map(
    events.filter(({ source }) => source.retired === true).map((draft) => [draft.event.name as string, draft]),
  );
  const next = ({ source }: EventDraft) =>
    (source.becomes ?? []).flatMap(({ event }) => {
      const target = retired.get(event);
      return target === undefined ? [] : [[target]];
    });
  for (const cycle of cyclesOf([...retired.values()], next)) {
    const [first] = cycle;
    if (first === undefined) continue;
    const names = [...cycle, first].map((draft) => draft.event.name);
    context.report("becomes-cycle", { cycle: names }, keyOf(under(first.place, "becomes")));
  }
};

const targetOf = (
  wish: SourceBecoming,
  event: Event,
  place: Place,
  drafts: Drafts,
  context: Context,
): EventVersion | undefined => {
  const target = findEvent(wish.event, [event.aggregate], under(place, "event"), drafts, context);
  if (target === undefined || wish.version === undefined) return target?.current;
  const version = target.versions.find((one) => one.number === wish.version);
  if (version === undefined) {
    const where = ` of ${target.name}, which has ${target.versions.length === 1 ? "version 1" : `1 to ${target.current.number}`}`;
    const parameters = { what: "version", name: String(wish.version), where, suggestion: undefined };
    context.report("unknown-name", parameters, under(place, "version"));
  }
  return version;
};

import { keyOf, under } from "../../diagnostics/diagnostic.js";
import { checkRecordMapping } from "../../mapping/check.js";
import type { Expression, FunctionReference } from "../../mapping/expression.js";
import { defer } from "../../model/defer.js";
import type { Aggregate } from "../../model/model.js";
import type { RecordType } from "../../model/type.js";
import type { Context } from "./context.js";
import type { EventDraft, VersionDraft } from "./drafts.js";
import { isSound } from "./soundness.js";
import type { TypeScope } from "./type-scope.js";
import { typeText } from "./type-text.js";

/** Resolves how each version is built from the one below; the functions that this takes, in order of use. */
export const resolveUpcasts = (
  { event, versions }: EventDraft,
  aggregate: Aggregate,
  isProved: boolean,
  scope: TypeScope,
  context: Context,
): readonly FunctionReference[] =>
  versions.flatMap((draft, index) => {
    const below = versions[index - 1];
    if (below === undefined || below.version.number !== draft.version.number - 1) return [];
    if (draft.source.upcast !== undefined) return resolveUpcast(draft, below, aggregate, isProved, scope, context);
    const { number, place, type } = draft.version;
    const help = `Below version ${number} write:\n${minimalUpcast(below.version.type, type)}`;
    context.report("upcast-missing", { event: event.name, version: number }, keyOf(place), { help });
    return [];
  });

const resolveUpcast = (
  { version, source, place }: VersionDraft,
  below: VersionDraft,
  aggregate: Aggregate,
  isProved: boolean,
  scope: TypeScope,
  context: Context,
): readonly FunctionReference[] => {
  if (context.failed() && !(isSound(version.type, scope.broken) && isSound(below.version.type, scope.broken)))
    return [];
  const { event, number } = version;
  const check = () =>
    checkRecordMapping(source.upcast ?? {}, version.type, source.drop ?? [], under(place, "upcast"), {
      source: below.version.type,
      sourceName: `version ${below.version.number} of ${event.name}`,
      targetName: `version ${number} of ${event.name}`,
      use: "upcast",
      long: context.long,
      aggregateKey: aggregate.key.type,
    });
  if (isProved) {
    defer(version, "upcast", () => check().expression as Expression);
    return [];
  }
  const checked = check();
  context.add(checked.diagnostics);
  if (checked.expression !== undefined) version.upcast = checked.expression;
  return checked.functions;
};

/** An upcast to start from: a line for each field that cannot be copied by name. */
const minimalUpcast = (source: RecordType, target: RecordType): string => {
  const known = new Map(source.fields.map((field) => [field.name, field]));
  const lines = target.fields.flatMap((field) => {
    const before = known.get(field.name);
    if (before === undefined && field.optional) return [];
    const type = typeText(field.type);
    if (before === undefined) return [`  ${field.name}: …  # ${type}`];
    if (typeText(before.type) !== type) return [`  ${field.name}: …  # ${type}, from ${typeText(before.type)}`];
    return before.optional && !field.optional ? [`  ${field.name}: { from: $${field.name}?, otherwise: … }`] : [];
  });
  return lines.length === 0 ? "upcast: {}" : ["upcast:", ...lines].join("\n");
};

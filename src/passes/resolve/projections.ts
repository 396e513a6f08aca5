import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Aggregate, Projection, PulsarSettings } from "../../model/model.js";
import type { Identifier } from "../../model/names.js";
import { pathName, projectionSubscription } from "../../model/names.js";
import type { Field, Type } from "../../model/type.js";
import { dereference } from "../../model/type.js";
import type { Context } from "./context.js";
import type { Drafts } from "./drafts.js";
import type { FunctionsByEvent } from "./functions.js";
import { distinctFunctions, functionsOnTheWay } from "./functions.js";
import type { Definitions } from "./merge.js";
import { checkedName } from "./names.js";
import { present } from "./present.js";
import { resolveReactions } from "./reactions.js";
import { resolveFrom, resolveRetry, resolveSubscription } from "./readers.js";
import { checkRows } from "./rows.js";
import { isSound, unknownType } from "./soundness.js";
import type { SourceProjection } from "./source.js";
import type { TypeScope } from "./type-scope.js";
import { typeText } from "./type-text.js";
import { fieldsOf, resolveFields } from "./types.js";

/** A projection of which the row is known, and not yet what events do to it. */
export type ProjectionDraft = Omit<Projection, "on" | "functions"> & { readonly source: SourceProjection };

/** The keys and rows of projections. */
export const draftProjections = (
  definitions: Definitions<SourceProjection>,
  drafts: Drafts,
  pulsar: PulsarSettings,
  scope: TypeScope,
  context: Context,
): readonly ProjectionDraft[] =>
  [...definitions].flatMap(([text, { source, place }]) => {
    const name = checkedName("projection", text, place, context);
    const aggregates = resolveFrom(source, place, drafts, context);
    const retry = resolveRetry(source.retry, under(place, "retry"), context);
    const rowFields = resolveFields(fieldsOf(source.fields, under(place, "fields")), name, scope, context);
    const key = resolveKey(name, source, aggregates, place, scope, context);
    if (aggregates.length === 0) return [];

    const { subscription: type = "failover", version = 1 } = source;
    if (type === "shared") context.report("subscription-order", { projection: name }, under(place, "subscription"));
    checkDistinct(key.fields, rowFields, context);
    return {
      name,
      ...present({ description: source.description }),
      ...{ aggregates, key, retry, place, source },
      store: source.store ?? "memory",
      version,
      row: { kind: "record" as const, name, fields: rowFields },
      subscription: resolveSubscription(projectionSubscription(name, version), source, type, aggregates, pulsar),
      indexes: resolveIndexes(
        source.indexes ?? [],
        [...key.fields, ...rowFields],
        under(place, "indexes"),
        scope,
        context,
      ),
    };
  });

/** The projections with what each event does to them. */
export const resolveProjections = (
  projections: readonly ProjectionDraft[],
  drafts: Drafts,
  functions: FunctionsByEvent,
  scope: TypeScope,
  context: Context,
): readonly Projection[] =>
  projections.map(({ source, ...draft }) => {
    const { on, functions: own, complete } = resolveReactions(draft, source, drafts, scope, context);
    if (complete && isSound(draft.row, scope.broken)) checkRows(draft, on, context);
    const events = on.filter((reaction) => reaction.kind !== "ignore").map((reaction) => reaction.event);
    const readable = draft.aggregates.flatMap((one) => one.events);
    const onTheWay = functionsOnTheWay(events, readable, functions);
    return { ...draft, on, functions: distinctFunctions([...own, ...onTheWay], context) };
  });

const resolveKey = (
  name: Identifier,
  source: SourceProjection,
  aggregates: readonly Aggregate[],
  place: Place,
  scope: TypeScope,
  context: Context,
): Projection["key"] => {
  if (source.key !== undefined) {
    const fields = resolveFields(fieldsOf(source.key, under(place, "key")), pathName(name, "key"), scope, context);
    for (const field of fields) scope.later.push(() => checkKeyField(field, context));
    return { fields, aggregateId: false };
  }
  const [aggregate, ...others] = aggregates;
  if (aggregate === undefined) return { fields: [], aggregateId: true };
  if (others.length > 0) {
    const problem = `${name} collects ${[aggregate, ...others].map((one) => one.name).join(", ")}, so it needs a \`key\` of its own.`;
    context.report("projection-key", { problem }, keyOf(place), {
      help: `Add a key, such as key: { ${aggregate.key.name}: ${aggregate.key.type.kind} }, and say in each reaction which row it is about.`,
    });
  }
  const { name: keyName, type } = aggregate.key;
  const field: Field = {
    name: keyName,
    type,
    optional: false,
    pii: false,
    place: under(aggregate.place, "key", keyName),
  };
  return { fields: [field], aggregateId: true };
};

const checkKeyField = (field: Field, context: Context): void => {
  if (field.optional) {
    context.report("projection-key", { problem: "A part of a key cannot be optional." }, keyOf(field.place));
  } else if (dereference(field.type) !== unknownType && !keyKinds.has(dereference(field.type).kind)) {
    const problem = `${typeText(field.type)} cannot be the key of a row, which is compared and stored as it is.`;
    context.report("projection-key", { problem }, field.place);
  }
};

const keyKinds: ReadonlySet<Type["kind"]> = new Set([
  ...(["uuid", "string", "int", "long", "decimal", "boolean", "date", "timestamp", "enum"] as const),
]);

const checkDistinct = (key: readonly Field[], row: readonly Field[], context: Context): void => {
  const keys = new Map(key.map((field) => [field.name, field]));
  for (const field of row) {
    const part = keys.get(field.name);
    if (part === undefined) continue;
    const problem = `${field.name} is in the key already; the fields of a row are those beside its key.`;
    const related = [{ message: "The key is here.", place: keyOf(part.place) }];
    context.report("projection-key", { problem }, keyOf(field.place), { related });
  }
};

const resolveIndexes = (
  indexes: readonly (readonly string[])[],
  fields: readonly Field[],
  place: Place,
  scope: TypeScope,
  context: Context,
): readonly (readonly string[])[] => {
  const known = new Map(fields.map((field) => [field.name, field]));
  const seen = new Set<string>();
  return indexes.flatMap((index, position) => {
    for (const [at, name] of index.entries()) {
      const problem = under(place, position, at);
      const field = known.get(name);
      if (field === undefined) {
        const suggestion = context.suggest(name, known.keys());
        context.report("unknown-name", { what: "field", name, where: " in the row", suggestion }, problem);
      } else if (index.indexOf(name) !== at) {
        context.report("duplicate-entry", { what: "field", name }, problem);
      } else {
        scope.later.push(() => checkIndexField(field, problem, context));
      }
    }
    const text = index.join(", ");
    if (seen.has(text)) context.report("duplicate-entry", { what: "index on", name: text }, under(place, position));
    return seen.size === seen.add(text).size ? [] : [index];
  });
};

const checkIndexField = ({ name, type }: Field, place: Place, context: Context): void => {
  const { kind } = dereference(type);
  if (dereference(type) === unknownType || keyKinds.has(kind) || kind === "float" || kind === "double") return;
  context.report("projection-index", { field: name, type: typeText(type) }, place);
};

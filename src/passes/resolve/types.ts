import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Identifier } from "../../model/names.js";
import { pathName } from "../../model/names.js";
import type { EnumType, Field, JsonValue, RecordType, ReferenceType, Type } from "../../model/type.js";
import { isWellFormed, normalize, problemOf } from "../../model/values.js";
import { constrain, hasConstraints } from "./constraints.js";
import type { Context } from "./context.js";
import { checkFieldName } from "./names.js";
import { present } from "./present.js";
import { isSound, unknownType } from "./soundness.js";
import type { ByName, SourceField, SourceRecord, SourceType } from "./source.js";
import type { TypeExpression } from "./type-expression.js";
import type { TypeScope } from "./type-scope.js";
import { parseOnce } from "./type-scope.js";
import { resolveUnion } from "./unions.js";
import { reportUnknownType } from "./unknown-type.js";

/** A type as a field or a definition writes it; `name` is what a record or an enum without a name is called. */
export const resolveType = (
  source: SourceField,
  name: Identifier,
  place: Place,
  scope: TypeScope,
  context: Context,
  depth = 0,
): Type => {
  const written = writtenOf(source);
  if (written.type !== undefined) {
    const at = typeof source === "string" ? place : under(place, "type");
    return resolveWritten(written.type, written, name, place, at, scope, context);
  }
  return narrowed(withoutName(written, name, place, scope, context, depth), written, place, context);
};

/** The definition of a type, made anew under `name`: `Cash: Money` is a record of its own. Never a reference. */
export const resolveDefinition = (
  source: SourceField,
  name: Identifier,
  place: Place,
  scope: TypeScope,
  context: Context,
  trail: readonly string[] = [],
): Exclude<Type, ReferenceType> => {
  const written = writtenOf(source);
  const parsed = written.type === undefined ? undefined : parseOnce(written.type, scope);
  const expression = parsed !== undefined && "expression" in parsed ? parsed.expression : undefined;
  if (expression?.kind !== "name")
    return resolveType(source, name, place, scope, context) as Exclude<Type, ReferenceType>;

  const at = typeof source === "string" ? place : under(place, "type");
  const target = scope.definitions.get(expression.name);
  if (target === undefined) {
    reportUnknownType(expression.name, at, scope, context);
    return unknownType;
  }
  if (trail.includes(expression.name)) {
    reportAliasCycle(trail.slice(trail.indexOf(expression.name)), scope, context);
    return unknownType;
  }
  if (trail.length > longestTrail) {
    context.report(
      "type-nesting",
      { what: "Names for other names of types follow one another", deepest: longestTrail },
      at,
    );
    return unknownType;
  }
  const base = resolveDefinition(target.source, name, target.place, scope, context, [...trail, expression.name]);
  return narrowed(base, written, place, context) as Exclude<Type, ReferenceType>;
};

/** At one place and in one order, from whichever of the names it was met. */
const reportAliasCycle = (names: readonly string[], scope: TypeScope, context: Context): void => {
  const first = names.toSorted()[0] ?? "";
  const start = names.indexOf(first);
  const place = scope.definitions.get(first)?.place;
  if (place === undefined) return;
  context.report("type-cycle", { cycle: [...names.slice(start), ...names.slice(0, start), first] }, keyOf(place));
};

/** The record that a version, a command or a state is. */
export const resolveRecord = (
  source: SourceRecord,
  name: Identifier,
  place: Place,
  scope: TypeScope,
  context: Context,
): { readonly type: RecordType; readonly description?: string } => {
  const description = present({ description: source.description });
  if (source.schema === undefined) {
    const fields = resolveFields(fieldsOf(source.fields ?? {}, under(place, "fields")), name, scope, context);
    return { type: { kind: "record", name, fields }, ...description };
  }
  const imported = scope.schemas.importRecord(source.schema, name, under(place, "schema"));
  context.add(imported.diagnostics);
  const type: RecordType = imported.type ?? { kind: "record", name, fields: [] };
  if (imported.type === undefined) scope.broken.add(type);
  return { type, ...present({ description: imported.description }), ...description };
};

/** A field as it stands in a file, or one that is taken over as it is. */
export type FieldSource =
  | { readonly name: string; readonly optional: boolean; readonly source: SourceField; readonly place: Place }
  | Field;

export const fieldsOf = (sources: ByName<SourceField>, place: Place): readonly FieldSource[] =>
  Object.entries(sources).map(([key, source]) => {
    const optional = key.endsWith("?");
    return { name: optional ? key.slice(0, -1) : key, optional, source, place: under(place, key) };
  });

export const resolveFields = (
  sources: readonly FieldSource[],
  owner: Identifier,
  scope: TypeScope,
  context: Context,
  depth = 0,
): readonly Field[] => {
  const fields = new Map<string, Field>();
  for (const source of sources) {
    const before = fields.get(source.name);
    if (before !== undefined) {
      context.report("defined-twice", { what: `The field ${source.name}` }, keyOf(source.place), {
        related: [{ message: "It is defined here first.", place: keyOf(before.place) }],
      });
      continue;
    }
    fields.set(source.name, "source" in source ? resolveField(source, owner, scope, context, depth) : source);
  }
  return [...fields.values()];
};

const resolveField = (
  { name, optional, source, place }: Extract<FieldSource, { source: SourceField }>,
  owner: Identifier,
  scope: TypeScope,
  context: Context,
  depth: number,
): Field => {
  checkFieldName(name, place, context);
  if (typeof source === "string") {
    // Nothing is called after its place, so nothing of it is looked at.
    const type = resolveWritten(source, noConstraints, owner, place, place, scope, context);
    return { name, type, optional, pii: false, place };
  }
  const type = resolveType(source, pathName(owner, name), place, scope, context, depth);
  const { description, example, pii = false } = source;
  const deprecated = source.deprecated === false ? undefined : source.deprecated;
  const field: Mutable<Field> = { name, type, optional, pii, place, ...present({ description, deprecated }) };
  if (example !== undefined) scope.later.push(() => setExample(field, example, scope, context));
  return field;
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const setExample = (field: Mutable<Field>, example: JsonValue, scope: TypeScope, context: Context): void => {
  if (!isSound(field.type, scope.broken)) return;
  const found = problemOf(example, field.type, context.long);
  if (found === undefined) field.example = normalize(example, field.type);
  else context.report("example-invalid", { problem: found.problem }, under(field.place, "example", ...found.path));
};

const resolveWritten = (
  text: string,
  constraints: SourceType,
  name: Identifier,
  place: Place,
  at: Place,
  scope: TypeScope,
  context: Context,
): Type => {
  const parsed = parseOnce(text, scope);
  if ("problem" in parsed) {
    context.report("type-syntax", { text, problem: parsed.problem }, at);
    return unknownType;
  }
  const type = buildOnce(text, parsed.expression, at, scope, context);
  if (constraints === noConstraints) return type;
  if (type.kind !== "reference" || !hasConstraints(constraints)) return narrowed(type, constraints, place, context);
  return narrowed(constrainable(type, name, scope, context), constraints, place, context);
};

const noConstraints: SourceType = {};

const narrowed = (type: Type, constraints: SourceType, place: Place, context: Context): Type =>
  type === unknownType ? type : constrain(type, constraints, place, context);

/** A named string, number, array or map as if it were written here; a record, an enum or a union stays what it is. */
const constrainable = (type: ReferenceType, name: Identifier, scope: TypeScope, context: Context): Type => {
  const { definition, written } = endOfAliases(type.to.name, scope);
  if (definition === undefined) return type;
  if (written.schema !== undefined) {
    const { kind } = type.to.type;
    return kind === "record" || kind === "enum" || kind === "union" ? type : type.to.type;
  }
  if (written.type === undefined) return type;
  return resolveDefinition(definition.source, name, definition.place, scope, context);
};

/** What `Cash: Money`, `Money: Amount` comes down to, and the definition where that starts. */
const endOfAliases = (name: string, scope: TypeScope) => {
  const definition = scope.definitions.get(name);
  let written = writtenOf(definition?.source ?? "");
  for (let steps = 0; written.type !== undefined && steps <= longestTrail; steps++) {
    const parsed = parseOnce(written.type, scope);
    const next = "expression" in parsed && parsed.expression.kind === "name" ? parsed.expression.name : undefined;
    const target = next === undefined ? undefined : scope.definitions.get(next);
    if (target === undefined) break;
    written = writtenOf(target.source);
  }
  return { definition, written };
};

const writtenOf = (source: SourceField): SourceType => (typeof source === "string" ? { type: source } : source);

const buildOnce = (
  text: string,
  expression: TypeExpression,
  place: Place,
  scope: TypeScope,
  context: Context,
): Type => {
  const known = scope.built.get(text);
  if (known !== undefined) return known;
  const type = build(expression, place, scope, context);
  // An unknown name is reported at every place where it is written.
  if (!isUnknown(type)) scope.built.set(text, type);
  return type;
};

const isUnknown = (type: Type): boolean =>
  type.kind === "array" ? isUnknown(type.items) : type.kind === "map" ? isUnknown(type.values) : type === unknownType;

const build = (expression: TypeExpression, place: Place, scope: TypeScope, context: Context): Type => {
  switch (expression.kind) {
    case "scalar":
      return { kind: expression.name };
    case "decimal":
      return expression;
    case "array":
      return { kind: "array", items: build(expression.items, place, scope, context) };
    case "map":
      return { kind: "map", values: build(expression.values, place, scope, context) };
    case "name": {
      const to = scope.named.get(expression.name);
      if (to !== undefined) return { kind: "reference", to };
      reportUnknownType(expression.name, place, scope, context);
      return unknownType;
    }
  }
};

/** `enum`, `fields`, `oneOf` or `schema`. */
const withoutName = (
  source: SourceType,
  name: Identifier,
  place: Place,
  scope: TypeScope,
  context: Context,
  depth: number,
): Type => {
  if (source.enum !== undefined) return resolveEnum(source.enum, name, under(place, "enum"), context);
  if (source.oneOf !== undefined) return resolveUnion(source.oneOf, under(place, "oneOf"), scope, context);
  if (source.fields !== undefined) {
    if (depth < deepest) {
      const fields = fieldsOf(source.fields, under(place, "fields"));
      return { kind: "record", name, fields: resolveFields(fields, name, scope, context, depth + 1) };
    }
    context.report("type-nesting", { what: "Records stand in one another", deepest }, keyOf(under(place, "fields")));
    return unknownType;
  }
  const imported = scope.schemas.import(source.schema ?? null, name, under(place, "schema"));
  context.add(imported.diagnostics);
  return imported.type ?? unknownType;
};

const deepest = 32;
const longestTrail = 32;

const resolveEnum = (values: readonly JsonValue[], name: Identifier, place: Place, context: Context): EnumType => {
  const distinct = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (typeof value === "string" && isWellFormed(value) && !distinct.has(value)) distinct.add(value);
    else context.report("enum-value", { value: JSON.stringify(value) }, under(place, index));
  }
  return { kind: "enum", name, values: [...distinct] };
};

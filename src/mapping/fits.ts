import type { ArrayType, Field, JsonValue, MapType, NamedType, RecordType, Type } from "../model/type.js";
import { problemOf } from "../model/values.js";
import { typeText } from "./describe.js";
import { leastOf, mapOf, maxItems, recordWith } from "./least-value.js";
import type { NumberType } from "./scalar-misfit.js";
import { bytesMisfit, floatMisfit, integerMisfit, textMisfit } from "./scalar-misfit.js";
import { isTextType } from "./texts.js";

/** Why a value of one type cannot simply be taken as one of another. `path` leads from the value to where it fails. */
export type Misfit =
  /** `value` is valid for the source as a whole; at the path it has `at`, which the target does not allow. */
  | {
      readonly kind: "value";
      readonly path: Path;
      readonly at: JsonValue;
      readonly value: JsonValue;
      readonly needed: string;
    }
  /** `value` is valid for the source, and the target needs a field that it does not have. */
  | { readonly kind: "absent"; readonly path: Path; readonly value: JsonValue }
  /** The source has a field that the target does not have, and `value` has it too. */
  | { readonly kind: "extra"; readonly path: Path; readonly value: JsonValue }
  /** Valid as JSON, but held otherwise in memory: a bigint, bytes, or a record that is no plain JSON to TypeScript. */
  | { readonly kind: "held"; readonly path: Path; readonly needed: string }
  /** Neither proved nor disproved. */
  | { readonly kind: "unproved"; readonly path: Path; readonly needed: string };

type Path = readonly (string | number)[];

export type Long = "number" | "bigint";

/**
 * Why not every value of `source` is one of `target`, as it stands in memory; undefined when it is. This is what
 * "equal or safely wider" means everywhere: bounds, lengths, patterns, members, counts, and fields one by one.
 */
export const misfitOf = (source: Type, target: Type, long: Long): Misfit | undefined =>
  compare(source, target, { long, seen: new Map(), depth: 0 });

interface Context {
  readonly long: Long;
  /** Pairs of named types that are being compared or were found to fit: types may refer to themselves. */
  readonly seen: Map<NamedType, Set<NamedType>>;
  readonly depth: number;
}

/** Values nested deeper than this are not valid for any type (see values.ts), so nothing has to be shown of them. */
const maxDepth = 255;

const compare = (source: Type, target: Type, context: Context): Misfit | undefined => {
  if (source.kind === "reference" && target.kind === "reference") {
    if (source.to === target.to) return undefined;
    const seen = context.seen.get(source.to) ?? new Set();
    if (seen.has(target.to)) return undefined;
    context.seen.set(source.to, seen.add(target.to));
  }
  if (source === target || context.depth > maxDepth) return undefined;
  const a = source.kind === "reference" ? source.to.type : source;
  const b = target.kind === "reference" ? target.to.type : target;
  return compareTypes(a, b, { ...context, depth: context.depth + 1 });
};

type Plain = Exclude<Type, { kind: "reference" }>;

const compareTypes = (source: Plain, target: Plain, context: Context): Misfit | undefined => {
  if (source === target) return undefined;
  if (target.kind === "json") return compareJson(source, context);
  if (isTextType(source) && isTextType(target)) return textMisfit(source, target, context.long);
  switch (source.kind) {
    case "int":
    case "long":
      return isNumber(target) ? integerMisfit(source, target, context.long) : otherKind(source, target, context.long);
    case "float":
    case "double":
      return isNumber(target) ? floatMisfit(source, target, context.long) : otherKind(source, target, context.long);
    case "boolean":
      return target.kind === "boolean" ? undefined : otherKind(source, target, context.long);
    case "bytes":
      return target.kind === "bytes"
        ? bytesMisfit(source, target, context.long)
        : otherKind(source, target, context.long);
    case "array":
      return target.kind === "array" ? compareLists(source, target, context) : otherKind(source, target, context.long);
    case "map":
      return target.kind === "map" ? compareLists(source, target, context) : otherKind(source, target, context.long);
    case "record":
      return target.kind === "record"
        ? compareRecords(source, target, context)
        : otherKind(source, target, context.long);
    case "union":
      return target.kind === "union" ? compareUnions(source, target, context) : otherKind(source, target, context.long);
    case "string":
    case "enum":
    case "uuid":
    case "date":
    case "timestamp":
    case "decimal":
    case "json":
      return otherKind(source, target, context.long);
  }
};

const isNumber = (type: Plain): type is Plain & NumberType =>
  type.kind === "int" || type.kind === "long" || type.kind === "float" || type.kind === "double";

/** A counter-example from candidates, for kinds of types that have nothing to do with each other. */
const otherKind = (source: Plain, target: Plain, long: Long): Misfit => {
  const sample = leastOf(source);
  for (const value of sample === undefined ? [] : [sample, ...othersOf(source, sample)]) {
    if (problemOf(value, source, long) === undefined && problemOf(value, target, long) !== undefined) {
      return { kind: "value", path: [], at: value, value, needed: typeText(target) };
    }
  }
  return { kind: sample === undefined ? "unproved" : "held", path: [], needed: typeText(target) };
};

const othersOf = (source: Plain, sample: JsonValue): readonly JsonValue[] => {
  if (source.kind === "map") {
    const item = leastOf(source.values);
    return item === undefined ? [] : [mapOf(item, Math.max(1, source.minItems ?? 0))];
  }
  if (source.kind === "record") {
    return source.fields.flatMap((field) => {
      const value = field.optional ? leastOf(field.type) : undefined;
      return value === undefined ? [] : [{ ...(sample as object), [field.name]: value }];
    });
  }
  return [];
};

/** Data that is JSON in memory already; a record is not, to TypeScript, and would bring absent fields along. */
const compareJson = (source: Plain, context: Context): Misfit | undefined => {
  const held: Misfit = { kind: "held", path: [], needed: "json" };
  switch (source.kind) {
    case "bytes":
    case "record":
    case "union":
      return held;
    case "long":
      return context.long === "bigint" ? held : undefined;
    case "array":
      return inside(0, compare(source.items, { kind: "json" }, context));
    case "map":
      return inside("…", compare(source.values, { kind: "json" }, context));
    case "string":
    case "boolean":
    case "int":
    case "float":
    case "double":
    case "decimal":
    case "uuid":
    case "date":
    case "timestamp":
    case "enum":
    case "json":
      return undefined;
  }
};

const inside = (step: string | number, misfit: Misfit | undefined): Misfit | undefined =>
  misfit && { ...misfit, path: [step, ...misfit.path] };

const compareLists = (
  source: ArrayType | MapType,
  target: ArrayType | MapType,
  context: Context,
): Misfit | undefined => {
  const counts = countMisfit(source, target);
  if (counts !== undefined) return counts;
  if (source.maxItems === 0) return undefined;
  const found = compare(elementOf(source), elementOf(target), context);
  if (found === undefined) return undefined;
  const count = Math.max(1, source.minItems ?? 0);
  const path: Path = [source.kind === "array" ? 0 : "k1", ...found.path];
  if (found.kind === "held" || found.kind === "unproved") return { ...found, path };
  if (count > maxItems) return { kind: "unproved", path, needed: typeText(target) };
  return { ...found, path, value: listOf(source, found.value, count) };
};

/** Why a list of the source may have too few or too many items for the target. */
export const countMisfit = (source: ArrayType | MapType, target: ArrayType | MapType): Misfit | undefined => {
  const [min, max] = [source.minItems ?? 0, source.maxItems ?? Number.POSITIVE_INFINITY];
  const [least, most] = [target.minItems ?? 0, target.maxItems ?? Number.POSITIVE_INFINITY];
  const failing = min < least ? min : max > most ? Math.max(min, most + 1) : undefined;
  if (failing === undefined) return undefined;
  const needed = min < least ? `at least ${itemsText(least)}` : `at most ${itemsText(most)}`;
  const item = failing === 0 ? null : failing > maxItems ? undefined : leastOf(elementOf(source));
  if (item === undefined) return { kind: "unproved", path: [], needed };
  const value = listOf(source, item, failing);
  return { kind: "value", path: [], at: value, value, needed };
};

const itemsText = (count: number): string => `${count} ${count === 1 ? "item" : "items"}`;

const elementOf = (type: ArrayType | MapType): Type => (type.kind === "array" ? type.items : type.values);

const listOf = (type: ArrayType | MapType, item: JsonValue, count: number): JsonValue =>
  type.kind === "array" ? Array.from({ length: count }, () => item) : mapOf(item, count);

/** Field by field; nothing may be lost. What only the target has must be optional. */
const compareRecords = (source: RecordType, target: RecordType, context: Context): Misfit | undefined => {
  const wanted = new Map(target.fields.map((field) => [field.name, field]));
  const given = new Map(source.fields.map((field) => [field.name, field]));
  for (const field of target.fields) {
    const from = given.get(field.name);
    if (field.optional || (from !== undefined && !from.optional)) continue;
    const value = leastOf(source);
    if (value === undefined) return { kind: "unproved", path: [field.name], needed: typeText(target) };
    return { kind: "absent", path: [field.name], value };
  }
  for (const field of source.fields) {
    const found = fieldMisfit(field, wanted.get(field.name), source, context);
    if (found !== undefined) return found;
  }
  return undefined;
};

const fieldMisfit = (from: Field, to: Field | undefined, source: RecordType, context: Context): Misfit | undefined => {
  const path = [from.name];
  if (to === undefined) {
    const item = leastOf(from.type);
    const value = item === undefined ? undefined : recordWith(source, from.name, item);
    return value === undefined ? { kind: "unproved", path, needed: "no such field" } : { kind: "extra", path, value };
  }
  const found = compare(from.type, to.type, context);
  if (found === undefined) return undefined;
  const inner = { ...found, path: [...path, ...found.path] };
  if (inner.kind === "held" || inner.kind === "unproved") return inner;
  const value = recordWith(source, from.name, inner.value);
  return value === undefined ? { kind: "unproved", path: inner.path, needed: typeText(to.type) } : { ...inner, value };
};

const compareUnions = (
  source: Plain & { kind: "union" },
  target: Plain & { kind: "union" },
  context: Context,
): Misfit | undefined => {
  for (const member of source.members) {
    const to = target.members.find((one) => one.name === member.name);
    const found =
      to === undefined
        ? otherMember(member, target)
        : compare({ kind: "reference", to: member }, { kind: "reference", to }, context);
    if (found === undefined) continue;
    if (found.kind === "held" || found.kind === "unproved") return found;
    const value = { kind: member.name, ...(found.value as { readonly [key: string]: JsonValue }) };
    return found.kind === "value" && found.path.length === 0 ? { ...found, at: value, value } : { ...found, value };
  }
  return undefined;
};

const otherMember = (member: NamedType, target: Plain): Misfit => {
  const value = leastOf({ kind: "reference", to: member });
  const needed = typeText(target);
  return value === undefined
    ? { kind: "unproved", path: ["kind"], needed }
    : { kind: "value", path: [], at: value, value, needed };
};

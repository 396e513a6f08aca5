import type { ArrayType, Field, IntegerType, JsonValue, MapType, NamedType, RecordType, Type } from "../model/type.js";
import { decimalUnits, intRange, longRange, normalize, problemOf } from "../model/values.js";
import { neededText, typeText } from "./describe.js";
import { floatEnds, nextDouble, nextFloat } from "./floats.js";
import { inclusionOf, textOf } from "./language.js";
import { bytesOf, decimalText, integerOf, leastOf, mapOf, maxItems, recordWith } from "./least-value.js";
import type { TextType } from "./texts.js";
import { isTextType, languageAround, languageWithin } from "./texts.js";

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

export type Path = readonly (string | number)[];

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
      return compareInteger(source, target, context.long);
    case "float":
    case "double":
      return compareFloat(source, target, context.long);
    case "boolean":
      return target.kind === "boolean" ? undefined : otherKind(source, target, context.long);
    case "bytes":
      return target.kind === "bytes"
        ? compareBytes(source, target, context.long)
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

/** Texts against texts, whatever kind they are of: by their members, their bounds, or as languages. */
export const textMisfit = (source: TextType, target: TextType, long: Long): Misfit | undefined => {
  const excludes = (text: string): boolean =>
    problemOf(text, target, long) !== undefined || normalize(text, target) !== text;
  const misfit = (text: string): Misfit => ({
    kind: "value",
    path: [],
    at: text,
    value: text,
    needed: neededText(text, target),
  });
  if (source.kind === "enum") {
    const failing = source.values.find(excludes);
    return failing === undefined ? undefined : misfit(failing);
  }
  if (source.kind === "decimal" && target.kind === "decimal") return decimalMisfit(source, target, misfit);
  if (source.kind === target.kind && source.kind !== "string") return undefined;
  if (target.kind === "string" && isUnconstrained(target)) return undefined;
  const around = languageAround(source);
  const within = languageWithin(target);
  const samePattern = source.kind === "string" && target.kind === "string" && source.pattern === target.pattern;
  if (
    samePattern &&
    around.min >= (target.minLength ?? 0) &&
    around.max <= (target.maxLength ?? Number.POSITIVE_INFINITY)
  )
    return undefined;
  const is = (text: string): boolean => problemOf(text, source, long) === undefined && excludes(text);
  const found = within && inclusionOf(around, within, is);
  if (found?.kind === "included") return undefined;
  const text = found?.kind === "excluded" ? found.text : exampleOf(source, target, is);
  return text === undefined ? { kind: "unproved", path: [], needed: neededOf(target) } : misfit(text);
};

/** Where languages do not find an example: some texts that are worth a try. */
const exampleOf = (source: TextType, target: TextType, is: (text: string) => boolean): string | undefined => {
  const sample = leastOf(source);
  const ends = source.kind === "decimal" ? endsOf(source).map((units) => decimalText(units, source.scale)) : [];
  const lengths = target.kind === "string" ? [(target.minLength ?? 0) - 1, (target.maxLength ?? -2) + 1] : [];
  // Long texts are for lengths only: a pattern of the user's may take time that doubles with every character.
  const hasPattern = [source, target].some((type) => type.kind === "string" && type.pattern !== undefined);
  const most = hasPattern ? 20 : 100_000;
  const long = lengths.filter((length) => length >= 0 && length <= most).map((length) => "a".repeat(length));
  const plain = [sample, ...ends, ...long, "", "a", "A", "0", "abc", "-1", " ", "ABC-1"];
  return (
    plain.find((text): text is string => typeof text === "string" && is(text)) ?? textOf(languageAround(source), is)
  );
};

const isUnconstrained = (type: TextType & { kind: "string" }): boolean =>
  type.pattern === undefined && type.maxLength === undefined && (type.minLength ?? 0) === 0;

const neededOf = (target: TextType): string =>
  target.kind === "string" && target.pattern !== undefined ? `matching ${target.pattern}` : typeText(target);

const decimalMisfit = (
  source: TextType & { kind: "decimal" },
  target: TextType & { kind: "decimal" },
  misfit: (text: string) => Misfit,
): Misfit | undefined => {
  const [min, max] = endsOf(source);
  if (source.scale !== target.scale) return misfit(decimalText(nearestToZero(min, max), source.scale));
  const [least, most] = endsOf(target);
  const failing = min < least ? nearestBelow(min, max, least) : max > most ? nearestAbove(min, most) : undefined;
  if (failing === undefined) return undefined;
  const text = decimalText(failing, source.scale);
  const bound = failing < least ? target.min : target.max;
  const found = misfit(text);
  if (bound === undefined || found.kind !== "value") return found;
  return { ...found, needed: failing < least ? `at least ${bound}` : `at most ${bound}` };
};

/** Least and largest value in units of the last digit. */
export const endsOf = (type: {
  readonly precision: number;
  readonly scale: number;
  readonly min?: string;
  readonly max?: string;
}): readonly [bigint, bigint] => {
  const all = 10n ** BigInt(type.precision) - 1n;
  return [
    type.min === undefined ? -all : decimalUnits(type.min),
    type.max === undefined ? all : decimalUnits(type.max),
  ];
};

const nearestToZero = (min: bigint, max: bigint): bigint => (min > 0n ? min : max < 0n ? max : 0n);

/** A value of the source below what the target allows, the one that says most: zero, or the last that fails. */
const nearestBelow = (min: bigint, max: bigint, least: bigint): bigint => {
  if (min <= 0n && max >= 0n && least > 0n) return 0n;
  return max < least ? max : least - 1n;
};

const nearestAbove = (min: bigint, most: bigint): bigint => (min > most ? min : most + 1n);

const rangeOf = (type: IntegerType, long: Long): { readonly min: bigint; readonly max: bigint } => {
  const range = type.kind === "int" ? intRange : longRange(long);
  return { min: type.min ?? range.min, max: type.max ?? range.max };
};

const compareInteger = (source: Plain & IntegerType, target: Plain, long: Long): Misfit | undefined => {
  const { min, max } = rangeOf(source, long);
  const at = (value: bigint, needed: string): Misfit => {
    const data = integerOf(value);
    return { kind: "value", path: [], at: data, value: data, needed };
  };
  if (target.kind === "int" || target.kind === "long") {
    const other = rangeOf(target, long);
    if (min < other.min) return at(nearestBelow(min, max, other.min), `at least ${other.min}`);
    if (max > other.max) return at(nearestAbove(min, other.max), `at most ${other.max}`);
    const isHeld = long === "bigint" && source.kind !== target.kind;
    return isHeld ? { kind: "held", path: [], needed: typeText(target) } : undefined;
  }
  if (target.kind !== "float" && target.kind !== "double") return otherKind(source, target, long);
  const low = target.min === undefined ? undefined : BigInt(Math.ceil(target.min));
  const high = target.max === undefined ? undefined : BigInt(Math.floor(target.max));
  if (low !== undefined && min < low) return at(nearestBelow(min, max, low), `at least ${target.min}`);
  if (high !== undefined && max > high) return at(nearestAbove(min, high), `at most ${target.max}`);
  if (source.kind === "long" && long === "bigint") return { kind: "held", path: [], needed: target.kind };
  const exact = target.kind === "float" ? 2n ** 24n : 2n ** 53n;
  const candidates = [exact + 1n, -exact - 1n, max, min, max - 1n, min + 1n];
  const inexact = candidates.find((one) => one >= min && one <= max && !isExact(one, target.kind));
  return inexact === undefined ? undefined : at(inexact, `${target.kind}, which is exact up to ${exact}`);
};

const isExact = (value: bigint, kind: "float" | "double"): boolean =>
  BigInt(kind === "float" ? Math.fround(Number(value)) : Number(value)) === value;

const compareFloat = (source: Plain & { kind: "float" | "double" }, target: Plain, long: Long): Misfit | undefined => {
  const [min, max] = floatEnds(source);
  const at = (value: number, needed: string): Misfit => ({ kind: "value", path: [], at: value, value, needed });
  const next = source.kind === "float" ? nextFloat : nextDouble;
  const candidates = [0.5, 0.1, min, max, next(min, 1), next(max, -1)].filter(
    (value) => value >= min && value <= max && (source.kind === "double" || Math.fround(value) === value),
  );
  if (target.kind === "int" || target.kind === "long") {
    const fraction = candidates.find((value) => !Number.isInteger(value));
    if (fraction !== undefined) return at(fraction, typeText(target));
    const other = rangeOf(target, long);
    const beyond = [min, max].find((value) => BigInt(value) < other.min || BigInt(value) > other.max);
    if (beyond !== undefined) return at(beyond, typeText(target));
    return target.kind === "long" && long === "bigint" ? { kind: "held", path: [], needed: "long" } : undefined;
  }
  if (target.kind !== "float" && target.kind !== "double") return otherKind(source, target, long);
  if (source.kind === "double" && target.kind === "float") {
    const inexact = candidates.find((value) => Math.fround(value) !== value);
    if (inexact !== undefined) return at(inexact, "float, which has 32 bits");
  }
  if (target.min !== undefined && min < target.min) {
    return at(
      min <= 0 && max >= 0 && target.min > 0 ? 0 : outside(min, max, target.min, next, -1),
      `at least ${target.min}`,
    );
  }
  if (target.max !== undefined && max > target.max) {
    return at(outside(min, max, target.max, next, 1), `at most ${target.max}`);
  }
  return undefined;
};

/** A value of the source beyond a bound of the target: a round one if there is one, else the end or the very next. */
const outside = (min: number, max: number, bound: number, next: typeof nextDouble, way: 1 | -1): number => {
  const round = way > 0 ? Math.floor(bound) + 1 : Math.ceil(bound) - 1;
  const candidates = [round, way > 0 ? max : min, next(bound, way)];
  const found = candidates.find(
    (value) =>
      value >= min &&
      value <= max &&
      (way > 0 ? value > bound : value < bound) &&
      (next === nextDouble || Math.fround(value) === value),
  );
  return found ?? (way > 0 ? max : min);
};

const compareBytes = (
  source: Plain & { kind: "bytes" },
  target: Plain & { kind: "bytes" },
  long: Long,
): Misfit | undefined => {
  const [min, max] = [source.minLength ?? 0, source.maxLength ?? Number.POSITIVE_INFINITY];
  const failing =
    min < (target.minLength ?? 0)
      ? min
      : max > (target.maxLength ?? Number.POSITIVE_INFINITY)
        ? Math.max(min, (target.maxLength ?? 0) + 1)
        : undefined;
  if (failing === undefined) return undefined;
  const needed = neededText(bytesOf(Math.min(failing, 3)), target);
  if (failing > 1_000_000) return { kind: "unproved", path: [], needed };
  const value = bytesOf(failing);
  return problemOf(value, target, long) === undefined
    ? undefined
    : { kind: "value", path: [], at: value, value, needed };
};

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

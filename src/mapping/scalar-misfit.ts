import type { FloatType, IntegerType, Type } from "../model/type.js";
import { decimalUnits, intRange, longRange, normalize, problemOf } from "../model/values.js";
import { neededText, typeText } from "./describe.js";
import type { Long, Misfit } from "./fits.js";
import { floatEnds, nextDouble, nextFloat } from "./floats.js";
import { inclusionOf, textOf } from "./language.js";
import { bytesOf, decimalText, integerOf, leastOf } from "./least-value.js";
import type { TextType } from "./texts.js";
import { languageAround, languageWithin } from "./texts.js";

export type NumberType = IntegerType | FloatType;

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

/** Integers against numbers. */
export const integerMisfit = (source: IntegerType, target: NumberType, long: Long): Misfit | undefined => {
  const { min, max } = rangeOf(source, long);
  const at = (value: bigint, needed: string): Misfit => {
    const data = integerOf(value);
    return { kind: "value", path: [], at: data, value: data, needed };
  };
  if (isInteger(target)) {
    const other = rangeOf(target, long);
    if (min < other.min) return at(nearestBelow(min, max, other.min), `at least ${other.min}`);
    if (max > other.max) return at(nearestAbove(min, other.max), `at most ${other.max}`);
    const isHeld = long === "bigint" && source.kind !== target.kind;
    return isHeld ? { kind: "held", path: [], needed: typeText(target) } : undefined;
  }
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

const isInteger = (type: NumberType): type is IntegerType => type.kind === "int" || type.kind === "long";

const isExact = (value: bigint, kind: "float" | "double"): boolean =>
  BigInt(kind === "float" ? Math.fround(Number(value)) : Number(value)) === value;

/** Floats against numbers. */
export const floatMisfit = (source: FloatType, target: NumberType, long: Long): Misfit | undefined => {
  const [min, max] = floatEnds(source);
  const at = (value: number, needed: string): Misfit => ({ kind: "value", path: [], at: value, value, needed });
  const next = source.kind === "float" ? nextFloat : nextDouble;
  const candidates = [0.5, 0.1, min, max, next(min, 1), next(max, -1)].filter(
    (value) => value >= min && value <= max && (source.kind === "double" || Math.fround(value) === value),
  );
  if (isInteger(target)) {
    const fraction = candidates.find((value) => !Number.isInteger(value));
    if (fraction !== undefined) return at(fraction, typeText(target));
    const other = rangeOf(target, long);
    const beyond = [min, max].find((value) => BigInt(value) < other.min || BigInt(value) > other.max);
    if (beyond !== undefined) return at(beyond, typeText(target));
    return target.kind === "long" && long === "bigint" ? { kind: "held", path: [], needed: "long" } : undefined;
  }
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

/** Bytes against bytes, by their number. */
export const bytesMisfit = (
  source: Type & { kind: "bytes" },
  target: Type & { kind: "bytes" },
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

import type { JsonValue, Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { intRange, longRange, problemOf } from "../model/values.js";
import {
  decimalToBigint,
  decimalToNumber,
  numberToDecimal,
  parseMilliseconds,
  parseSeconds,
  rescaleDecimal,
  roundToInteger,
  timestampToMilliseconds,
  timestampToSeconds,
} from "../runtime/conversions.js";
import { neededText, typeText } from "./describe.js";
import type { Conversion } from "./expression.js";
import type { Long } from "./fits.js";
import { floatEnds } from "./floats.js";
import type { Language } from "./language.js";
import { inclusionOf, textOf } from "./language.js";
import { bytesOf, decimalText, integerOf } from "./least-value.js";
import { readPattern, whole } from "./pattern.js";
import { endsOf } from "./scalar-misfit.js";
import { isTextType, languageAround, languageWithin, lengthsOf, textPattern } from "./texts.js";

export type Unit = "seconds" | "milliseconds";

/** The conversion that `as` makes between two kinds of types, or undefined when there is none. */
export const conversionOf = (from: Type, to: Type, unit: Unit | undefined, long: Long): Conversion | undefined => {
  const [source, target] = [dereference(from), dereference(to)];
  const toBigint = target.kind === "long" && long === "bigint";
  switch (target.kind) {
    case "json":
      return { kind: "toJson" };
    case "string":
      return isNumber(source) || source.kind === "boolean"
        ? { kind: "toText" }
        : source.kind === "bytes"
          ? { kind: "bytesToText" }
          : undefined;
    case "bytes":
      return isTextType(source) ? { kind: "textToBytes" } : undefined;
    case "decimal":
      if (source.kind === "decimal") return { kind: "rescale", scale: target.scale };
      return isNumber(source) ? { kind: "numberToDecimal", scale: target.scale } : undefined;
    case "float":
    case "double":
      if (source.kind === "decimal") return { kind: "decimalToNumber" };
      return isNumber(source) ? { kind: "toNumber" } : undefined;
    case "int":
    case "long":
      if (source.kind === "timestamp" && unit !== undefined) return { kind: "fromTimestamp", unit, bigint: toBigint };
      if (source.kind === "int" || source.kind === "long") return { kind: toBigint ? "toBigint" : "toNumber" };
      return isNumber(source) || source.kind === "decimal" ? { kind: "toInteger", bigint: toBigint } : undefined;
    case "timestamp":
      if (source.kind === "date") return { kind: "dateToTimestamp" };
      return isNumber(source) && unit !== undefined ? { kind: "toTimestamp", unit } : undefined;
    case "date":
      return source.kind === "timestamp" ? { kind: "timestampToDate" } : undefined;
    case "boolean":
    case "uuid":
    case "enum":
    case "array":
    case "map":
    case "record":
    case "union":
      return undefined;
  }
};

/** Whether the unit of a number that is a time has to be said. */
export const needsUnit = (from: Type, to: Type): boolean => {
  const [source, target] = [dereference(from), dereference(to)];
  return (
    (isNumber(source) && target.kind === "timestamp") ||
    (source.kind === "timestamp" && (target.kind === "int" || target.kind === "long"))
  );
};

/** Why a conversion is not total: a value that it cannot bring into the target, or that nothing is known. */
export type Failure =
  | { readonly kind: "value"; readonly at: JsonValue; readonly result: JsonValue | undefined; readonly needed: string }
  | { readonly kind: "unproved"; readonly needed: string };

/**
 * Proves that a conversion gives a valid value of the target for every valid one of the source. Conversions of numbers
 * never turn the order around, so their ends say all; they are computed by what runs later.
 */
export const failureOf = (from: Type, to: Type, conversion: Conversion, long: Long): Failure | undefined => {
  const [source, target] = [dereference(from), dereference(to)];
  switch (conversion.kind) {
    case "toJson":
    case "timestampToDate":
    case "dateToTimestamp":
      return undefined;
    case "toText":
      return textFailure(source, target, long);
    case "textToBytes":
      return bytesFailure(source, target, long);
    case "bytesToText":
      return base64Failure(source, target, long);
    case "numberToDecimal":
    case "rescale":
    case "decimalToNumber":
    case "toInteger":
    case "toNumber":
    case "toBigint":
    case "toTimestamp":
    case "fromTimestamp":
      return endsFailure(source, target, conversion, long);
  }
};

/** What a conversion makes of a value, both in data form; undefined where it makes nothing. */
export const converted = (value: JsonValue, to: Type, conversion: Conversion): JsonValue | undefined => {
  const target = dereference(to);
  const number = typeof value === "number" ? value : undefined;
  switch (conversion.kind) {
    case "toText":
      return String(value);
    case "numberToDecimal":
      return numberToDecimal(number ?? BigInt(value as string), conversion.scale);
    case "rescale":
      return rescaleDecimal(value as string, conversion.scale);
    case "decimalToNumber":
      return rounded(decimalToNumber(value as string), target);
    case "toInteger":
      return typeof value === "string" ? integerOf(decimalToBigint(value)) : roundToInteger(value as number);
    case "toNumber":
      return target.kind === "int" || target.kind === "long"
        ? integerOf(BigInt(value as string | number))
        : rounded(Number(value), target);
    case "toBigint":
      return integerOf(BigInt(value as string | number));
    case "toTimestamp":
      return (conversion.unit === "seconds" ? parseSeconds : parseMilliseconds)(number ?? BigInt(value as string));
    case "fromTimestamp":
      return (conversion.unit === "seconds" ? timestampToSeconds : timestampToMilliseconds)(value as string);
    case "timestampToDate":
      return (value as string).slice(0, 10);
    case "dateToTimestamp":
      return `${value}T00:00:00.000Z`;
    case "textToBytes":
      return Buffer.from(value as string).toString("base64");
    case "bytesToText":
    case "toJson":
      return value;
  }
};

const rounded = (value: number, target: Type): number => (target.kind === "float" ? Math.fround(value) : value) + 0;

const isNumber = (type: Type): boolean =>
  type.kind === "int" || type.kind === "long" || type.kind === "float" || type.kind === "double";

const endsFailure = (source: Type, target: Type, conversion: Conversion, long: Long): Failure | undefined => {
  const fails = (value: JsonValue): Failure | undefined => {
    const result = converted(value, target, conversion);
    if (result !== undefined && Number.isFinite(typeof result === "number" ? result : 0)) {
      if (problemOf(result, target, long) === undefined) return undefined;
      return { kind: "value", at: value, result, needed: neededText(result, target) };
    }
    return { kind: "value", at: value, result: undefined, needed: typeText(target) };
  };
  const ends = endsIn(source, long);
  const failing = ends.some((end) => fails(end) !== undefined);
  if (!failing) return undefined;
  // Of all the values that fail, one that a reader takes in at a glance.
  for (const value of [...plainIn(source, long), ...ends]) {
    const failure = fails(value);
    if (failure !== undefined) return failure;
  }
  return undefined;
};

/** The least and the largest value, in data form. */
const endsIn = (type: Type, long: Long): readonly JsonValue[] => {
  if (type.kind === "int" || type.kind === "long") {
    const range = type.kind === "int" ? intRange : longRange(long);
    return [integerOf(type.min ?? range.min), integerOf(type.max ?? range.max)];
  }
  if (type.kind === "float" || type.kind === "double") return floatEnds(type);
  if (type.kind === "decimal") return endsOf(type).map((units) => decimalText(units, type.scale));
  return ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"];
};

const plainIn = (type: Type, long: Long): readonly JsonValue[] => {
  const numbers = [0, 1, -1, 0.5, 1e3, -1e3, 1e6, -1e6, 1e9, -1e9, 1e12, -1e12, 1e15, -1e15, 1e300, -1e300];
  const values: readonly JsonValue[] =
    type.kind === "decimal"
      ? numbers.filter((value) => Math.abs(value) <= 1e15).map((value) => numberToDecimal(value, type.scale))
      : type.kind === "timestamp"
        ? ["1970-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z", "1900-01-01T00:00:00.000Z"]
        : numbers.map((value) => (type.kind === "float" ? Math.fround(value) : value));
  return values.filter(
    (value) => (typeof value !== "number" || Number.isFinite(value)) && problemOf(value, type, long) === undefined,
  );
};

const textFailure = (source: Type, target: Type, long: Long): Failure | undefined => {
  if (target.kind !== "string") return { kind: "unproved", needed: typeText(target) };
  const pattern = textPattern(source);
  const within = languageWithin(target);
  const { min, max } = lengthsOf(source);
  const isFree = target.pattern === undefined && (target.minLength ?? 0) <= min;
  if (isFree && max <= (target.maxLength ?? Number.POSITIVE_INFINITY)) return undefined;
  const read = (text: string): JsonValue => {
    if (source.kind === "boolean") return text === "true";
    return source.kind === "long" && /^-?\d{1,19}$/.test(text) ? integerOf(BigInt(text)) : Number(text);
  };
  const is = (text: string): boolean =>
    String(read(text)) === text &&
    problemOf(read(text), source, long) === undefined &&
    problemOf(text, target, long) !== undefined;
  const around: Language = { min, max, ...(pattern && { pattern: whole(pattern) }) };
  const found = within && pattern && inclusionOf(around, within, is);
  if (found?.kind === "included") return undefined;
  const candidates = [...endsOfText(source, long), "0", "1", "-1", "true", "false", "0.1", "1e+21", "10"];
  const text = found?.kind === "excluded" ? found.text : candidates.find(is);
  if (text === undefined) return { kind: "unproved", needed: typeText(target) };
  return { kind: "value", at: read(text), result: text, needed: neededText(text, target) };
};

const endsOfText = (source: Type, long: Long): readonly string[] =>
  isNumber(source) ? endsIn(source, long).map(String) : [];

const bytesFailure = (source: Type, target: Type, long: Long): Failure | undefined => {
  if (target.kind !== "bytes") return { kind: "unproved", needed: typeText(target) };
  const [least, most] = [target.minLength ?? 0, target.maxLength ?? Number.POSITIVE_INFINITY];
  const sizes =
    source.kind === "enum"
      ? source.values.map((value) => Buffer.byteLength(value))
      : [lengthsOf(source).min, sizeOf(source)];
  if (Math.min(...sizes) >= least && Math.max(...sizes) <= most) return undefined;
  const { min, max } = lengthsOf(source);
  const texts = source.kind === "enum" ? source.values : [min, Math.min(max, most + 1)].flatMap(lettersOf);
  const is = (text: string): boolean => {
    const size = Buffer.byteLength(text);
    return (size < least || size > most) && problemOf(text, source, long) === undefined;
  };
  const found = texts.find(is) ?? textOf(languageAround(source), is);
  const needed = neededText("", target);
  return found === undefined
    ? { kind: "unproved", needed }
    : { kind: "value", at: found, result: bytesOf(Buffer.byteLength(found)), needed };
};

const sizeOf = (source: Type): number => lengthsOf(source).max * (source.kind === "string" ? 4 : 1);

/** Texts of a length, with as few bytes as there can be and with as many. */
const lettersOf = (length: number): readonly string[] =>
  length > 100_000 ? [] : ["a".repeat(length), "\u{1F600}".repeat(length)];

const base64Failure = (source: Type, target: Type, long: Long): Failure | undefined => {
  if (target.kind !== "string" || source.kind !== "bytes") return { kind: "unproved", needed: typeText(target) };
  const [min, max] = [source.minLength ?? 0, source.maxLength ?? Number.POSITIVE_INFINITY];
  const lengthOf = (size: number): number => Math.ceil(size / 3) * 4;
  const pattern = readPattern("^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$");
  const around: Language = { min: lengthOf(min), max: lengthOf(max), ...(pattern && { pattern }) };
  const within = languageWithin(target);
  const is = (text: string): boolean =>
    problemOf(text, source, long) === undefined && problemOf(text, target, long) !== undefined;
  const isLengthOnly = target.pattern === undefined;
  if (
    isLengthOnly &&
    around.min >= (target.minLength ?? 0) &&
    around.max <= (target.maxLength ?? Number.POSITIVE_INFINITY)
  ) {
    return undefined;
  }
  const found = within && !isLengthOnly ? inclusionOf(around, within, is) : undefined;
  if (found?.kind === "included") return undefined;
  const sizes = [
    min,
    ...(target.maxLength === undefined ? [] : [Math.min(max, target.maxLength), Math.min(max, target.maxLength + 1)]),
  ];
  const text =
    found?.kind === "excluded"
      ? found.text
      : sizes
          .filter((size) => size < 1e6)
          .map(bytesOf)
          .find(is);
  if (text === undefined) return { kind: "unproved", needed: typeText(target) };
  return { kind: "value", at: text, result: text, needed: neededText(text, target) };
};

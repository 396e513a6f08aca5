import type { JsonValue, Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { problemOf } from "../model/values.js";
import {
  bytesToBase64,
  parseBase64,
  parseBoolean,
  parseDate,
  parseDecimal,
  parseFloat32,
  parseInt32,
  parseInt64,
  parseJson,
  parseNumber,
  parseSafeInteger,
  parseTimestamp,
  parseUuid,
} from "../runtime/conversions.js";
import type { Failure, Unit } from "./convert.js";
import { conversionOf, converted, failureOf } from "./convert.js";
import { neededText, typeText } from "./describe.js";
import type { Reading } from "./expression.js";
import type { Long } from "./fits.js";
import { misfitOf } from "./fits.js";
import { inclusionOf } from "./language.js";
import { integerOf, leastOf } from "./least-value.js";
import type { Pattern } from "./pattern.js";
import { anyText, exactly, readPattern, whole } from "./pattern.js";
import { isTextType, languageAround } from "./texts.js";

/** How `parse` reads one type as another, or undefined when it cannot. */
export const readingOf = (from: Type, to: Type, unit: Unit | undefined, long: Long): Reading | undefined => {
  const [source, target] = [dereference(from), dereference(to)];
  if (source.kind === "json" || target.kind === "array" || target.kind === "map") return undefined;
  if (target.kind === "record" || target.kind === "union") return undefined;
  if (source.kind === "string" || source.kind === "enum") return { kind: "text" };
  if (isTextType(source) && (target.kind === "string" || target.kind === "enum")) return { kind: "text" };
  if (source.kind === target.kind && (source.kind === "bytes" || source.kind === "boolean")) return { kind: "narrow" };
  if (target.kind === "json") return undefined;
  const conversion = conversionOf(source, target, unit, long);
  return conversion && { kind: "convert", conversion };
};

/** What `parse` makes of a value, both in data form; undefined where it fails or a constraint is broken. */
export const parsed = (value: JsonValue, to: Type, reading: Reading, long: Long): JsonValue | undefined => {
  const target = dereference(to);
  const result =
    reading.kind === "text"
      ? readText(value as string, target, long)
      : reading.kind === "convert"
        ? converted(value, target, reading.conversion)
        : value;
  if (result === undefined || (typeof result === "number" && !Number.isFinite(result))) return undefined;
  return problemOf(result, target, long) === undefined ? result : undefined;
};

/** Whether reading changes nothing. Text is a value of json as it stands too, but not the one that reading gives. */
export const isCopy = (from: Type, to: Type, reading: Reading | undefined, long: Long): boolean =>
  !(reading?.kind === "text" && dereference(to).kind === "json") && misfitOf(from, to, long) === undefined;

/** Why `parse` may fail on a value of the source; undefined when it is proved that it never does. */
export const parseFailureOf = (from: Type, to: Type, reading: Reading, long: Long): Failure | undefined => {
  const [source, target] = [dereference(from), dereference(to)];
  if (isCopy(source, target, reading, long)) return undefined;
  if (reading.kind === "convert") return failureOf(source, target, reading.conversion, long);
  const fails = (value: JsonValue): boolean =>
    problemOf(value, source, long) === undefined && parsed(value, target, reading, long) === undefined;
  const failure = (value: JsonValue): Failure => {
    const result = target.kind === "string" || target.kind === "bytes" ? value : undefined;
    return {
      kind: "value",
      at: value,
      result,
      needed: result === undefined ? typeText(target) : neededText(result, target),
    };
  };
  if (source.kind === "enum") {
    const failing = source.values.find(fails);
    return failing === undefined ? undefined : failure(failing);
  }
  if (source.kind === "bytes" || source.kind === "boolean") {
    const misfit = misfitOf(source, target, long);
    return misfit?.kind === "value" ? failure(misfit.at) : { kind: "unproved", needed: typeText(target) };
  }
  const readable = readablePattern(target, long);
  const around = languageAround(source);
  const found =
    readable && inclusionOf(around, { min: 0, max: Number.POSITIVE_INFINITY, pattern: whole(readable) }, fails);
  if (found?.kind === "included") return undefined;
  if (found?.kind === "excluded") return failure(found.text);
  const misfit = target.kind === "string" ? misfitOf(source, target, long) : undefined;
  const candidates = [...(misfit?.kind === "value" ? [misfit.at] : []), leastOf(source), "", "abc", "0", "-1", "A"];
  const failing = candidates.find((value): value is JsonValue => value !== undefined && fails(value));
  return failing === undefined ? { kind: "unproved", needed: typeText(target) } : failure(failing);
};

const readText = (text: string, target: Type, long: Long): JsonValue | undefined => {
  switch (target.kind) {
    case "int":
      return parseInt32(text);
    case "long": {
      const value = long === "bigint" ? parseInt64(text) : parseSafeInteger(text);
      return value === undefined ? undefined : integerOf(BigInt(value));
    }
    case "double":
      return parseNumber(text);
    case "float":
      return parseFloat32(text);
    case "decimal":
      return parseDecimal(text, target.precision, target.scale);
    case "boolean":
      return parseBoolean(text);
    case "uuid":
      return parseUuid(text);
    case "date":
      return parseDate(text);
    case "timestamp":
      return parseTimestamp(text);
    case "bytes": {
      const bytes = parseBase64(text);
      return bytes && bytesToBase64(bytes);
    }
    case "json": {
      const [one, other] = [parseJson(text, 1), parseJson(text, 2)];
      return one === 1 && other === 2 ? undefined : one;
    }
    case "string":
    case "enum":
      return text;
    case "array":
    case "map":
    case "record":
    case "union":
    case "reference":
      return undefined;
  }
};

/** Texts that certainly can be read as the type with all its constraints, as far as a pattern can say it. */
const readablePattern = (target: Type, long: Long): Pattern | undefined => {
  switch (target.kind) {
    case "int":
      return target.min === undefined && target.max === undefined
        ? readPattern("[+-]?0*\\d{1,9}")
        : digitsWithin(target);
    case "long":
      if (target.min !== undefined || target.max !== undefined) return digitsWithin(target);
      return readPattern(long === "bigint" ? "[+-]?0*\\d{1,18}" : "[+-]?0*\\d{1,15}");
    case "float":
    case "double":
      if (target.min !== undefined || target.max !== undefined) return undefined;
      return readPattern("[+-]?(?:\\d{1,37}(?:\\.\\d*)?|\\.\\d+)");
    case "decimal": {
      if (target.min !== undefined || target.max !== undefined) return undefined;
      const { precision, scale } = target;
      const whole = precision > scale ? `0*\\d{1,${precision - scale}}` : "0+";
      return readPattern(`[+-]?${whole}(?:\\.\\d{1,${scale}}0*)?`.replace("\\d{1,0}0*", "0+"));
    }
    case "boolean":
      return readPattern("true|false");
    case "uuid":
      return readPattern("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    case "enum":
      return { kind: "choice", parts: target.values.map(exactly) };
    case "string":
      return target.pattern === undefined && (target.maxLength ?? 0) <= 2000
        ? anyText(target.minLength ?? 0, target.maxLength ?? Number.POSITIVE_INFINITY)
        : undefined;
    case "date":
    case "timestamp":
    case "bytes":
    case "json":
    case "array":
    case "map":
    case "record":
    case "union":
    case "reference":
      return undefined;
  }
};

/** Numbers from `10…0` to `9…9` that are surely between the bounds. */
const digitsWithin = (target: {
  readonly min?: bigint;
  readonly max?: bigint;
  readonly kind: "int" | "long";
}): Pattern | undefined => {
  const [min, max] = [target.min ?? -(2n ** 31n), target.max ?? 2n ** 31n - 1n];
  const size = String(max).length - (String(max).replaceAll("9", "") === "" ? 0 : 1);
  if (max < 1n || size < 1 || min > 1n) return undefined;
  return readPattern(min <= 0n ? `0*\\d{1,${size}}` : `0*[1-9]\\d{0,${size - 1}}`);
};

import type { DecimalType, Type } from "../model/type.js";
import type { Language } from "./language.js";
import type { Pattern } from "./pattern.js";
import { anyText, between, exactly, readPattern, whole } from "./pattern.js";

/** The types whose values are texts in memory. */
export type TextType = Type & { readonly kind: "string" | "enum" | "uuid" | "date" | "timestamp" | "decimal" };

export const isTextType = (type: Type): type is TextType =>
  type.kind === "string" ||
  type.kind === "enum" ||
  type.kind === "uuid" ||
  type.kind === "date" ||
  type.kind === "timestamp" ||
  type.kind === "decimal";

/** A language that has every text of the type, and where it is not exactly that, few others. */
export const languageAround = (type: Type): Language => {
  if (type.kind === "string") {
    const pattern = type.pattern === undefined ? undefined : readPattern(type.pattern);
    return { min: type.minLength ?? 0, max: type.maxLength ?? Number.POSITIVE_INFINITY, ...(pattern && { pattern }) };
  }
  const inner = textPattern(type);
  return { ...lengthsOf(type), ...(inner && { pattern: whole(inner) }) };
};

/** A language of which every text is one of the type, or undefined where none is known that is near enough. */
export const languageWithin = (type: TextType): Language | undefined => {
  if (type.kind === "decimal" && (type.min !== undefined || type.max !== undefined)) return undefined;
  if (type.kind === "string" && type.pattern !== undefined && readPattern(type.pattern) === undefined) return undefined;
  return languageAround(type);
};

/** The whole texts that a value of the type is written as in a template or by `as: string`, as a part of a pattern. */
export const textPattern = (type: Type): Pattern | undefined => {
  switch (type.kind) {
    case "reference":
      return textPattern(type.to.type);
    case "string": {
      const pattern = type.pattern === undefined ? undefined : readPattern(type.pattern);
      const core = pattern && between(pattern);
      const max = type.maxLength ?? Number.POSITIVE_INFINITY;
      const tooLong = (type.minLength ?? 0) > 2000 || (max > 2000 && max !== Number.POSITIVE_INFINITY);
      return core ?? (tooLong ? anyText(0, Number.POSITIVE_INFINITY) : anyText(type.minLength ?? 0, max));
    }
    case "enum":
      return { kind: "choice", parts: type.values.map(exactly) };
    case "boolean":
      return readPattern("true|false");
    case "uuid":
      return readPattern("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    case "date":
      return readPattern(datePattern);
    case "timestamp":
      return readPattern(`(?:${datePattern})T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z`);
    case "decimal":
      return readPattern(decimalPattern(type));
    case "int":
    case "long":
      return readPattern(integerPattern(type));
    case "float":
    case "double":
      return readPattern("-?(?:\\d{1,21}(?:\\.\\d{1,24})?|\\d(?:\\.\\d{1,20})?e[+-]\\d{1,3})");
    case "bytes":
    case "json":
    case "array":
    case "map":
    case "record":
    case "union":
      return undefined;
  }
};

/** Shortest and longest text of the type in code points, where it is not a matter of its pattern. */
export const lengthsOf = (type: Type): { readonly min: number; readonly max: number } => {
  switch (type.kind) {
    case "reference":
      return lengthsOf(type.to.type);
    case "string":
      return { min: type.minLength ?? 0, max: type.maxLength ?? Number.POSITIVE_INFINITY };
    case "enum": {
      const lengths = type.values.map((value) => Array.from(value).length);
      return { min: Math.min(...lengths), max: Math.max(...lengths) };
    }
    case "boolean":
      return { min: 4, max: 5 };
    case "uuid":
      return { min: 36, max: 36 };
    case "date":
      return { min: 10, max: 10 };
    case "timestamp":
      return { min: 24, max: 24 };
    case "decimal": {
      const point = type.scale === 0 ? 0 : type.scale + 1;
      const widest = 1 + Math.max(1, type.precision - type.scale) + point;
      const [min, max] = [type.min?.length ?? widest, type.max?.length ?? widest];
      const isAway = (type.min !== undefined && !/^-|^[0.]+$/.test(type.min)) || type.max?.startsWith("-") === true;
      const least = type.max?.startsWith("-") === true ? max : min;
      return { min: isAway ? least : 1 + point, max: Math.max(min, max) };
    }
    case "int":
    case "long": {
      const ends = [type.min ?? -(2n ** 63n), type.max ?? 2n ** 63n - 1n].map((end) => String(end).length);
      return { min: 1, max: Math.max(...ends) };
    }
    case "float":
    case "double":
      return { min: 1, max: 25 };
    case "bytes":
    case "json":
    case "array":
    case "map":
    case "record":
    case "union":
      return { min: 0, max: Number.POSITIVE_INFINITY };
  }
};

const year = "(?:000[1-9]|00[1-9]\\d|0[1-9]\\d\\d|[1-9]\\d{3})";
const leapYear = "(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)";
const datePattern =
  `${year}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))` +
  `|${leapYear}-02-29`;

/** Without look-ahead: a minus stands before digits that are not all zero. */
const decimalPattern = ({ precision, scale }: DecimalType): string => {
  const digits = precision - scale;
  const fraction = scale === 0 ? "" : `\\.\\d{${scale}}`;
  const large = digits === 0 ? [] : [`-?[1-9]\\d{0,${digits - 1}}${fraction}`];
  const small = Array.from({ length: scale }, (_, i) => `-0\\.0{${i}}[1-9]\\d{${scale - 1 - i}}`);
  return [`0${fraction}`, ...large, ...small].join("|");
};

/** By the number of digits only; what is proved with it is proved with more than there is. */
const integerPattern = (type: {
  readonly min?: bigint;
  readonly max?: bigint;
  readonly kind: "int" | "long";
}): string => {
  const [min, max] = [
    type.min ?? (type.kind === "int" ? -(2n ** 31n) : -(2n ** 63n)),
    type.max ?? (type.kind === "int" ? 2n ** 31n : 2n ** 63n),
  ];
  const positive = max > 0n ? [`[1-9]\\d{0,${String(max).length - 1}}`] : [];
  const negative = min < 0n ? [`-[1-9]\\d{0,${String(-min).length - 1}}`] : [];
  const least = min > 0n ? [`[1-9]\\d{${String(min).length - 1},${String(max).length - 1}}`] : ["0", ...positive];
  return [...least, ...negative].join("|");
};

import { diagnostic } from "../../diagnostics/diagnostic.js";
import { type Identifier, identifier } from "../../model/names.js";
import type { EnumType, JsonValue, Type } from "../../model/type.js";
import { decimalPattern, intRange, isWellFormed, longRange } from "../../model/values.js";
import { type Keywords, placeOf, type SchemaNode } from "./documents.js";
import { checkKeywords, countBounds, wrongValue } from "./keywords.js";
import type { Scope } from "./scope.js";

/** `type: string`: a string, or what its format, its encoding or its pattern says. */
export const stringType = (node: SchemaNode, scope: Scope): Type | undefined => {
  const { format, contentEncoding, pattern } = node.schema as Keywords;
  if (format !== undefined) return formatType(node, format, scope);
  if (contentEncoding !== undefined) {
    if (contentEncoding === "base64") return bytesType(node, "contentEncoding", scope);
    return wrongValue(node, "contentEncoding", '"base64"', scope);
  }
  checkKeywords(node, { name: "a string", keywords: ["type", "minLength", "maxLength", "pattern"] }, scope);
  const { min, max } = countBounds(node, "minLength", "maxLength", scope);
  const lengths = {
    ...(min === undefined ? {} : { minLength: min }),
    ...(max === undefined ? {} : { maxLength: max }),
  };
  if (pattern === undefined) return { kind: "string", ...lengths };
  if (typeof pattern !== "string") return wrongValue(node, "pattern", "text", scope);
  const problem = patternProblem(pattern);
  if (problem !== undefined) {
    scope.report(diagnostic("schema-pattern", { problem }, placeOf(node, "pattern")));
    return undefined;
  }
  return (
    (Object.keys(lengths).length === 0 ? decimalOf(pattern) : undefined) ?? { kind: "string", ...lengths, pattern }
  );
};

/** `type: integer`: an int where the bounds or the format say so, else a long. */
export const integerType = (node: SchemaNode, scope: Scope): Type | undefined => {
  checkKeywords(node, { name: "an integer", keywords: ["type", "format", ...boundKeywords] }, scope);
  const { format } = node.schema as Keywords;
  if (format !== undefined && format !== "int32" && format !== "int64")
    return wrongFormat(node, format, integerFormats, scope);
  const lower = integerBound(node, "minimum", "exclusiveMinimum", scope);
  const upper = integerBound(node, "maximum", "exclusiveMaximum", scope);
  const fits =
    lower !== undefined &&
    upper !== undefined &&
    lower >= intRange.min &&
    upper <= intRange.max &&
    lower <= intRange.max;
  const kind = format === "int32" || (format === undefined && fits) ? "int" : "long";
  const range = kind === "int" ? intRange : longRange(scope.long);
  if ((lower ?? range.min) > (upper ?? range.max)) {
    return noValue(node, `${lower ?? range.min} is more than ${upper ?? range.max}`, scope);
  }
  if (lower !== undefined && lower > range.max) return noValue(node, `${lower} is more than any ${kind}`, scope);
  if (upper !== undefined && upper < range.min) return noValue(node, `${upper} is less than any ${kind}`, scope);
  return {
    kind,
    ...(lower === undefined || lower <= range.min ? {} : { min: lower }),
    ...(upper === undefined || upper >= range.max ? {} : { max: upper }),
  };
};

/** `type: number`: a double, or a float by its format. */
export const numberType = (node: SchemaNode, scope: Scope): Type | undefined => {
  checkKeywords(node, { name: "a number", keywords: ["type", "format", ...boundKeywords] }, scope);
  const { format } = node.schema as Keywords;
  if (format !== undefined && format !== "float" && format !== "double")
    return wrongFormat(node, format, numberFormats, scope);
  const kind = format === "float" ? "float" : "double";
  const largest = kind === "float" ? 2 ** 128 - 2 ** 104 : Number.MAX_VALUE;
  const bound = (keyword: "minimum" | "maximum", exclusive: string, side: 1 | -1): number | undefined => {
    const own = numberOf(node, keyword, scope);
    const open = numberOf(node, exclusive, scope);
    const closed = open === undefined ? undefined : neighbour(open, side, kind);
    const both = [own, closed].filter((one) => one !== undefined);
    return both.length === 0 ? undefined : side === 1 ? Math.max(...both) : Math.min(...both);
  };
  const min = bound("minimum", "exclusiveMinimum", 1);
  const max = bound("maximum", "exclusiveMaximum", -1);
  if ((min ?? -largest) > (max ?? largest) || (min ?? 0) > largest || (max ?? 0) < -largest) {
    return noValue(node, `${min ?? -largest} is more than ${Math.min(max ?? largest, largest)}`, scope);
  }
  return {
    kind,
    ...(min === undefined || min <= -largest ? {} : { min: min + 0 }),
    ...(max === undefined || max >= largest ? {} : { max: max + 0 }),
  };
};

/** `type: boolean`. */
export const booleanType = (node: SchemaNode, scope: Scope): Type => {
  checkKeywords(node, { name: "a boolean", keywords: ["type"] }, scope);
  return { kind: "boolean" };
};

/** `enum` or `const`: an enum of texts. */
export const enumType = (node: SchemaNode, name: string, nullable: boolean, scope: Scope): EnumType | undefined => {
  checkKeywords(node, { name: "an enum", keywords: ["type", "enum", "const"], others: "alternatives" }, scope);
  const schema = node.schema as Keywords;
  if (Object.hasOwn(schema, "const")) {
    const { const: only, enum: others } = schema;
    if (others !== undefined) return wrongValue(node, "enum", 'left out beside "const"', scope);
    return enumOf(node, ["const"], [only as JsonValue], name, scope);
  }
  const { enum: values } = schema;
  if (!Array.isArray(values)) return wrongValue(node, "enum", "a list of texts", scope);
  return enumOf(node, ["enum"], nullable ? values.filter((one) => one !== null) : values, name, scope);
};

/** An enum of values that stand under these keys of a schema. */
export const enumOf = (
  node: SchemaNode,
  keys: readonly string[],
  values: readonly JsonValue[],
  name: string,
  scope: Scope,
): EnumType | undefined => {
  const wrong = (expected: string): undefined => {
    const place = placeOf(node, ...keys);
    scope.report(diagnostic("schema-keyword-value", { keyword: keys[0] ?? "enum", expected }, place));
  };
  if (values.length === 0) return wrong("a list with at least one text");
  if (!values.every((value) => typeof value === "string")) {
    return wrong(keys[0] === "const" ? "text" : "a list of texts, and of nothing else");
  }
  if (!values.every(isWellFormed)) return wrong("made of whole characters");
  if (new Set(values).size < values.length) return wrong("a list of different texts");
  return { kind: "enum", name: identifier(name) as Identifier, values };
};

const boundKeywords = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

const integerFormats = "int32 or int64";
const numberFormats = "float or double";
const stringFormats = "uuid, date, date-time or byte";

const wrongFormat = (node: SchemaNode, format: JsonValue, known: string, scope: Scope): undefined => {
  if (typeof format !== "string") return wrongValue(node, "format", "text", scope);
  scope.report(diagnostic("schema-format", { format, supported: known }, placeOf(node, "format")));
};

const noValue = (node: SchemaNode, problem: string, scope: Scope): undefined => {
  scope.report(diagnostic("schema-bounds", { problem }, placeOf(node)));
};

const formatType = (node: SchemaNode, format: JsonValue, scope: Scope): Type | undefined => {
  if (format === "byte") return bytesType(node, "format", scope);
  if (format !== "uuid" && format !== "date" && format !== "date-time") {
    return wrongFormat(node, format, stringFormats, scope);
  }
  checkKeywords(node, { name: `the format ${format}`, keywords: ["type", "format"], others: "alternatives" }, scope);
  return { kind: format === "date-time" ? "timestamp" : format };
};

/** Lengths of a JSON Schema count the characters of the base64, four for each three bytes that are begun. */
const bytesType = (node: SchemaNode, keyword: string, scope: Scope): Type => {
  const keywords = ["type", keyword, "contentMediaType", "minLength", "maxLength"];
  checkKeywords(node, { name: "base64", keywords, others: "alternatives" }, scope);
  const { min, max } = countBounds(node, "minLength", "maxLength", scope);
  const minLength = min === undefined ? 0 : 3 * (Math.ceil(min / 4) - 1) + 1;
  const maxLength = max === undefined ? undefined : 3 * Math.floor(max / 4);
  if (maxLength !== undefined && minLength > maxLength) noValue(node, "no base64 has such a length", scope);
  return {
    kind: "bytes",
    ...(minLength === 0 ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
  };
};

const patternProblem = (pattern: string): string | undefined => {
  try {
    new RegExp(pattern, "u");
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    return message
      .replace(/^Invalid regular expression: /, "")
      .replace(`/${pattern}/u: `, "")
      .replace(`/${pattern}/: `, "");
  }
};

/** The decimal whose text the pattern is, as evgen itself writes it. */
const decimalOf = (pattern: string): Type | undefined => {
  const scale = Number(/\\d\{(\d{1,3})\}\$$/.exec(pattern)?.[1] ?? (pattern.includes("\\.") ? undefined : 0));
  const rest = /-\?\(0\|\[1-9\]\\d\{0,(\d{1,3})\}\)/.exec(pattern)?.[1];
  const whole = rest !== undefined ? Number(rest) + 1 : pattern.includes("-?\\d") ? 1 : 0;
  if (!Number.isInteger(scale) || whole + scale === 0) return undefined;
  if (decimalPattern(whole + scale, scale) !== pattern) return undefined;
  return { kind: "decimal", precision: whole + scale, scale };
};

const numberOf = (node: SchemaNode, keyword: string, scope: Scope): number | undefined => {
  const value = (node.schema as Keywords)[keyword];
  if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
  return wrongValue(node, keyword, "a number", scope);
};

/** The tighter of both bounds as an integer, inclusive. */
const integerBound = (node: SchemaNode, keyword: string, exclusive: string, scope: Scope): bigint | undefined => {
  const lower = keyword === "minimum";
  const own = integerOf(node, keyword, lower ? Math.ceil : Math.floor, scope);
  const open = integerOf(node, exclusive, lower ? Math.floor : Math.ceil, scope);
  const closed = open === undefined ? undefined : open + (lower ? 1n : -1n);
  if (own === undefined || closed === undefined) return own ?? closed;
  return own > closed === lower ? own : closed;
};

const integerOf = (
  node: SchemaNode,
  keyword: string,
  round: (value: number) => number,
  scope: Scope,
): bigint | undefined => {
  const value = numberOf(node, keyword, scope);
  if (value === undefined) return undefined;
  const whole = BigInt(round(value));
  const exact = Number.isSafeInteger(Number(whole)) || whole >= 2n ** 63n || whole <= -(2n ** 63n);
  if (exact || scope.long === "number") return whole;
  return wrongValue(node, keyword, "within ±(2^53−1), where numbers of JSON are exact, or beyond ±2^63", scope);
};

/** The next number of the kind above (1) or below (−1): what is beyond an open bound begins there. */
const neighbour = (value: number, side: 1 | -1, kind: "float" | "double"): number => {
  const view = new DataView(new ArrayBuffer(8));
  if (kind === "double") {
    if (value === 0) return side * Number.MIN_VALUE;
    view.setFloat64(0, value);
    view.setBigInt64(0, view.getBigInt64(0) + BigInt(value > 0 ? side : -side));
    return view.getFloat64(0);
  }
  const near = Math.fround(value);
  if (side === 1 ? near > value : near < value) return near;
  if (near === 0) return side * 2 ** -149;
  view.setFloat32(0, near);
  view.setInt32(0, view.getInt32(0) + (near > 0 ? side : -side));
  return view.getFloat32(0);
};

import type { Field, JsonValue, NamedType, RecordType, Type } from "./type.js";
import { dereference } from "./type.js";

/** Why a value is not one of a type. `path` leads into the value, `problem` is a clause: `"x" is not a date`. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly problem: string;
}

/**
 * Why a value in data form (JSON) is not one of the type, or undefined when it is. Accepted are the forms that a
 * literal of the model may have; `normalize` makes the one that is used after resolution.
 *
 * A `long` is a number within ±(2^53−1), and with `long: bigint` also decimal text: beyond that range only text, since
 * a JSON number would have lost digits.
 */
export const problemOf = (value: JsonValue, type: Type, long: "number" | "bigint"): Problem | undefined =>
  find(value, type, { long, path: [] });

/**
 * A valid value in its one form: a timestamp with milliseconds, a long as text only beyond ±(2^53−1), no negative
 * zero, the fields of a record in the order of the type (a union's `kind` first).
 */
export const normalize = (value: JsonValue, type: Type): JsonValue => {
  const target = dereference(type);
  switch (target.kind) {
    case "timestamp":
      return typeof value === "string" && value.length === 20 ? `${value.slice(0, 19)}.000Z` : value;
    case "long":
      return typeof value === "string" && isSafe(BigInt(value)) ? Number(value) : unsigned(value);
    case "int":
    case "float":
    case "double":
      return unsigned(value);
    case "array":
      return (value as readonly JsonValue[]).map((item) => normalize(item, target.items));
    case "map":
      return Object.fromEntries(
        Object.entries(value as object).map(([key, item]) => [key, normalize(item as JsonValue, target.values)]),
      );
    case "record":
      return Object.fromEntries(normalFields(value as JsonObject, target));
    case "union": {
      const { kind } = value as JsonObject;
      const member = target.members.find((one) => one.name === kind);
      const record = member?.type;
      return record?.kind === "record"
        ? Object.fromEntries([["kind", kind as JsonValue], ...normalFields(value as JsonObject, record)])
        : value;
    }
    case "string":
    case "boolean":
    case "decimal":
    case "uuid":
    case "date":
    case "bytes":
    case "json":
    case "enum":
      return value;
  }
};

/** The range of a `long`, inclusive. */
export const longRange = (long: "number" | "bigint"): { readonly min: bigint; readonly max: bigint } =>
  long === "bigint"
    ? { min: -(2n ** 63n), max: 2n ** 63n - 1n }
    : { min: BigInt(Number.MIN_SAFE_INTEGER), max: BigInt(Number.MAX_SAFE_INTEGER) };

/** The range of an `int`, inclusive. */
export const intRange: { readonly min: bigint; readonly max: bigint } = { min: -(2n ** 31n), max: 2n ** 31n - 1n };

/** The regular expression, without flags, of the one form that a decimal has as text; JSON Schemas say it so. */
export const decimalPattern = (precision: number, scale: number): string => {
  const whole = precision - scale;
  const digits = whole === 0 ? "0" : whole === 1 ? "\\d" : `(0|[1-9]\\d{0,${whole - 1}})`;
  return scale === 0 ? `^(?!-0$)-?${digits}$` : `^(?!-0\\.${"0".repeat(scale)}$)-?${digits}\\.\\d{${scale}}$`;
};

/** How many of its smallest unit a decimal in canonical form is: 1050n for 10.50. */
export const decimalUnits = (text: string): bigint => BigInt(text.replace(".", ""));

/** Whether the text holds whole characters only: no half of a surrogate pair. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** The length as the model counts it, in Unicode code points. */
export const codePoints = (text: string): number => {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) count--;
  }
  return count;
};

type JsonObject = { readonly [key: string]: JsonValue };

interface Context {
  readonly long: "number" | "bigint";
  /** Where the value at hand stands; grows and shrinks with the descent. */
  readonly path: (string | number)[];
}

/** A value of the model that is nested deeper than this is refused, long before the stack is at its end. */
const maxDepth = 250;

const find = (value: JsonValue, type: Type, context: Context): Problem | undefined => {
  const target = dereference(type);
  if (context.path.length > maxDepth) return problem(context, `the value is nested more than ${maxDepth} levels deep`);
  switch (target.kind) {
    case "array":
      return findInArray(value, target, context);
    case "map":
      return findInMap(value, target, context);
    case "record":
      return isObject(value)
        ? findInFields(value, target, context)
        : problem(context, `${show(value)} is not an object with the fields of ${target.name}`);
    case "union":
      return findInUnion(value, target.members, context);
    case "json":
      return findInJson(value, context);
    case "string":
    case "boolean":
    case "int":
    case "long":
    case "float":
    case "double":
    case "decimal":
    case "uuid":
    case "date":
    case "timestamp":
    case "bytes":
    case "enum": {
      const said = scalarProblem(value, target, context.long);
      return said === undefined ? undefined : problem(context, said);
    }
  }
};

const problem = (context: Context, text: string): Problem => ({ path: [...context.path], problem: text });

const inside = (
  key: string | number,
  context: Context,
  search: (context: Context) => Problem | undefined,
): Problem | undefined => {
  context.path.push(key);
  const found = search(context);
  context.path.pop();
  return found;
};

const findInArray = (value: JsonValue, type: Type & { kind: "array" }, context: Context): Problem | undefined => {
  if (!Array.isArray(value)) return problem(context, `${show(value)} is not a list`);
  const count = countProblem(value.length, "items", type);
  if (count !== undefined) return problem(context, count);
  for (const [index, item] of value.entries()) {
    const found = inside(index, context, () => find(item, type.items, context));
    if (found !== undefined) return found;
  }
  return undefined;
};

const findInMap = (value: JsonValue, type: Type & { kind: "map" }, context: Context): Problem | undefined => {
  if (!isObject(value)) return problem(context, `${show(value)} is not a map`);
  const keys = Object.keys(value);
  const count = countProblem(keys.length, "entries", type);
  if (count !== undefined) return problem(context, count);
  for (const key of keys) {
    const found = inside(key, context, () => {
      if (key === "__proto__") return problem(context, `a map cannot have the key "__proto__"`);
      if (!isWellFormed(key)) return problem(context, `the key ${show(key)} holds half of a surrogate pair`);
      return find(value[key] as JsonValue, type.values, context);
    });
    if (found !== undefined) return found;
  }
  return undefined;
};

const findInFields = (value: JsonObject, type: RecordType, context: Context, kind?: "kind"): Problem | undefined => {
  for (const field of type.fields) {
    if (Object.hasOwn(value, field.name)) {
      const found = inside(field.name, context, () => findInField(value[field.name] as JsonValue, field, context));
      if (found !== undefined) return found;
    } else if (!field.optional) {
      return problem(context, `the field ${show(field.name)} is missing`);
    }
  }
  const known = new Set(type.fields.map((field) => field.name));
  for (const key of Object.keys(value)) {
    if (known.has(key) || key === kind) continue;
    return inside(key, context, () => problem(context, `${type.name} has no field ${show(key)}`));
  }
  return undefined;
};

const findInField = (value: JsonValue, field: Field, context: Context): Problem | undefined =>
  value === null && field.optional && dereference(field.type).kind !== "json"
    ? problem(context, "null is not a value; a field without one is left out")
    : find(value, field.type, context);

const findInUnion = (value: JsonValue, members: readonly NamedType[], context: Context): Problem | undefined => {
  const names = members.map((member) => member.name).join(", ");
  if (!isObject(value)) return problem(context, `${show(value)} is not an object of one of the kinds ${names}`);
  if (!Object.hasOwn(value, "kind")) return problem(context, `the field "kind" is missing; it is one of ${names}`);
  const { kind } = value;
  const member = members.find((one) => one.name === kind);
  if (member?.type.kind !== "record") {
    return inside("kind", context, () => problem(context, `${show(kind)} is not one of ${names}`));
  }
  return findInFields(value, member.type, context, "kind");
};

const findInJson = (value: JsonValue, context: Context): Problem | undefined => {
  if (context.path.length > maxDepth) return problem(context, `the value is nested more than ${maxDepth} levels deep`);
  if (typeof value === "string") return isWellFormed(value) ? undefined : problem(context, halfPair(value));
  if (typeof value === "number" && !Number.isFinite(value)) return problem(context, `${value} is not a JSON number`);
  if (typeof value !== "object" || value === null) return undefined;
  if (Object.hasOwn(value, "__proto__")) return problem(context, `JSON cannot have the key "__proto__" here`);
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, item] of entries as Iterable<[string | number, JsonValue]>) {
    const found = inside(key, context, () =>
      typeof key === "string" && !isWellFormed(key)
        ? problem(context, `the key ${show(key)} holds half of a surrogate pair`)
        : findInJson(item, context),
    );
    if (found !== undefined) return found;
  }
  return undefined;
};

type Scalar = Exclude<Type, { kind: "array" | "map" | "record" | "union" | "json" | "reference" }>;

const scalarProblem = (value: JsonValue, type: Scalar, long: "number" | "bigint"): string | undefined => {
  switch (type.kind) {
    case "string":
      return stringProblem(value, type);
    case "boolean":
      return typeof value === "boolean" ? undefined : `${show(value)} is not true or false`;
    case "int":
      return integerProblem(value, type, intRange, false);
    case "long":
      return integerProblem(value, type, longRange(long), long === "bigint");
    case "float":
    case "double":
      return floatProblem(value, type);
    case "decimal":
      return decimalProblem(value, type);
    case "uuid":
      return typeof value === "string" && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(value)
        ? undefined
        : `${show(value)} is not a uuid in lower case`;
    case "date":
      return typeof value === "string" && isDay(value) ? undefined : `${show(value)} is not a day like 2026-01-05`;
    case "timestamp":
      return typeof value === "string" && isTimestamp(value)
        ? undefined
        : `${show(value)} is not a time in UTC like 2026-01-05T10:00:00.000Z`;
    case "bytes":
      return bytesProblem(value, type);
    case "enum":
      return typeof value === "string" && type.values.includes(value)
        ? undefined
        : `${show(value)} is not one of ${listed(type.values)}`;
  }
};

const stringProblem = (value: JsonValue, type: Scalar & { kind: "string" }): string | undefined => {
  if (typeof value !== "string") return `${show(value)} is not a text`;
  if (!isWellFormed(value)) return halfPair(value);
  const length = codePoints(value);
  if (type.minLength !== undefined && length < type.minLength) {
    return `${show(value)} has ${length} characters, and at least ${type.minLength} are needed`;
  }
  if (type.maxLength !== undefined && length > type.maxLength) {
    return `${show(value)} has ${length} characters, and at most ${type.maxLength} are allowed`;
  }
  if (type.pattern !== undefined && !new RegExp(type.pattern, "u").test(value)) {
    return `${show(value)} does not match the pattern ${shorten(type.pattern)}`;
  }
  return undefined;
};

const integerProblem = (
  value: JsonValue,
  type: Scalar & { kind: "int" | "long" },
  range: { readonly min: bigint; readonly max: bigint },
  text: boolean,
): string | undefined => {
  const isText = text && typeof value === "string" && /^(?:0|-?[1-9][0-9]{0,18})$/.test(value);
  if (!isText && (typeof value !== "number" || !Number.isInteger(value))) {
    return `${show(value)} is not a whole number${text ? ", nor the text of one" : ""}`;
  }
  const number = BigInt(value as string | number);
  if (!isText && !isSafe(number) && type.kind === "long" && text) {
    return `${show(value)} is beyond ±(2^53−1), where a number has lost digits: write it as text, "9007199254740993"`;
  }
  const [min, max] = [type.min ?? range.min, type.max ?? range.max];
  if (number < min) return `${number} is less than ${min}`;
  if (number > max) return `${number} is more than ${max}`;
  return undefined;
};

const floatProblem = (value: JsonValue, type: Scalar & { kind: "float" | "double" }): string | undefined => {
  if (typeof value !== "number" || !Number.isFinite(value)) return `${show(value)} is not a number`;
  if (type.kind === "float" && Math.fround(value) !== value) {
    const nearest = Math.fround(value);
    return Number.isFinite(nearest)
      ? `${value} is not a float, which has 32 bits; the nearest one is ${nearest}`
      : `${value} is too large for a float, which has 32 bits`;
  }
  if (type.min !== undefined && value < type.min) return `${value} is less than ${type.min}`;
  if (type.max !== undefined && value > type.max) return `${value} is more than ${type.max}`;
  return undefined;
};

const decimalProblem = (value: JsonValue, type: Scalar & { kind: "decimal" }): string | undefined => {
  if (typeof value !== "string")
    return `${show(value)} is not a decimal, which is written as text: ${decimalHint(type)}`;
  if (!new RegExp(decimalPattern(type.precision, type.scale)).test(value)) {
    return `${show(value)} is not a decimal(${type.precision}, ${type.scale}), which is written like ${decimalHint(type)}`;
  }
  if (type.min !== undefined && decimalUnits(value) < decimalUnits(type.min))
    return `${value} is less than ${type.min}`;
  if (type.max !== undefined && decimalUnits(value) > decimalUnits(type.max))
    return `${value} is more than ${type.max}`;
  return undefined;
};

const decimalHint = ({ precision, scale }: { readonly precision: number; readonly scale: number }): string =>
  `"${precision > scale ? 1 : 0}${scale === 0 ? "" : `.${"0".repeat(scale)}`}"`;

const bytesProblem = (value: JsonValue, type: Scalar & { kind: "bytes" }): string | undefined => {
  if (typeof value !== "string" || !isBase64(value)) return `${show(value)} is not base64 in its canonical form`;
  const length = (value.length / 4) * 3 - (value.endsWith("==") ? 2 : value.endsWith("=") ? 1 : 0);
  if (type.minLength !== undefined && length < type.minLength) {
    return `${show(value)} is ${length} bytes, and at least ${type.minLength} are needed`;
  }
  if (type.maxLength !== undefined && length > type.maxLength) {
    return `${show(value)} is ${length} bytes, and at most ${type.maxLength} are allowed`;
  }
  return undefined;
};

/** Canonical: padded, and the bits that the last character has too many are zero. */
const isBase64 = (text: string): boolean =>
  text.length % 4 === 0 && /^[A-Za-z0-9+/]*(?:|[AQgw]==|[AEIMQUYcgkosw048]=)$/.test(text);

const isDay = (text: string): boolean => {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(month, year);
};

const daysIn = (month: number, year: number): number => {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
};

const isTimestamp = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?Z$/.test(text) && isDay(text.slice(0, 10));

const countProblem = (
  count: number,
  what: string,
  { minItems, maxItems }: { readonly minItems?: number; readonly maxItems?: number },
): string | undefined => {
  if (minItems !== undefined && count < minItems) return `${count} ${what} are fewer than ${minItems}`;
  if (maxItems !== undefined && count > maxItems) return `${count} ${what} are more than ${maxItems}`;
  return undefined;
};

const normalFields = (value: JsonObject, type: RecordType): [string, JsonValue][] =>
  type.fields
    .filter((field) => Object.hasOwn(value, field.name))
    .map((field) => [field.name, normalize(value[field.name] as JsonValue, field.type)]);

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSafe = (value: bigint): boolean =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);

const unsigned = (value: JsonValue): JsonValue => (Object.is(value, -0) ? 0 : value);

const halfPair = (value: string): string => `${show(value)} holds half of a surrogate pair, which is no character`;

const show = (value: JsonValue | undefined): string => {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "number" ? String(value) : shorten(JSON.stringify(value) ?? "nothing");
};

const shorten = (text: string): string => (text.length <= 60 ? text : `${text.slice(0, 57)}…`);

const listed = (values: readonly string[]): string => {
  const shown = values.slice(0, 8).map((value) => show(value));
  return values.length > shown.length
    ? `${shown.join(", ")} and ${values.length - shown.length} more`
    : shown.join(", ");
};

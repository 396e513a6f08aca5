import { matchingText } from "./matching-text.js";
import type { DecimalType, FloatType, IntegerType, JsonValue, RecordType, StringType, Type } from "./type.js";
import { dereference } from "./type.js";
import { decimalUnits, normalize, problemOf } from "./values.js";

/**
 * A small value of the type, in data form, that is valid and reads well: for documentation and counter-examples. It
 * is the same for the same type, always. Fields with an `example` have it. Undefined when none is known, which is so
 * for patterns that are beyond a simple search, and for types that no finite value has.
 */
export const sampleOf = (type: Type): JsonValue | undefined =>
  sample(type, { around: new Set(), budget: { left: 5_000 } });

interface Context {
  /** The records and unions that the value is in: one that contains itself ends where it may. */
  readonly around: Set<Type>;
  /** How many values the whole may still have. */
  readonly budget: { left: number };
  /** The name of the field that the value is for. */
  readonly field?: string;
}

const sample = (type: Type, context: Context): JsonValue | undefined => {
  const target = dereference(type);
  if (context.budget.left-- <= 0) return undefined;
  switch (target.kind) {
    case "string":
      return sampleText(target, context.field);
    case "boolean":
      return true;
    case "int":
    case "long":
      return sampleInteger(target);
    case "float":
    case "double":
      return sampleNumber(target);
    case "decimal":
      return sampleDecimal(target);
    case "uuid":
      return "0f8fad5b-d9cb-469f-a165-70867728950e";
    case "date":
      return "2026-01-05";
    case "timestamp":
      return "2026-01-05T10:00:00.000Z";
    case "bytes":
      return sampleBytes(target);
    case "json":
      return {};
    case "enum":
      return target.values[0];
    case "array": {
      const items = repeated(target, () => sample(target.items, context), context);
      return items?.map(([, item]) => item);
    }
    case "map": {
      const entries = repeated(target, () => sample(target.values, context), context);
      return entries === undefined ? undefined : Object.fromEntries(entries);
    }
    case "record":
    case "union":
      return sampleInside(target, context);
  }
};

const sampleInside = (type: Extract<Type, { kind: "record" | "union" }>, context: Context): JsonValue | undefined => {
  if (context.around.has(type)) return undefined;
  context.around.add(type);
  const value = type.kind === "record" ? sampleRecord(type, [], context) : sampleUnion(type, context);
  context.around.delete(type);
  return value;
};

const sampleRecord = (
  type: RecordType,
  first: readonly (readonly [string, JsonValue])[],
  context: Context,
): JsonValue | undefined => {
  const entries = [...first];
  for (const field of type.fields) {
    const example = field.example !== undefined && valid(field.example, field.type) ? field.example : undefined;
    const value =
      example === undefined ? sample(field.type, { ...context, field: field.name }) : normalize(example, field.type);
    if (value !== undefined) entries.push([field.name, value]);
    else if (!field.optional) return undefined;
  }
  return Object.fromEntries(entries);
};

const sampleUnion = (type: Extract<Type, { kind: "union" }>, context: Context): JsonValue | undefined => {
  for (const member of type.members) {
    const record = member.type;
    if (record.kind !== "record" || context.around.has(record)) continue;
    context.around.add(record);
    const value = sampleRecord(record, [["kind", member.name]], context);
    context.around.delete(record);
    if (value !== undefined) return value;
  }
  return undefined;
};

const valid = (value: JsonValue, type: Type): boolean =>
  problemOf(value, type, "bigint") === undefined || problemOf(value, type, "number") === undefined;

/** One item where that is allowed and known, else as many as there must be. */
const repeated = (
  { minItems = 0, maxItems = 1 }: { readonly minItems?: number; readonly maxItems?: number },
  item: () => JsonValue | undefined,
  context: Context,
): readonly (readonly [key: string, item: JsonValue])[] | undefined => {
  const count = Math.max(minItems, Math.min(1, maxItems));
  if (count > context.budget.left) return undefined;
  const entries: [string, JsonValue][] = [];
  for (let index = 0; index < count; index++) {
    const value = item();
    if (value === undefined) return minItems === 0 ? [] : undefined;
    entries.push([index === 0 ? "key" : `key${index + 1}`, value]);
  }
  return entries;
};

const maxText = 10_000;

const sampleText = (type: StringType, field: string | undefined): string | undefined => {
  const { minLength = 0, pattern } = type;
  const accepts = (text: string): boolean => problemOf(text, type, "number") === undefined;
  const words = [field ?? "text", "text", "a", "A", "1", ""];
  const known = words.find(accepts);
  if (known !== undefined) return known;
  if (pattern !== undefined) return matchingText(pattern, accepts);
  if (minLength > maxText) return undefined;
  const word = field ?? "text";
  const cut = word.repeat(Math.ceil(minLength / Math.max(1, word.length))).slice(0, minLength);
  return accepts(cut) ? cut : "a".repeat(minLength);
};

const sampleInteger = (type: IntegerType): JsonValue => {
  const fits = (value: bigint): boolean => value >= (type.min ?? value) && value <= (type.max ?? value);
  const value = [1n, 0n].find(fits) ?? (type.min !== undefined && type.min > 0n ? type.min : (type.max ?? 0n));
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
};

const sampleNumber = (type: FloatType): JsonValue | undefined => {
  const wanted = [1.5, 1, 0.5, 0, type.min, type.max].filter((one) => one !== undefined);
  // bounds that are no floats themselves: the nearest float may lie on the wrong side
  const near = type.kind === "float" ? wanted.flatMap((one) => floatsAround(one)) : wanted;
  const middle = ((type.min ?? 0) + (type.max ?? 0)) / 2;
  const value = [...near, middle].find((one) => problemOf(one, type, "number") === undefined);
  return value === undefined ? undefined : value + 0;
};

const floatsAround = (value: number): number[] => {
  const nearest = Math.fround(value);
  const step = Math.max(Math.abs(nearest) * 2 ** -23, 2 ** -149);
  return [nearest, Math.fround(nearest + step), Math.fround(nearest - step)];
};

const sampleDecimal = (type: DecimalType): JsonValue => {
  const one = 10n ** BigInt(type.scale);
  const [min, max] = [type.min, type.max].map((bound) => (bound === undefined ? undefined : decimalUnits(bound)));
  const limit = 10n ** BigInt(type.precision) - 1n;
  const fits = (units: bigint): boolean => units >= (min ?? -limit) && units <= (max ?? limit);
  const units = [10n * one, one, 0n].find(fits) ?? (min !== undefined && min > 0n ? min : (max ?? 0n));
  return decimalText(units, type.scale);
};

const decimalText = (units: bigint, scale: number): string => {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return `${units < 0n ? "-" : ""}${whole}${scale === 0 ? "" : `.${digits.slice(-scale)}`}`;
};

const sampleBytes = ({ minLength = 0, maxLength = 3 }: Extract<Type, { kind: "bytes" }>): JsonValue | undefined => {
  const length = Math.max(minLength, Math.min(3, maxLength));
  if (length > maxText) return undefined;

  const groups = Math.floor(length / 3);
  const rest = length % 3;
  // the bytes 1, 2 and 3, again and again
  const whole = "AQID".repeat(groups);
  return whole + (rest === 0 ? "" : rest === 1 ? "AQ==" : "AQI=");
};

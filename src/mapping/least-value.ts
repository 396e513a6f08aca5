import type { Field, JsonValue, NamedType, RecordType, Type } from "../model/type.js";
import { decimalUnits, problemOf } from "../model/values.js";
import { floatEnds } from "./floats.js";
import { textOf } from "./language.js";
import { languageAround } from "./texts.js";

/**
 * The least valid value of a type, in data form: without optional fields, with texts and lists as short as they may be.
 * Undefined when none is found: a record that needs itself has none, and a pattern may be beyond us.
 */
export const leastOf = (type: Type): JsonValue | undefined => sample(type, new Set());

/** A record with a sample of every field that it needs, and the one that is given. */
export const recordWith = (record: RecordType, name: string, value: JsonValue): JsonValue | undefined => {
  const rest = samplesOf(record.fields, new Set(), name);
  return rest === undefined ? undefined : Object.fromEntries([...rest, [name, value]]);
};

/** The same value so many times, under keys that are plain letters. */
export const mapOf = (value: JsonValue, count: number): JsonValue =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i + 1}`, value]));

/** More items than this are not made up for an example. */
export const maxItems = 1000;

const sample = (type: Type, open: Set<NamedType>): JsonValue | undefined => {
  switch (type.kind) {
    case "reference": {
      if (open.has(type.to) || open.size > 100) return undefined;
      open.add(type.to);
      const value = sample(type.to.type, open);
      open.delete(type.to);
      return value;
    }
    case "string": {
      const plain = ["a".repeat(Math.min(type.minLength ?? 0, 10_000)), "abc", "A", "0"];
      return (
        (type.pattern === undefined
          ? plain.find((text) => problemOf(text, type, "number") === undefined)
          : undefined) ??
        textOf(languageAround(type), (text) => problemOf(text, type, "number") === undefined) ??
        plain.find((text) => problemOf(text, type, "number") === undefined)
      );
    }
    case "boolean":
      return true;
    case "int":
    case "long":
      return integerOf(nearZero(type.min, type.max, 0n));
    case "float":
    case "double":
      return nearZero(...floatEnds(type), 0);
    case "decimal": {
      const units = nearZero(
        type.min === undefined ? undefined : decimalUnits(type.min),
        type.max === undefined ? undefined : decimalUnits(type.max),
        0n,
      );
      return decimalText(units, type.scale);
    }
    case "uuid":
      return "6f1d1c52-0f4b-4d8f-9a57-3f2b8c1e9d4a";
    case "date":
      return "2026-01-05";
    case "timestamp":
      return "2026-01-05T10:00:00.000Z";
    case "bytes":
      return (type.minLength ?? 0) > 100_000 ? undefined : bytesOf(type.minLength ?? 0);
    case "json":
      return null;
    case "enum":
      return type.values[0];
    case "array":
    case "map": {
      const count = type.minItems ?? 0;
      if (count === 0) return type.kind === "array" ? [] : {};
      const item = count > maxItems ? undefined : sample(type.kind === "array" ? type.items : type.values, open);
      if (item === undefined) return undefined;
      return type.kind === "array" ? Array.from({ length: count }, () => item) : mapOf(item, count);
    }
    case "record": {
      const values = samplesOf(type.fields, open);
      return values && Object.fromEntries(values);
    }
    case "union":
      for (const member of type.members) {
        const value = sample({ kind: "reference", to: member }, open);
        if (value !== undefined) return { kind: member.name, ...(value as { readonly [key: string]: JsonValue }) };
      }
      return undefined;
  }
};

const samplesOf = (
  fields: readonly Field[],
  open: Set<NamedType>,
  except?: string,
): [string, JsonValue][] | undefined => {
  const values: [string, JsonValue][] = [];
  for (const field of fields) {
    if (field.optional || field.name === except) continue;
    const value = sample(field.type, open);
    if (value === undefined) return undefined;
    values.push([field.name, value]);
  }
  return values;
};

const nearZero = <N extends number | bigint>(min: N | undefined, max: N | undefined, zero: N): N =>
  min !== undefined && min > zero ? min : max !== undefined && max < zero ? max : zero;

/** An integer in data form: text where a number would lose digits. */
export const integerOf = (value: bigint): JsonValue =>
  Number.isSafeInteger(Number(value)) ? Number(value) : String(value);

/** Units of the smallest digit as a decimal: 1050n of scale 2 is 10.50. */
export const decimalText = (units: bigint, scale: number): string => {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  const split = digits.length - scale;
  return `${units < 0n ? "-" : ""}${digits.slice(0, split)}${scale === 0 ? "" : `.${digits.slice(split)}`}`;
};

/** So many bytes, all zero, as base64. */
export const bytesOf = (count: number): string =>
  "AAAA".repeat(Math.floor(count / 3)) + (count % 3 === 1 ? "AA==" : count % 3 === 2 ? "AAA=" : "");

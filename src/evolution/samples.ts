import { leastOf } from "../mapping/least-value.js";
import type { EventVersion } from "../model/model.js";
import { sampleOf } from "../model/sample-of.js";
import type { JsonValue, RecordType, Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { intRange, longRange, normalize, problemOf } from "../model/values.js";
import type { Sample } from "./snapshot.js";

type Long = "number" | "bigint";

/**
 * Stored events of a version as they may well be: what is usual, with the model's `example`s, and the least and the most
 * that is valid. The same for the same version, always; fewer where they are equal, or where none is known.
 */
export const samplesOf = (version: EventVersion, long: Long): readonly Omit<Sample, "reads">[] => {
  const found = new Map<string, Omit<Sample, "reads">>();
  const add = (kind: Sample["kind"], value: JsonValue | undefined): void => {
    if (value === undefined || problemOf(value, version.type, long) !== undefined) return;
    const data = normalize(value, version.type);
    const key = JSON.stringify(data);
    if (!found.has(key)) found.set(key, { version: version.name, kind, data });
  };
  add("typical", sampleOf(version.type));
  add("least", leastOf(version.type));
  add("most", mostOf(version.type, { long, open: new Set(), budget: { left: 200 } }));
  return [...found.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1));
};

interface Context {
  readonly long: Long;
  /** Records that the value is in: one that contains itself ends where it may. */
  readonly open: Set<Type>;
  /** How many values the whole may still have. */
  readonly budget: { left: number };
}

/** A value with every field that there may be, two of each list, and numbers and times as large as they may be. */
const mostOf = (type: Type, context: Context): JsonValue | undefined => {
  const target = dereference(type);
  if (context.budget.left-- <= 0) return undefined;
  switch (target.kind) {
    case "string":
      return target.pattern === undefined ? longText(target.minLength, target.maxLength) : sampleOf(target);
    case "boolean":
      return false;
    case "int":
      return integer(target.max ?? intRange.max);
    case "long":
      return integer(target.max ?? longRange(context.long).max);
    case "float":
      return target.max === undefined ? 2 ** 24 : Math.fround(target.max);
    case "double":
      return target.max ?? 1e15;
    case "decimal":
      return target.max ?? nines(target.precision, target.scale);
    case "uuid":
      return "ffffffff-ffff-4fff-bfff-ffffffffffff";
    case "date":
      return "9999-12-31";
    case "timestamp":
      return "9999-12-31T23:59:59.999Z";
    case "bytes":
      return fullBytes(target.minLength, target.maxLength);
    case "json":
      return { list: [1, "two", null, true] };
    case "enum":
      return target.values.at(-1);
    case "array": {
      const items = repeated(target, target.items, context);
      return items && [...items];
    }
    case "map":
      return (
        repeated(target, target.values, context)?.reduce<{ [key: string]: JsonValue }>((all, value, index) => {
          all[`key${index + 1}`] = value;
          return all;
        }, {}) ?? undefined
      );
    case "record":
      return within(target, context, () => recordOf(target, context));
    case "union":
      for (const member of [...target.members].reverse()) {
        const record = member.type;
        if (record.kind !== "record") continue;
        const value = within(record, context, () => recordOf(record, context));
        if (value !== undefined) return { kind: member.name, ...(value as { readonly [key: string]: JsonValue }) };
      }
      return undefined;
  }
};

const within = (type: Type, context: Context, build: () => JsonValue | undefined): JsonValue | undefined => {
  if (context.open.has(type)) return undefined;
  context.open.add(type);
  const value = build();
  context.open.delete(type);
  return value;
};

const recordOf = (type: RecordType, context: Context): JsonValue | undefined => {
  const entries: [string, JsonValue][] = [];
  for (const field of type.fields) {
    const value = mostOf(field.type, context) ?? leastOf(field.type);
    if (value !== undefined) entries.push([field.name, value]);
    else if (!field.optional) return undefined;
  }
  return Object.fromEntries(entries);
};

const repeated = (
  { minItems = 0, maxItems = 2 }: { readonly minItems?: number; readonly maxItems?: number },
  item: Type,
  context: Context,
): readonly JsonValue[] | undefined => {
  const count = Math.max(minItems, Math.min(2, maxItems));
  const values: JsonValue[] = [];
  for (let index = 0; index < count; index++) {
    const value = mostOf(item, context);
    if (value === undefined) return minItems === 0 ? [] : undefined;
    values.push(value);
  }
  return values;
};

const longText = (minLength = 0, maxLength = 24): string | undefined => {
  if (minLength > 10_000) return undefined;
  const length = Math.max(minLength, Math.min(24, maxLength));
  return "Zoë’s 24 characters here ".repeat(Math.ceil(length / 24) + 1).slice(0, length);
};

const fullBytes = (minLength = 0, maxLength = 8): string | undefined =>
  minLength > 10_000 ? undefined : Buffer.alloc(Math.max(minLength, Math.min(8, maxLength)), 0xff).toString("base64");

const integer = (value: bigint): JsonValue => (Number.isSafeInteger(Number(value)) ? Number(value) : String(value));

const nines = (precision: number, scale: number): string => {
  const whole = precision > scale ? "9".repeat(precision - scale) : "0";
  return scale === 0 ? whole : `${whole}.${"9".repeat(scale)}`;
};

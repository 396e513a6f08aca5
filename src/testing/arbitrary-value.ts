import * as fc from "fast-check";
import type { Long } from "../model/memory-form.js";
import { sampleOf } from "../model/sample-of.js";
import type { Field, JsonValue, RecordType, Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { decimalUnits, intRange, longRange, normalize, problemOf } from "../model/values.js";
import { withEdges } from "./edges.js";

/**
 * Valid values of a type in data form (JSON), in the one form that `normalize` makes: of every length, with what lies
 * at the bounds more often than chance would have it. Types that contain themselves end after a few levels.
 */
export const arbitraryOf = (type: Type, long: Long): fc.Arbitrary<JsonValue> => build(type, { long, levels: 4 });

/** Values of a type that there may well be, but that cannot be found. */
export class NoValueKnown extends Error {
  override readonly name = "NoValueKnown";
}

interface Context {
  readonly long: Long;
  /** How many records, unions and lists may still stand in each other. */
  readonly levels: number;
}

const build = (type: Type, context: Context): fc.Arbitrary<JsonValue> => {
  const target = dereference(type);
  const inner: Context = { ...context, levels: context.levels - 1 };
  switch (target.kind) {
    case "string":
      return texts(target, context);
    case "boolean":
      return fc.boolean();
    case "int":
      return integers(target.min ?? intRange.min, target.max ?? intRange.max);
    case "long": {
      const range = longRange(context.long);
      return integers(target.min ?? range.min, target.max ?? range.max);
    }
    case "double":
      return numbers(target.min ?? -Number.MAX_VALUE, target.max ?? Number.MAX_VALUE);
    case "float":
      return floats(target.min ?? -largestFloat, target.max ?? largestFloat);
    case "decimal":
      return decimals(target);
    case "uuid":
      return fc.uuid();
    case "date":
      return moments().map((moment) => moment.slice(0, 10));
    case "timestamp":
      return moments();
    case "bytes":
      return bytes(target);
    case "json":
      // through text and back: no negative zero, which JSON text would not keep
      return fc
        .jsonValue()
        .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue)
        .filter((value) => problemOf(value, target, context.long) === undefined);
    case "enum":
      return fc.constantFrom(...target.values);
    case "array": {
      const [minLength, maxLength] = counts(target, context);
      return maxLength === 0 ? fc.constant([]) : fc.array(build(target.items, inner), { minLength, maxLength });
    }
    case "map": {
      const [minKeys, maxKeys] = counts(target, context);
      if (maxKeys === 0) return fc.constant({});
      const keys = fc
        .oneof(plainFirst, fc.string({ unit: "binary" }), fc.constantFrom(...awkward))
        .filter((key) => key !== "__proto__");
      return fc.dictionary(keys, build(target.values, inner), { minKeys, maxKeys, noNullPrototype: true });
    }
    case "record":
      return record(target, [], context);
    case "union":
      return union(target, context);
  }
};

/** What is made by any of the alternatives is made smaller as the first one makes it. */
const plainFirst = { withCrossShrink: true };

/** Texts that break out of quotes, comments, templates and shells, or that every object has as a key. */
const awkward: readonly string[] = [
  "constructor",
  "toString",
  "__proto__",
  "",
  " ",
  "\u0000",
  "'\"`\u0024{1}`*/ //\\",
  "$(touch planted); `touch planted` && x | y",
  "\r\n\u2028\u2029\ufeff",
  "😀é\u0301",
  "null",
  "</script>",
];

const texts = (type: Extract<Type, { kind: "string" }>, context: Context): fc.Arbitrary<string> => {
  const { minLength = 0, pattern } = type;
  const valid = (text: string): boolean => problemOf(text, type, context.long) === undefined;
  if (pattern !== undefined) {
    const sample = sampleOf(type);
    if (typeof sample !== "string") throw new NoValueKnown(`no text is known that matches ${pattern}`);
    // a search that gives up, since lengths may exclude nearly all that the pattern matches
    return fc.oneof(plainFirst, fc.constant(sample), matching(pattern)).map((text) => (valid(text) ? text : sample));
  }
  const maxLength = Math.min(type.maxLength ?? minLength + 20, Math.max(minLength, 1_000));
  const any = fc.string({ unit: "binary", minLength, maxLength });
  const bounds = [minLength, maxLength].map((length) =>
    fc.string({ unit: "grapheme", minLength: length, maxLength: length }),
  );
  const hostile = awkward.filter(valid);
  return fc
    .oneof(plainFirst, any, ...bounds, ...(hostile.length === 0 ? [] : [fc.constantFrom(...hostile)]))
    .map((text) => (valid(text) ? text : "a".repeat(minLength)));
};

const matching = (pattern: string): fc.Arbitrary<string> => {
  try {
    return fc.stringMatching(new RegExp(pattern, "u"), { size: "small" });
  } catch {
    return fc.constant("");
  }
};

/** Within a long beyond 2^53 as text, as everywhere in data form. */
const integers = (min: bigint, max: bigint): fc.Arbitrary<JsonValue> => {
  const near = [0n, 1n, -1n, 2n ** 31n, -(2n ** 31n) - 1n, 2n ** 53n, -(2n ** 53n)].filter(
    (one) => one >= min && one <= max,
  );
  return fc
    .oneof(plainFirst, ...withEdges(fc.bigInt({ min, max }), [min, max, ...near]))
    .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : String(value)));
};

const numbers = (min: number, max: number): fc.Arbitrary<number> => {
  const near = [0, 1, -1, 0.1, 5e-324, 1e21, 123456789.123].filter((one) => one >= min && one <= max);
  return fc
    .oneof(plainFirst, ...withEdges(fc.double({ min, max, noNaN: true, noDefaultInfinity: true }), [min, max, ...near]))
    .map((value) => value + 0);
};

const largestFloat = 2 ** 128 - 2 ** 104;

/** Floats between bounds that need not be floats themselves. */
const floats = (min: number, max: number): fc.Arbitrary<number> => {
  const inside = (value: number, side: 1 | -1): number => {
    const near = Math.fround(value);
    if (side === 1 ? near >= value : near <= value) return near;
    return Math.fround(near + side * Math.max(Math.abs(near) * 2 ** -23, 2 ** -149));
  };
  const [low, high] = [inside(min, 1), inside(max, -1)];
  return fc
    .oneof(
      plainFirst,
      ...withEdges(fc.float({ min: low, max: high, noNaN: true, noDefaultInfinity: true }), [low, high]),
    )
    .map((value) => value + 0);
};

const decimals = ({ precision, scale, min, max }: Extract<Type, { kind: "decimal" }>): fc.Arbitrary<string> => {
  const limit = 10n ** BigInt(precision) - 1n;
  const low = min === undefined ? -limit : decimalUnits(min);
  const high = max === undefined ? limit : decimalUnits(max);
  const near = [0n, 1n, -1n].filter((one) => one >= low && one <= high);
  return fc.oneof(plainFirst, ...withEdges(fc.bigInt({ min: low, max: high }), [low, high, ...near])).map((units) => {
    const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
    const whole = digits.slice(0, digits.length - scale);
    return `${units < 0n ? "-" : ""}${whole}${scale === 0 ? "" : `.${digits.slice(-scale)}`}`;
  });
};

export const moments = (): fc.Arbitrary<string> => {
  const [first, last] = ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"];
  return fc.oneof(
    plainFirst,
    fc.date({ min: new Date(first), max: new Date(last), noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constantFrom(first, last, "1970-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "2024-02-29T12:00:00.001Z"),
  );
};

const bytes = ({
  minLength = 0,
  maxLength = minLength + 20,
}: Extract<Type, { kind: "bytes" }>): fc.Arbitrary<string> => {
  const most = Math.min(maxLength, Math.max(minLength, 1_000));
  return fc
    .oneof(
      plainFirst,
      fc.uint8Array({ minLength, maxLength: most }),
      fc.uint8Array({ minLength: most, maxLength: most }),
      fc.uint8Array({ minLength, maxLength: minLength }),
    )
    .map((array) => Buffer.from(array).toString("base64"));
};

const counts = (
  { minItems = 0, maxItems = minItems + 4 }: { readonly minItems?: number; readonly maxItems?: number },
  context: Context,
): [number, number] => {
  const most = Math.max(minItems, Math.min(maxItems, minItems + 4));
  return [minItems, context.levels <= 0 ? minItems : most];
};

const record = (
  type: RecordType,
  first: readonly (readonly [string, JsonValue])[],
  context: Context,
): fc.Arbitrary<JsonValue> => {
  if (context.levels <= -4) return least({ kind: "record", name: type.name, fields: type.fields }, first);
  const fields = type.fields.filter((field) => !(field.optional && context.levels <= 0));
  const values = fields.map((field) => fieldValues(field, context));
  return fc.tuple(...values).map((parts) => Object.fromEntries([...first, ...parts.flat()]));
};

const fieldValues = (field: Field, context: Context): fc.Arbitrary<readonly (readonly [string, JsonValue])[]> => {
  const present = known(field, context).map((value) => [[field.name, value]] as const);
  return field.optional
    ? fc.oneof(plainFirst, { arbitrary: fc.constant([]), weight: 1 }, { arbitrary: present, weight: 2 })
    : present;
};

/** Values of the field, its example among them. Where none are found, the example will do. */
const known = (field: Field, context: Context): fc.Arbitrary<JsonValue> => {
  const { type, example } = field;
  const hasExample = example !== undefined && problemOf(example, type, context.long) === undefined;
  try {
    const values = build(type, { ...context, levels: context.levels - 1 });
    return hasExample ? fc.oneof({ arbitrary: values, weight: 9 }, fc.constant(normalize(example, type))) : values;
  } catch (error) {
    if (!(error instanceof NoValueKnown)) throw error;
    if (hasExample) return fc.constant(normalize(example, type));
    throw error.message.startsWith("of ") ? error : new NoValueKnown(`of ${field.name} ${error.message}`);
  }
};

const union = (type: Extract<Type, { kind: "union" }>, context: Context): fc.Arbitrary<JsonValue> => {
  if (context.levels <= -2) return least(type, []);
  return fc.oneof(
    ...type.members.map((member) =>
      member.type.kind === "record" ? record(member.type, [["kind", member.name]], context) : fc.constant(null),
    ),
  );
};

/** The one value that a type which contains itself ends with. */
const least = (type: Type, first: readonly (readonly [string, JsonValue])[]): fc.Arbitrary<JsonValue> => {
  const value = sampleOf(type);
  if (value === undefined) throw new NoValueKnown("no finite value is known");
  return fc.constant(Object.fromEntries([...first, ...Object.entries(value as object)]));
};

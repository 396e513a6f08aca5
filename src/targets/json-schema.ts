import type { EventVersion, Model } from "../model/model.js";
import {
  type DecimalType,
  dereference,
  type EnumType,
  type Field,
  type FloatType,
  type IntegerType,
  type JsonValue,
  type NamedType,
  type RecordType,
  type Type,
  type UnionType,
} from "../model/type.js";

type Schema = { readonly [keyword: string]: JsonValue };

/**
 * The JSON Schema (draft 2020-12) of an event version as it is written in JSON: bytes as base64, every named type
 * under `$defs`. It stands for itself: no reference leads out of it.
 */
export const publishedSchema = (version: EventVersion, model: Model): Schema => {
  const definitions: Definitions = { long: model.long, schemas: new Map(), waiting: [] };
  const root = record(version.type, definitions);
  // Definitions are written one after the other and not where they are met: types may be nested without end.
  for (let next = definitions.waiting.pop(); next !== undefined; next = definitions.waiting.pop()) next();
  const sorted = [...definitions.schemas].sort(([a], [b]) => (a < b ? -1 : 1));
  const deprecated = version.event.deprecated !== undefined || version.event.becomes !== undefined;
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: version.name,
    ...described(version.description ?? version.event.description),
    ...(deprecated ? { deprecated: true } : {}),
    ...root,
    ...(sorted.length === 0 ? {} : { $defs: Object.fromEntries(sorted) }),
  };
};

/** A pattern that a decimal's canonical text matches, and nothing else: `10.00`, never `10` or `-0.00`. */
export const decimalPattern = ({ precision, scale }: DecimalType): string => {
  const digits = precision - scale;
  const whole = digits === 0 ? "0" : digits === 1 ? "\\d" : `(0|[1-9]\\d{0,${digits - 1}})`;
  const fraction = scale === 0 ? "" : `\\.\\d{${scale}}`;
  const zero = scale === 0 ? "0" : `0\\.${"0".repeat(scale)}`;
  return `^(?!-${zero}$)-?${whole}${fraction}$`;
};

/** The bounds of an integer: its own, or those of the type. */
export const integerBounds = (
  type: IntegerType,
  long: Model["long"],
): { readonly min: bigint; readonly max: bigint } => {
  const [min, max] =
    type.kind === "int"
      ? [-(2n ** 31n), 2n ** 31n - 1n]
      : long === "bigint"
        ? [-(2n ** 63n), 2n ** 63n - 1n]
        : [-(2n ** 53n) + 1n, 2n ** 53n - 1n];
  return { min: type.min ?? min, max: type.max ?? max };
};

interface Definitions {
  readonly long: Model["long"];
  readonly schemas: Map<string, JsonValue>;
  readonly waiting: (() => void)[];
}

const schemaOf = (type: Type, definitions: Definitions): Schema => {
  switch (type.kind) {
    case "string":
      return {
        type: "string",
        ...given({ minLength: type.minLength, maxLength: type.maxLength, pattern: type.pattern }),
      };
    case "boolean":
      return { type: "boolean" };
    case "int":
    case "long":
      return integer(type, definitions.long);
    case "float":
    case "double":
      return number(type);
    case "decimal":
      return { type: "string", pattern: decimalPattern(type), ...decimalComment(type) };
    case "uuid":
      return { type: "string", format: "uuid" };
    case "date":
      return { type: "string", format: "date" };
    case "timestamp":
      return { type: "string", format: "date-time" };
    case "bytes":
      return {
        type: "string",
        contentEncoding: "base64",
        ...given({ minLength: base64Length(type.minLength), maxLength: base64Length(type.maxLength) }),
      };
    case "json":
      return {};
    case "enum":
      return enumeration(type);
    case "array":
      return {
        type: "array",
        items: schemaOf(type.items, definitions),
        ...given({ minItems: type.minItems, maxItems: type.maxItems }),
      };
    case "map":
      return {
        type: "object",
        additionalProperties: schemaOf(type.values, definitions),
        ...given({ minProperties: type.minItems, maxProperties: type.maxItems }),
      };
    case "record":
      return record(type, definitions);
    case "union":
      return union(type, definitions);
    case "reference":
      return define(type.to.name, definitions, () => named(type.to, definitions));
  }
};

const record = (type: RecordType, definitions: Definitions, member?: string): Schema => {
  const required = type.fields.filter((one) => !one.optional).map((one) => one.name);
  const kind = member === undefined ? [] : ([["kind", { const: member }]] as const);
  return {
    type: "object",
    // fromEntries defines properties, also one called "constructor"
    properties: Object.fromEntries([
      ...kind,
      ...type.fields.map((one) => [one.name, field(one, definitions)] as const),
    ]),
    required: member === undefined ? required : ["kind", ...required],
    additionalProperties: false,
  };
};

const field = (one: Field, definitions: Definitions): Schema => ({
  ...described(one.description),
  ...schemaOf(one.type, definitions),
  ...(one.deprecated === undefined ? {} : { deprecated: true }),
  ...(one.pii ? { $comment: "Personal data." } : {}),
  ...(one.example === undefined ? {} : { examples: [one.example] }),
});

const union = (type: UnionType, definitions: Definitions): Schema => ({
  type: "object",
  oneOf: type.members.map((member) =>
    define(`${member.name}.kind`, definitions, () => {
      const inner = dereference(member.type);
      return inner.kind === "record" ? record(inner, definitions, member.name) : schemaOf(inner, definitions);
    }),
  ),
  discriminator: { propertyName: "kind" },
  required: ["kind"],
});

const define = (name: string, definitions: Definitions, schema: () => Schema): Schema => {
  if (!definitions.schemas.has(name)) {
    definitions.schemas.set(name, true);
    definitions.waiting.push(() => definitions.schemas.set(name, schema()));
  }
  return { $ref: `#/$defs/${name}` };
};

const named = (type: NamedType, definitions: Definitions): Schema => ({
  ...described(type.description),
  ...schemaOf(type.type, definitions),
});

const integer = (type: IntegerType, long: Model["long"]): Schema => {
  const { min, max } = integerBounds(type, long);
  return { type: "integer", minimum: exactly(min), maximum: exactly(max) };
};

/** JSON Schema has no bigint: a bound beyond ±2^53 is the nearest double, which the runtime's own check makes good. */
const exactly = (bound: bigint): number => Number(bound);

const largestFloat = 3.4028234663852886e38;

const number = (type: FloatType): Schema => ({
  type: "number",
  ...given(
    type.kind === "float"
      ? { minimum: type.min ?? -largestFloat, maximum: type.max ?? largestFloat }
      : { minimum: type.min, maximum: type.max },
  ),
});

const decimalComment = ({ min, max }: DecimalType): Schema => {
  const bounds = [...(min === undefined ? [] : [`at least ${min}`]), ...(max === undefined ? [] : [`at most ${max}`])];
  return bounds.length === 0 ? {} : { $comment: `A decimal number, ${bounds.join(" and ")}.` };
};

const enumeration = (type: EnumType): Schema => ({ type: "string", enum: type.values });

const base64Length = (bytes: number | undefined): number | undefined =>
  bytes === undefined ? undefined : 4 * Math.ceil(bytes / 3);

const described = (description: string | undefined): Schema => (description === undefined ? {} : { description });

const given = (keywords: { readonly [keyword: string]: JsonValue | undefined }): Schema =>
  Object.fromEntries(Object.entries(keywords).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));

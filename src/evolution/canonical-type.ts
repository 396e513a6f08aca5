import type { Field, JsonValue, NamedType, RecordType, Type } from "../model/type.js";

type JsonObject = { readonly [key: string]: JsonValue };

/**
 * A type without what does not bind anybody: descriptions, examples, places. Two types have one canonical form exactly
 * when they have the same values, written the same way on the wire. A named type stands in it as `{ "ref": name }`.
 *
 * Fields are `[name, type]`, with a third entry, `"optional"`, where they are; their order is that of the wire.
 */
export const canonicalType = (type: Type): JsonValue => {
  switch (type.kind) {
    case "reference":
      return { ref: type.to.name };
    case "boolean":
    case "uuid":
    case "date":
    case "timestamp":
    case "json":
      return type.kind;
    case "string":
      return constrained("string", { minLength: type.minLength, maxLength: type.maxLength, pattern: type.pattern });
    case "bytes":
      return constrained("bytes", { minLength: type.minLength, maxLength: type.maxLength });
    case "int":
    case "long":
      return constrained(type.kind, { min: integer(type.min), max: integer(type.max) });
    case "float":
    case "double":
      return constrained(type.kind, { min: type.min, max: type.max });
    case "decimal":
      return {
        type: "decimal",
        precision: type.precision,
        scale: type.scale,
        ...present({ min: type.min, max: type.max }),
      };
    case "enum":
      return { enum: type.values, name: type.name };
    case "array":
      return {
        items: canonicalType(type.items),
        ...present({ minItems: type.minItems, maxItems: type.maxItems }),
      };
    case "map":
      return {
        values: canonicalType(type.values),
        ...present({ minItems: type.minItems, maxItems: type.maxItems }),
      };
    case "record":
      return { ...canonicalRecord(type), name: type.name };
    case "union":
      return { oneOf: type.members.map((member) => member.name) };
  }
};

/** The record of an event version, whose name is the version's. */
export const canonicalRecord = (type: RecordType): { readonly fields: readonly JsonValue[] } => ({
  fields: type.fields.map(canonicalField),
});

/** All named types that some types lead to, sorted by name. */
export const namedTypesIn = (types: Iterable<Type>): readonly NamedType[] => {
  const found = new Set<NamedType>();
  const waiting: Type[] = [...types];
  const add = (named: NamedType): void => {
    if (found.has(named)) return;
    found.add(named);
    waiting.push(named.type);
  };
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    if (type.kind === "reference") add(type.to);
    else if (type.kind === "array") waiting.push(type.items);
    else if (type.kind === "map") waiting.push(type.values);
    else if (type.kind === "record") waiting.push(...type.fields.map((field) => field.type));
    else if (type.kind === "union") for (const member of type.members) add(member);
  }
  return [...found].sort((a, b) => (a.name < b.name ? -1 : 1));
};

const canonicalField = ({ name, type, optional }: Field): JsonValue =>
  optional ? [name, canonicalType(type), "optional"] : [name, canonicalType(type)];

const constrained = (type: string, constraints: { readonly [key: string]: JsonValue | undefined }): JsonValue => {
  const given = present(constraints);
  return Object.keys(given).length === 0 ? type : { type, ...given };
};

const present = (values: { readonly [key: string]: JsonValue | undefined }): JsonObject =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));

const integer = (value: bigint | undefined): JsonValue | undefined =>
  value === undefined ? undefined : Number.isSafeInteger(Number(value)) ? Number(value) : String(value);

import type { JsonSchema } from "./definitions.js";
import type { RecordShape, Shape } from "./shape.js";

/**
 * The schema of a value that comes out of Avro, without what reading it has seen to already: a record has no properties
 * but its fields, and times are made of numbers. Looking at each property's name and at each time again takes longer than
 * all the other checks. Members of unions and what is behind a `$ref` stay as they are.
 */
export const storedSchema = (schema: JsonSchema, shape: Shape): JsonSchema => {
  const stored = withoutKnown(schema, shape);
  const text = JSON.stringify(stored);
  const known = made.get(schema);
  if (known?.text === text) return known.stored;
  made.set(schema, { stored, text });
  return stored;
};

/** A schema is compiled once for all codecs: it is known by its object. */
const made = new WeakMap<JsonSchema, { readonly stored: JsonSchema; readonly text: string }>();

const withoutKnown = (schema: JsonSchema, shape: Shape): JsonSchema => {
  switch (shape.kind) {
    case "record":
      return recordSchema(schema, shape);
    case "array":
      return isSchema(schema["items"]) ? { ...schema, items: withoutKnown(schema["items"], shape.of) } : schema;
    case "map": {
      const values = schema["additionalProperties"];
      return isSchema(values) ? { ...schema, additionalProperties: withoutKnown(values, shape.of) } : schema;
    }
    case "union": {
      const [only, another] = shape.members.filter(({ kind }) => kind !== "null");
      return only === undefined || another !== undefined || shape.tagged ? schema : withoutKnown(schema, only);
    }
    case "date":
    case "timestamp": {
      const { format, ...rest } = schema;
      return format === shape.kind ? rest : schema;
    }
    default:
      return schema;
  }
};

const recordSchema = (schema: JsonSchema, { fields }: RecordShape): JsonSchema => {
  const { properties, additionalProperties, ...rest } = schema;
  if (!isSchema(properties) || additionalProperties !== false) return schema;
  const known: Record<string, unknown> = { ...properties };
  for (const { name, shape } of fields) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!isSchema(property)) return schema;
    known[name] = withoutKnown(property, shape);
  }
  return { ...rest, properties: known };
};

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

import type { JsonValue } from "../model/type.js";

export type JsonObject = { readonly [key: string]: JsonValue | undefined };

/** The parts of a type in canonical form. */
export const partsOfCanonical = (type: JsonValue): JsonObject =>
  typeof type === "object" && type !== null && !Array.isArray(type) ? (type as JsonObject) : { type };

export interface CanonicalField {
  readonly name: string;
  readonly type: JsonValue;
  readonly optional: boolean;
}

export const canonicalFields = (record: JsonObject): readonly CanonicalField[] =>
  ((record["fields"] ?? []) as readonly (readonly [string, JsonValue, string?])[]).map(([name, type, optional]) => ({
    ...{ name, type },
    optional: optional !== undefined,
  }));

/** Which kind of type it is: `string`, `decimal`, or for what has parts `enum`, `array`, `map`, `record`, `union`, `ref`. */
export const canonicalKind = (type: JsonValue): string => {
  const parts = partsOfCanonical(type);
  if (parts["ref"] !== undefined) return "ref";
  if (parts["enum"] !== undefined) return "enum";
  if (parts["items"] !== undefined) return "array";
  if (parts["values"] !== undefined) return "map";
  if (parts["fields"] !== undefined) return "record";
  if (parts["oneOf"] !== undefined) return "union";
  return String(parts["type"]);
};

/** A type in canonical form as a model would have it, in one line: `decimal(12, 2)`, `LineItem[]`. */
export const canonicalText = (type: JsonValue): string => {
  const parts = partsOfCanonical(type);
  switch (canonicalKind(type)) {
    case "ref":
      return String(parts["ref"]);
    case "enum":
      return `enum ${shortened((parts["enum"] as readonly string[]).join(", "))}`;
    case "array":
      return `${canonicalText(parts["items"] ?? null)}[]`;
    case "map":
      return `map<${canonicalText(parts["values"] ?? null)}>`;
    case "record":
      return `record of ${shortened(
        canonicalFields(parts)
          .map((field) => field.name)
          .join(", "),
      )}`;
    case "union":
      return `one of ${shortened((parts["oneOf"] as readonly string[]).join(", "))}`;
    case "decimal":
      return `decimal(${parts["precision"]}, ${parts["scale"]})`;
    default:
      return String(parts["type"]);
  }
};

const shortened = (text: string): string => (text.length <= 60 ? text : `${text.slice(0, 57)}…`);

import type { Place } from "../diagnostics/diagnostic.js";
import type { Identifier } from "../model/names.js";
import type { Field, JsonValue, NamedType, RecordType, Type } from "../model/type.js";
import type { JsonObject } from "./canonical-text.js";
import { canonicalFields, canonicalKind, partsOfCanonical } from "./canonical-text.js";
import type { Snapshot } from "./snapshot.js";

/** The types of a snapshot as those of a model, for what works on these: samples, and what fits what. */
export const typesIn = (
  snapshot: Snapshot,
): { readonly record: (type: JsonValue, name: string) => RecordType; readonly named: (name: string) => Type } => {
  const named = new Map<string, NamedType>();
  const sources = new Map(snapshot.types.map(({ name, type }) => [name, type]));
  const refer = (name: string): NamedType => {
    const known = named.get(name);
    if (known !== undefined) return known;
    const made: { -readonly [K in keyof NamedType]: NamedType[K] } = {
      ...{ name: name as Identifier, place: nowhere },
      type: { kind: "json" },
    };
    // Before its type is made, since that may lead to itself.
    named.set(name, made);
    made.type = typeOf(sources.get(name) ?? "json", refer) as NamedType["type"];
    return made;
  };
  return {
    record: (type, name) => recordOf(partsOfCanonical(type), name, refer),
    named: (name) => refer(name).type,
  };
};

const nowhere: Place = { file: "", path: [] };

type Refer = (name: string) => NamedType;

const typeOf = (canonical: JsonValue, refer: Refer): Type => {
  const parts = partsOfCanonical(canonical);
  const kind = canonicalKind(canonical);
  switch (kind) {
    case "ref":
      return { kind: "reference", to: refer(String(parts["ref"])) };
    case "enum":
      return { kind: "enum", name: String(parts["name"]) as Identifier, values: parts["enum"] as readonly string[] };
    case "array":
      return { kind: "array", items: typeOf(parts["items"] ?? null, refer), ...counts(parts) };
    case "map":
      return { kind: "map", values: typeOf(parts["values"] ?? null, refer), ...counts(parts) };
    case "record":
      return recordOf(parts, String(parts["name"]), refer);
    case "union":
      return { kind: "union", members: (parts["oneOf"] as readonly string[]).map(refer) };
    case "int":
    case "long":
      return { kind, ...integers(parts) };
    default: {
      // What is left has its constraints as the type of the model has them.
      const { type: _, ...constraints } = parts;
      return { kind, ...constraints } as unknown as Type;
    }
  }
};

const recordOf = (parts: JsonObject, name: string, refer: Refer): RecordType => ({
  kind: "record",
  name: name as Identifier,
  fields: canonicalFields(parts).map(
    (field): Field => ({
      ...{ name: field.name, type: typeOf(field.type, refer), optional: field.optional },
      ...{ pii: false, place: nowhere },
    }),
  ),
});

const counts = ({ minItems, maxItems }: JsonObject) => ({
  ...(minItems === undefined ? {} : { minItems: Number(minItems) }),
  ...(maxItems === undefined ? {} : { maxItems: Number(maxItems) }),
});

const integers = ({ min, max }: JsonObject) => ({
  ...(min === undefined ? {} : { min: BigInt(String(min)) }),
  ...(max === undefined ? {} : { max: BigInt(String(max)) }),
});

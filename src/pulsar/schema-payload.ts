/** What is registered for a topic: the definition is an Avro record as text, for JSON too. */
export interface SchemaPayload {
  readonly type: "AVRO" | "JSON";
  readonly definition: string;
}

/**
 * Whether a broker takes one for the other: Avro's equality, for which docs, aliases, white space and the way in which
 * names are written do not count.
 */
export const samePayload = (a: { readonly type: string; readonly definition: string }, b: SchemaPayload): boolean =>
  a.type === b.type && (a.definition === b.definition || canonical(a.definition) === canonical(b.definition));

const canonical = (definition: string): string | undefined => {
  try {
    return JSON.stringify(schema(JSON.parse(definition), ""));
  } catch {
    return undefined;
  }
};

type Json = unknown;
type Attributes = { readonly [name: string]: Json };

/** A schema with full names, sorted attributes, and without what does not count. */
const schema = (value: Json, namespace: string): Json => {
  if (typeof value === "string") return primitives.has(value) ? value : fullName(value, namespace);
  if (Array.isArray(value)) return value.map((branch) => schema(branch, namespace));
  const { name, namespace: own, doc, aliases, ...rest } = value as Attributes;
  if (typeof name !== "string") return attributes(rest, namespace);
  const full = fullName(name, typeof own === "string" ? own : namespace);
  const inner = full.includes(".") ? full.slice(0, full.lastIndexOf(".")) : "";
  return { name: full, ...attributes(rest, inner) };
};

const attributes = (of: Attributes, namespace: string): { readonly [name: string]: Json } =>
  Object.fromEntries(
    Object.keys(of)
      .sort()
      .map((key) => [key, attribute(key, of[key], namespace)]),
  );

const attribute = (key: string, value: Json, namespace: string): Json => {
  if (key === "fields")
    return (value as readonly Attributes[]).map(({ doc, aliases, ...field }) => attributes(field, namespace));
  if (key === "type" || key === "items" || key === "values") return schema(value, namespace);
  return sorted(value);
};

const sorted = (value: Json): Json => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
};

const fullName = (name: string, namespace: string): string =>
  name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;

const primitives: ReadonlySet<string> = new Set([
  ...["null", "boolean", "int", "long", "float", "double", "bytes", "string"],
  ...["record", "enum", "array", "map", "fixed"],
]);

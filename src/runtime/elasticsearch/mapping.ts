import type { ColumnType, JsonSchema } from "../definitions.js";
import { type Sortable, sortKeysOf } from "../sort-key.js";

/** How one field is indexed. */
export interface SearchField {
  readonly type: string;
  readonly [setting: string]: unknown;
}

/** The mapping of an index. */
export interface SearchMapping {
  readonly dynamic: false;
  readonly properties: Readonly<Record<string, SearchField>>;
}

/** The field of a document that is evgen's: no field of a model is called so. */
export const own = "_evgen";

/**
 * The mapping of a projection: fields as they are in the model, to be searched by whatever the server offers. What is read
 * back comes from the source of a document, which is exact whatever the mapping makes of it.
 */
export const mappingOf = (projection: Sortable & { readonly row: JsonSchema }): SearchMapping => {
  const { row, key, columns } = projection;
  const schemas = (row["properties"] ?? {}) as { readonly [field: string]: JsonSchema };
  const $defs = (row["$defs"] ?? {}) as { readonly [name: string]: JsonSchema };
  const fields = Object.entries(columns).map(([field, { type }]): [string, SearchField] => {
    const schema = schemas[field];
    const nested = type === "json" && !key.includes(field) && schema !== undefined;
    return [field, nested ? partsOf(schema, $defs, []) : fieldOf(type)];
  });
  const orders = indexesOf(projection).map(({ name }) => [name, { type: "keyword" }]);
  return {
    dynamic: false,
    properties: {
      ...Object.fromEntries(fields),
      [own]: {
        type: "object",
        dynamic: false,
        properties: { gone: { type: "boolean" }, by: { type: "object", properties: Object.fromEntries(orders) } },
      },
    },
  };
};

/** The orders of rows: by their key, and by each index. */
export const indexesOf = (projection: Sortable) => {
  const indexes = new Map([projection.key, ...projection.indexes].map((index) => [index.join("-"), index]));
  return [...indexes].map(([name, index]) => ({ name, index, sortKeys: sortKeysOf(projection, index) }));
};

/** Longer texts are kept, and not found. A term has at most 32,766 bytes. */
const keyword: SearchField = { type: "keyword", ignore_above: 8191 };
/** Never searched. */
const closed: SearchField = { type: "object", enabled: false };

const fieldOf = (type: ColumnType): SearchField => {
  switch (type) {
    case "string":
      return { ...keyword, fields: { text: { type: "text" } } };
    case "enum":
    case "uuid":
      return keyword;
    case "boolean":
      return { type: "boolean" };
    case "int":
      return { type: "integer", ignore_malformed: true };
    case "long":
    case "bigint":
      return { type: "long", ignore_malformed: true };
    case "float":
    case "double":
      return { type, ignore_malformed: true };
    case "date":
    case "timestamp":
      return { type: "date", format: "strict_date_optional_time", ignore_malformed: true };
    case "bytes":
      return { type: "binary" };
    case "json":
      return closed;
    default:
      // Exact as a text; as a number it is good enough for ranges and sums.
      return { ...keyword, fields: { number: { type: "double", ignore_malformed: true } } };
  }
};

/** Fields within a field: those of records, and of the items of arrays. What may be of several forms is not searched. */
const partsOf = (
  schema: JsonSchema,
  $defs: { readonly [name: string]: JsonSchema },
  above: readonly string[],
): SearchField => {
  const { $ref, allOf, items, properties, map, type, format, pattern } = schema as Keywords;
  if ($ref !== undefined) {
    const to = $defs[$ref.slice("#/$defs/".length)];
    return to === undefined || above.includes($ref) ? closed : partsOf(to, $defs, [...above, $ref]);
  }
  if (allOf?.[0] !== undefined) return partsOf(allOf[0], $defs, above);
  if (items !== undefined) return partsOf(items, $defs, above);
  if (map !== true && properties !== undefined) {
    const fields = Object.entries(properties).map(([field, part]) => [field, partsOf(part, $defs, above)]);
    return { type: "object", dynamic: false, properties: Object.fromEntries(fields) };
  }
  if ("bytes" in schema) return fieldOf("bytes");
  if ("bigint" in schema) return fieldOf("bigint");
  if ("enum" in schema) return keyword;
  if (type === "string") {
    if (format !== undefined) return fieldOf(format);
    return pattern !== undefined && "minDecimal" in schema ? fieldOf("decimal(38, 0)") : fieldOf("string");
  }
  if (type === "boolean") return fieldOf("boolean");
  if (type === "integer") return fieldOf("long");
  return type === "number" ? fieldOf("double") : closed;
};

/** The keywords of docs/generated-code.md that matter here. */
interface Keywords {
  readonly $ref?: string;
  readonly allOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly map?: true;
  readonly type?: string;
  readonly format?: "uuid" | "date" | "timestamp";
  readonly pattern?: string;
}

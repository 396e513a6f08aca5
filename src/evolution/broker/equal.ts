import { sameTree, type Tree } from "./json-tree.js";
import type { Field, Schema } from "./schema.js";

/**
 * Avro's equality, by which a broker finds that it holds a schema already: white space, descriptions, aliases and the
 * default of an enum do not count; defaults of fields, their order and foreign properties do.
 */
export const equal = (a: Schema, b: Schema, pairs: Pairs = new Map()): boolean => {
  if (a === b) return true;
  if (a.kind !== b.kind || !sameProperties(a.properties, b.properties)) return false;
  switch (a.kind) {
    case "enum":
      return (
        b.kind === "enum" &&
        a.name === b.name &&
        a.symbols.length === b.symbols.length &&
        a.symbols.every((symbol, at) => symbol === b.symbols[at])
      );
    case "fixed":
      return b.kind === "fixed" && a.name === b.name && a.size === b.size;
    case "array":
      return b.kind === "array" && equal(a.items, b.items, pairs);
    case "map":
      return b.kind === "map" && equal(a.values, b.values, pairs);
    case "union":
      return (
        b.kind === "union" &&
        a.branches.length === b.branches.length &&
        a.branches.every((branch, at) => equal(branch, b.branches[at] as Schema, pairs))
      );
    case "record": {
      if (b.kind !== "record" || a.name !== b.name) return false;
      if (seen(pairs, a, b)) return true;
      return (
        a.fields.length === b.fields.length &&
        a.fields.every((field, at) => sameField(field, b.fields[at] as Field, pairs))
      );
    }
    default:
      return true;
  }
};

type Pairs = Map<Schema, Set<Schema>>;

/** Whether the pair is being compared already further up, as in a type that holds itself. */
const seen = (pairs: Pairs, a: Schema, b: Schema): boolean => {
  const partners = pairs.get(a) ?? new Set();
  if (partners.has(b)) return true;
  pairs.set(a, partners.add(b));
  return false;
};

const sameField = (a: Field, b: Field, pairs: Pairs): boolean =>
  a.name === b.name &&
  a.order === b.order &&
  equal(a.schema, b.schema, pairs) &&
  (a.default === undefined || b.default === undefined ? a.default === b.default : sameTree(a.default, b.default)) &&
  sameProperties(a.properties, b.properties);

const sameProperties = (a: ReadonlyMap<string, Tree>, b: ReadonlyMap<string, Tree>): boolean =>
  a.size === b.size &&
  [...a].every(([name, value]) => {
    const other = b.get(name);
    return other !== undefined && sameTree(value, other);
  });

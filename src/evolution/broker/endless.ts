import type { Schema } from "./schema.js";

/**
 * The name of a record that is a part of itself with nothing between, neither union nor list: no value of it ends, and a
 * broker that compares it overflows its stack.
 */
export const holdsItself = (schema: Schema): string | undefined => {
  const done = new Set<Schema>();
  const walk = (one: Schema, around: readonly Schema[]): string | undefined => {
    if (one.kind === "record" && around.includes(one)) return one.name;
    if (done.has(one)) return undefined;
    done.add(one);
    const [inner, next] = innerOf(one, around);
    return inner.map((part) => walk(part, next)).find((name) => name !== undefined);
  };
  return walk(schema, []);
};

const innerOf = (schema: Schema, around: readonly Schema[]): readonly [readonly Schema[], readonly Schema[]] => {
  if (schema.kind === "record") return [schema.fields.map((field) => field.schema), [...around, schema]];
  if (schema.kind === "array") return [[schema.items], []];
  if (schema.kind === "map") return [[schema.values], []];
  return [schema.kind === "union" ? schema.branches : [], []];
};

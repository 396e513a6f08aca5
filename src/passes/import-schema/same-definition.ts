import type { JsonValue } from "../../model/type.js";
import { child, type Documents, isKeywords, type Keywords, keyOfNode, type SchemaNode } from "./documents.js";
import { followAliases } from "./follow-aliases.js";
import { onlyDescribes } from "./keywords.js";

/** Compares definitions of one name; remembers what was found to be the same. */
export type SameDefinition = (a: SchemaNode, b: SchemaNode, withoutKind: boolean) => boolean;

/**
 * Whether two schemas say the same, whatever describes them: then a copy of a definition in another file is no other
 * type. `withoutKind` leaves the constant `kind` of a union's member aside.
 */
export const createSameDefinition = (documents: Documents): SameDefinition => {
  const known = new Set<string>();
  return (a, b, withoutKind) => {
    // Types may contain themselves: what is being compared counts as the same until a difference is found.
    const assumed = new Set<string>();
    const waiting: [SchemaNode, SchemaNode][] = [];
    const assume = (one: SchemaNode, other: SchemaNode): void => {
      const [x, y] = [keyOfNode(one), keyOfNode(other)];
      const pair = JSON.stringify([x, y]);
      if (x === y || known.has(pair) || assumed.has(pair)) return;
      assumed.add(pair);
      waiting.push([one, other]);
    };
    const context: Comparison = {
      follow: (node) => followAliases(node, { documents, report: () => undefined }),
      assume,
    };
    if (!sameSchema(a, b, context, withoutKind)) return false;
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (!sameSchema(next[0], next[1], context, false)) return false;
    }
    for (const pair of assumed) known.add(pair);
    return true;
  };
};

interface Comparison {
  follow(node: SchemaNode): SchemaNode | undefined;
  assume(one: SchemaNode, other: SchemaNode): void;
}

const sameSchema = (a: SchemaNode, b: SchemaNode, context: Comparison, withoutKind: boolean): boolean => {
  if (!isKeywords(a.schema) || !isKeywords(b.schema)) return a.schema === b.schema;
  if (Object.hasOwn(a.schema, "$ref") || Object.hasOwn(b.schema, "$ref")) {
    const [x, y] = [context.follow(a), context.follow(b)];
    if (x === undefined || y === undefined) return false;
    context.assume(x, y);
    return true;
  }
  const [keys, others] = [constraintsOf(a.schema), constraintsOf(b.schema)];
  if (keys.length !== others.length || !keys.every((key) => others.includes(key))) return false;
  return keys.every((key) => sameKeyword(key, a, b, context, withoutKind));
};

const constraintsOf = (schema: Keywords): string[] =>
  Object.keys(schema).filter((key) => key === "$ref" || !onlyDescribes({ [key]: null }));

const sameKeyword = (
  keyword: string,
  a: SchemaNode,
  b: SchemaNode,
  context: Comparison,
  withoutKind: boolean,
): boolean => {
  const x = (a.schema as Keywords)[keyword];
  const y = (b.schema as Keywords)[keyword];
  if (keyword === "properties" && isKeywords(x) && isKeywords(y)) {
    const keep = (names: string[]): string[] => names.filter((name) => !(withoutKind && name === "kind"));
    const [names, others] = [keep(Object.keys(x)), keep(Object.keys(y))];
    // the order counts: it is the order of an Avro record's fields
    if (names.length !== others.length || !names.every((name, at) => others[at] === name)) return false;
    return names.every((name) => sameSchema(child(a, keyword, name), child(b, keyword, name), context, false));
  }
  if (keyword === "required" && Array.isArray(x) && Array.isArray(y)) {
    const keep = (names: readonly JsonValue[]): JsonValue[] =>
      names.filter((name) => !(withoutKind && name === "kind")).sort();
    return JSON.stringify(keep(x)) === JSON.stringify(keep(y));
  }
  if (Array.isArray(x) && Array.isArray(y) && schemaLists.has(keyword)) {
    return (
      x.length === y.length &&
      x.every((_, at) => sameSchema(child(a, keyword, at), child(b, keyword, at), context, false))
    );
  }
  if (schemaKeywords.has(keyword)) {
    return sameSchema(child(a, keyword), child(b, keyword), context, false);
  }
  return JSON.stringify(x) === JSON.stringify(y);
};

const schemaLists = new Set(["allOf", "anyOf", "oneOf"]);
const schemaKeywords = new Set(["items", "additionalProperties"]);

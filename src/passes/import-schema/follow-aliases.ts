import { diagnostic } from "../../diagnostics/diagnostic.js";
import { child, isKeywords, type Keywords, keyOfNode, placeOf, type SchemaNode } from "./documents.js";
import { checkKeywords, onlyDescribes, wrongValue } from "./keywords.js";
import type { Scope } from "./scope.js";

/**
 * The schema that a `$ref` leads to at last, or the schema itself when it has none. An `allOf` of one part, which is
 * how drafts without siblings describe a reference, is followed too. Undefined when a mistake was reported.
 */
export const followAliases = (node: SchemaNode, scope: Pick<Scope, "documents" | "report">): SchemaNode | undefined => {
  const seen = new Set<string>();
  let current = node;
  for (;;) {
    const next = aliasOf(current, scope);
    if (next === undefined || next === current) return next;
    const key = keyOfNode(next);
    if (seen.has(key)) {
      const { $ref } = isKeywords(node.schema) ? node.schema : {};
      const reference = typeof $ref === "string" ? $ref : "allOf";
      scope.report(diagnostic("schema-reference-cycle", { reference }, placeOf(node)));
      return undefined;
    }
    seen.add(key);
    current = next;
  }
};

/** Whether the schema stands for another one only. */
export const isAlias = (schema: Keywords): boolean => {
  const { allOf } = schema;
  return (
    Object.hasOwn(schema, "$ref") || (Array.isArray(allOf) && allOf.length === 1 && onlyDescribes(schema, ["allOf"]))
  );
};

const aliasOf = (node: SchemaNode, scope: Pick<Scope, "documents" | "report">): SchemaNode | undefined => {
  const { schema } = node;
  if (!isKeywords(schema) || !isAlias(schema)) return node;
  if (!Object.hasOwn(schema, "$ref")) return child(node, "allOf", 0);
  const { $ref } = schema;
  checkKeywords(node, { name: "a reference", keywords: ["$ref"], others: "ambiguous" }, scope);
  if (typeof $ref !== "string") return wrongValue(node, "$ref", "text", scope);
  const found = scope.documents.follow($ref, node);
  for (const one of found.diagnostics) scope.report(one);
  return found.node;
};

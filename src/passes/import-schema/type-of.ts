import { diagnostic } from "../../diagnostics/diagnostic.js";
import type { Type } from "../../model/type.js";
import { child, isKeywords, type Keywords, placeOf, type SchemaNode } from "./documents.js";
import { isAlias } from "./follow-aliases.js";
import { checkKeywords, countBounds, onlyDescribes, wrongValue } from "./keywords.js";
import { objectType } from "./objects.js";
import { booleanType, enumType, integerType, numberType, stringType } from "./scalars.js";
import type { Definition, Scope } from "./scope.js";
import { unionType } from "./unions.js";

/** The type of a schema; what its parts are comes back through the scope. */
export const typeOf = (node: SchemaNode, name: string, nullable: boolean, scope: Scope): Type | undefined => {
  const { schema } = node;
  if (schema === true) return { kind: "json" };
  if (!isKeywords(schema)) {
    const problem =
      schema === false ? '"false" allows no value at all.' : "A schema is an object of keywords, or true.";
    scope.report(diagnostic("schema-type", { problem }, placeOf(node)));
    return undefined;
  }
  if (isAlias(schema)) return typeOfDefinition(scope.definition(node));
  if (Object.hasOwn(schema, "allOf")) return objectType(node, name, scope);
  if (Object.hasOwn(schema, "oneOf") || Object.hasOwn(schema, "anyOf")) return unionType(node, name, nullable, scope);
  const type = typeKeyword(node, nullable, scope);
  if (type === undefined) return undefined;
  if (Object.hasOwn(schema, "enum") || Object.hasOwn(schema, "const")) {
    if (type === "string" || type === "unsaid") return enumType(node, name, nullable, scope);
    const problem = `Constants are text; those of the type ${type} are no type of the model.`;
    scope.report(diagnostic("schema-type", { problem }, placeOf(node)));
    return undefined;
  }
  return type === "unsaid" ? unsaidType(node, name, scope) : typeByKeyword(type, node, name, scope);
};

/** The use of a definition. A member of a union has its `kind` from the union, also where it stands alone. */
export const typeOfDefinition = (definition: Definition | undefined): Type | undefined => {
  if (definition === undefined) return undefined;
  return definition.tag === undefined
    ? { kind: "reference", to: definition.named }
    : { kind: "union", members: [definition.named] };
};

const types = ["string", "integer", "number", "boolean", "object", "array"] as const;
type SchemaType = (typeof types)[number];

const isType = (type: unknown): type is SchemaType => types.some((one) => one === type);

const typeKeyword = (node: SchemaNode, nullable: boolean, scope: Scope): SchemaType | "unsaid" | undefined => {
  const { type } = node.schema as Keywords;
  if (type === undefined) return "unsaid";
  const all: readonly unknown[] = Array.isArray(type) ? type : [type];
  const wanted = all.filter((one) => one !== "null");
  const [only] = wanted;
  if (wanted.length < all.length && wanted.length > 0 && !nullable && !excludesNull(node)) {
    scope.report(diagnostic("schema-null", {}, placeOf(node, "type")));
  }
  if (wanted.length === 1 && isType(only)) return only;
  if (!wanted.every(isType)) return wrongValue(node, "type", `one of ${types.join(", ")}`, scope);
  const problem =
    wanted.length === 0 ? "Null alone is no type." : `A value is of one type, and not of ${wanted.join(" or ")}.`;
  scope.report(diagnostic("schema-type", { problem }, placeOf(node, "type")));
  return undefined;
};

/** `"type": ["string", "null"]` beside an enum without null: no value is null. */
const excludesNull = (node: SchemaNode): boolean => {
  const { enum: values } = node.schema as Keywords;
  return Array.isArray(values) && !values.includes(null);
};

const typeByKeyword = (type: SchemaType, node: SchemaNode, name: string, scope: Scope): Type | undefined => {
  switch (type) {
    case "string":
      return stringType(node, scope);
    case "integer":
      return integerType(node, scope);
    case "number":
      return numberType(node, scope);
    case "boolean":
      return booleanType(node, scope);
    case "object":
      return objectType(node, name, scope);
    case "array":
      return arrayType(node, name, scope);
  }
};

/** What has properties is meant as an object, and what has items as an array; what says nothing is any JSON. */
const unsaidType = (node: SchemaNode, name: string, scope: Scope): Type | undefined => {
  const schema = node.schema as Keywords;
  const has = (...keywords: readonly string[]): boolean => keywords.some((keyword) => Object.hasOwn(schema, keyword));
  if (has("properties", "required", "additionalProperties", "unevaluatedProperties")) {
    return objectType(node, name, scope);
  }
  if (has("items")) return arrayType(node, name, scope);
  const known = ["minLength", "maxLength", "pattern", "format", "contentEncoding", "minimum", "maximum"];
  if (!has(...known, "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "uniqueItems")) {
    checkKeywords(node, { name: "any JSON", keywords: [] }, scope);
    return onlyDescribes(schema) ? { kind: "json" } : undefined;
  }
  checkKeywords(
    node,
    { name: "any JSON", keywords: Object.keys(schema).filter((key) => has(key) && isLimit(key)) },
    scope,
  );
  scope.report(
    diagnostic("schema-type", { problem: 'The schema limits its values, but has no "type".' }, placeOf(node)),
  );
  return undefined;
};

const isLimit = (keyword: string): boolean =>
  /^(?:min|max|exclusive|pattern$|format$|contentEncoding|unique)/.test(keyword);

const arrayType = (node: SchemaNode, name: string, scope: Scope): Type | undefined => {
  const keywords = ["type", "items", "minItems", "maxItems", "uniqueItems"];
  checkKeywords(node, { name: "an array", keywords }, scope);
  const { items, uniqueItems } = node.schema as Keywords;
  if (uniqueItems !== undefined && uniqueItems !== false) {
    const reason = "no type keeps items apart; a map has different keys";
    scope.report(
      diagnostic("schema-keyword-unsupported", { keyword: "uniqueItems", reason }, placeOf(node, "uniqueItems")),
    );
  }
  const { min, max } = countBounds(node, "minItems", "maxItems", scope);
  if (Array.isArray(items)) {
    const reason = "there are no tuples: write an object with a property for each";
    scope.report(diagnostic("schema-keyword-unsupported", { keyword: "items", reason }, placeOf(node, "items")));
    return undefined;
  }
  const inner: Type | undefined =
    items === undefined ? { kind: "json" } : scope.typeOf(child(node, "items"), scope.nameUnder(name, "Item"));
  if (inner === undefined) return undefined;
  return {
    kind: "array",
    items: inner,
    ...(min === undefined ? {} : { minItems: min }),
    ...(max === undefined ? {} : { maxItems: max }),
  };
};

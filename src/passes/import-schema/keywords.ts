import { diagnostic, keyOf } from "../../diagnostics/diagnostic.js";
import { suggest } from "../../diagnostics/entry.js";
import { isKeywords, type Keywords, placeOf, type SchemaNode } from "./documents.js";
import type { Scope } from "./scope.js";

/** What a schema is, as a message calls it, and the keywords that it may have besides those that describe. */
export interface Form {
  readonly name: string;
  readonly keywords: readonly string[];
  /**
   * What a keyword of another form is here: without meaning (when not said), an alternative that cannot be combined
   * with this form, or something that some readers apply and others ignore.
   */
  readonly others?: "alternatives" | "ambiguous";
}

/** Who hears of mistakes. */
export type Reporter = Pick<Scope, "report">;

/** Reports every keyword of a schema that its form does not have, and descriptions that are no descriptions. */
export const checkKeywords = (node: SchemaNode, form: Form, scope: Reporter): void => {
  const schema = node.schema as Keywords;
  for (const keyword of Object.keys(schema)) {
    if (form.keywords.includes(keyword) || keyword.startsWith("x-")) continue;
    if (annotations.has(keyword)) continue;
    const place = keyOf(placeOf(node, keyword));
    const reason = unsupported.get(keyword);
    if (keyword === "tsType" || keyword === "tsEnumNames") {
      scope.report(diagnostic("schema-code-keyword", { keyword }, place));
    } else if (reason !== undefined) {
      scope.report(diagnostic("schema-keyword-unsupported", { keyword, reason }, place));
    } else if (!supported.has(keyword)) {
      const suggestion = suggest(keyword, [...annotations, ...supported]);
      scope.report(diagnostic("schema-keyword-unknown", { keyword, suggestion }, place));
    } else if (form.others === "ambiguous") {
      scope.report(diagnostic("schema-reference-siblings", { keyword }, place));
    } else if (form.others === "alternatives") {
      const combined = `it cannot be combined with ${form.name}`;
      scope.report(diagnostic("schema-keyword-unsupported", { keyword, reason: combined }, place));
    } else {
      scope.report(diagnostic("schema-keyword-misplaced", { keyword, form: form.name }, place));
    }
  }
  checkAnnotations(node, scope);
};

/** Whether a schema has nothing but what describes. */
export const onlyDescribes = (schema: Keywords, except: readonly string[] = []): boolean =>
  Object.keys(schema).every((key) => annotations.has(key) || key.startsWith("x-") || except.includes(key));

/** Reports that a keyword has the wrong value; `expected` completes "must be …". */
export const wrongValue = (node: SchemaNode, keyword: string, expected: string, scope: Reporter): undefined => {
  scope.report(diagnostic("schema-keyword-value", { keyword, expected }, placeOf(node, keyword)));
};

/** The value of a keyword that counts something, or undefined when it is absent, zero minimum, or wrong (reported). */
const countOf = (node: SchemaNode, keyword: string, scope: Reporter): number | undefined => {
  const value = (node.schema as Keywords)[keyword];
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  return wrongValue(node, keyword, "a whole number, zero or more", scope);
};

/** A minimum and a maximum of a count, without what says nothing; reported when no value is possible. */
export const countBounds = (
  node: SchemaNode,
  minKeyword: string,
  maxKeyword: string,
  scope: Reporter,
): { readonly min?: number; readonly max?: number } => {
  const min = countOf(node, minKeyword, scope);
  const max = countOf(node, maxKeyword, scope);
  if (min !== undefined && max !== undefined && min > max) {
    const problem = `${minKeyword} ${min} is more than ${maxKeyword} ${max}`;
    scope.report(diagnostic("schema-bounds", { problem }, placeOf(node, minKeyword)));
  }
  return { ...(min === undefined || min === 0 ? {} : { min }), ...(max === undefined ? {} : { max }) };
};

const checkAnnotations = (node: SchemaNode, scope: Reporter): void => {
  const schema = node.schema as Keywords;
  for (const keyword of ["title", "description", "$comment", "$id", "$anchor"]) {
    const value = schema[keyword];
    if (value !== undefined && typeof value !== "string") wrongValue(node, keyword, "text", scope);
  }
  for (const keyword of ["deprecated", "readOnly", "writeOnly", "x-pii"]) {
    const value = schema[keyword];
    if (value !== undefined && typeof value !== "boolean") wrongValue(node, keyword, "true or false", scope);
  }
  const { examples, $schema } = schema;
  if (examples !== undefined && !Array.isArray(examples)) wrongValue(node, "examples", "a list", scope);
  for (const keyword of ["definitions", "$defs"]) {
    const value = schema[keyword];
    if (value !== undefined && !isKeywords(value)) wrongValue(node, keyword, "schemas by name", scope);
  }
  if ($schema !== undefined && !(typeof $schema === "string" && dialects.test($schema))) {
    const draft = typeof $schema === "string" ? $schema : JSON.stringify($schema);
    scope.report(diagnostic("schema-draft", { draft: draft.slice(0, 100) }, placeOf(node, "$schema")));
  }
};

const dialects = /^https?:\/\/json-schema\.org\/(?:draft-07\/schema|draft\/2020-12\/schema)#?$/;

/** They describe and constrain nothing; docs/json-schema.md says what becomes of each. */
const annotations: ReadonlySet<string> = new Set(
  "$schema $id $anchor $comment $defs definitions title description default examples deprecated readOnly writeOnly".split(
    " ",
  ),
);

const supported: ReadonlySet<string> = new Set(
  "type enum const $ref allOf anyOf oneOf properties required additionalProperties unevaluatedProperties minProperties maxProperties items minItems maxItems uniqueItems minLength maxLength pattern format contentEncoding contentMediaType minimum maximum exclusiveMinimum exclusiveMaximum discriminator".split(
    " ",
  ),
);

const unsupported: ReadonlyMap<string, string> = new Map([
  ["not", "no type of the model says what a value is not"],
  ["if", "a type cannot depend on a value; a union can, by its kind"],
  ["then", "a type cannot depend on a value; a union can, by its kind"],
  ["else", "a type cannot depend on a value; a union can, by its kind"],
  ["dependentRequired", "one field cannot demand another"],
  ["dependentSchemas", "one field cannot demand another"],
  ["dependencies", "one field cannot demand another"],
  ["patternProperties", 'a map takes any keys: write "additionalProperties"'],
  ["propertyNames", "a map takes any keys"],
  ["prefixItems", "there are no tuples: write an object with a property for each"],
  ["additionalItems", "there are no tuples: write an object with a property for each"],
  ["unevaluatedItems", "there are no tuples: write an object with a property for each"],
  ["contains", "the items of an array are all alike"],
  ["minContains", "the items of an array are all alike"],
  ["maxContains", "the items of an array are all alike"],
  ["multipleOf", "steps are not checked; a decimal has a fixed number of digits"],
  ["contentSchema", "what bytes contain is not checked"],
  ["nullable", 'it is of OpenAPI; JSON Schema says "type": ["string", "null"]'],
  ["example", 'it is of OpenAPI; JSON Schema says "examples": [...]'],
  ["id", 'it is of draft 4; since draft 6 it is "$id"'],
  ["$dynamicRef", "a reference means the same wherever it is read from"],
  ["$dynamicAnchor", "a reference means the same wherever it is read from"],
  ["$recursiveRef", "a reference means the same wherever it is read from"],
  ["$recursiveAnchor", "a reference means the same wherever it is read from"],
  ["$vocabulary", "there are no vocabularies of one's own"],
]);

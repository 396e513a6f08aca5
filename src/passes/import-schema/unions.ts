import { diagnostic } from "../../diagnostics/diagnostic.js";
import type { JsonValue, NamedType, Type } from "../../model/type.js";
import { child, isKeywords, type Keywords, placeOf, type SchemaNode } from "./documents.js";
import { checkKeywords, onlyDescribes, wrongValue } from "./keywords.js";
import { isNullSchema, tagOf } from "./objects.js";
import { enumOf } from "./scalars.js";
import type { Scope } from "./scope.js";

/**
 * `oneOf` or `anyOf`: a union of records that their `kind` tells apart, an enum of constants, or one type besides null.
 * Since members exclude each other, both keywords mean the same.
 */
export const unionType = (node: SchemaNode, name: string, nullable: boolean, scope: Scope): Type | undefined => {
  const schema = node.schema as Keywords;
  const keyword = Object.hasOwn(schema, "oneOf") ? "oneOf" : "anyOf";
  const list = schema[keyword];
  if (!Array.isArray(list) || list.length === 0) return wrongValue(node, keyword, "a list of schemas", scope);
  const alternatives: SchemaNode[] = [];
  for (const at of list.keys()) {
    const alternative = child(node, keyword, at);
    if (!isNullSchema(alternative.schema)) alternatives.push(alternative);
    else if (!nullable) scope.report(diagnostic("schema-null", {}, placeOf(alternative)));
  }
  const form = { name: `"${keyword}"`, keywords: ["type", keyword], others: "alternatives" } as const;
  const constants = alternatives.map(constantsOf);
  if (alternatives.length > 0 && constants.every((one) => one !== undefined)) {
    checkKeywords(node, form, scope);
    checkType(node, "string", scope);
    return enumOf(node, [keyword], constants.flat(), name, scope);
  }
  const [only] = alternatives;
  if (only === undefined) return wrongValue(node, keyword, "a list with a schema besides null", scope);
  if (alternatives.length === 1 && tagOf(only, scope) === undefined) {
    checkKeywords(node, form, scope);
    checkType(node, undefined, scope);
    return scope.typeOf(only, name);
  }
  checkKeywords(node, { ...form, keywords: [...form.keywords, "discriminator", "required"] }, scope);
  checkType(node, "object", scope);
  checkRequired(node, scope);
  checkDiscriminator(node, scope);
  return membersOf(alternatives, scope);
};

/** The constants that a schema allows when it does nothing else. */
const constantsOf = (node: SchemaNode): readonly JsonValue[] | undefined => {
  const { schema } = node;
  if (!isKeywords(schema) || !onlyDescribes(schema, ["const", "enum", "type"])) return undefined;
  const { const: only, enum: values, type } = schema;
  if (type !== undefined && type !== "string") return undefined;
  if (typeof only === "string" && values === undefined) return [only];
  return only === undefined && Array.isArray(values) && values.every((one) => typeof one === "string")
    ? values
    : undefined;
};

const checkType = (node: SchemaNode, expected: string | undefined, scope: Scope): void => {
  const { type } = node.schema as Keywords;
  const types = (Array.isArray(type) ? type : [type]).filter((one) => one !== "null" && one !== undefined);
  if (types.length === 0 || (types.length === 1 && types[0] === expected)) return;
  wrongValue(node, "type", expected === undefined ? "said in the alternative" : `"${expected}"`, scope);
};

/** `required: [kind]` says what the members say too. */
const checkRequired = (node: SchemaNode, scope: Scope): void => {
  const { required } = node.schema as Keywords;
  if (required === undefined || JSON.stringify(required) === '["kind"]') return;
  wrongValue(node, "required", '["kind"]', scope);
};

/** A keyword of OpenAPI that Ajv knows too; it says what the members say anyway. */
const checkDiscriminator = (node: SchemaNode, scope: Scope): void => {
  const { discriminator } = node.schema as Keywords;
  if (discriminator === undefined) return;
  if (JSON.stringify(discriminator) !== '{"propertyName":"kind"}')
    wrongValue(node, "discriminator", '{ "propertyName": "kind" }', scope);
};

const membersOf = (alternatives: readonly SchemaNode[], scope: Scope): Type | undefined => {
  const members = new Map<NamedType, SchemaNode>();
  for (const alternative of alternatives) {
    const definition = scope.definition(alternative);
    if (definition === undefined) continue;
    const first = members.get(definition.named);
    if (definition.tag === undefined) {
      const problem =
        'A member of a union needs a required property "kind" with a constant, the member\'s name in PascalCase.';
      scope.report(diagnostic("schema-union", { problem }, placeOf(alternative)));
    } else if (first !== undefined) {
      const problem = `Two members of the union have the kind ${definition.tag}.`;
      const related = [{ message: "The first one is here.", place: placeOf(first) }];
      scope.report(diagnostic("schema-union", { problem }, placeOf(alternative), { related }));
    } else {
      members.set(definition.named, alternative);
    }
  }
  return members.size === alternatives.length ? { kind: "union", members: [...members.keys()] } : undefined;
};

import { diagnostic, keyOf } from "../../diagnostics/diagnostic.js";
import { suggest } from "../../diagnostics/entry.js";
import { type Identifier, identifier, isInherited } from "../../model/names.js";
import { dereference, type Field, type JsonValue, type RecordType, type Type } from "../../model/type.js";
import { normalize, problemOf } from "../../model/values.js";
import { child, isKeywords, type Keywords, keyOfNode, placeOf, type SchemaNode } from "./documents.js";
import { followAliases } from "./follow-aliases.js";
import { checkKeywords, countBounds, wrongValue } from "./keywords.js";
import type { Scope } from "./scope.js";

/** An object: a record when it says its properties, else a map. */
export const objectType = (node: SchemaNode, name: string, scope: Scope): Type | undefined => {
  const { properties, additionalProperties, unevaluatedProperties, allOf } = node.schema as Keywords;
  const closed = additionalProperties === false || unevaluatedProperties === false;
  return properties !== undefined || closed || allOf !== undefined
    ? recordType(node, name, false, scope)
    : mapType(node, name, scope);
};

/** An object with properties, also merged by `allOf`. A `member` of a union is without its `kind`, which is the union's. */
export const recordType = (node: SchemaNode, name: string, member: boolean, scope: Scope): RecordType | undefined => {
  const parts = partsOf(node, scope, scope.report);
  if (parts === undefined) return undefined;
  const properties = mergedProperties(parts, scope);
  checkOpenness(parts, properties, scope);
  const required = requiredOf(parts, properties, scope);
  const fields: Field[] = [];
  for (const [key, property] of properties) {
    if (member && key === "kind") continue;
    const field = fieldOf(key, property, required.has(key), name, scope);
    if (field !== undefined) fields.push(field);
  }
  return { kind: "record", name: identifier(name) as Identifier, fields };
};

/**
 * The constant of a required property `kind`, when it can be the name of a union's member: in PascalCase. Reports
 * nothing; whoever converts the schema does.
 */
export const tagOf = (node: SchemaNode, scope: Scope): string | undefined => {
  const parts = partsOf(node, scope, () => undefined) ?? [];
  let tag: string | undefined;
  let required = false;
  for (const part of parts) {
    const { properties, required: names } = part.schema as Keywords;
    const { kind } = isKeywords(properties) ? properties : {};
    if (isKeywords(kind)) tag = constantOf(kind) ?? tag;
    if (Array.isArray(names) && names.includes("kind")) required = true;
  }
  return required && tag !== undefined && isMemberName(tag) ? tag : undefined;
};

/** Whether the text can be the name of a union's member. */
const isMemberName = (text: string): boolean => /^[A-Z]/.test(text) && identifier(text) !== undefined;

const constantOf = (schema: Keywords): string | undefined => {
  const { const: only, enum: values } = schema;
  const value = Array.isArray(values) && values.length === 1 ? values[0] : only;
  return typeof value === "string" ? value : undefined;
};

/** How many parts of `allOf` may stand in each other. */
const maxParts = 100;

const recordKeywords = ["type", "properties", "required", "additionalProperties", "unevaluatedProperties", "allOf"];

const mapType = (node: SchemaNode, name: string, scope: Scope): Type | undefined => {
  const keywords = ["type", "additionalProperties", "minProperties", "maxProperties", "required"];
  checkKeywords(node, { name: "an object without properties", keywords }, scope);
  const { additionalProperties } = node.schema as Keywords;
  requiredOf([node], new Map(), scope);
  const { min, max } = countBounds(node, "minProperties", "maxProperties", scope);
  const values: Type | undefined =
    additionalProperties === undefined
      ? { kind: "json" }
      : scope.typeOf(child(node, "additionalProperties"), scope.nameUnder(name, "Value"));
  if (values === undefined) return undefined;
  return {
    kind: "map",
    values,
    ...(min === undefined ? {} : { minItems: min }),
    ...(max === undefined ? {} : { maxItems: max }),
  };
};

/** The objects that an object consists of, by `allOf` and by references in it: itself alone, most often. */
const partsOf = (node: SchemaNode, scope: Scope, report: Scope["report"]): readonly SchemaNode[] | undefined => {
  const parts = new Map<string, SchemaNode>();
  const around = new Set<string>();
  const quiet: Scope = { ...scope, report };
  const collect = (part: SchemaNode): boolean => {
    const target = followAliases(part, quiet);
    if (target === undefined) return false;
    const key = keyOfNode(target);
    if (around.size >= maxParts) {
      report(diagnostic("schema-too-deep", { levels: maxParts }, placeOf(part)));
      return false;
    }
    if (around.has(key)) {
      report(diagnostic("schema-all-of", { problem: 'A part of "allOf" leads back to the whole.' }, placeOf(part)));
      return false;
    }
    if (parts.has(key)) return true;
    const { schema } = target;
    if (!isKeywords(schema) || !isObjectSchema(schema)) {
      report(diagnostic("schema-all-of", { problem: 'A part of "allOf" must be an object.' }, placeOf(part)));
      return false;
    }
    checkKeywords(target, { name: "an object with properties", keywords: recordKeywords }, quiet);
    around.add(key);
    parts.set(key, target);
    const { allOf } = schema;
    if (allOf !== undefined && (!Array.isArray(allOf) || allOf.length === 0)) {
      wrongValue(target, "allOf", "a list of schemas", quiet);
      return false;
    }
    // every part, so that all mistakes are found
    const whole = (allOf ?? []).map((_, at) => collect(child(target, "allOf", at))).every((one) => one);
    around.delete(key);
    return whole;
  };
  return collect(node) ? [...parts.values()] : undefined;
};

const isObjectSchema = (schema: Keywords): boolean => {
  const { type } = schema;
  const types = Array.isArray(type) ? type.filter((one) => one !== "null") : type === undefined ? [] : [type];
  if (["enum", "const", "oneOf", "anyOf", "items"].some((keyword) => Object.hasOwn(schema, keyword))) return false;
  return types.every((one) => one === "object") && types.length <= 1;
};

const mergedProperties = (parts: readonly SchemaNode[], scope: Scope): Map<string, SchemaNode> => {
  const merged = new Map<string, SchemaNode>();
  for (const part of parts) {
    const { properties } = part.schema as Keywords;
    if (properties === undefined) continue;
    if (!isKeywords(properties)) {
      wrongValue(part, "properties", "schemas by name", scope);
      continue;
    }
    for (const key of Object.keys(properties)) {
      const property = child(part, "properties", key);
      const first = merged.get(key);
      if (first === undefined) {
        merged.set(key, property);
      } else if (JSON.stringify(first.schema) !== JSON.stringify(property.schema)) {
        const problem = `Two parts of "allOf" say different things of the property ${JSON.stringify(key)}.`;
        const related = [{ message: "The other part says this.", place: placeOf(first) }];
        scope.report(diagnostic("schema-all-of", { problem }, keyOf(placeOf(property)), { related }));
      }
    }
  }
  return merged;
};

/** Records are closed, so that nothing needs to say so; but nothing may say otherwise. */
const checkOpenness = (
  parts: readonly SchemaNode[],
  properties: ReadonlyMap<string, SchemaNode>,
  scope: Scope,
): void => {
  for (const part of parts) {
    const schema = part.schema as Keywords;
    for (const keyword of ["additionalProperties", "unevaluatedProperties"]) {
      const value = schema[keyword];
      if (value !== undefined && value !== false) {
        scope.report(diagnostic("schema-open-object", {}, placeOf(part, keyword)));
      }
    }
    const { additionalProperties, properties: own } = schema;
    if (additionalProperties !== false) continue;
    const foreign = [...properties.keys()].find((key) => !isKeywords(own) || !Object.hasOwn(own, key));
    if (foreign !== undefined) {
      const problem = `"additionalProperties": false forbids the property ${JSON.stringify(foreign)} of another part.`;
      scope.report(diagnostic("schema-all-of", { problem }, placeOf(part, "additionalProperties")));
    }
  }
};

const requiredOf = (
  parts: readonly SchemaNode[],
  properties: ReadonlyMap<string, SchemaNode>,
  scope: Scope,
): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const part of parts) {
    const { required } = part.schema as Keywords;
    if (required === undefined) continue;
    if (!Array.isArray(required) || !required.every((one) => typeof one === "string")) {
      wrongValue(part, "required", "a list of property names", scope);
      continue;
    }
    for (const [at, name] of (required as readonly string[]).entries()) {
      names.add(name);
      if (properties.has(name)) continue;
      const suggestion = suggest(name, properties.keys());
      scope.report(diagnostic("schema-property-missing", { name, suggestion }, placeOf(part, "required", at)));
    }
  }
  return names;
};

const fieldOf = (
  name: string,
  node: SchemaNode,
  required: boolean,
  record: string,
  scope: Scope,
): Field | undefined => {
  const reason = isInherited(name)
    ? "every object in JavaScript has it already, or it would make a promise of one"
    : /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
      ? undefined
      : "it is no name of Avro, which has letters, digits and underscores only";
  if (reason !== undefined) {
    scope.report(diagnostic("schema-property-name", { name, reason }, keyOf(placeOf(node))));
  }
  const { schema } = node;
  const nullable = allowsNull(schema);
  const type = scope.typeOf(node, scope.nameUnder(record, name), nullable);
  if (type === undefined) return undefined;
  const keywords = isKeywords(schema) ? schema : {};
  const { description, deprecated } = keywords;
  const field: { -readonly [K in keyof Field]: Field[K] } = {
    name,
    type,
    optional: !required || nullable,
    ...(typeof description === "string" ? { description } : {}),
    pii: keywords["x-pii"] === true,
    ...(deprecated === true ? { deprecated } : {}),
    place: placeOf(node),
  };
  scope.later(() => {
    const example = exampleOf(keywords, type, scope);
    if (example !== undefined) field.example = example;
  });
  return field;
};

/** Whether null is among what a property's schema allows. */
const allowsNull = (schema: JsonValue): boolean => {
  if (!isKeywords(schema)) return false;
  const { type, enum: values, oneOf, anyOf } = schema;
  const typeSays = Array.isArray(type) && type.includes("null");
  if (Array.isArray(values)) return values.includes(null) && (type === undefined || typeSays);
  const alternatives = oneOf ?? anyOf;
  return typeSays || (Array.isArray(alternatives) && alternatives.some(isNullSchema));
};

/** Whether a schema is that of null and nothing else. */
export const isNullSchema = (schema: JsonValue): boolean => {
  if (!isKeywords(schema)) return false;
  const { type, const: only, enum: values } = schema;
  return (type === "null" || only === null) && values === undefined;
};

/** The first of the examples, or the default, that is a value of the type. */
const exampleOf = (schema: Keywords, type: Type, scope: Scope): JsonValue | undefined => {
  const { examples, default: standard } = schema;
  const candidates = [...(Array.isArray(examples) ? examples : []), ...(standard === undefined ? [] : [standard])];
  if (candidates.length === 0 || !isComplete(type, scope)) return undefined;
  const valid = candidates.find((one) => problemOf(one, type, scope.long) === undefined);
  return valid === undefined ? undefined : normalize(valid, type);
};

/** Whether values can be checked now. What refers to other types is left to whoever has them all. */
const isComplete = (type: Type, scope: Scope): boolean => {
  const seen = new Set<Type>();
  const waiting: Type[] = [type];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === "reference" && scope.isDeclared(next.to)) return false;
    const target = dereference(next);
    if (seen.has(target)) continue;
    if (seen.size >= 1000) return false;
    seen.add(target);
    if (target.kind === "array") waiting.push(target.items);
    if (target.kind === "map") waiting.push(target.values);
    if (target.kind === "record") waiting.push(...target.fields.map((field) => field.type));
    if (target.kind === "union") {
      if (target.members.some(scope.isDeclared)) return false;
      waiting.push(...target.members.map((member) => member.type));
    }
  }
  return true;
};

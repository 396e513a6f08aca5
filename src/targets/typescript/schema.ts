import type { NamedType, RecordType, Type, UnionType } from "../../model/type.js";
import { dereference } from "../../model/type.js";
import { type Code, code, identifier } from "../../render/code.js";
import { embed, expanded, type Layout, literalLayout, type Printable, statement } from "../../render/layout.js";
import { decimalPattern, integerBounds } from "../json-schema.js";
import { memberSchemaConst, schemaConst, typesFile } from "./names.js";
import type { SchemaNode } from "./schema-graph.js";
import type { Run, Scope } from "./scope.js";

/**
 * The schema of a value in memory, as docs/generated-code.md describes it: named types are imported consts, recursive
 * ones are referred to and carried under `$defs`.
 */
export const rootSchema = (type: Type, scope: Scope): Layout => literalLayout(withDefinitions(type, printed(scope)));

/** The same as a value, in which every named type stands in full. */
export const schemaValue = (type: Type, run: Run): object => withDefinitions(type, inFull(run)) as object;

/** The const of a named type's schema, in the file of the types. */
export const schemaDeclaration = (node: SchemaNode, scope: Scope): Code => {
  const name = identifier(node.member ? memberSchemaConst(node.type) : schemaConst(node.type));
  const jsonSchema = scope.imports.type("evgen/runtime", "JsonSchema");
  return statement(code`export const ${name}: ${jsonSchema} = `, literalLayout(nodeSchema(node, printed(scope))));
};

/** How a schema is made: as data to print, or as a value. */
interface Form extends Run {
  /** The schema of a named type, to stand where it is used. */
  readonly named: (node: SchemaNode) => Printable;
  readonly properties: (entries: { readonly [name: string]: Printable }) => Printable;
}

const printed = (scope: Scope): Form => ({
  ...scope,
  named: (node) => {
    const name = node.member ? memberSchemaConst(node.type) : schemaConst(node.type);
    return embed(scope.file === typesFile ? identifier(name) : scope.imports.value({ file: typesFile }, name));
  },
  properties: expanded,
});

const inFull = (run: Run): Form => {
  const form: Form = { ...run, named: (node) => nodeSchema(node, form), properties: (entries) => entries };
  return form;
};

const withDefinitions = (type: Type, form: Form): Printable => {
  const recursive = form.graph.recursiveIn(type);
  if (recursive.length === 0) return schemaOf(type, form);
  const $defs = form.properties(Object.fromEntries(recursive.map((node) => [node.name, form.named(node)] as const)));
  return type.kind === "record"
    ? recordSchema(type, form, undefined, { $defs })
    : { allOf: [schemaOf(type, form)], $defs };
};

const nodeSchema = (node: SchemaNode, form: Form): Printable => {
  const type = node.type.type;
  return node.member && type.kind === "record" ? recordSchema(type, form, node.type) : schemaOf(type, form);
};

const schemaOf = (type: Type, form: Form): Printable => {
  switch (type.kind) {
    case "string":
      return defined({ type: "string", minLength: type.minLength, maxLength: type.maxLength, pattern: type.pattern });
    case "boolean":
      return { type: "boolean" };
    case "long":
      return form.model.long === "bigint" ? bigintSchema(type) : integerSchema(type);
    case "int":
      return integerSchema(type);
    case "float":
      return defined({ type: "number", float: true, minimum: type.min, maximum: type.max });
    case "double":
      return defined({ type: "number", minimum: type.min, maximum: type.max });
    case "decimal":
      return defined({ type: "string", pattern: decimalPattern(type), minDecimal: type.min, maxDecimal: type.max });
    case "uuid":
    case "date":
    case "timestamp":
      return { type: "string", format: type.kind };
    case "bytes":
      return defined({ bytes: true, minLength: type.minLength, maxLength: type.maxLength });
    case "json":
      return { json: true };
    case "enum":
      return { enum: type.values };
    case "array":
      return defined({
        type: "array",
        items: schemaOf(type.items, form),
        minItems: type.minItems,
        maxItems: type.maxItems,
      });
    case "map":
      return defined({
        type: "object",
        map: true,
        additionalProperties: schemaOf(type.values, form),
        minProperties: type.minItems,
        maxProperties: type.maxItems,
      });
    case "record":
      return recordSchema(type, form);
    case "union":
      return unionSchema(type, form);
    case "reference":
      return useOf(form.graph.node(type.to, false), form);
  }
};

const recordSchema = (
  type: RecordType,
  form: Form,
  member?: NamedType,
  more: { readonly [keyword: string]: Printable } = {},
): Printable => {
  const kind: (readonly [string, Printable])[] = member === undefined ? [] : [["kind", { const: member.name }]];
  const fields = type.fields.map((field) => [field.name, schemaOf(field.type, form)] as const);
  const required = type.fields.filter((field) => !field.optional).map((field) => field.name);
  return {
    type: "object",
    properties: form.properties(Object.fromEntries([...kind, ...fields])),
    required: member === undefined ? required : ["kind", ...required],
    additionalProperties: false,
    ...more,
  };
};

const unionSchema = (type: UnionType, form: Form): Printable => ({
  type: "object",
  discriminator: { propertyName: "kind" },
  required: ["kind"],
  oneOf: type.members.map((member) => useOf(form.graph.node(member, true), form)),
});

const useOf = (node: SchemaNode, form: Form): Printable =>
  node.recursive ? { $ref: `#/$defs/${node.name}` } : form.named(node);

const integerSchema = (type: Extract<Type, { kind: "int" | "long" }>): Printable => {
  const { min, max } = integerBounds(type, "number");
  return { type: "integer", minimum: Number(min), maximum: Number(max) };
};

const bigintSchema = (type: Extract<Type, { kind: "int" | "long" }>): Printable => ({
  bigint: defined({ min: type.min?.toString(), max: type.max?.toString() }),
});

const defined = (keywords: { readonly [keyword: string]: Printable | undefined }): { [keyword: string]: Printable } =>
  Object.fromEntries(Object.entries(keywords).filter((entry): entry is [string, Printable] => entry[1] !== undefined));

/** The `kind` of a union's members is a text; what they are made of is found behind references. */
export const memberRecord = (member: NamedType): RecordType | undefined => {
  const type = dereference(member.type);
  return type.kind === "record" ? type : undefined;
};

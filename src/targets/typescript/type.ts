import type { EnumType, NamedType, RecordType, Type, UnionType } from "../../model/type.js";
import { type Code, code, identifier, joinCode, literal } from "../../render/code.js";
import { lineWidth, width } from "../../render/layout.js";
import { typesFile } from "./names.js";
import { memberRecord } from "./schema.js";
import type { Scope } from "./scope.js";

/** A type as TypeScript. Its imports go into the scope, and so do records that the file has to declare itself. */
export const typeCode = (type: Type, scope: Scope): Code => {
  switch (type.kind) {
    case "string":
    case "uuid":
    case "date":
    case "timestamp":
    case "decimal":
      return code`string`;
    case "boolean":
      return code`boolean`;
    case "int":
    case "float":
    case "double":
      return code`number`;
    case "long":
      return scope.model.long === "bigint" ? code`bigint` : code`number`;
    case "bytes":
      return code`Uint8Array`;
    case "json":
      return scope.imports.type("evgen/runtime", "JsonValue");
    case "enum":
    case "union":
      return joinCode(alternatives(type, scope), code` | `);
    case "array":
      return code`readonly ${inArray(type.items, scope)}[]`;
    case "map":
      return code`Readonly<Record<string, ${typeCode(type.values, scope)}>>`;
    case "record":
      return recordName(type, scope);
    case "reference":
      return namedType(type.to, scope);
  }
};

/** The name of a record: of one without its own, which the file declares, or of one that another file declares. */
const recordName = (type: RecordType, scope: Scope): Code => {
  const home = scope.homes.get(type.name) ?? scope.file;
  if (home !== scope.file) return scope.imports.type({ file: home }, type.name);
  scope.inline.set(type.name, type);
  return identifier(type.name);
};

/** The use of a type that types.ts declares. */
const namedType = (type: NamedType, scope: Scope): Code =>
  scope.file === typesFile ? identifier(type.name) : scope.imports.type({ file: typesFile }, type.name);

/** The parts of what is printed as a union. */
export const alternatives = (type: EnumType | UnionType, scope: Scope): readonly Code[] =>
  type.kind === "enum" ? type.values.map(literal) : type.members.map((member) => memberType(member, scope));

/** A type alias, over several lines where a union does not fit into one. */
export const aliasDeclaration = (name: Code, parts: readonly Code[]): Code => {
  const flat = code`export type ${name} = ${joinCode(parts, code` | `)};`;
  if (width(flat) <= lineWidth || parts.length === 1) return flat;
  return code`export type ${name} =\n${brokenUnion(parts, code`  `)};`;
};

/** A property's type on lines of its own, when it is a union that is too long for one line. */
export const brokenType = (type: Type, optional: boolean, scope: Scope): Code | undefined => {
  const undefinedPart = optional ? [code`undefined`] : [];
  if (type.kind === "enum" || type.kind === "union") {
    const parts = [...alternatives(type, scope), ...undefinedPart];
    return parts.length < 2 ? undefined : code`\n${brokenUnion(parts, code`    `)}`;
  }
  if (type.kind === "array" && (type.items.kind === "enum" || type.items.kind === "union") && !optional) {
    const parts = alternatives(type.items, scope);
    return parts.length < 2 ? undefined : code` readonly (\n${brokenUnion(parts, code`    `)}\n  )[]`;
  }
  return undefined;
};

const brokenUnion = (parts: readonly Code[], indent: Code): Code =>
  joinCode(
    parts.map((part) => code`${indent}| ${part}`),
    code`\n`,
  );

const inArray = (type: Type, scope: Scope): Code => {
  const items = typeCode(type, scope);
  const single = (type.kind === "enum" && type.values.length === 1) || (type.kind !== "enum" && type.kind !== "union");
  return single && type.kind !== "array" ? items : code`(${items})`;
};

/** A record without fields says nothing more than its kind. */
const memberType = (member: NamedType, scope: Scope): Code => {
  const kind = code`{ kind: ${literal(member.name)} }`;
  return memberRecord(member)?.fields.length === 0 ? kind : code`(${namedType(member, scope)} & ${kind})`;
};

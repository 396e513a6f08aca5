import type { NamedType } from "../../model/type.js";
import { type Code, comment, docTextLines, identifier, joinCode } from "../../render/code.js";
import { render } from "../../render/template.js";
import type { Text } from "./event-file.js";
import { header } from "./header.js";
import { declareRecords, type RecordDeclaration } from "./interfaces.js";
import { typesFile } from "./names.js";
import { schemaDeclaration } from "./schema.js";
import { openScope, type Run, type Scope } from "./scope.js";
import { aliasDeclaration, alternatives, typeCode } from "./type.js";

/** The file of the model's named types and their schemas. */
export const typesFileOf = (run: Run): { records: readonly RecordDeclaration[]; text: Text } => {
  const scope = openScope(run, typesFile);
  const declarations = run.model.types.map((type) => ({ type, records: declare(type, scope) }));
  const text: Text = (interfaces) => {
    let next = 0;
    const types = declarations.flatMap(({ type, records }) => {
      const own = interfaces.slice(next, next + records.length);
      next += records.length;
      return type.type.kind === "record" ? own : [alias(type, scope), ...own];
    });
    const schemas = run.graph.nodes.map((node) => schemaDeclaration(node, scope));
    return render("typescript/types.ts", { ...header(scope), types, schemas });
  };
  return { records: declarations.flatMap(({ records }) => records), text };
};

const declare = (type: NamedType, scope: Scope): readonly RecordDeclaration[] => {
  if (type.type.kind === "record") return declareRecords(type.type, identifier(type.name), doc(type), scope);
  const known = new Set(scope.inline.keys());
  typeCode(type.type, scope);
  const inner = [...scope.inline.values()].filter((record) => !known.has(record.name));
  return inner.flatMap((record) =>
    declareRecords(record, identifier(record.name), docTextLines(`A part of ${type.name}.`), scope),
  );
};

const alias = (type: NamedType, scope: Scope): Code => {
  const parts =
    type.type.kind === "enum" || type.type.kind === "union"
      ? alternatives(type.type, scope)
      : [typeCode(type.type, scope)];
  return joinCode([...comment(doc(type)), aliasDeclaration(identifier(type.name), parts)], "\n" as Code);
};

const doc = (type: NamedType): readonly Code[] => docTextLines(type.description, `${type.name}, of the model's types.`);

import type { NamedType, Type } from "../../model/type.js";
import type { SchemaImporter } from "../import-schema.js";
import type { Context } from "./context.js";
import type { Definitions } from "./merge.js";
import { checkedName } from "./names.js";
import { present } from "./present.js";
import { unknownType } from "./soundness.js";
import type { SourceField } from "./source.js";
import type { TypeScope } from "./type-scope.js";
import { resolveDefinition } from "./types.js";

/** Resolves what stands under `types:`. They may refer to one another in any order, and to themselves. */
export const resolveNamedTypes = (
  definitions: Definitions<SourceField>,
  schemas: SchemaImporter,
  context: Context,
): TypeScope => {
  const named = new Map<string, { -readonly [K in keyof NamedType]: NamedType[K] }>();
  for (const [name, { source, place }] of definitions) {
    const description = typeof source === "string" ? undefined : source.description;
    const checked = checkedName("type", name, place, context);
    named.set(name, { name: checked, type: unknownType, place, ...present({ description }) });
  }
  const scope: TypeScope = {
    ...{ definitions, named, schemas },
    ...{ parsed: new Map(), built: new Map(), later: [], broken: new Set<Type>() },
  };

  const brought = [...definitions].filter(([, { source }]) => schemaOf(source) !== undefined);
  for (const [name, { source, place }] of brought) {
    const type = named.get(name);
    if (type !== undefined)
      schemas.declare(schemaOf(source) ?? null, { ...place, path: [...place.path, "schema"] }, type);
  }
  const written = [...definitions].filter(([, { source }]) => schemaOf(source) === undefined);
  for (const [name, { source, place }] of [...brought, ...written]) {
    const type = named.get(name);
    if (type !== undefined) type.type = resolveDefinition(source, type.name, place, scope, context, [name]);
  }
  return scope;
};

const schemaOf = (source: SourceField) => (typeof source === "string" ? undefined : source.schema);

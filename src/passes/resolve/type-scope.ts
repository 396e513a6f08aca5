import type { NamedType, Type } from "../../model/type.js";
import type { SchemaImporter } from "../import-schema.js";
import type { Definitions } from "./merge.js";
import type { SourceField } from "./source.js";
import type { ParsedType } from "./type-expression.js";
import { parseTypeExpression } from "./type-expression.js";

/** What types are resolved against: the definitions of the model, and an object for each of them. */
export interface TypeScope {
  readonly definitions: Definitions<SourceField>;
  /** Filled in one after the other: what refers to a type holds the object before it is complete. */
  readonly named: ReadonlyMap<string, NamedType>;
  readonly schemas: SchemaImporter;
  readonly parsed: Map<string, ParsedType>;
  /** Types by the text that says all of them: what is written alike is one object, which is compared at a glance. */
  readonly built: Map<string, Type>;
  /** Checks that have to wait until every type is complete. */
  readonly later: (() => void)[];
  /** Types with a mistake that was reported: what is made of them is not looked at, or one mistake would cause ten. */
  readonly broken: Set<Type>;
}

/** A type expression, read once however often a model uses it. */
export const parseOnce = (text: string, scope: TypeScope): ParsedType => {
  const known = scope.parsed.get(text);
  if (known !== undefined) return known;
  const parsed = parseTypeExpression(text);
  scope.parsed.set(text, parsed);
  return parsed;
};

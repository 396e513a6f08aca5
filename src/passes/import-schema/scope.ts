import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { NamedType, Type } from "../../model/type.js";
import type { Documents, SchemaNode } from "./documents.js";

/** What the conversion of one root or one definition may use. */
export interface Scope {
  readonly documents: Documents;
  readonly long: "number" | "bigint";
  report(diagnostic: Diagnostic): void;
  /**
   * The type of a schema. `name` is what an anonymous record or enum in it is called; `nullable` says that null was
   * understood already, as the absence of a field. Undefined when a mistake was reported.
   */
  typeOf(node: SchemaNode, name: string, nullable?: boolean): Type | undefined;
  /** The named type of the schema that a `$ref` leads to. Undefined when a mistake was reported. */
  definition(node: SchemaNode): Definition | undefined;
  /** Whether it is a type of the model's own, which is not complete while schemas are imported. */
  isDeclared(named: NamedType): boolean;
  /** A name in PascalCase for what stands under `key` of what is called `parent`, not used before in this scope. */
  nameUnder(parent: string, key: string): string;
  /** Does something when all types are complete. */
  later(action: () => void): void;
}

/** A schema that others refer to. */
export interface Definition {
  readonly named: NamedType;
  /**
   * The constant of its property `kind`, when it is a member of a union. The named type then lacks that property, and
   * by itself the definition is a union of one member.
   */
  readonly tag?: string;
  readonly node: SchemaNode;
}

import type { Type } from "../model/type.js";
import type { MappingContext } from "./check.js";
import type { Expression, FunctionReference } from "./expression.js";
import type { Drop, Raw } from "./parse.js";
import type { Report } from "./report.js";
import type { Found, Scope } from "./scope.js";

/** The check of one mapping: what it knows, and what it has found so far. */
export interface Session {
  readonly context: MappingContext;
  readonly report: Report;
  readonly functions: FunctionReference[];
  /** What `drop` lists, from the record that each list belongs to. */
  readonly drops: { readonly drop: Drop; readonly from: Found }[];
  /** Checks a mapping inside of a mapping. */
  check(raw: Raw, target: Target, scope: Scope): Expression | undefined;
}

/** What a mapping has to yield. */
export interface Target {
  readonly type: Type;
  readonly optional: boolean;
  /** How messages call it: `total.amount`. */
  readonly label: string;
  /** The part of the source at the same place, whose fields `fields` copies by name. */
  readonly here?: Found;
}

import type { Diagnostic, Place } from "../diagnostics/diagnostic.js";
import type { Field, JsonValue, RecordType, Type } from "../model/type.js";
import type { Expression, FunctionReference } from "./expression.js";

/** Where a mapping stands, and what it may use. */
export interface MappingContext {
  /** The type that `$` is. */
  readonly source: Type;
  /** How a message calls the source and the target: "version 1 of OrderPlaced". */
  readonly sourceName: string;
  readonly targetName: string;
  /** What a `by:` function is for. */
  readonly use: FunctionReference["use"];
  readonly long: "number" | "bigint";
  readonly aggregateKey: { readonly kind: "uuid" } | { readonly kind: "string" };
}

export interface Checked<T> {
  /** Absent when there are errors. */
  readonly expression?: T;
  readonly functions: readonly FunctionReference[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks a mapping that is shaped like a record (`upcast:`, a retired event's `map:`): what it does not say is copied
 * by name. Source fields that nothing uses and `drop` does not list are a warning.
 */
export declare const checkRecordMapping: (
  mapping: { readonly [field: string]: JsonValue } | { readonly by: string },
  target: RecordType,
  drop: readonly string[],
  place: Place,
  context: MappingContext,
) => Checked<Expression>;

/** Checks one value of a mapping (`set: { status: … }`) against the field it is for. */
export declare const checkValueMapping: (
  mapping: JsonValue,
  target: Field,
  place: Place,
  context: MappingContext,
) => Checked<Expression>;

import type { Place } from "../diagnostics/diagnostic.js";
import type { Identifier } from "../model/names.js";
import type { Field, JsonValue, RecordType, Type } from "../model/type.js";

/**
 * A mapping that has been checked: it builds a value of `type` from any valid source value, and cannot fail. Every
 * node knows the type of what it yields. `optional` says that it may yield nothing (undefined), which is only found
 * where the target is an optional field.
 */
export type Expression =
  | Literal
  | Source
  | Envelope
  | Build
  | Convert
  | Parse
  | Table
  | Default
  | Each
  | With
  | Template
  | By;

/** A value of the model's data form (JSON), valid for `type`: decimals and timestamps as text, bytes as base64. */
interface Literal {
  readonly kind: "literal";
  readonly type: Type;
  readonly value: JsonValue;
}

/** `$a.b`: a path into the source; `$` alone has no steps. In an `each`, the source is the element. */
export interface Source {
  readonly kind: "source";
  readonly type: Type;
  readonly optional: boolean;
  /** `optional`: this field may be absent, so what follows it is reached with `?.`. */
  readonly steps: readonly { readonly field: string; readonly optional: boolean }[];
}

/** `{ envelope: time }`: a fact of the event itself. Sequence is optional on the wire. */
export interface Envelope {
  readonly kind: "envelope";
  readonly type: Type;
  readonly optional: boolean;
  readonly field: "id" | "time" | "aggregateId" | "sequence";
}

/** A record, field by field in the target's order. `member` is the union member's name when the target is a union. */
export interface Build {
  readonly kind: "build";
  readonly type: Type;
  readonly record: RecordType;
  readonly member?: string;
  /** Optional target fields without a source are left out. */
  readonly fields: readonly { readonly field: Field; readonly value: Expression }[];
}

/** `as`: a total conversion. */
export interface Convert {
  readonly kind: "convert";
  readonly type: Type;
  readonly optional: boolean;
  readonly from: Expression;
  readonly conversion: Conversion;
}

export type Conversion =
  /** int, long, float, double, boolean, decimal → string, as JSON would print it. */
  | { readonly kind: "toText" }
  /** int, long, float, double → decimal; half-even. */
  | { readonly kind: "numberToDecimal"; readonly scale: number }
  /** decimal → decimal of another scale; half-even. */
  | { readonly kind: "rescale"; readonly scale: number }
  /** decimal → float or double, the nearest. */
  | { readonly kind: "decimalToNumber" }
  /** float, double, decimal → int or long, half-even; proved to be in range. `bigint` when the target is one. */
  | { readonly kind: "toInteger"; readonly bigint: boolean }
  /** int or long (number or bigint) → the other representation, or → float/double; double → float. The nearest. */
  | { readonly kind: "toNumber" }
  | { readonly kind: "toBigint" }
  /** seconds or milliseconds since 1970 → timestamp; proved to be in the years 0001 to 9999. */
  | { readonly kind: "toTimestamp"; readonly unit: "seconds" | "milliseconds" }
  | { readonly kind: "fromTimestamp"; readonly unit: "seconds" | "milliseconds"; readonly bigint: boolean }
  /** timestamp → date in UTC; date → timestamp at midnight UTC. */
  | { readonly kind: "timestampToDate" }
  | { readonly kind: "dateToTimestamp" }
  /** UTF-8, and base64 the other way. */
  | { readonly kind: "textToBytes" }
  | { readonly kind: "bytesToText" }
  /** Anything → json, in data form: bytes as base64, a bigint as a number or, beyond ±(2^53−1), as text. */
  | { readonly kind: "toJson" };

/** `parse`: a partial conversion; `otherwise` is taken where it fails or the result breaks a constraint of `type`. */
export interface Parse {
  readonly kind: "parse";
  readonly type: Type;
  /** Yields nothing where the source is absent and there is no `otherwise`. */
  readonly optional: boolean;
  readonly from: Expression;
  readonly reading: Reading;
  /** Absent only where the source type proves that it never fails. */
  readonly otherwise?: Expression;
}

/** How `parse` brings a value into a type, before it is held against the constraints of that type. */
export type Reading =
  /** The text is read. */
  | { readonly kind: "text" }
  /** It is converted as by `as`. */
  | { readonly kind: "convert"; readonly conversion: Conversion }
  /** It stays what it is. */
  | { readonly kind: "narrow" };

/** `map`: by table, from an enum's members, texts, numbers or booleans. */
export interface Table {
  readonly kind: "table";
  readonly type: Type;
  readonly optional: boolean;
  readonly from: Expression;
  readonly entries: readonly { readonly match: string | number | boolean; readonly value: Expression }[];
  /** Absent when the entries cover every member. */
  readonly otherwise?: Expression;
}

/** `{ from: $x?, otherwise: v }`: what is taken where `from` yields nothing. */
export interface Default {
  readonly kind: "default";
  readonly type: Type;
  readonly optional: boolean;
  readonly from: Expression;
  readonly otherwise: Expression;
}

/** `each`: an array's items or a map's values, one by one; `$` in `item` is the element. */
export interface Each {
  readonly kind: "each";
  readonly type: Type;
  readonly optional: boolean;
  readonly over: "array" | "map";
  readonly from: Expression;
  readonly item: Expression;
}

/** `{ from: $x, with: … }`: built from the value of a path, which is `$` in `item`; nothing where that is absent. */
export interface With {
  readonly kind: "with";
  readonly type: Type;
  readonly optional: boolean;
  readonly from: Expression;
  readonly item: Expression;
}

/** `template`: texts and fields in turn. */
interface Template {
  readonly kind: "template";
  readonly type: Type;
  readonly parts: readonly (string | Expression)[];
}

/** `by`: a function of the user's, from the whole source (and the event's envelope) to the target. */
interface By {
  readonly kind: "by";
  readonly type: Type;
  readonly function: FunctionReference;
}

/** A function that the user writes. One name is one function: all its uses agree on the types. */
export interface FunctionReference {
  readonly name: Identifier;
  readonly use: "upcast" | "projection";
  /** What it is given: a version's record, or for a projection the event's current record. */
  readonly source: RecordType | Type;
  /** What it must return. */
  readonly target: Type;
  readonly place: Place;
}

/** Whether the expression may yield nothing. */
export const isOptional = (expression: Expression): boolean => "optional" in expression && expression.optional;

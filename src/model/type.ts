import type { Place } from "../diagnostics/diagnostic.js";
import type { Identifier } from "./names.js";

/**
 * A type of the model. Numbers hold their bounds inclusively and always within the range of the type; a bound that is
 * absent is the type's own.
 */
export type Type = ScalarType | EnumType | ArrayType | MapType | RecordType | UnionType | ReferenceType;

export type ScalarType =
  | StringType
  | { readonly kind: "boolean" }
  | IntegerType
  | FloatType
  | DecimalType
  | { readonly kind: "uuid" }
  | { readonly kind: "date" }
  | { readonly kind: "timestamp" }
  | { readonly kind: "bytes"; readonly minLength?: number; readonly maxLength?: number }
  | { readonly kind: "json" };

export interface StringType {
  readonly kind: "string";
  /** Lengths are counted in Unicode code points, as JSON Schema does. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** An ECMAScript regular expression, used with the `u` flag, not anchored. */
  readonly pattern?: string;
}

/** `int`: 32 bits. `long`: ±(2^53−1) as a number, or 64 bits as a bigint when the model says `long: bigint`. */
export interface IntegerType {
  readonly kind: "int" | "long";
  readonly min?: bigint;
  readonly max?: bigint;
}

export interface FloatType {
  readonly kind: "float" | "double";
  readonly min?: number;
  readonly max?: number;
}

/**
 * A decimal number as text in its one canonical form: exactly `scale` digits after the point (no point when scale is
 * 0), at most `precision` digits, no leading zero, no plus, no negative zero. Bounds are in that form too.
 */
export interface DecimalType {
  readonly kind: "decimal";
  readonly precision: number;
  readonly scale: number;
  readonly min?: string;
  readonly max?: string;
}

export interface EnumType {
  readonly kind: "enum";
  /** As for a record: what an anonymous enum is called in Avro. */
  readonly name: Identifier;
  /** Any texts, distinct, in the order of the model. */
  readonly values: readonly string[];
}

export interface ArrayType {
  readonly kind: "array";
  readonly items: Type;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface MapType {
  readonly kind: "map";
  readonly values: Type;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface RecordType {
  readonly kind: "record";
  readonly fields: readonly Field[];
  /**
   * The name that an anonymous record or enum gets in TypeScript and Avro: the way to it in PascalCase, such as
   * OrderPlacedV2Address. A named type's record has its own name.
   */
  readonly name: Identifier;
}

/** One of several named records, told apart by a field `kind` that holds the member's name. */
export interface UnionType {
  readonly kind: "union";
  readonly members: readonly NamedType[];
}

/** The use of a named type. */
export interface ReferenceType {
  readonly kind: "reference";
  readonly to: NamedType;
}

/** A type under `types:`, or a shared definition of a JSON Schema that was brought along. May refer to itself. */
export interface NamedType {
  readonly name: Identifier;
  readonly type: Exclude<Type, ReferenceType>;
  readonly description?: string;
  readonly place: Place;
}

export interface Field {
  /**
   * As in the data. Not necessarily an identifier: a JSON Schema that was brought along may name it anything that Avro
   * can, also `class` and `unit_price`, but nothing that every object has, such as `toString` or `__proto__`.
   */
  readonly name: string;
  readonly type: Type;
  readonly optional: boolean;
  readonly description?: string;
  readonly example?: JsonValue;
  readonly pii: boolean;
  /** A reason, or true. */
  readonly deprecated?: string | true;
  readonly place: Place;
}

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** The type behind any references. */
export const dereference = (type: Type): Exclude<Type, ReferenceType> =>
  type.kind === "reference" ? type.to.type : type;

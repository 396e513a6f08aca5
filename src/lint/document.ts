import type { JsonValue } from "../model/type.js";

/** A file of the model as it is written. */
export interface LintDocument {
  readonly file: string;
  readonly value: JsonValue;
}

export type JsonMap = { readonly [key: string]: JsonValue };

export const mapOf = (value: JsonValue | undefined): JsonMap =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonMap) : {};

import type { JsonValue, Type } from "./type.js";

/** Why a value in data form (JSON) is not one of the type, or undefined when it is. `path` leads into the value. */
export declare const problemOf: (
  value: JsonValue,
  type: Type,
  long: "number" | "bigint",
) => { readonly path: readonly (string | number)[]; readonly problem: string } | undefined;

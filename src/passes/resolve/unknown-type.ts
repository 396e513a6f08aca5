import type { Place } from "../../diagnostics/diagnostic.js";
import type { Context } from "./context.js";
import { builtInTypes } from "./type-expression.js";
import type { TypeScope } from "./type-scope.js";

/** Reports the name of a type that does not exist, with the one that was probably meant. */
export const reportUnknownType = (name: string, place: Place, scope: TypeScope, context: Context): void => {
  const suggestion =
    otherWords.get(name.toLowerCase()) ?? context.suggest(name, [...builtInTypes, ...scope.named.keys()]);
  context.report("unknown-type", { name, suggestion }, place);
};

/** What other languages call the built-in types. */
const otherWords: ReadonlyMap<string, string> = new Map([
  ...["text", "str", "varchar", "char"].map((word) => [word, "string"] as const),
  ...["integer", "int32", "short", "smallint"].map((word) => [word, "int"] as const),
  ...["bigint", "int64", "biginteger"].map((word) => [word, "long"] as const),
  ...["number", "float64", "real"].map((word) => [word, "double"] as const),
  ...["money", "numeric", "bigdecimal"].map((word) => [word, "decimal(12, 2)"] as const),
  ...["datetime", "date-time", "time", "instant"].map((word) => [word, "timestamp"] as const),
  ...["bool", "boolean"].map((word) => [word, "boolean"] as const),
  ...["binary", "blob", "buffer"].map((word) => [word, "bytes"] as const),
  ...["any", "object", "unknown"].map((word) => [word, "json"] as const),
  ["guid", "uuid"],
]);

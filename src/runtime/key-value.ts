import { compareDecimals } from "./conversions.js";
import type { ColumnType } from "./definitions.js";
import { formats } from "./formats.js";

/** Whether a value can stand in the column of a key. */
export const isKeyValue = (type: ColumnType, value: unknown): boolean => {
  switch (type) {
    case "string":
    case "enum":
      return typeof value === "string";
    case "uuid":
    case "date":
    case "timestamp":
      return typeof value === "string" && formats[type].test(value);
    case "boolean":
      return typeof value === "boolean";
    case "int":
      return typeof value === "number" && value === (value | 0);
    case "long":
      return Number.isSafeInteger(value);
    case "bigint":
      return typeof value === "bigint" && value === BigInt.asIntN(64, value);
    case "float":
    case "double":
    case "bytes":
    case "json":
      return false;
    default:
      return typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value);
  }
};

/** The order of two values of a column: texts by their code points, an absent one last. */
export const compareValues = (type: ColumnType, a: unknown, b: unknown): number => {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  if (type.startsWith("decimal")) return compareDecimals(a as string, b as string);
  if (typeof a === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  const [one, other] = [a as number | bigint | boolean, b as number | bigint | boolean];
  return one < other ? -1 : one > other ? 1 : 0;
};

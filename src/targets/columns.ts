import type { Projection } from "../model/model.js";
import { snakeCase } from "../model/names.js";
import { dereference } from "../model/type.js";
import type { ColumnDefinition, ColumnType } from "../runtime/definitions.js";

/** How each field of a projection is stored, key first, as docs/generated-code.md says it. */
export const columnsOf = (
  { key, row }: Projection,
  long: "number" | "bigint",
): { readonly [field: string]: ColumnDefinition } =>
  Object.fromEntries(
    [...key.fields, ...row.fields].map((field) => [
      field.name,
      {
        ...{ name: snakeCase(field.name), type: columnType(dereference(field.type), long) },
        ...(field.optional ? { optional: true as const } : {}),
      },
    ]),
  );

const columnType = (type: ReturnType<typeof dereference>, long: "number" | "bigint"): ColumnType => {
  switch (type.kind) {
    case "long":
      return long === "bigint" ? "bigint" : "long";
    case "decimal":
      return `decimal(${type.precision}, ${type.scale})`;
    case "array":
    case "map":
    case "record":
    case "union":
    case "json":
      return "json";
    default:
      return type.kind;
  }
};

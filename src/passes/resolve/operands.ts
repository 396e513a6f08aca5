import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf } from "../../diagnostics/diagnostic.js";
import type { Field, Type } from "../../model/type.js";
import { dereference } from "../../model/type.js";
import type { Context } from "./context.js";
import { unknownType } from "./soundness.js";
import { typeText } from "./type-text.js";

/**
 * What an operation takes for a field: for `increment` any amount of the field's kind (it may be negative where the sum
 * is not), for `append` and `remove` one item. Undefined after a field that cannot have it was reported.
 */
export const operand = (
  operation: "increment" | "append" | "remove",
  field: Field,
  place: Place,
  context: Context,
): Field | undefined => {
  const type = operation === "increment" ? amountOf(field.type) : itemOf(field.type);
  if (type !== undefined) return { name: field.name, type, optional: false, pii: field.pii, place: field.place };
  if (dereference(field.type) === unknownType) return undefined;
  const to = operation === "increment" ? "numbers and decimals" : "arrays";
  const parameters = { operation, field: field.name, type: typeText(field.type), to };
  context.report("operation-type", parameters, keyOf(place));
  return undefined;
};

const amountOf = (type: Type): Type | undefined => {
  const target = dereference(type);
  switch (target.kind) {
    case "int":
    case "long":
    case "float":
    case "double":
      return { kind: target.kind };
    case "decimal":
      return { kind: "decimal", precision: target.precision, scale: target.scale };
    case "string":
    case "boolean":
    case "uuid":
    case "date":
    case "timestamp":
    case "bytes":
    case "json":
    case "enum":
    case "array":
    case "map":
    case "record":
    case "union":
      return undefined;
  }
};

const itemOf = (type: Type): Type | undefined => {
  const target = dereference(type);
  return target.kind === "array" ? target.items : undefined;
};

import type { Type } from "../../model/type.js";

/** A type as a message calls it, close to how a model writes it: decimal(12, 2), LineItem[], an enum of a, b. */
export const typeText = (type: Type): string => {
  switch (type.kind) {
    case "reference":
      return type.to.name;
    case "decimal":
      return `decimal(${type.precision}, ${type.scale})`;
    case "array":
      return `${typeText(type.items)}[]`;
    case "map":
      return `map<${typeText(type.values)}>`;
    case "enum":
      return `an enum of ${some(type.values)}`;
    case "union":
      return `a union of ${some(type.members.map((one) => one.name))}`;
    case "record":
      return "a record";
    case "string":
    case "boolean":
    case "int":
    case "long":
    case "float":
    case "double":
    case "uuid":
    case "date":
    case "timestamp":
    case "bytes":
    case "json":
      return type.kind;
  }
};

const some = (texts: readonly string[]): string => {
  const shown = texts
    .slice(0, 5)
    .map((text) => (/^[\w-]{1,30}$/.test(text) ? text : JSON.stringify(text.slice(0, 30))));
  return [...shown, ...(texts.length > shown.length ? ["…"] : [])].join(", ");
};

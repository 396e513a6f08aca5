import type { Type } from "../../model/type.js";

/** Stands in for a type that could not be resolved; its mistake has been reported. */
export const unknownType: { readonly kind: "json" } = { kind: "json" };

/** Whether no mistake was reported in a type, nor in one that it uses. */
export const isSound = (type: Type, broken: ReadonlySet<Type>): boolean => {
  const seen = new Set<Type>();
  const waiting: Type[] = [type];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (one === unknownType || broken.has(one)) return false;
    if (seen.has(one)) continue;
    seen.add(one);
    waiting.push(...partsOf(one));
  }
  return true;
};

/** The types that a type is made of. */
export const partsOf = (type: Type): readonly Type[] => {
  switch (type.kind) {
    case "reference":
      return [type.to.type];
    case "array":
      return [type.items];
    case "map":
      return [type.values];
    case "record":
      return type.fields.map((field) => field.type);
    case "union":
      return type.members.map((member) => member.type);
    case "string":
    case "boolean":
    case "int":
    case "long":
    case "float":
    case "double":
    case "decimal":
    case "uuid":
    case "date":
    case "timestamp":
    case "bytes":
    case "json":
    case "enum":
      return [];
  }
};

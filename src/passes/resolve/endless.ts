import { keyOf } from "../../diagnostics/diagnostic.js";
import type { NamedType, Type } from "../../model/type.js";
import type { Context } from "./context.js";
import { cyclesOf } from "./cycles.js";

/** Reports types whose values would have no end, and those that Avro cannot write down, and marks them as broken. */
export const checkEndless = (types: readonly NamedType[], broken: Set<Type>, context: Context): void => {
  const known = new Set(types);
  const report = (code: "type-endless" | "type-cycle", cycle: readonly NamedType[]) => {
    const [first] = cycle;
    if (first === undefined) return;
    for (const one of cycle) broken.add(one.type);
    context.report(code, { cycle: [...cycle, first].map((one) => one.name) }, keyOf(first.place));
  };

  for (const cycle of cyclesOf(types, (one) => needed(one.type).map((any) => any.filter((to) => known.has(to))))) {
    report("type-endless", cycle);
  }
  for (const cycle of cyclesOf(types, (one) => listedIn(one.type).map((to) => [to]))) report("type-cycle", cycle);
};

/** What a value of the type must contain: all of the groups, one type of each. */
const needed = (type: Type): readonly (readonly NamedType[])[] => {
  switch (type.kind) {
    case "reference":
      return [[type.to]];
    case "union":
      return [type.members];
    case "record":
      return type.fields.filter((field) => !field.optional).flatMap((field) => needed(field.type));
    case "array":
      return (type.minItems ?? 0) > 0 ? needed(type.items) : [];
    case "map":
      return (type.minItems ?? 0) > 0 ? needed(type.values) : [];
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

/** The named array or map that an array or a map is made of, without a record in between. */
const listedIn = (type: Type): readonly NamedType[] => {
  let inner = type;
  while (inner.kind === "array" || inner.kind === "map") inner = inner.kind === "array" ? inner.items : inner.values;
  const listed = inner !== type && inner.kind === "reference" ? inner.to : undefined;
  return listed !== undefined && (listed.type.kind === "array" || listed.type.kind === "map") ? [listed] : [];
};

import type { Expression } from "../mapping/expression.js";
import type { JsonValue } from "../model/type.js";

/** Where a value comes from. */
export type Origin =
  /** A field of the source; `how` when it is more than a copy. A path of no steps is all of it. */
  | { readonly kind: "field"; readonly path: readonly string[]; readonly how?: string }
  | { readonly kind: "literal"; readonly value: JsonValue; readonly how?: string }
  | { readonly kind: "envelope"; readonly field: string }
  /** A function of the user's, which may look at all of the source. */
  | { readonly kind: "function"; readonly name: string };

/**
 * Where a part of what an expression builds comes from: the expression's own value for no steps, else what is at the end
 * of them. The items of lists and maps are a step of their own, `[]`. Nothing comes of an optional field that is left out.
 */
export const originsOf = (expression: Expression, path: readonly string[]): readonly Origin[] =>
  distinct(trace(expression, path, []));

/** `base` is what `$` stands for inside of `each` and `with`. */
const trace = (expression: Expression, path: readonly string[], base: readonly string[]): readonly Origin[] => {
  switch (expression.kind) {
    case "literal": {
      const value = partOf(expression.value, path);
      return value === undefined ? [] : [{ kind: "literal", value }];
    }
    case "source":
      return [{ kind: "field", path: [...base, ...expression.steps.map((step) => step.field), ...path] }];
    case "envelope":
      return [{ kind: "envelope", field: expression.field }];
    case "by":
      return [{ kind: "function", name: expression.function.name }];
    case "build": {
      const [first, ...rest] = path;
      if (first === undefined) return expression.fields.flatMap(({ value }) => trace(value, [], base));
      const value = expression.fields.find(({ field }) => field.name === first)?.value;
      return value === undefined ? [] : trace(value, rest, base);
    }
    case "convert":
      return marked(trace(expression.from, [], base), "converted");
    case "parse": {
      const how = expression.reading.kind === "narrow" ? "where it is valid" : "where it can be read";
      const read = marked(trace(expression.from, expression.reading.kind === "narrow" ? path : [], base), how);
      return [...read, ...(expression.otherwise === undefined ? [] : trace(expression.otherwise, path, base))];
    }
    case "table": {
      const results = expression.entries.flatMap(({ value }) => trace(value, path, base));
      const other = expression.otherwise === undefined ? [] : trace(expression.otherwise, path, base);
      // Which of the literals it is, the source says.
      const computed = [...results, ...other].filter((one) => one.kind !== "literal");
      return [...marked(trace(expression.from, [], base), "by table"), ...computed];
    }
    case "default":
      return [
        ...marked(trace(expression.from, path, base), "where it is there"),
        ...trace(expression.otherwise, path, base),
      ];
    case "each": {
      const over = trace(expression.from, [], base).flatMap((one) => (one.kind === "field" ? [one.path] : []));
      const [, ...rest] = path;
      return over.flatMap((way) => trace(expression.item, rest, [...way, "[]"]));
    }
    case "with": {
      const over = trace(expression.from, [], base).flatMap((one) => (one.kind === "field" ? [one.path] : []));
      return over.flatMap((way) => trace(expression.item, path, way));
    }
    case "template": {
      const parts = expression.parts.flatMap((part) => (typeof part === "string" ? [] : trace(part, [], base)));
      return marked(parts, "in a text");
    }
  }
};

const marked = (origins: readonly Origin[], how: string): readonly Origin[] =>
  origins.map((one) => (one.kind === "field" || one.kind === "literal" ? { ...one, how: one.how ?? how } : one));

const partOf = (value: JsonValue, path: readonly string[]): JsonValue | undefined => {
  let part: JsonValue | undefined = value;
  for (const step of path) {
    // The items of a literal list are what the list says.
    if (step === "[]") return part;
    if (typeof part !== "object" || part === null || Array.isArray(part) || !Object.hasOwn(part, step))
      return undefined;
    part = (part as { readonly [key: string]: JsonValue })[step];
  }
  return part;
};

const distinct = (origins: readonly Origin[]): readonly Origin[] => [
  ...new Map(origins.map((one) => [JSON.stringify(one), one])).values(),
];

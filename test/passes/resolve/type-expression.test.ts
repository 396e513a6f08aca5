import fc from "fast-check";
import { expect, test } from "vitest";
import type { TypeExpression } from "../../../src/passes/resolve/type-expression.js";
import { parseTypeExpression } from "../../../src/passes/resolve/type-expression.js";

const print = (expression: TypeExpression): string => {
  switch (expression.kind) {
    case "scalar":
    case "name":
      return expression.name;
    case "decimal":
      return `decimal(${expression.precision}, ${expression.scale})`;
    case "array":
      return `${print(expression.items)}[]`;
    case "map":
      return `map<${print(expression.values)}>`;
  }
};

const expressions = fc.letrec<{ type: TypeExpression }>((tie) => ({
  type: fc.oneof(
    { depthSize: "small", maxDepth: 6 },
    fc.constantFrom("string", "long", "json").map((name) => ({ kind: "scalar", name }) as TypeExpression),
    fc.constantFrom("Money", "LineItem", "Map").map((name): TypeExpression => ({ kind: "name", name })),
    fc
      .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38))
      .map(([precision, scale]): TypeExpression => ({ kind: "decimal", precision, scale: Math.min(scale, precision) })),
    tie("type").map((items): TypeExpression => ({ kind: "array", items })),
    tie("type").map((values): TypeExpression => ({ kind: "map", values })),
  ),
})).type;

test("what is written is read, with any spaces between its parts", () => {
  fc.assert(
    fc.property(expressions, fc.boolean(), (expression, spaced) => {
      const text = spaced ? print(expression).replace(/([<>()[\],])/g, " $1 ") : print(expression);
      expect(parseTypeExpression(text)).toEqual({ expression });
    }),
  );
});

test("any other text is a problem in words, never an exception", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(..."map<decimal(1,2)>[] ") })),
      (text) => {
        const parsed = parseTypeExpression(text);
        if ("problem" in parsed) expect(parsed.problem.length).toBeGreaterThan(10);
        else expect(parseTypeExpression(print(parsed.expression))).toEqual(parsed);
      },
    ),
  );
});

test("deep nesting is a problem, not a full stack", () => {
  for (const text of [
    "map<".repeat(100_000),
    `string${"[]".repeat(100_000)}`,
    `${"map<".repeat(17)}int${">".repeat(17)}`,
  ]) {
    expect(parseTypeExpression(text)).toEqual({ problem: "arrays and maps stand in one another at most 16 deep" });
  }
});

import { transformSync } from "esbuild";
import { evaluator as inMemory } from "../../src/mapping/evaluate.js";
import type { Expression } from "../../src/mapping/expression.js";
import { printExpression } from "../../src/mapping/print.js";
import { fromMemory, toMemory } from "../../src/model/memory-form.js";
import type { JsonValue, Type } from "../../src/model/type.js";
import { code } from "../../src/render/code.js";
import type { Functions } from "../../src/runtime/definitions.js";

/** What an event's header holds for mappings. */
const event = {
  id: "0f8fad5b-d9cb-469f-a165-70867728950e",
  type: "OrderPlaced",
  version: 1,
  time: "2026-01-05T10:00:00.000Z",
  aggregateId: "6f1d1c52-0f4b-4d8f-9a57-3f2b8c1e9d4a",
  sequence: 7,
  metadata: {},
};

/** Runs a mapping on values in data form. */
export const evaluator = (
  expression: Expression,
  source: Type,
  target: Type,
  long: "number" | "bigint",
  functions: Functions = {},
): ((value: JsonValue) => JsonValue | undefined) => {
  const run = inMemory(expression, long);
  return (value) => {
    const result = run(toMemory(value, source, long), event, functions);
    return result === undefined ? undefined : fromMemory(result, target, long);
  };
};

/** The text of a mapping as JavaScript: as it is evaluated, or as it is generated, with its types stripped by a compiler. */
export const javascriptOf = (expression: Expression, long: "number" | "bigint", untyped: boolean): string => {
  const scope = { source: code`source`, event: code`event`, functions: code`functions`, long, untyped };
  const text = `const result = (${printExpression(expression, scope).code});`;
  return transformSync(text, { loader: untyped ? "js" : "ts", target: "es2022" }).code;
};

import { transformSync } from "esbuild";
import type { Expression } from "../../src/mapping/expression.js";
import { printExpression } from "../../src/mapping/print.js";
import type { Type } from "../../src/model/type.js";
import { code } from "../../src/render/code.js";
import * as conversions from "../../src/runtime/conversions.js";
import { fromMemory, toMemory } from "../arbitrary-value.js";

/** What an event's header holds for mappings. */
const event = {
  id: "0f8fad5b-d9cb-469f-a165-70867728950e",
  time: "2026-01-05T10:00:00.000Z",
  aggregateId: "6f1d1c52-0f4b-4d8f-9a57-3f2b8c1e9d4a",
  sequence: 7,
};

/** Prints a mapping, strips its types and runs it on values in data form, with what `evgen/runtime` has. */
export const evaluator = (
  expression: Expression,
  source: Type,
  target: Type,
  long: "number" | "bigint",
  functions: object = {},
): ((value: Parameters<typeof toMemory>[0]) => ReturnType<typeof fromMemory> | undefined) => {
  const printed = printExpression(expression, {
    source: code`v1`,
    event: code`event`,
    functions: code`functions`,
    long,
  });
  const js = transformSync(`const result = (${printed.code});`, { loader: "ts", target: "es2022" }).code;
  const names = printed.imports;
  const run = new Function(...names, "v1", "event", "functions", `"use strict"; ${js} return result;`);
  const values = names.map((name) => (conversions as { readonly [name: string]: unknown })[name]);
  return (value) => {
    const result: unknown = run(...values, toMemory(value, source, long), event, functions);
    return result === undefined ? undefined : fromMemory(withoutAbsent(result), target, long);
  };
};

/** Fields that were copied while they were absent are no fields in data form. */
const withoutAbsent = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutAbsent);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, withoutAbsent(item)]),
  );
};

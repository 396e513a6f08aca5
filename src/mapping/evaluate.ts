import { code } from "../render/code.js";
import * as conversions from "../runtime/conversions.js";
import type { EventHeader, Functions } from "../runtime/definitions.js";
import type { Expression } from "./expression.js";
import { printExpression } from "./print.js";

/** Builds a value from a source value, both as generated code holds them: see model/memory-form.ts. */
export type Evaluate = (value: unknown, event: EventHeader, functions?: Functions) => unknown;

/**
 * A checked mapping that can be run: what is printed into generated code, but for its types, with the runtime's own
 * conversions. It throws only what a function of the user's throws.
 */
export const evaluator = (expression: Expression, long: "number" | "bigint"): Evaluate => {
  const printed = printExpression(expression, {
    ...{ source: code`source`, event: code`event`, functions: code`functions` },
    ...{ long, untyped: true },
  });
  const values = printed.imports.map((name) => (conversions as { readonly [name: string]: unknown })[name]);
  const parameters = [...printed.imports, "source", "event", "functions"];
  const run = new Function(...parameters, `"use strict"; return (${printed.code});`);
  return (value, event, functions = {}) => run(...values, value, event, functions);
};

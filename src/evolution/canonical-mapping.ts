import type { Conversion, Expression, Reading } from "../mapping/expression.js";
import type { JsonValue } from "../model/type.js";

/**
 * What a checked mapping does, without how it was written: `$a`, a field that is copied by name and `{ from: $a }` are
 * one. Types are left out, since a mapping stands between two that do not change.
 */
export const canonicalMapping = (expression: Expression): JsonValue => {
  switch (expression.kind) {
    case "literal":
      return { literal: expression.value };
    case "source":
      return { path: expression.steps.map((step) => step.field) };
    case "envelope":
      return { envelope: expression.field };
    case "build":
      return {
        fields: expression.fields.map(({ field, value }) => [field.name, canonicalMapping(value)]),
        ...(expression.member === undefined ? {} : { oneOf: expression.member }),
      };
    case "convert":
      return { convert: plain(expression.conversion), from: canonicalMapping(expression.from) };
    case "parse":
      return {
        parse: plain(expression.reading),
        from: canonicalMapping(expression.from),
        ...otherwise(expression.otherwise),
      };
    case "table":
      return {
        table: expression.entries
          .map(({ match, value }): [JsonValue, JsonValue] => [match, canonicalMapping(value)])
          .sort(byMatch),
        from: canonicalMapping(expression.from),
        ...otherwise(expression.otherwise),
      };
    case "default":
      return { default: canonicalMapping(expression.otherwise), from: canonicalMapping(expression.from) };
    case "each":
      return { each: canonicalMapping(expression.item), from: canonicalMapping(expression.from) };
    case "with":
      return { with: canonicalMapping(expression.item), from: canonicalMapping(expression.from) };
    case "template":
      return { template: expression.parts.map((part) => (typeof part === "string" ? part : canonicalMapping(part))) };
    case "by":
      return { by: expression.function.name };
  }
};

/** Whether a function of the user's is part of a mapping. */
export const callsFunction = (expression: Expression): boolean => {
  switch (expression.kind) {
    case "by":
      return true;
    case "literal":
    case "source":
    case "envelope":
      return false;
    case "build":
      return expression.fields.some(({ value }) => callsFunction(value));
    case "convert":
      return callsFunction(expression.from);
    case "each":
    case "with":
      return callsFunction(expression.from) || callsFunction(expression.item);
    case "default":
      return callsFunction(expression.from) || callsFunction(expression.otherwise);
    case "parse":
      return callsFunction(expression.from) || isCalledIn(expression.otherwise);
    case "table":
      return (
        callsFunction(expression.from) ||
        expression.entries.some(({ value }) => callsFunction(value)) ||
        isCalledIn(expression.otherwise)
      );
    case "template":
      return expression.parts.some((part) => typeof part !== "string" && callsFunction(part));
  }
};

/** Names of the functions of the user's that are part of a mapping. */
export const functionsIn = (mapping: unknown): ReadonlySet<string> => {
  const found = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if ((node as { readonly kind?: unknown }).kind === "by") {
      found.add((node as { readonly function: { readonly name: string } }).function.name);
      return;
    }
    for (const [key, value] of Object.entries(node)) if (key !== "type" && key !== "field") visit(value);
  };
  visit(mapping);
  return found;
};

const isCalledIn = (expression: Expression | undefined): boolean =>
  expression !== undefined && callsFunction(expression);

const otherwise = (expression: Expression | undefined): { readonly otherwise?: JsonValue } =>
  expression === undefined ? {} : { otherwise: canonicalMapping(expression) };

const plain = (value: Conversion | Reading): JsonValue => ({ ...value }) as unknown as JsonValue;

const byMatch = ([a]: [JsonValue, JsonValue], [b]: [JsonValue, JsonValue]): number => {
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
  return one < other ? -1 : one > other ? 1 : 0;
};

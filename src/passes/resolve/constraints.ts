import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { DecimalType, FloatType, IntegerType, Type } from "../../model/type.js";
import { decimalPattern, decimalUnits, intRange, longRange } from "../../model/values.js";
import type { Context } from "./context.js";
import type { SourceConstraints } from "./source.js";
import { typeText } from "./type-text.js";

/**
 * The type with the constraints of `source`, which narrow those that it has. What does not fit is reported at its own
 * place and left out.
 */
export const constrain = (type: Type, source: SourceConstraints, place: Place, context: Context): Type => {
  const given = constraintNames.filter((name) => source[name] !== undefined);
  if (given.length === 0) return type;
  const fitting = given.filter((name) => fits(name, type, place, context));
  const constrained: Record<string, unknown> = { ...type };
  for (const name of fitting) {
    const value = limitIn(name, source[name], type, under(place, name), context);
    if (value === undefined) continue;
    if (widens(name, value, constrained[name])) {
      const relation = name === "pattern" ? "comes on top of that" : "is wider than that";
      const problem = `${relation} of its type, which is ${String(constrained[name])}`;
      context.report(
        "constraint-value",
        { constraint: name, value: String(source[name]), problem },
        under(place, name),
      );
    } else {
      constrained[name] = value;
    }
  }
  for (const [least, most] of pairs) dropContradiction(least, most, constrained, source, place, context);
  return constrained as unknown as Type;
};

/** Whether the object says anything about its values beyond their type. */
export const hasConstraints = (source: SourceConstraints): boolean =>
  constraintNames.some((name) => source[name] !== undefined);

type ConstraintName = keyof SourceConstraints;

const constraintNames: readonly ConstraintName[] = [
  ...(["min", "max", "minLength", "maxLength", "pattern", "minItems", "maxItems"] as const),
];

const pairs = [
  ["min", "max"],
  ["minLength", "maxLength"],
  ["minItems", "maxItems"],
] as const;

const applies = {
  min: { kinds: ["int", "long", "float", "double", "decimal"], to: "numbers and decimals" },
  max: { kinds: ["int", "long", "float", "double", "decimal"], to: "numbers and decimals" },
  minLength: { kinds: ["string", "bytes"], to: "string and bytes" },
  maxLength: { kinds: ["string", "bytes"], to: "string and bytes" },
  pattern: { kinds: ["string"], to: "string" },
  minItems: { kinds: ["array", "map"], to: "arrays and maps" },
  maxItems: { kinds: ["array", "map"], to: "arrays and maps" },
} as const satisfies Record<ConstraintName, { kinds: readonly Type["kind"][]; to: string }>;

const fits = (constraint: ConstraintName, type: Type, place: Place, context: Context): boolean => {
  if (isFor(constraint, type)) return true;
  const instead = constraintNames.find((name) => name.slice(0, 3) === constraint.slice(0, 3) && isFor(name, type));
  context.report(
    "constraint-misplaced",
    { constraint, type: typeText(type), to: applies[constraint].to },
    keyOf(under(place, constraint)),
    instead === undefined ? {} : { help: `For ${typeText(type)} write \`${instead}\`.` },
  );
  return false;
};

const isFor = (constraint: ConstraintName, type: Type): boolean =>
  (applies[constraint].kinds as readonly Type["kind"][]).includes(type.kind);

/** The constraint in the form of the Model, or undefined after it has been reported. */
const limitIn = (
  name: ConstraintName,
  value: number | string | undefined,
  type: Type,
  place: Place,
  context: Context,
): number | bigint | string | undefined => {
  const bound = name === "min" || name === "max" ? boundOf(value ?? "", type, context) : plainOf(name, value ?? "");
  if (typeof bound !== "object") return bound;
  context.report("constraint-value", { constraint: name, value: String(value), problem: bound.problem }, place);
  return undefined;
};

interface Problem {
  readonly problem: string;
}

const plainOf = (name: ConstraintName, value: number | string): number | string | Problem => {
  if (name === "pattern") return patternProblem(String(value)) ?? String(value);
  return Number.isSafeInteger(value) && Number(value) >= 0 ? value : { problem: "is not a whole number from 0 on" };
};

const patternProblem = (pattern: string): Problem | undefined => {
  try {
    new RegExp(pattern, "u");
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { problem: `is not a regular expression with the flag u: ${message.slice(message.lastIndexOf(": ") + 2)}` };
  }
};

const boundOf = (value: number | string, type: Type, context: Context): number | bigint | string | Problem => {
  switch (type.kind) {
    case "int":
    case "long":
      return integerBound(value, type, context);
    case "float":
    case "double":
      return floatBound(value, type);
    case "decimal":
      return decimalBound(value, type);
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
    case "reference":
      return { problem: "is not for this type" };
  }
};

const integerBound = (value: number | string, type: IntegerType, context: Context): bigint | Problem => {
  const range = type.kind === "int" ? intRange : longRange(context.long);
  if (typeof value === "string" ? !/^-?\d{1,40}$/.test(value) : !Number.isInteger(value)) {
    return { problem: "is not a whole number" };
  }
  const bound = BigInt(value);
  if (bound < range.min || bound > range.max) {
    return { problem: `is beyond what ${type.kind} holds, which is ${range.min} to ${range.max}` };
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    return { problem: "has lost digits, as numbers beyond ±(2^53−1) do: write it in quotes" };
  }
  return bound;
};

const floatBound = (value: number | string, type: FloatType): number | Problem => {
  const bound = Number(value);
  if (!Number.isFinite(bound)) return { problem: "is not a finite number" };
  if (type.kind === "float" && !Number.isFinite(Math.fround(bound))) {
    return { problem: "is beyond what a float holds, which has 32 bits" };
  }
  return bound + 0; // no negative zero
};

const decimalBound = (value: number | string, type: DecimalType): string | Problem => {
  const canonical = new RegExp(decimalPattern(type.precision, type.scale));
  if (typeof value === "string" && canonical.test(value)) return value;
  const text = fixed(value, type.scale);
  if (text !== undefined && canonical.test(text)) {
    return typeof value === "number" ? text : { problem: `is not in the form of ${typeText(type)}: write "${text}"` };
  }
  return { problem: `is not a ${typeText(type)}` };
};

/** 0.5 as "0.50", or undefined where digits would be lost. */
const fixed = (value: number | string, scale: number): string | undefined => {
  const match = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(typeof value === "number" ? plainDigits(value) : value);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = ""] = match;
  if (fraction.length > scale) return undefined;
  const digits = scale === 0 ? whole : `${whole}.${fraction.padEnd(scale, "0")}`;
  return /[1-9]/.test(digits) ? sign + digits : digits;
};

const plainDigits = (value: number): string => {
  const text = String(value);
  const [mantissa = "", exponent] = text.split("e");
  if (exponent === undefined) return text;
  if (Number(exponent) > 0) return Number.isFinite(value) ? BigInt(value).toString() : text;
  const digits = mantissa.replace(/[-.]/g, "");
  return `${value < 0 ? "-" : ""}0.${"0".repeat(-Number(exponent) - 1)}${digits}`;
};

const widens = (name: ConstraintName, value: number | bigint | string, existing: unknown): boolean => {
  if (existing === undefined) return false;
  if (name === "pattern") return existing !== value;
  const order = compare(value, existing as number | bigint | string);
  return name.startsWith("min") ? order < 0 : order > 0;
};

const compare = (a: number | bigint | string, b: number | bigint | string): number => {
  const [left, right] = [comparable(a), comparable(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};

const comparable = (value: number | bigint | string): number | bigint =>
  typeof value === "string" ? decimalUnits(value) : value;

const dropContradiction = (
  least: (typeof pairs)[number][0],
  most: (typeof pairs)[number][1],
  constrained: Record<string, unknown>,
  source: SourceConstraints,
  place: Place,
  context: Context,
): void => {
  const [low, high] = [constrained[least], constrained[most]] as (number | bigint | string | undefined)[];
  if (low === undefined || high === undefined || compare(low, high) <= 0) return;
  const at = under(place, source[most] === undefined ? least : most);
  context.report("constraint-order", { least, most, low: String(low), high: String(high) }, at);
  delete constrained[most];
};

import { NotAvro } from "./avro-values.js";
import { printedName } from "./printed-name.js";
import { type RecordShape, type Shape, shapesOf, type UnionShape } from "./shape.js";
import { dateOf, timestampOf } from "./times.js";

/**
 * Turns parsed JSON into the form in memory, in place: base64 into bytes, digits into bigints, null into nothing, except
 * where null is a value. What does not fit is left as it is, for the validator to name. `large`: whether there are
 * integers that `wrapLargeIntegers` has wrapped.
 */
export type Reviver = (data: object, large: boolean) => void;

/**
 * JSON.parse rounds integers beyond 2^53, so each becomes an object that holds its digits, by a key that no valid value
 * has: where an integer does not belong, the validator refuses it. Linear, whatever the text.
 */
export const wrapLargeIntegers = (text: string): string => {
  if (!/\d{16}/.test(text)) return text;
  const wrapped: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 34) at = afterText(text, at);
    else if (code !== 45 && !(code >= 48 && code <= 57)) at++;
    else {
      number.lastIndex = at;
      const token = number.exec(text)?.[0] ?? "-";
      if (token.length >= 16 && integer.test(token) && !Number.isSafeInteger(Number(token))) {
        wrapped.push(text.slice(copied, at), `{"__proto__":"${token}"}`);
        copied = at + token.length;
      }
      at += token.length;
    }
  }
  return wrapped.join("") + text.slice(copied);
};

const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const integer = /^-?\d+$/;

/** The place after the text that starts here; backslashes before a quote are looked at once. */
const afterText = (json: string, start: number): number => {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let slashes = 0;
    while (json.charCodeAt(at - 1 - slashes) === 92) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return json.length;
};

/**
 * The reviver of a branch, or undefined when its JSON is its form in memory. `bigints`: the topic holds longs as
 * bigints, so that its large integers come wrapped, wherever they are.
 */
export const compileReviver = (branch: RecordShape, bigints: boolean): Reviver | undefined => {
  const records = shapesOf(branch).filter((one) => one.kind === "record");
  const needed = new Set<RecordShape>();
  // A record needs reviving when a field does, directly or through another record: repeat until nothing is added.
  for (let grown = true; grown; ) {
    grown = false;
    for (const record of records) {
      if (needed.has(record) || !record.fields.some((field) => needs(field.shape, needed, bigints))) continue;
      needed.add(record);
      grown = true;
    }
  }
  if (!needed.has(branch)) return undefined;
  const context: Context = { needed, numbers: new Map([...needed].map((record, index) => [record, index])) };
  const functions = [...needed].map(
    (record) => `function f${context.numbers.get(record)}(v, large) { if (typeof v !== "object" || v === null) return;
${record.fields.map((field) => statement(field.shape, `v[${printedName(field.name)}]`, context, 0)).join("\n")} }`,
  );
  const body = `"use strict"; ${functions.join("\n")}\nreturn f${context.numbers.get(branch)};`;
  return (new Function("$", body) as (helpers: typeof values) => Reviver)(values);
};

interface Context {
  readonly needed: ReadonlySet<RecordShape>;
  readonly numbers: ReadonlyMap<RecordShape, number>;
}

const needs = (shape: Shape, needed: ReadonlySet<RecordShape>, bigints: boolean): boolean => {
  switch (shape.kind) {
    case "bytes":
    case "bigint":
    case "timestamp":
    case "date":
      return true;
    case "json":
    case "float":
    case "double":
      // Only a payload whose large integers were wrapped touches these.
      return bigints;
    case "null":
    case "string":
    case "boolean":
    case "int":
    case "long":
    case "decimal":
    case "enum":
      return false;
    case "array":
    case "map":
      return needs(shape.of, needed, bigints);
    case "record":
      return needed.has(shape);
    case "union":
      return nullIsAbsent(shape) || shape.members.some((member) => needs(member, needed, bigints));
  }
};

/** Statements that revive the value at `place`, which can be assigned to. */
const statement = (shape: Shape, place: string, context: Context, depth: number): string => {
  switch (shape.kind) {
    case "bytes":
      return `if (typeof ${place} === "string") ${place} = $.bytes(${place});`;
    case "bigint":
      return `${place} = $.bigint(${place});`;
    case "float":
    case "double":
      return `if (large) ${place} = $.number(${place});`;
    case "json":
      return `if (large) ${place} = $.json(${place});`;
    case "timestamp":
      return `if (typeof ${place} === "number") ${place} = $.timestamp(${place});`;
    case "date":
      return `if (typeof ${place} === "number") ${place} = $.date(${place});`;
    case "null":
    case "string":
    case "boolean":
    case "int":
    case "long":
    case "decimal":
    case "enum":
      return "";
    case "array": {
      const inner = statement(shape.of, `l${depth}[i${depth}]`, context, depth + 1);
      if (inner === "") return "";
      return `{ const l${depth} = ${place}; if (Array.isArray(l${depth})) for (let i${depth} = 0; i${depth} < l${depth}.length; i${depth}++) { ${inner} } }`;
    }
    case "map": {
      const inner = statement(shape.of, `m${depth}[k${depth}]`, context, depth + 1);
      if (inner === "") return "";
      return `{ const m${depth} = ${place}; if (typeof m${depth} === "object" && m${depth} !== null) for (const k${depth} of Object.keys(m${depth})) { ${inner} } }`;
    }
    case "record":
      return context.needed.has(shape) ? `f${context.numbers.get(shape)}(${place}, large);` : "";
    case "union":
      return union(shape, place, context, depth);
  }
};

/** A field of the type json may hold null: only when it is not there is it absent. */
const nullIsAbsent = ({ members }: UnionShape): boolean =>
  members.some((member) => member.kind === "null") && members.every((member) => member.kind !== "json");

const union = (shape: UnionShape, place: string, context: Context, depth: number): string => {
  const others = shape.members.filter((member) => member.kind !== "null");
  const [only] = others;
  const inner =
    others.length === 1 && only !== undefined
      ? statement(only, place, context, depth)
      : others
          .filter((member): member is RecordShape => member.kind === "record" && context.needed.has(member))
          .map(
            (member) =>
              `if (${place}?.kind === ${printedName(member.name)}) f${context.numbers.get(member)}(${place}, large);`,
          )
          .join(" else ");
  if (!nullIsAbsent(shape)) return inner;
  return `if (${place} === null) ${place} = undefined; else if (${place} !== undefined) { ${inner} }`;
};

const values = {
  bytes(text: string): unknown {
    const bytes = Buffer.from(text, "base64");
    // Buffer.from skips what is not base64; text that does not come back is left for the validator to refuse.
    return bytes.toString("base64") === text ? new Uint8Array(bytes) : text;
  },
  bigint(value: unknown): unknown {
    if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
    const digits = digitsOf(value);
    if (digits === undefined) return value;
    if (digits.length > 20) throw new NotAvro("an integer has more than twenty characters");
    return BigInt(digits);
  },
  number(value: unknown): unknown {
    const digits = digitsOf(value);
    return digits === undefined ? value : Number(digits);
  },
  json(value: unknown): unknown {
    const root = { value };
    const waiting: object[] = [root];
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      for (const [key, inner] of Object.entries(one)) {
        if (typeof inner !== "object" || inner === null) continue;
        if (digitsOf(inner) === undefined) waiting.push(inner);
        else (one as Record<string, unknown>)[key] = values.number(inner);
      }
    }
    return root.value;
  },
  timestamp: (value: number): string => timestampOf(value),
  date: (value: number): string => dateOf(value),
};

/** The digits of an integer that was wrapped. */
const digitsOf = (value: unknown): string | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  const digits: unknown = Object.getOwnPropertyDescriptor(value, "__proto__")?.value;
  return typeof digits === "string" && digits.length >= 16 && integer.test(digits) ? digits : undefined;
};

import { NotAvro } from "./avro-values.js";
import type { RecordShape, Shape } from "./shape.js";
import { dateOf, timestampOf } from "./times.js";

/**
 * Turns parsed JSON into the form in memory, in place: base64 into bytes, digits into bigints, null into nothing. What
 * does not fit is left as it is, for the validator to name.
 */
export type Reviver = (data: object, mark: string) => void;

/**
 * The reviver of a branch, or undefined when its JSON is its form in memory. `bigints`: the topic holds longs as
 * bigints, so that its large integers come marked, wherever they are.
 */
export const compileReviver = (branch: RecordShape, bigints: boolean): Reviver | undefined => {
  const records = recordsOf(branch);
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
    (record) => `function f${context.numbers.get(record)}(v, mark) { if (typeof v !== "object" || v === null) return;
${record.fields.map((field) => statement(field.shape, `v[${quote(field.name)}]`, context, 0)).join("\n")} }`,
  );
  const body = `"use strict"; ${functions.join("\n")}\nreturn f${context.numbers.get(branch)};`;
  return (new Function("$", body) as (helpers: typeof values) => Reviver)(values);
};

interface Context {
  readonly needed: ReadonlySet<RecordShape>;
  readonly numbers: ReadonlyMap<RecordShape, number>;
}

const quote = (text: string): string =>
  JSON.stringify(text).replace(/[\u2028\u2029]/g, (c) => (c === "\u2028" ? "\\u2028" : "\\u2029"));

const recordsOf = (branch: RecordShape): readonly RecordShape[] => {
  const seen = new Set<Shape>();
  const waiting: Shape[] = [branch];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (seen.has(one)) continue;
    seen.add(one);
    if (one.kind === "record") waiting.push(...one.fields.map((field) => field.shape));
    if (one.kind === "union") waiting.push(...one.members);
    if (one.kind === "array" || one.kind === "map") waiting.push(one.of);
  }
  return [...seen].filter((one) => one.kind === "record");
};

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
      // Only a payload whose large integers were marked touches these, and those have a bigint somewhere.
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
      return shape.members.some((member) => member.kind === "null" || needs(member, needed, bigints));
  }
};

/** Statements that revive the value at `place`, which can be assigned to. */
const statement = (shape: Shape, place: string, context: Context, depth: number): string => {
  switch (shape.kind) {
    case "bytes":
      return `if (typeof ${place} === "string") ${place} = $.bytes(${place});`;
    case "bigint":
      return `${place} = $.bigint(${place}, mark);`;
    case "float":
    case "double":
      return `if (mark !== "" && typeof ${place} === "string") ${place} = $.number(${place}, mark);`;
    case "json":
      return `if (mark !== "") ${place} = $.json(${place}, mark);`;
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
      return context.needed.has(shape) ? `f${context.numbers.get(shape)}(${place}, mark);` : "";
    case "union":
      return union(shape.members, place, context, depth);
  }
};

const union = (members: readonly Shape[], place: string, context: Context, depth: number): string => {
  const optional = members.some((member) => member.kind === "null");
  const others = members.filter((member) => member.kind !== "null");
  const [only] = others;
  const inner =
    others.length === 1 && only !== undefined
      ? statement(only, place, context, depth)
      : others
          .filter((member): member is RecordShape => member.kind === "record" && context.needed.has(member))
          .map(
            (member) =>
              `if (${place}?.kind === ${quote(member.name)}) f${context.numbers.get(member)}(${place}, mark);`,
          )
          .join(" else ");
  if (!optional) return inner;
  return `if (${place} === null) ${place} = undefined; else if (${place} !== undefined) { ${inner} }`;
};

const values = {
  bytes(text: string): unknown {
    const bytes = Buffer.from(text, "base64");
    // Buffer.from skips what is not base64; text that does not come back is left for the validator to refuse.
    return bytes.toString("base64") === text ? new Uint8Array(bytes) : text;
  },
  bigint(value: unknown, mark: string): unknown {
    if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof value !== "string" || mark === "" || !value.startsWith(mark)) return value;
    if (value.length - mark.length > 20) throw new NotAvro("an integer has more than twenty characters");
    return BigInt(value.slice(mark.length));
  },
  number: (value: string, mark: string): unknown => (value.startsWith(mark) ? Number(value.slice(mark.length)) : value),
  json(value: unknown, mark: string): unknown {
    if (typeof value === "string") return values.number(value, mark);
    const waiting: unknown[] = [value];
    while (waiting.length > 0) {
      const one = waiting.pop();
      if (typeof one !== "object" || one === null) continue;
      for (const [key, inner] of Object.entries(one)) {
        if (typeof inner === "string") (one as Record<string, unknown>)[key] = values.number(inner, mark);
        else waiting.push(inner);
      }
    }
    return value;
  },
  timestamp: (value: number): string => timestampOf(value),
  date: (value: number): string => dateOf(value),
};

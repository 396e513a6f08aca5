import avsc from "avsc";
import { NotAvro, type Tap, type Values, values } from "./avro-values.js";
import type { AvroSchema, EventHeader } from "./definitions.js";
import type { Encoding, Stored } from "./encoding.js";
import { printedName } from "./printed-name.js";
import type { Envelope, RecordShape, Shape, UnionShape } from "./shape.js";

/**
 * The Avro encoding of a topic. avsc checks the definition and owns the bytes; what stands between its primitives and
 * the values in memory is compiled, straight-line, one function a record. Of `data`, only the branch at hand is read.
 */
export const avroEncoding = (definition: AvroSchema, envelope: Envelope): Encoding => {
  const { read, write } = compile(envelope);
  const type = envelopeType(definition, read, write);
  return {
    encode(header, data, branch) {
      const value: Outgoing = { header, data, branch };
      const end = type.encode(value, scratch, 0);
      if (end >= 0) return Buffer.from(scratch.subarray(0, end));
      // It says how many bytes it lacks.
      const payload = Buffer.allocUnsafeSlow(scratch.length - end);
      type.encode(value, payload, 0);
      return payload;
    },
    decode(payload) {
      try {
        return type.fromBuffer(payload, undefined, true) as Stored;
      } catch (error) {
        if (error instanceof NotAvro || error instanceof RangeError) return error.message;
        throw error;
      }
    },
  };
};

interface Outgoing {
  readonly header: EventHeader;
  readonly data: unknown;
  readonly branch: number;
}

type Read = (tap: Tap) => Stored;
type Write = (tap: Tap, header: EventHeader, data: unknown, branch: number) => void;

/** Where payloads are written before their length is known. Asking avsc for a buffer of its own takes as long as writing. */
const scratch = /* @__PURE__ */ Buffer.alloc(8192);

/** Texts keep the payload alive that they are parts of, so only those of short ones are parts. */
const shortPayload = 4096;

/** The envelope as a type of avsc whose reading and writing are ours. */
const envelopeType = (definition: AvroSchema, read: Read, write: Write): avsc.Type => {
  class EnvelopeType extends avsc.types.LogicalType {
    _read(tap: Tap): Stored {
      if (tap.buf.length <= shortPayload) tap.latin = tap.buf.toString("latin1");
      const stored = read(tap);
      if (tap.pos > tap.buf.length) throw new NotAvro("the payload ends too early");
      if (stored.branch !== undefined && tap.pos < tap.buf.length)
        throw new NotAvro("the payload has more than one event");
      return stored;
    }
    _write(tap: Tap, { header, data, branch }: Outgoing): void {
      write(tap, header, data, branch);
    }
  }
  const schema = { ...definition, logicalType: "evgen-envelope" } as unknown as Parameters<
    typeof avsc.Type.forSchema
  >[0];
  // Nested logical types are left to the compiled code: only the root one is named here.
  return avsc.Type.forSchema(schema, { logicalTypes: { "evgen-envelope": EnvelopeType }, wrapUnions: true });
};

/** Prints and compiles one reader and one writer for each record. */
const compile = ({ record, branches }: Envelope): { read: Read; write: Write } => {
  const context: Context = { numbers: new Map(), members: new Map(), waiting: [], functions: [], constants: [] };
  const code: string[] = [];
  const root = functionOf(record, context);
  // The header has `data` as its own case, so it is printed first and apart.
  const header = record.fields.filter((field) => field.name !== "data");
  context.waiting.shift();
  code.push(
    `function w${root}(tap, v, d, branch) {`,
    ...header.map((field) => writer(field.shape, property("v", field.name), context)),
    "tap.writeLong(branch); switch (branch) {",
    ...branches.map((branch, index) => `case ${index}: w${functionOf(branch, context)}(tap, d); break;`),
    "} }",
    `function r${root}(tap) {`,
    `const h = ${literal(header.map((field) => [field.name, reader(field.shape, context)]))};`,
    "const branch = $.readLong(tap); let data; switch (branch) {",
    ...branches.map((branch, index) => `case ${index}: data = r${functionOf(branch, context)}(tap); break;`),
    `default: if (branch < 0) $.malformed("the branch of an event is negative");`,
    "return { header: h, branch: undefined, data: undefined };",
    "} return { header: h, branch, data }; }",
  );
  for (let print = context.waiting.pop(); print !== undefined; print = context.waiting.pop()) code.push(...print());
  const body = `"use strict"; ${[...code, ...context.functions].join("\n")}\n return { read: r${root}, write: w${root} };`;
  const make = new Function("$", "constants", body) as (
    runtime: Values & Loops,
    constants: readonly unknown[],
  ) => { read: Read; write: Write };
  return make({ ...values, ...loops }, context.constants);
};

interface Context {
  /** Of the functions that write and read a record. */
  readonly numbers: Map<RecordShape, number>;
  /** Of the functions that read a record as a member of a union, with its `kind`. */
  readonly members: Map<RecordShape, number>;
  /** Functions that are still to be printed: not where they are met, since records may hold themselves. */
  readonly waiting: (() => readonly string[])[];
  readonly functions: string[];
  readonly constants: unknown[];
}

const functionOf = (shape: RecordShape, context: Context): number => {
  const known = context.numbers.get(shape);
  if (known !== undefined) return known;
  const number = context.numbers.size;
  context.numbers.set(shape, number);
  context.waiting.push(() => [
    `function w${number}(tap, v) {`,
    ...shape.fields.map((field) => writer(field.shape, property("v", field.name), context)),
    "}",
    `function r${number}(tap) { return ${fieldsOf(shape, context)}; }`,
  ]);
  return number;
};

const memberOf = (shape: RecordShape, context: Context): number => {
  const known = context.members.get(shape);
  if (known !== undefined) return known;
  const number = context.members.size;
  context.members.set(shape, number);
  context.waiting.push(() => [
    `function k${number}(tap) { return ${fieldsOf(shape, context, [["kind", printedName(shape.name)]])}; }`,
  ]);
  return number;
};

const fieldsOf = (shape: RecordShape, context: Context, first: readonly (readonly [string, string])[] = []): string =>
  literal([...first, ...shape.fields.map((field) => [field.name, reader(field.shape, context)] as const)]);

const constant = (value: unknown, context: Context): string => `constants[${context.constants.push(value) - 1}]`;

const property = (object: string, name: string): string => `${object}[${printedName(name)}]`;
const literal = (entries: readonly (readonly [string, string])[]): string =>
  `{ ${entries.map(([name, value]) => `${name === "__proto__" ? `["__proto__"]` : printedName(name)}: ${value}`).join(", ")} }`;

/** A statement that writes the value of an expression. */
const writer = (shape: Shape, value: string, context: Context): string => {
  switch (shape.kind) {
    case "null":
      return "";
    case "string":
      return `$.writeText(tap, ${value});`;
    case "boolean":
      return `$.writeBoolean(tap, ${value});`;
    case "int":
      return `tap.writeLong(${value});`;
    case "long":
      return `$.writeLong(tap, ${value});`;
    case "bigint":
      return `$.writeBigint(tap, ${value});`;
    case "float":
      return `$.writeFloat(tap, ${value});`;
    case "double":
      return `$.writeDouble(tap, ${value});`;
    case "bytes":
      return `$.writeBytes(tap, ${value});`;
    case "date":
      return `$.writeDate(tap, ${value});`;
    case "timestamp":
      return `$.writeTimestamp(tap, ${value});`;
    case "json":
      return `$.writeJson(tap, ${value});`;
    case "decimal":
      return `$.writeDecimal(tap, ${value}, ${shape.scale});`;
    case "enum":
      return `tap.writeLong(${constant(new Map(shape.symbols.map((symbol, index) => [symbol, index])), context)}.get(${value}));`;
    case "array":
      return `{ const l = ${value}; if (l.length > 0) { tap.writeLong(l.length); for (let i = 0; i < l.length; i++) { const v = l[i]; ${writer(shape.of, "v", context)} } } tap.writeLong(0); }`;
    case "map":
      return `{ const m = ${value}; const l = Object.keys(m); if (l.length > 0) { tap.writeLong(l.length); for (let i = 0; i < l.length; i++) { const k = l[i]; $.writeKey(tap, k); const v = m[k]; ${writer(shape.of, "v", context)} } } tap.writeLong(0); }`;
    case "record":
      return `w${functionOf(shape, context)}(tap, ${value});`;
    case "union":
      return unionWriter(shape, value, context);
  }
};

const unionWriter = (shape: UnionShape, value: string, context: Context): string => {
  const absent = shape.members.findIndex((member) => member.kind === "null");
  const others = shape.members.map((member, index) => ({ member, index })).filter(({ index }) => index !== absent);
  const [only] = others;
  const write =
    others.length === 1 && only !== undefined
      ? `tap.writeLong(${only.index}); ${writer(only.member, "u", context)}`
      : `switch (u.kind) { ${others
          .map(
            ({ member, index }) =>
              `case ${printedName(nameOf(member))}: tap.writeLong(${index}); ${writer(member, "u", context)} break;`,
          )
          .join(" ")} default: $.malformed("a union has an unknown kind"); }`;
  // In a field of the type json, null is a value.
  const isAbsent = only?.member.kind === "json" ? "u === undefined" : "u === undefined || u === null";
  const either = absent < 0 ? write : `if (${isAbsent}) tap.writeLong(${absent}); else { ${write} }`;
  return `{ const u = ${value}; ${either} }`;
};

const nameOf = (member: Shape): string => {
  if (member.kind !== "record") throw new Error("a union of several members holds something that is not a record");
  return member.name;
};

/** An expression that reads a value. */
const reader = (shape: Shape, context: Context): string => {
  switch (shape.kind) {
    case "null":
      return "undefined";
    case "string":
      return "$.readText(tap)";
    case "boolean":
      return "$.readBoolean(tap)";
    case "int":
      return "$.readInt(tap)";
    case "long":
      return "$.readLong(tap)";
    case "bigint":
      return "$.readBigint(tap)";
    case "float":
      return "$.readFloat(tap)";
    case "double":
      return "$.readDouble(tap)";
    case "bytes":
      return "$.readBytes(tap)";
    case "date":
      return "$.readDate(tap)";
    case "timestamp":
      return "$.readTimestamp(tap)";
    case "json":
      return "$.readJson(tap)";
    case "decimal":
      return `$.readDecimal(tap, ${shape.scale})`;
    case "enum":
      return `$.symbol(tap, ${constant(shape.symbols, context)})`;
    case "array":
      return `$.list(tap, ${smallest(shape.of)}, ${functionText(shape.of, context)})`;
    case "map":
      return `$.map(tap, ${smallest(shape.of)}, ${functionText(shape.of, context)})`;
    case "record":
      return `r${functionOf(shape, context)}(tap)`;
    case "union":
      return unionReader(shape, context);
  }
};

/** A function that reads an item; printed once, so that no closure is made for each array. */
const functionText = (shape: Shape, context: Context): string => {
  if (shape.kind === "record") return `r${functionOf(shape, context)}`;
  const read = reader(shape, context);
  const name = `i${context.functions.length}`;
  context.functions.push(`function ${name}(tap) { return ${read}; }`);
  return name;
};

const unionReader = (shape: UnionShape, context: Context): string => {
  const absent = shape.members.findIndex((member) => member.kind === "null");
  const [only] = shape.members.filter((member) => member.kind !== "null");
  if (shape.members.length === 2 && absent >= 0 && only !== undefined && !shape.tagged) {
    return `$.present(tap, ${absent}) ? ${reader(only, context)} : undefined`;
  }
  const cases = shape.members.map((member, index) => {
    const read =
      shape.tagged && member.kind === "record" ? `k${memberOf(member, context)}(tap)` : reader(member, context);
    return `case ${index}: return ${read};`;
  });
  const name = `i${context.functions.length}`;
  context.functions.push(
    `function ${name}(tap) { switch ($.readLong(tap)) { ${cases.join(" ")} default: return $.malformed("a union has an unknown member"); } }`,
  );
  return `${name}(tap)`;
};

/** The fewest bytes that a value takes: 0 for what has none at all, else 1. */
const smallest = (shape: Shape, within: readonly Shape[] = []): 0 | 1 => {
  if (shape.kind === "null") return 0;
  if (shape.kind !== "record" || within.includes(shape)) return 1;
  return shape.fields.every((field) => smallest(field.shape, [...within, shape]) === 0) ? 0 : 1;
};

const loops = {
  list<T>(tap: Tap, size: number, read: (tap: Tap) => T): T[] {
    const items: T[] = [];
    for (let count = values.readCount(tap, size); count > 0; count = values.readCount(tap, size)) {
      for (let i = 0; i < count; i++) items.push(read(tap));
    }
    return items;
  },
  map<T>(tap: Tap, size: number, read: (tap: Tap) => T): Record<string, T> {
    const entries: Record<string, T> = {};
    for (let count = values.readCount(tap, size + 1); count > 0; count = values.readCount(tap, size + 1)) {
      for (let i = 0; i < count; i++) entries[values.readKey(tap)] = read(tap);
    }
    return entries;
  },
  present(tap: Tap, absent: number): boolean {
    const member = values.readLong(tap);
    if (member !== 0 && member !== 1) values.malformed("an optional value is neither there nor not");
    return member !== absent;
  },
  symbol: (tap: Tap, symbols: readonly string[]): string =>
    symbols[values.readLong(tap)] ?? values.malformed("an enum has an unknown symbol"),
};

type Loops = typeof loops;

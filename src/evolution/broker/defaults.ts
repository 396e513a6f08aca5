import { decimal, entry, isList, isNumeral, isObject, type Numeral, type Tree } from "./json-tree.js";
import type { AvroLine, Field, Schema } from "./schema.js";

/**
 * Whether a parser that looks at defaults takes this one: 1.11 wants a union's first branch, 1.12 any of them. A record that
 * is still `open`, whose fields are being read, cannot have one.
 */
export const isValidDefault = (
  schema: Schema,
  value: Tree | undefined,
  avro: AvroLine,
  open: ReadonlySet<Schema>,
): boolean => {
  if (value === undefined) return false;
  switch (schema.kind) {
    case "null":
      return value === null;
    case "boolean":
      return typeof value === "boolean";
    case "int":
      return isNumeral(value) && value.whole && within(value, 31n);
    case "long":
      return isNumeral(value) && value.whole && within(value, 63n);
    case "float":
    case "double":
      return isNumeral(value);
    case "string":
    case "bytes":
    case "enum":
    case "fixed":
      return typeof value === "string";
    case "array":
      return isList(value) && value.every((one) => isValidDefault(schema.items, one, avro, open));
    case "map":
      return isObject(value) && Object.values(value).every((one) => isValidDefault(schema.values, one, avro, open));
    case "union": {
      const branches = avro === "1.11" ? schema.branches.slice(0, 1) : schema.branches;
      return branches.some((branch) => isValidDefault(branch, value, avro, open));
    }
    case "record":
      return (
        isObject(value) &&
        !open.has(schema) &&
        schema.fields.every((field) =>
          isValidDefault(field.schema, entry(value, field.name) ?? field.default, avro, open),
        )
      );
  }
};

/**
 * Whether a reader can make a value of a field's default, which it does when a writer lacks the field. It forgives more
 * than `isValidDefault`, and in 1.11 takes a union for its first branch. A default that needs itself has no end.
 */
export const makeDefault = (field: Field, avro: AvroLine): "fits" | "misfits" | "endless" => {
  const { schema, default: value } = field;
  if (value === undefined) return "misfits";
  const nullFirst = schema.kind === "null" || (schema.kind === "union" && schema.branches[0]?.kind === "null");
  return value === null && nullFirst ? "fits" : encode(schema, value, avro, 0);
};

const encode = (schema: Schema, value: Tree, avro: AvroLine, depth: number): "fits" | "misfits" | "endless" => {
  if (depth > 500) return "endless";
  const all = (parts: readonly (readonly [Schema, Tree | undefined])[]): "fits" | "misfits" | "endless" => {
    for (const [inner, part] of parts) {
      const made = part === undefined ? "misfits" : encode(inner, part, avro, depth + 1);
      if (made !== "fits") return made;
    }
    return "fits";
  };
  switch (schema.kind) {
    case "enum":
      return typeof value === "string" && schema.symbols.includes(value) ? "fits" : "misfits";
    case "array":
      return all(elements(value).map((one) => [schema.items, one]));
    case "map":
      return all(isObject(value) ? Object.values(value).map((one) => [schema.values, one]) : []);
    case "union": {
      const branch = avro === "1.11" ? schema.branches[0] : schema.branches.find((one) => takes(one, value));
      return branch === undefined ? "misfits" : all([[branch, value]]);
    }
    case "record":
      return all(schema.fields.map((field) => [field.schema, entry(value, field.name) ?? field.default]));
    default:
      return takes(schema, value) ? "fits" : "misfits";
  }
};

/** By which 1.12 chooses the branch of a default, without looking into it. */
const takes = (branch: Schema, value: Tree): boolean => {
  switch (branch.kind) {
    case "null":
      return value === null;
    case "boolean":
      return typeof value === "boolean";
    case "int":
    case "long":
    case "float":
    case "double":
      return isNumeral(value);
    case "string":
    case "bytes":
    case "fixed":
      return typeof value === "string";
    default:
      return true;
  }
};

const elements = (value: Tree): readonly Tree[] => {
  if (isList(value)) return value;
  return isObject(value) ? Object.values(value) : [];
};

const within = (value: Numeral, bits: bigint): boolean => {
  const exact = BigInt(value.text);
  return exact >= -(2n ** bits) && exact < 2n ** bits;
};

/** A text as default of a number with a fraction counts as that number, "NaN" for example; undefined when it is none. */
export const numberOfText = (text: string): Tree | undefined => {
  const trimmed = text.trim().replace(/(?<=[\d.])[dDfF]$/, "");
  if (/^[+-]?(NaN|Infinity)$/.test(trimmed)) return decimal(Number(trimmed.replace("+", "")));
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed) ? decimal(Number(trimmed)) : undefined;
};

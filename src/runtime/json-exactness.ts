import { hasNegativeZero } from "./exact-json.js";
import { printedName } from "./printed-name.js";
import { type RecordShape, type Shape, shapesOf } from "./shape.js";

/** Whether JSON.stringify would lose something of a value: a negative zero, a bigint, bytes. */
export type Exactness = (data: unknown) => boolean;

/** The question for a branch, compiled: most branches answer without looking. */
export const compileExactness = (branch: RecordShape): Exactness => {
  const shapes = shapesOf(branch);
  if (shapes.some(({ kind }) => kind === "bytes" || kind === "bigint")) return () => true;
  if (!shapes.some(({ kind }) => kind === "double" || kind === "float" || kind === "json")) return () => false;
  const records = shapes.filter((shape) => shape.kind === "record");
  const numbers = new Map(records.map((record, index) => [record, index]));
  const functions = records.map(
    (record) => `function f${numbers.get(record)}(v) {
${record.fields.map((field) => statement(field.shape, `v[${printedName(field.name)}]`, numbers, 0)).join("\n")}
return false; }`,
  );
  const body = `"use strict"; ${functions.join("\n")}\nreturn f${numbers.get(branch)};`;
  return (new Function("hasNegativeZero", body) as (helper: typeof hasNegativeZero) => Exactness)(hasNegativeZero);
};

type Numbers = ReadonlyMap<RecordShape, number>;

/** Returns true from the function around it when the value at `place` would lose something. */
const statement = (shape: Shape, place: string, numbers: Numbers, depth: number): string => {
  switch (shape.kind) {
    case "float":
    case "double":
      return `if (${place} === 0 && Object.is(${place}, -0)) return true;`;
    case "json":
      return `if (hasNegativeZero(${place})) return true;`;
    case "bytes":
    case "bigint":
    case "null":
    case "string":
    case "boolean":
    case "int":
    case "long":
    case "date":
    case "timestamp":
    case "decimal":
    case "enum":
      return "";
    case "array": {
      const inner = statement(shape.of, `l${depth}[i${depth}]`, numbers, depth + 1);
      if (inner === "") return "";
      return `{ const l${depth} = ${place}; for (let i${depth} = 0; i${depth} < l${depth}.length; i${depth}++) { ${inner} } }`;
    }
    case "map": {
      const inner = statement(shape.of, `m${depth}[k${depth}]`, numbers, depth + 1);
      if (inner === "") return "";
      return `{ const m${depth} = ${place}; for (const k${depth} of Object.keys(m${depth})) { ${inner} } }`;
    }
    case "record":
      return `if (f${numbers.get(shape)}(${place})) return true;`;
    case "union":
      return union(shape.members, place, numbers, depth);
  }
};

const union = (members: readonly Shape[], place: string, numbers: Numbers, depth: number): string => {
  const others = members.filter((member) => member.kind !== "null");
  const [only] = others;
  const inner =
    others.length === 1 && only !== undefined
      ? statement(only, place, numbers, depth)
      : others
          .filter((member) => member.kind === "record")
          .map(
            (member) =>
              `if (${place}.kind === ${printedName(member.name)} && f${numbers.get(member)}(${place})) return true;`,
          )
          .join(" ");
  return inner === "" ? "" : `if (${place} !== undefined) { ${inner} }`;
};

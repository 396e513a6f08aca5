import { applyAliases } from "./aliases.js";
import { makeDefault } from "./defaults.js";
import { holdsItself } from "./endless.js";
import {
  type AvroLine,
  branchName,
  fieldOf,
  type RecordSchema,
  type Schema,
  shortName,
  type UnionSchema,
} from "./schema.js";

/** Why a reader cannot read what a writer wrote, and where: `data.lines[].price`. */
export interface Misfit {
  readonly path: string;
  readonly problem: string;
  /**
   * Set when the library throws instead of finding an error, which the broker reports as a failure of its own: always, or
   * only when it compares with one version alone.
   */
  readonly throws?: "alone" | "always";
}

/**
 * What the broker's Avro library finds between a writer and a reader, nothing when the one can be read with the other.
 * This is its resolver, whose rules are not the specification's: names of records do not count, branches of a union match
 * by structure, symbols that a reader lacks are no error.
 */
export const misfit = (writer: Schema, reader: Schema, avro: AvroLine): Misfit | undefined => {
  const renamed = applyAliases(writer, reader, avro);
  if ("failure" in renamed) return { path: "", problem: renamed.failure, throws: "alone" };
  const resolution: Resolution = { avro, pairs: new Map(), thrown: [] };
  const step = resolve(renamed.schema, reader, resolution);
  const [thrown] = resolution.thrown;
  if (thrown !== undefined) return thrown;
  const endless = step.kind === "error" ? undefined : (holdsItself(reader) ?? holdsItself(renamed.schema));
  if (endless === undefined) return firstError(step, "", new Set());
  return { path: "", problem: `"${endless}" holds itself without end, over which the broker fails`, throws: "always" };
};

/** The branch as which the broker's library would have a value of a branch read that is gone: one that fits by structure. */
export const readAs = (branch: Schema, reader: UnionSchema, avro: AvroLine): Schema | undefined =>
  matchingBranch(branch, reader, { avro, pairs: new Map(), thrown: [] });

interface Resolution {
  readonly avro: AvroLine;
  readonly pairs: Map<Schema, Map<Schema, Step>>;
  readonly thrown: Misfit[];
}

/** How a part of the writer's is read: at once, not at all, or as the steps of its parts. */
type Step =
  | { readonly kind: "reads" }
  | { readonly kind: "error"; readonly problem: string }
  | { readonly kind: "parts"; readonly parts: { readonly at: string; readonly step: Step }[] };

const reads: Step = { kind: "reads" };

const resolve = (writer: Schema, reader: Schema, resolution: Resolution): Step => {
  if (writer.kind === "union") return resolveWriterUnion(writer, reader, resolution);
  if (writer.kind !== reader.kind) {
    if (reader.kind === "union") return resolveReaderUnion(writer, reader, resolution);
    return promotions[reader.kind]?.includes(writer.kind) === true ? reads : mismatch(writer, reader);
  }
  switch (writer.kind) {
    case "fixed":
      if (reader.kind !== "fixed" || shortName(writer.name) !== shortName(reader.name)) return mismatch(writer, reader);
      return writer.size === reader.size
        ? reads
        : {
            kind: "error",
            problem: `"${writer.name}" has ${writer.size} bytes in the one and ${reader.size} in the other`,
          };
    case "enum":
      return reader.kind === "enum" && shortName(writer.name) === shortName(reader.name)
        ? reads
        : mismatch(writer, reader);
    case "array":
      return reader.kind === "array" ? part("[]", resolve(writer.items, reader.items, resolution)) : reads;
    case "map":
      return reader.kind === "map" ? part("{}", resolve(writer.values, reader.values, resolution)) : reads;
    case "record":
      return reader.kind === "record" ? resolveRecord(writer, reader, resolution) : reads;
    default:
      return reads;
  }
};

const resolveRecord = (writer: RecordSchema, reader: RecordSchema, resolution: Resolution): Step => {
  const known = resolution.pairs.get(writer) ?? new Map<Schema, Step>();
  resolution.pairs.set(writer, known);
  const before = known.get(reader);
  if (before !== undefined) return before;
  const parts: { at: string; step: Step }[] = [];
  const step: Step = { kind: "parts", parts };
  known.set(reader, step); // before its fields, for a record that holds itself
  for (const { name, schema } of writer.fields) {
    const field = fieldOf(reader, name);
    if (field !== undefined) parts.push({ at: `.${name}`, step: resolve(schema, field.schema, resolution) });
  }
  for (const field of reader.fields) {
    if (fieldOf(writer, field.name) !== undefined) continue;
    if (field.default === undefined) {
      const problem = `the writer has no field "${field.name}", for which the reader has no default`;
      const error: Step = { kind: "error", problem };
      parts.push({ at: "", step: error }); // for those that met it unfinished
      known.set(reader, error);
      return error;
    }
    const made = makeDefault(field, resolution.avro);
    if (made === "fits") continue;
    const problem = `the default of "${field.name}" ${made === "endless" ? "has no end" : "does not fit its type"}`;
    resolution.thrown.push({ path: field.name, problem, throws: made === "endless" ? "always" : "alone" });
  }
  return step;
};

const resolveWriterUnion = (writer: UnionSchema, reader: Schema, resolution: Resolution): Step => {
  if (alike(writer, reader, new Map())) return reads;
  const parts = writer.branches.map((branch) => ({
    at: `(${branchName(branch)})`,
    step: resolve(branch, reader, resolution),
  }));
  return { kind: "parts", parts };
};

const resolveReaderUnion = (writer: Schema, reader: UnionSchema, resolution: Resolution): Step => {
  const branch = matchingBranch(writer, reader, resolution);
  if (branch !== undefined) return part("", resolve(writer, branch, resolution));
  return { kind: "error", problem: `the reader has no branch for ${branchName(writer)}` };
};

/** The branch of the reader as which a value of the writer's is read: by name, else by structure, else by promotion. */
const matchingBranch = (writer: Schema, reader: UnionSchema, resolution: Resolution): Schema | undefined => {
  let structural: Schema | undefined;
  for (const branch of reader.branches) {
    if (branch.kind !== writer.kind) continue;
    if (!("name" in branch && "name" in writer) || branch.name === writer.name) return branch;
    if (branch.kind !== "record" || writer.kind !== "record") continue;
    const step = resolveRecord(writer, branch, resolution);
    // Only the fields themselves are looked at, nothing deeper.
    const fails =
      step.kind === "error" || (step.kind === "parts" && step.parts.some((one) => one.step.kind === "error"));
    if (!fails && (structural === undefined || shortName(branch.name) === shortName(writer.name))) structural = branch;
  }
  return structural ?? reader.branches.find((branch) => promotions[branch.kind]?.includes(writer.kind) === true);
};

/** By the kind of the reader, what it also reads. */
const promotions: Readonly<Record<string, readonly string[]>> = {
  long: ["int"],
  float: ["int", "long"],
  double: ["int", "long", "float"],
  string: ["bytes"],
  bytes: ["string"],
};

/** Whether two unions are so much the same that their branches need no looking at: short names, symbols, order. */
const alike = (a: Schema, b: Schema, pairs: Map<Schema, Map<Schema, boolean>>): boolean => {
  if (a.kind !== b.kind) return false;
  if ("name" in a && "name" in b && shortName(a.name) !== shortName(b.name)) return false;
  switch (a.kind) {
    case "array":
      return b.kind === "array" && alike(a.items, b.items, pairs);
    case "map":
      return b.kind === "map" && alike(a.values, b.values, pairs);
    case "fixed":
      return b.kind === "fixed" && a.size === b.size;
    case "enum":
      return b.kind === "enum" && a.symbols.join() === b.symbols.join();
    case "union":
      return (
        b.kind === "union" &&
        a.branches.length === b.branches.length &&
        a.branches.every((branch, at) => alike(branch, b.branches[at] as Schema, pairs))
      );
    case "record": {
      if (b.kind !== "record") return false;
      const known = pairs.get(a) ?? new Map<Schema, boolean>();
      pairs.set(a, known);
      const before = known.get(b);
      if (before !== undefined) return before;
      known.set(b, true);
      const same =
        a.fields.length === b.fields.length &&
        a.fields.every(
          ({ name, schema }, at) => name === b.fields[at]?.name && alike(schema, b.fields[at].schema, pairs),
        );
      known.set(b, same);
      return same;
    }
    default:
      return true;
  }
};

const firstError = (step: Step, path: string, seen: Set<Step>): Misfit | undefined => {
  if (step.kind === "error") return { path: path.replace(/^\./, ""), problem: step.problem };
  if (step.kind === "reads" || seen.has(step)) return undefined;
  seen.add(step);
  for (const one of step.parts) {
    const found = firstError(one.step, `${path}${one.at}`, seen);
    if (found !== undefined) return found;
  }
  return undefined;
};

const part = (at: string, step: Step): Step => ({ kind: "parts", parts: [{ at, step }] });

const mismatch = (writer: Schema, reader: Schema): Step => ({
  kind: "error",
  problem: `the writer has ${branchName(writer)}, the reader ${branchName(reader)}`,
});

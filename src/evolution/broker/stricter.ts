import type { Encoding } from "../../model/model.js";
import { isNumeral, sameTree } from "./json-tree.js";
import { readAs } from "./resolve.js";
import {
  type AvroLine,
  branchName,
  type EnumSchema,
  fieldOf,
  type RecordSchema,
  type Schema,
  shortName,
  type UnionSchema,
} from "./schema.js";

/** What becomes of a stored value when it is read with another schema than it was written with. */
export interface Misreading {
  /** Where, in the writer's schema: data(shop.sales.OrderPlacedV1).total */
  readonly path: string;
  readonly kind: MisreadingKind;
  /** Whether stored events are lost or come out as something else; otherwise it is only worth knowing. */
  readonly breaking: boolean;
  readonly message: string;
}

type MisreadingKind = "gone" | "moved" | "added" | "renamed" | "retyped" | "default";

/**
 * What evgen holds against reading with `reader` what was written with `writer`. Names count, since they are what events
 * are; and readers do not have the writer's schema, since not every client is told it: Avro's bytes must be the same from
 * the front, JSON's names must. So a new schema may add branches and symbols at the end, and to JSON what has a default.
 */
export const stricter = (reader: Schema, writer: Schema, encoding: Encoding, avro: AvroLine): readonly Misreading[] => {
  const found: Misreading[] = [];
  compare(writer, reader, { encoding, avro, path: "", found, pairs: new Map() });
  return found;
};

interface Comparison {
  readonly encoding: Encoding;
  readonly avro: AvroLine;
  readonly path: string;
  readonly found: Misreading[];
  readonly pairs: Map<Schema, Set<Schema>>;
}

const compare = (writer: Schema, reader: Schema, at: Comparison): void => {
  if (writer.kind === "union" || reader.kind === "union") {
    compareUnions(writer, reader, at);
  } else if (writer.kind !== reader.kind) {
    compareKinds(writer, reader, at);
  } else {
    compareLogical(writer, reader, at);
    compareNames(writer, reader, at);
    compareInside(writer, reader, at);
  }
};

const compareInside = (writer: Schema, reader: Schema, at: Comparison): void => {
  if (writer.kind === "record" && reader.kind === "record") compareRecords(writer, reader, at);
  if (writer.kind === "enum" && reader.kind === "enum") compareEnums(writer, reader, at);
  if (writer.kind === "array" && reader.kind === "array") compare(writer.items, reader.items, under(at, "[]"));
  if (writer.kind === "map" && reader.kind === "map") compare(writer.values, reader.values, under(at, "{}"));
  if (writer.kind === "fixed" && reader.kind === "fixed" && writer.size !== reader.size)
    breaks(at, "retyped", `has ${writer.size} bytes as it was written, and ${reader.size} now`);
};

const compareRecords = (writer: RecordSchema, reader: RecordSchema, at: Comparison): void => {
  const partners = at.pairs.get(writer) ?? new Set();
  if (partners.has(reader)) return;
  at.pairs.set(writer, partners.add(reader));
  const [before, after] = [placesOf(writer), placesOf(reader)];
  for (const field of writer.fields) {
    const here = under(at, `.${field.name}`);
    const same = fieldOf(reader, field.name);
    if (same === undefined) breaks(here, "gone", goneField(field.name, reader));
    else if (at.encoding === "avro" && before.get(field.name) !== after.get(field.name))
      breaks(here, "moved", "is at another place among the fields, where the bytes of another one are");
    if (same === undefined) continue;
    const [was, is] = [field.default, same.default];
    const changed = was === undefined || is === undefined ? was !== is : !sameTree(was, is);
    if (changed && was !== undefined)
      notes(here, "default", "has another default: it is read where an older version lacks it");
    compare(field.schema, same.schema, here);
  }
  for (const field of reader.fields) {
    if (fieldOf(writer, field.name) !== undefined) continue;
    const here = under(at, `.${field.name}`);
    if (at.encoding === "avro") breaks(here, "added", "is new: stored events have no bytes for it");
    else if (field.default === undefined) breaks(here, "added", "is new and has no default: stored events lack it");
  }
};

/** Where fields stand among those that take room, by name: nobody can tell where the others do. */
const placesOf = ({ fields }: RecordSchema): ReadonlyMap<string, number> => {
  const known = new Map<Schema, boolean>();
  return new Map(fields.filter(({ schema }) => !isNothing(schema, known)).map(({ name }, index) => [name, index]));
};

/** Whether no value of it has any bytes in Avro. One that holds itself has no value at all. */
const isNothing = (schema: Schema, known: Map<Schema, boolean>): boolean => {
  if (schema.kind !== "record") return schema.kind === "null";
  const before = known.get(schema);
  if (before !== undefined) return before;
  known.set(schema, false);
  const nothing = schema.fields.every((field) => isNothing(field.schema, known));
  known.set(schema, nothing);
  return nothing;
};

const goneField = (name: string, reader: RecordSchema): string => {
  const heir = reader.fields.find((field) => field.aliases.includes(name));
  if (heir === undefined) return "is gone: what is stored there is not read any more";
  return `is called "${heir.name}" now; nobody applies aliases to what is stored`;
};

const compareEnums = (writer: EnumSchema, reader: EnumSchema, at: Comparison): void => {
  for (const [index, symbol] of writer.symbols.entries()) {
    const byPlace = at.encoding === "avro" ? reader.symbols[index] : reader.fallback;
    const result = byPlace === undefined ? "cannot be read" : `is read as "${byPlace}"`;
    if (!reader.symbols.includes(symbol)) breaks(at, "gone", `"${symbol}" is gone: a stored one ${result}`);
    else if (at.encoding === "avro" && byPlace !== symbol)
      breaks(at, "moved", `"${symbol}" is at another place: a stored one ${result}`);
  }
};

const compareUnions = (writer: Schema, reader: Schema, at: Comparison): void => {
  if (writer.kind === "union" && reader.kind === "union") {
    for (const [index, branch] of writer.branches.entries()) compareBranch(branch, index, reader, at);
  } else if (at.encoding === "avro") {
    breaks(
      at,
      "retyped",
      reader.kind === "union" ? "became a union, whose bytes begin with a number" : "is no union any more",
    );
  } else if (reader.kind === "union") {
    compareBranch(writer, 0, reader, at);
  } else if (writer.kind === "union") {
    for (const branch of writer.branches) {
      if (branchName(branch) === branchName(reader)) compare(branch, reader, at);
      else if (!widened(branch, reader, "json")) breaks(at, "gone", `cannot be ${branchName(branch)} any more`);
    }
  }
};

const compareBranch = (branch: Schema, index: number, reader: UnionSchema, at: Comparison): void => {
  const name = branchName(branch);
  const here = "name" in branch ? under(at, `(${name})`) : at;
  const place = reader.branches.findIndex((one) => branchName(one) === name);
  const byPlace = reader.branches[index];
  if (place >= 0) {
    if (at.encoding === "avro" && place !== index)
      breaks(here, "moved", `is at another place in the union: a stored one is read as ${nameIn(byPlace)}`);
    compare(branch, reader.branches[place] as Schema, here);
    return;
  }
  const candidates = at.encoding === "json" ? reader.branches : reader.branches.slice(index, index + 1);
  if (candidates.some((one) => widened(branch, one, at.encoding))) return;
  const result = at.encoding === "json" || byPlace === undefined ? "cannot be read" : `is read as ${nameIn(byPlace)}`;
  const match = "name" in branch ? readAs(branch, reader, at.avro) : undefined;
  const lets = match === undefined ? "" : `. Avro's own readers take it for ${nameIn(match)}, which fits`;
  breaks(here, "gone", `is gone: a stored one ${result}${lets}`);
};

const compareKinds = (writer: Schema, reader: Schema, at: Comparison): void => {
  if (widened(writer, reader, at.encoding)) compareLogical(writer, reader, at);
  else breaks(at, "retyped", `was ${nameIn(writer)} and is ${nameIn(reader)}: ${damage(writer, reader, at.encoding)}`);
};

/** Numbers that are read alike: Avro writes int and long in the same way, JSON all that a number can hold. */
const widened = (writer: Schema, reader: Schema, encoding: Encoding): boolean => {
  if (writer.kind === "int" && reader.kind === "long") return true;
  if (encoding === "avro") return false;
  return (
    (writer.kind === "int" && (reader.kind === "float" || reader.kind === "double")) ||
    (writer.kind === "float" && reader.kind === "double")
  );
};

const damage = (writer: Schema, reader: Schema, encoding: Encoding): string => {
  const kinds = new Set([writer.kind, reader.kind]);
  if (kinds.has("string") && kinds.has("bytes")) return "what is stored is taken for something else";
  if (encoding === "json" && writer.kind === "long" && (reader.kind === "float" || reader.kind === "double"))
    return "large numbers lose digits";
  return "what is stored cannot be read";
};

/** Kinds that have the same bytes, but mean something else. */
const compareLogical = (writer: Schema, reader: Schema, at: Comparison): void => {
  if (facets.every((name) => property(writer, name) === property(reader, name))) return;
  const [was, is] = [meaning(writer), meaning(reader)];
  const grew = ["logicalType", "scale"].every((name) => property(writer, name) === property(reader, name));
  if (grew && Number(property(reader, "precision")) > Number(property(writer, "precision")))
    notes(at, "retyped", `was ${was} and is ${is}`);
  else breaks(at, "retyped", `was ${was} and is ${is}: what is stored means something else`);
};

const facets = ["logicalType", "precision", "scale"];

/** timestamp-millis, decimal(10, 2), a plain long */
const meaning = (schema: Schema): string => {
  const logical = schema.properties.get("logicalType");
  if (typeof logical !== "string") return `a plain ${branchName(schema)}`;
  return logical === "decimal" ? `decimal(${property(schema, "precision")}, ${property(schema, "scale")})` : logical;
};

const property = (schema: Schema, name: string): string => {
  const value = schema.properties.get(name);
  return isNumeral(value) ? value.text : typeof value === "string" ? value : "0";
};

const compareNames = (writer: Schema, reader: Schema, at: Comparison): void => {
  if (!("name" in writer && "name" in reader) || writer.name === reader.name) return;
  const message = `was the ${writer.kind} ${writer.name} and is ${reader.name}`;
  if (shortName(writer.name) === shortName(reader.name)) notes(at, "renamed", message);
  else breaks(at, "renamed", `${message}: what is stored is taken for something else`);
};

const nameIn = (schema: Schema | undefined): string => (schema === undefined ? "nothing" : branchName(schema));

const under = (at: Comparison, step: string): Comparison => ({ ...at, path: `${at.path}${step}`.replace(/^\./, "") });

const breaks = ({ path, found }: Comparison, kind: MisreadingKind, message: string): void => {
  found.push({ path, kind, breaking: true, message });
};

const notes = ({ path, found }: Comparison, kind: MisreadingKind, message: string): void => {
  found.push({ path, kind, breaking: false, message });
};

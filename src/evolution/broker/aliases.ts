import { isValidDefault } from "./defaults.js";
import { equal } from "./equal.js";
import { type AvroLine, branchName, type Field, type RecordSchema, type Schema, shortName } from "./schema.js";

/**
 * The writer's schema with the names that the reader's aliases give: what Avro resolves in its place. Two names that become
 * one, and a default that does not fit, make the library throw, which the broker reports as a failure.
 */
export const applyAliases = (
  writer: Schema,
  reader: Schema,
  avro: AvroLine,
): { readonly schema: Schema } | { readonly failure: string } => {
  if (equal(writer, reader)) return { schema: writer };
  const aliases = collect(reader, { types: new Map(), fields: new Map(), seen: new Set() });
  if (aliases.types.size === 0 && aliases.fields.size === 0) return { schema: writer };
  const failures: string[] = [];
  const schema = rename(writer, { aliases, avro, failures, done: new Map(), open: new Set() });
  const [failure] = failures;
  return failure === undefined ? { schema } : { failure };
};

interface Aliases {
  /** Old name to new. */
  readonly types: Map<string, string>;
  /** By the name of a record: old field to new. */
  readonly fields: Map<string, Map<string, string>>;
  readonly seen: Set<Schema>;
}

const collect = (schema: Schema, aliases: Aliases): Aliases => {
  if ("aliases" in schema) for (const alias of schema.aliases) aliases.types.set(alias, schema.name);
  switch (schema.kind) {
    case "array":
      return collect(schema.items, aliases);
    case "map":
      return collect(schema.values, aliases);
    case "union":
      for (const branch of schema.branches) collect(branch, aliases);
      return aliases;
    case "record":
      if (!aliases.seen.has(schema)) collectFields(schema, aliases);
      return aliases;
    default:
      return aliases;
  }
};

const collectFields = (record: RecordSchema, aliases: Aliases): void => {
  aliases.seen.add(record);
  for (const field of record.fields) {
    for (const alias of field.aliases) {
      const known = aliases.fields.get(record.name) ?? new Map<string, string>();
      aliases.fields.set(record.name, known.set(alias, field.name));
    }
    collect(field.schema, aliases);
  }
  const own = aliases.fields.get(record.name);
  if (own !== undefined) for (const alias of record.aliases) aliases.fields.set(alias, own);
};

interface Renaming {
  readonly aliases: Aliases;
  readonly avro: AvroLine;
  readonly failures: string[];
  readonly done: Map<Schema, Schema>;
  /** Made, but for their fields. */
  readonly open: Set<Schema>;
}

const rename = (schema: Schema, renaming: Renaming): Schema => {
  const { aliases, failures, done } = renaming;
  switch (schema.kind) {
    case "enum":
    case "fixed": {
      const name = aliases.types.get(schema.name);
      if (name === undefined) return schema;
      checkNames(schema.kind === "enum" ? [name, ...schema.symbols] : [name], renaming);
      return { ...schema, name };
    }
    case "array":
      return { ...schema, items: rename(schema.items, renaming) };
    case "map":
      return { ...schema, values: rename(schema.values, renaming) };
    case "union": {
      const branches = schema.branches.map((branch) => rename(branch, renaming));
      const names = branches.map(branchName);
      const twice = names.find((name, at) => names.indexOf(name) !== at);
      if (twice !== undefined) failures.push(`aliases make two branches "${twice}"`);
      return { ...schema, branches };
    }
    case "record":
      return done.get(schema) ?? renameRecord(schema, renaming);
    default:
      return schema;
  }
};

const renameRecord = (record: RecordSchema, renaming: Renaming): Schema => {
  const { aliases, avro, failures, done, open } = renaming;
  const name = aliases.types.get(record.name) ?? record.name;
  const fields: Field[] = [];
  const made: RecordSchema = { ...record, name, fields };
  done.set(record, made);
  open.add(made);
  const names = aliases.fields.get(name);
  checkNames([name], renaming);
  for (const field of record.fields) {
    const renamed = { ...field, name: names?.get(field.name) ?? field.name, schema: rename(field.schema, renaming) };
    if (failures.length > 0) return made;
    if (renamed.default !== undefined && !isValidDefault(renamed.schema, renamed.default, avro, open)) {
      failures.push(`the default of the field "${field.name}" does not fit its type`);
    }
    if (fields.some((one) => one.name === renamed.name)) {
      failures.push(`aliases make two fields "${renamed.name}" of "${record.name}"`);
    }
    checkNames([renamed.name], renaming);
    fields.push(renamed);
  }
  open.delete(made);
  return made;
};

/** Schemas are made anew here without Pulsar's leniency, by which `$` may be in a name. */
const checkNames = (names: readonly string[], { failures }: Renaming): void => {
  const wrong = names.map(shortName).find((name) => name.includes("$"));
  if (wrong !== undefined) failures.push(`"${wrong}" is no name where aliases are applied`);
};

import { isValidDefault, numberOfText } from "./defaults.js";
import { equal } from "./equal.js";
import { entry, isList, isNumeral, isObject, readTree, type Tree, textOf } from "./json-tree.js";
import { fullName, namespaceOf, wrongName, wrongNamespace } from "./names.js";
import { type AvroLine, branchName, type Field, type PrimitiveName, primitives, type Schema } from "./schema.js";

/** What the broker's parser makes of a definition. */
export type Parsed = { readonly schema: Schema } | { readonly refused: Refusal };

interface Refusal {
  readonly message: string;
  /** Whether the parser says that it cannot parse; it throws something else when a parsed schema contradicts itself. */
  readonly unparsable: boolean;
}

/**
 * Reads a definition as the broker's Avro library does, with its mistakes: where the versions differ, `avro` decides.
 * With `defaults`, a default that does not fit its field is refused, as the broker does in some places and not in others.
 */
export const parseDefinition = (
  text: string,
  options: { readonly avro: AvroLine; readonly defaults: boolean },
): Parsed => {
  const read = readTree(text);
  if ("wrong" in read) return { refused: { message: read.wrong, unparsable: true } };
  try {
    const parser: Parser = { ...options, names: new Map(), open: new Set() };
    const schema = parse(parser, read.tree, undefined);
    return { schema: options.avro === "1.11" ? schema : resolveLater(parser, schema) };
  } catch (thrown) {
    if (!isRefused(thrown)) throw thrown;
    return { refused: thrown.refusal };
  }
};

interface Parser {
  readonly avro: AvroLine;
  readonly defaults: boolean;
  readonly names: Map<string, Schema>;
  /** Records whose fields are still being read. */
  readonly open: Set<Schema>;
}

const parse = (parser: Parser, tree: Tree, namespace: string | undefined): Schema => {
  if (typeof tree === "string") return find(parser, tree, namespace);
  if (isList(tree)) return union(tree.map((one) => parse(parser, one, namespace)));
  if (!isObject(tree)) return unparsable("a schema is a text, an object or a list");
  const type = textOf(tree, "type");
  switch (type) {
    case undefined:
      return unparsable("a schema has no type");
    case "record":
    case "error":
      return record(parser, tree, namespace);
    case "enum":
      return enumeration(parser, tree, namespace);
    case "fixed":
      return fixed(parser, tree, namespace);
    case "array":
      return { kind: "array", items: parse(parser, need(tree, "items"), namespace), properties: properties(tree) };
    case "map":
      return { kind: "map", values: parse(parser, need(tree, "values"), namespace), properties: properties(tree) };
    default:
      if (primitives.has(type)) return { kind: type as PrimitiveName, properties: properties(tree) };
      return find(parser, type, namespace, true);
  }
};

/** A primitive or what a name names: in its namespace, or else in none. 1.12 may find it later. */
const find = (parser: Parser, name: string, namespace: string | undefined, inObject = false): Schema => {
  if (primitives.has(name)) return { kind: name as PrimitiveName, properties: new Map() };
  const { avro, names } = parser;
  const full = avro === "1.12" && name.includes(".") ? name : fullName(name, namespace);
  const found = names.get(full) ?? (inObject && avro === "1.11" ? undefined : names.get(name));
  if (found !== undefined) return found;
  if (avro === "1.11") return unparsable(inObject ? `there is no type "${name}"` : `"${name}" is not defined`);
  return { kind: "record", name: full, aliases: [], fields: [], properties: later };
};

const record = (parser: Parser, tree: Tree, namespace: string | undefined): Schema => {
  const name = nameOf(parser, tree, namespace);
  const fields: Field[] = [];
  const made = { kind: "record" as const, name, aliases: [] as string[], fields, properties: new Map<string, Tree>() };
  define(parser, made);
  const given = entry(tree, "fields");
  if (!isList(given)) return unparsable(`the record "${name}" has no fields`);
  parser.open.add(made);
  for (const one of given) fields.push(field(parser, one, namespaceOf(name)));
  parser.open.delete(made);
  const twice = fields.find((one, at) => fields.findIndex(({ name: other }) => other === one.name) !== at);
  if (twice !== undefined) return refuse(`the record "${name}" has the field "${twice.name}" twice`);
  for (const [key, value] of properties(tree)) made.properties.set(key, value);
  made.aliases.push(...aliasesOf(parser, tree, name));
  return made;
};

const field = (parser: Parser, tree: Tree, namespace: string | undefined): Field => {
  const name = textOf(tree, "name");
  if (name === undefined) return unparsable("a field has no name");
  const type = entry(tree, "type");
  if (type === undefined) return unparsable(`the field "${name}" has no type`);
  const schema = parse(parser, type, namespace);
  const order = orderOf(tree);
  const given = entry(tree, "default");
  const fraction = schema.kind === "float" || schema.kind === "double";
  const value = fraction && typeof given === "string" ? numberOfText(given) : given;
  if (given !== undefined && value === undefined) return refuse(`the default of "${name}" is no number`);
  checkName(parser, name);
  const made = {
    name,
    schema,
    default: value,
    order,
    properties: properties(tree, fieldWords),
    aliases: rawAliases(tree),
  };
  checkDefault(parser, made);
  return made;
};

const enumeration = (parser: Parser, tree: Tree, namespace: string | undefined): Schema => {
  const name = nameOf(parser, tree, namespace);
  const given = entry(tree, "symbols");
  if (!isList(given)) return unparsable(`the enum "${name}" has no symbols`);
  const symbols = given.map((symbol) => checkName(parser, typeof symbol === "string" ? symbol : undefined));
  if (new Set(symbols).size < symbols.length) return unparsable(`the enum "${name}" has a symbol twice`);
  const fallback = textOf(tree, "default");
  if (fallback !== undefined && !symbols.includes(fallback)) {
    return unparsable(`the default "${fallback}" of the enum "${name}" is none of its symbols`);
  }
  const aliases = aliasesOf(parser, tree, name);
  const made = { kind: "enum" as const, name, symbols, fallback, aliases, properties: new Map<string, Tree>() };
  define(parser, made);
  for (const [key, value] of properties(tree, enumWords)) made.properties.set(key, value);
  return made;
};

const fixed = (parser: Parser, tree: Tree, namespace: string | undefined): Schema => {
  const name = nameOf(parser, tree, namespace);
  const size = entry(tree, "size");
  if (!isNumeral(size) || !size.whole || size.value > 2 ** 31 - 1 || size.value < -(2 ** 31)) {
    return unparsable(`the fixed "${name}" has no size`);
  }
  if (size.value < 0 || size.value > 2 ** 31 - 9)
    return refuse(`the fixed "${name}" cannot have the size ${size.value}`);
  const aliases = aliasesOf(parser, tree, name);
  const made = { kind: "fixed" as const, name, size: size.value, aliases, properties: new Map<string, Tree>() };
  define(parser, made);
  for (const [key, value] of properties(tree)) made.properties.set(key, value);
  return made;
};

const union = (branches: readonly Schema[]): Schema => {
  if (branches.some(({ kind }) => kind === "union")) return refuse("a union holds a union");
  const names = branches.map(branchName);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return refuse(`a union holds "${twice}" twice`);
  return { kind: "union", branches, properties: new Map() };
};

/** 1.12 lets a name stand before its definition, so references are followed, and defaults looked at again, at the end. */
const resolveLater = (parser: Parser, root: Schema): Schema => {
  const done = new Map<Schema, Schema>();
  const resolve = (schema: Schema): Schema => {
    const known = done.get(schema);
    if (known !== undefined) return known;
    if (schema.properties === later && schema.kind === "record") {
      const found = parser.names.get(schema.name);
      return found === undefined ? refuse(`"${schema.name}" is not defined`) : resolve(found);
    }
    if (schema.kind === "record") {
      done.set(schema, schema);
      parser.open.add(schema);
      const fields = schema.fields.map((one) => ({ ...one, schema: resolve(one.schema) }));
      for (const one of fields) checkDefault(parser, one);
      parser.open.delete(schema);
      (schema.fields as Field[]).splice(0, fields.length, ...fields);
      return schema;
    }
    const made = inside(schema, resolve);
    done.set(schema, made);
    return made;
  };
  for (const named of [...parser.names.values()]) resolve(named);
  return resolve(root);
};

const inside = (schema: Schema, resolve: (inner: Schema) => Schema): Schema => {
  if (schema.kind === "array") return { ...schema, items: resolve(schema.items) };
  if (schema.kind === "map") return { ...schema, values: resolve(schema.values) };
  return schema.kind === "union" ? union(schema.branches.map(resolve)) : schema;
};

/** The properties by which a reference that is to be followed at the end is known. */
const later: ReadonlyMap<string, Tree> = new Map();

/** 1.12 takes an enum or a fixed again when it is the same, and a record inside the record of that name. */
const define = ({ avro, names, open }: Parser, schema: Schema & { readonly name: string }): void => {
  const wrong = wrongNamespace(schema.name, avro);
  if (wrong !== undefined) unparsable(wrong);
  const known = names.get(schema.name);
  if (known === undefined) return void names.set(schema.name, schema);
  const same = schema.kind === "record" ? known.kind === "record" && open.has(known) : equal(known, schema);
  if (avro === "1.11" || !same) unparsable(`"${schema.name}" is defined twice`);
};

const nameOf = (parser: Parser, tree: Tree, namespace: string | undefined): string => {
  const name = textOf(tree, "name");
  if (name === undefined) return unparsable("a type has no name");
  const full = fullName(name, textOf(tree, "namespace") ?? namespace);
  checkName(parser, full.slice(full.lastIndexOf(".") + 1));
  return primitives.has(full) ? refuse(`a type is named "${full}", as a primitive is`) : full;
};

const checkName = ({ avro }: Parser, name: string | undefined): string => {
  const wrong = wrongName(name, avro);
  return wrong === undefined ? (name as string) : unparsable(wrong);
};

const checkDefault = ({ avro, defaults, open }: Parser, { name, schema, default: value }: Field): void => {
  if (defaults && value !== undefined && !isValidDefault(schema, value, avro, open)) {
    refuse(`the default of the field "${name}" does not fit its type`);
  }
};

const orderOf = (tree: Tree): string => {
  if (entry(tree, "order") === undefined) return "ASCENDING";
  const order = textOf(tree, "order")?.toUpperCase();
  return order === "ASCENDING" || order === "DESCENDING" || order === "IGNORE"
    ? order
    : refuse("a field's order is none");
};

const aliasesOf = (parser: Parser, tree: Tree, name: string): readonly string[] =>
  rawAliases(tree).map((alias) => {
    const full = fullName(alias, namespaceOf(name));
    checkName(parser, full.slice(full.lastIndexOf(".") + 1));
    return full;
  });

const rawAliases = (tree: Tree): readonly string[] => {
  const given = entry(tree, "aliases");
  if (given === undefined) return [];
  if (!isList(given)) return unparsable("aliases are no list");
  return given.map((one) => (typeof one === "string" ? one : unparsable("an alias is no text")));
};

const need = (tree: Tree, name: string): Tree => entry(tree, name) ?? unparsable(`a schema has no ${name}`);

const properties = (tree: Tree, known: ReadonlySet<string> = schemaWords): ReadonlyMap<string, Tree> =>
  new Map(Object.entries(isObject(tree) ? tree : {}).filter(([name]) => !known.has(name)));

const schemaWords: ReadonlySet<string> = new Set(
  "doc fields items name namespace size symbols values type aliases".split(" "),
);
const enumWords: ReadonlySet<string> = new Set([...schemaWords, "default"]);
const fieldWords: ReadonlySet<string> = new Set("default doc name order type aliases".split(" "));

const unparsable = (message: string): never => stop({ message, unparsable: true });

const refuse = (message: string): never => stop({ message, unparsable: false });

const stop = (refusal: Refusal): never => {
  throw Object.assign(new Error(refusal.message), { refusal });
};

const isRefused = (thrown: unknown): thrown is { readonly refusal: Refusal } =>
  thrown instanceof Error && "refusal" in thrown;

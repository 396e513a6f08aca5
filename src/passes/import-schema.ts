import { type Diagnostic, diagnostic, hasErrors, keyOf, type Place } from "../diagnostics/diagnostic.js";
import { type Identifier, identifier, pascalWords } from "../model/names.js";
import type { JsonValue, NamedType, RecordType, Type } from "../model/type.js";
import { definitionName } from "./import-schema/definition-name.js";
import { createDocuments, isKeywords, keyOfNode, placeOf, type SchemaNode } from "./import-schema/documents.js";
import { followAliases } from "./import-schema/follow-aliases.js";
import { recordType, tagOf } from "./import-schema/objects.js";
import { createSameDefinition } from "./import-schema/same-definition.js";
import type { Definition, Scope } from "./import-schema/scope.js";
import { typeOf, typeOfDefinition } from "./import-schema/type-of.js";
import type { Sources } from "./load.js";

/** Reads the JSON Schemas that a model brings along; what they share becomes one named type of the model. */
export interface SchemaImporter {
  /**
   * Says that a schema *is* a named type of the model (`types: { Money: { schema: ./money.json } }`), so that a `$ref`
   * to it from any other schema is that type. To be called for all such types before the first import; only the
   * type's name is looked at, and its `type` may be filled in later.
   */
  declare(schema: JsonValue, place: Place, named: NamedType): void;
  /**
   * The type of a schema: inline, or the path of a file (`./order.json`, also `./common.json#/$defs/Order`) relative to
   * the model's file. A record or enum that is written inline is called `name`; a file is a shared definition, hence
   * one named type wherever it is used, unless `name` is that of a declared type. `place` is the schema's in the model.
   */
  import(schema: JsonValue, name: Identifier, place: Place): Imported<Type>;
  /** A record that is called `name` wherever its schema stands, or an error: for versions, commands and states. */
  importRecord(schema: JsonValue, name: Identifier, place: Place): Imported<RecordType>;
  /** How many schemas were imported so far. */
  readonly imports: number;
  /** The shared definitions met so far, in the order of their first use; to be added to the types of the model. */
  readonly named: readonly NamedType[];
}

interface Imported<T> {
  /** Absent when there are errors. */
  readonly type?: T;
  /** What the root says of itself, `description` of the schema. */
  readonly description?: string;
  /** Each mistake once, even when several schemas share the definition that has it. */
  readonly diagnostics: readonly Diagnostic[];
}

/** An importer for one model; it reads each file once. */
export const createSchemaImporter = (
  sources: Sources,
  options: { readonly long: "number" | "bigint" },
): SchemaImporter => {
  const documents = createDocuments(sources);
  const run: Run = { diagnostics: [], reported: new Set(), schemasLeft: 0, depth: 0, unfinished: [], afterwards: [] };
  const declared = new Set<NamedType>();
  const declaredNames = new Set<string>();
  const named: NamedType[] = [];
  let imports = 0;
  const report = (one: Diagnostic): void => reportOnce(one, run);
  const newScope = (): Scope => {
    const names = new Set<string>();
    const scope: Scope = {
      documents,
      long: options.long,
      report,
      typeOf: (node, name, nullable = false) => within(run, node, () => typeOf(node, name, nullable, scope)),
      definition: (node) => {
        const target = followAliases(node, scope);
        return target === undefined ? undefined : definitions.of(target);
      },
      isDeclared: (type) => declared.has(type),
      nameUnder: (parent, key) => uniqueName(parent + (pascalWords(key) || "Field"), names),
      later: (action) => run.afterwards.push(action),
    };
    return scope;
  };
  const definitions = createDefinitions(newScope, (definition) => {
    const { named: type, node, tag } = definition;
    named.push(type);
    run.unfinished.push(() => {
      const scope = newScope();
      const made =
        tag === undefined
          ? scope.typeOf(node, type.name)
          : within(run, node, () => recordType(node, type.name, true, scope));
      if (made !== undefined && made.kind !== "reference") type.type = made;
    });
  });

  /** Converts one root and all definitions that it leads to, one after the other and not inside each other. */
  const convert = <T extends Type>(
    schema: JsonValue,
    place: Place,
    use: (node: SchemaNode, scope: Scope) => T | undefined,
  ): Imported<T> => {
    run.diagnostics = [];
    run.schemasLeft = maxSchemas;
    imports++;
    const scope = newScope();
    const found = documents.open(schema, place);
    for (const one of found.diagnostics) report(one);
    const node = found.node === undefined ? undefined : followAliases(found.node, scope);
    const type = node === undefined ? undefined : use(node, scope);
    for (let next = run.unfinished.shift(); next !== undefined; next = run.unfinished.shift()) next();
    for (let next = run.afterwards.shift(); next !== undefined; next = run.afterwards.shift()) next();
    const description = descriptionOf(found.node) ?? descriptionOf(node);
    return {
      ...(type === undefined || hasErrors(run.diagnostics) ? {} : { type }),
      ...(description === undefined ? {} : { description }),
      diagnostics: run.diagnostics,
    };
  };

  return {
    named,
    get imports() {
      return imports;
    },
    declare: (schema, place, type) => {
      declared.add(type);
      declaredNames.add(type.name);
      const found = documents.open(schema, place);
      // what is wrong with it is said when it is imported
      const silent = { documents, report: () => undefined };
      const node = found.node === undefined ? undefined : followAliases(found.node, silent);
      if (found.node !== undefined && node !== undefined) definitions.declare(type, [found.node, node]);
    },
    import: (schema, name, place) =>
      convert(schema, place, (node, scope) =>
        isShared(node) && !declaredNames.has(name) && isNameable(node)
          ? typeOfDefinition(scope.definition(node))
          : scope.typeOf(node, name),
      ),
    importRecord: (schema, name, place) =>
      convert(schema, place, (node, scope) => {
        const type = scope.typeOf(node, name);
        if (type === undefined || type.kind === "record") return type;
        report(diagnostic("schema-not-a-record", { kind: kindNames[type.kind] }, placeOf(node)));
        return undefined;
      }),
  };
};

/** Whether the schema is anything but one that is written where it is used. */
const isShared = (node: SchemaNode): boolean => !node.document.inline || node.path.length > 0;

/** A file may be called as no type can be, `date.json`: by itself it then has the name of the place that uses it. */
const isNameable = (node: SchemaNode): boolean => definitionName(node).name !== undefined;

/** What one import has found so far. */
interface Run {
  diagnostics: Diagnostic[];
  /** Over all imports: a shared definition is complained about once. */
  readonly reported: Set<string>;
  schemasLeft: number;
  depth: number;
  /** Definitions that were met and are still to be converted. */
  readonly unfinished: (() => void)[];
  readonly afterwards: (() => void)[];
}

/** Far beyond any schema that people write; reached only by parts of `allOf` that unfold each other. */
const maxSchemas = 50_000;
const maxDepth = 100;

const reportOnce = (one: Diagnostic, run: Run): void => {
  const key = JSON.stringify([one.code, one.message, one.place]);
  if (run.reported.has(key)) return;
  run.reported.add(key);
  run.diagnostics.push(one);
};

/** Does what goes one level deeper into schemas, within bounds. */
const within = <T>(run: Run, node: SchemaNode, action: () => T): T | undefined => {
  if (run.schemasLeft <= 0) {
    reportOnce(
      diagnostic("schema-too-large", {}, { file: node.document.place.file, path: node.document.place.path }),
      run,
    );
    return undefined;
  }
  if (run.depth >= maxDepth) {
    // what has no end is met again and again, at many places
    if (!run.diagnostics.some((one) => one.code === "schema-too-deep")) {
      reportOnce(diagnostic("schema-too-deep", { levels: maxDepth }, placeOf(node)), run);
    }
    return undefined;
  }
  run.schemasLeft--;
  run.depth++;
  const result = action();
  run.depth--;
  return result;
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type NewDefinition = Omit<Definition, "named"> & { readonly named: Mutable<NamedType> };

interface Definitions {
  of(node: SchemaNode): Definition | undefined;
  declare(named: NamedType, nodes: readonly SchemaNode[]): void;
}

/** The named types of a model's schemas, by where they stand and by name. */
const createDefinitions = (newScope: () => Scope, finishLater: (definition: NewDefinition) => void): Definitions => {
  const byPlace = new Map<string, Definition | undefined>();
  const byName = new Map<string, Definition>();
  const same = createSameDefinition(newScope().documents);
  const make = (node: SchemaNode): Definition | undefined => {
    const scope = newScope();
    const tag = tagOf(node, scope);
    const name = tag === undefined ? nameOf(node, scope) : (identifier(tag) as Identifier);
    if (name === undefined) return undefined;
    const tagged = tag === undefined ? {} : { tag };
    const first = byName.get(name);
    if (first !== undefined) {
      const withoutKind = tag !== undefined || first.tag !== undefined;
      if (same(first.node, node, withoutKind)) return { named: first.named, node, ...tagged };
      const related = [{ message: "The other one is here.", place: keyOf(placeOf(first.node)) }];
      scope.report(diagnostic("schema-name-collision", { name }, keyOf(placeOf(node)), { related }));
      return undefined;
    }
    const description = descriptionOf(node);
    const definition: NewDefinition = {
      // until it is converted; it stays so only where a mistake was reported
      named: {
        name,
        type: { kind: "json" },
        ...(description === undefined ? {} : { description }),
        place: placeOf(node),
      },
      node,
      ...tagged,
    };
    byName.set(name, definition);
    finishLater(definition);
    return definition;
  };
  return {
    of: (node) => {
      const key = keyOfNode(node);
      if (!byPlace.has(key)) byPlace.set(key, make(node));
      return byPlace.get(key);
    },
    declare: (named, nodes) => {
      const [node] = nodes;
      if (node === undefined) return;
      const definition: Definition = { named, node: nodes.at(-1) ?? node };
      byName.set(named.name, definition);
      for (const one of nodes.map(keyOfNode)) if (!byPlace.has(one)) byPlace.set(one, definition);
    },
  };
};

const nameOf = (node: SchemaNode, scope: Scope): Identifier | undefined => {
  const found = definitionName(node);
  if (found.name !== undefined) return found.name;
  const problem =
    found.text === ""
      ? "A schema that is referred to needs a name, and this one has none: give it a title in PascalCase."
      : `${JSON.stringify(found.text)} cannot be the name of a type: give the definition a title in PascalCase.`;
  scope.report(diagnostic("schema-name", { problem }, keyOf(placeOf(node))));
  return undefined;
};

const uniqueName = (wanted: string, names: Set<string>): string => {
  let name = wanted;
  for (let number = 2; names.has(name); number++) name = `${wanted}${number}`;
  names.add(name);
  return name;
};

const descriptionOf = (node: SchemaNode | undefined): string | undefined => {
  const { description } = isKeywords(node?.schema) ? node.schema : {};
  return typeof description === "string" ? description : undefined;
};

const kindNames = {
  string: "a string",
  boolean: "a boolean",
  int: "an integer",
  long: "an integer",
  float: "a number",
  double: "a number",
  decimal: "a decimal",
  uuid: "a uuid",
  date: "a date",
  timestamp: "a time",
  bytes: "base64",
  json: "any JSON",
  enum: "an enum",
  array: "an array",
  map: "a map: it has no properties",
  union: "a union",
  reference: "a reference",
} as const satisfies { readonly [K in Type["kind"] as Exclude<K, "record">]: string };

import type { Model } from "../../model/model.js";
import type { RecordType, Type } from "../../model/type.js";
import { typeNamesOf } from "../../model/type-names.js";
import { type Code, code, identifier } from "../../render/code.js";
import type { Names } from "../target.js";
import { createImports, type Imports } from "./imports.js";
import { eventFile, projectionFile, typesFile } from "./names.js";
import { type SchemaGraph, schemaGraph } from "./schema-graph.js";

/** What all files of one run share. */
export interface Run {
  readonly model: Model;
  /** All names that the generated code exports. */
  readonly taken: Names;
  readonly graph: SchemaGraph;
  /** The file that declares a record, by its name. */
  readonly homes: ReadonlyMap<string, string>;
}

/** One file while its text is made. */
export interface Scope extends Run {
  readonly file: string;
  readonly imports: Imports;
  /** Records without a name of their own, which the file that uses them declares, by name. */
  readonly inline: Map<string, RecordType>;
}

export const createRun = (model: Model, taken: Names): Run => ({
  model,
  taken,
  graph: schemaGraph(model),
  homes: homesOf(model),
});

export const openScope = (run: Run, file: string): Scope => ({
  ...run,
  file,
  imports: createImports(file, run.taken),
  inline: new Map(),
});

/** A name for something that a file keeps to itself. */
export const localName = (name: string, run: Run): string => (run.taken.has(name) ? localName(`${name}_`, run) : name);

/** A type that TypeScript brings; one of the model's may be called so too, and would hide it. */
export const globalType = (name: "Extract" | "Pick", run: Run): Code =>
  run.taken.has(name) ? code`globalThis.${identifier(name)}` : identifier(name);

const homesOf = (model: Model): ReadonlyMap<string, string> => {
  const homes = new Map<string, string>();
  for (const { type } of model.types) addHomes(type, typesFile, homes);
  for (const aggregate of model.aggregates) {
    for (const event of aggregate.events) {
      const file = eventFile(event);
      for (const name of typeNamesOf(event).records) if (!homes.has(name)) homes.set(name, file);
    }
  }
  for (const projection of model.projections) {
    addHomes(projection.row, projectionFile(projection), homes);
    for (const field of projection.key.fields) addHomes(field.type, projectionFile(projection), homes);
  }
  return homes;
};

const addHomes = (type: Type, file: string, homes: Map<string, string>): void => {
  if (type.kind === "array") addHomes(type.items, file, homes);
  else if (type.kind === "map") addHomes(type.values, file, homes);
  else if (type.kind === "record" && !homes.has(type.name)) {
    homes.set(type.name, file);
    for (const field of type.fields) addHomes(field.type, file, homes);
  }
};

import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf } from "../../diagnostics/diagnostic.js";
import type { Acceptance } from "../../model/model.js";
import type { ModelDocument } from "../load.js";
import type { Context } from "./context.js";
import type {
  ByName,
  SourceAggregate,
  SourceConsumer,
  SourceDocument,
  SourceEnvironment,
  SourceField,
  SourceGenerate,
  SourceProjection,
  SourcePulsar,
} from "./source.js";

/** A definition and where it stands. */
export interface Placed<T> {
  readonly source: T;
  readonly place: Place;
}

export type Definitions<T> = ReadonlyMap<string, Placed<T>>;

/** All files of a model as one. */
export interface MergedSource {
  readonly system: Placed<string>;
  readonly description?: Placed<string>;
  readonly pulsar?: Placed<SourcePulsar>;
  readonly environments: Definitions<SourceEnvironment>;
  readonly generate?: Placed<SourceGenerate>;
  readonly verify?: Placed<NonNullable<SourceDocument["verify"]>>;
  readonly accepted: readonly Acceptance[];
  readonly types: Definitions<SourceField>;
  readonly aggregates: Definitions<SourceAggregate>;
  readonly projections: Definitions<SourceProjection>;
  readonly consumers: Definitions<SourceConsumer>;
}

/** Puts the files together; of two definitions of one thing the first is kept and the second reported. */
export const merge = (documents: readonly ModelDocument[], context: Context): MergedSource => {
  const system = single(documents, "system", context);
  const description = single(documents, "description", context);
  const pulsar = single(documents, "pulsar", context);
  const generate = single(documents, "generate", context);
  const verify = single(documents, "verify", context);
  single(documents, "options", context);
  single(documents, "lint", context);

  const first: Place = { file: documents[0]?.file ?? "", path: [] };
  if (system === undefined) context.report("missing-system", {}, first);
  return {
    system: system ?? { source: "system", place: first },
    ...(description === undefined ? {} : { description }),
    ...(pulsar === undefined ? {} : { pulsar }),
    ...(generate === undefined ? {} : { generate }),
    accepted: acceptances(documents, context),
    environments: named(documents, "environments", "environment", context),
    ...(verify === undefined ? {} : { verify }),
    types: named(documents, "types", "type", context),
    aggregates: named(documents, "aggregates", "aggregate", context),
    projections: named(documents, "projections", "projection", context),
    consumers: named(documents, "consumers", "consumer", context),
  };
};

/** The entries of `accept:` of all files. */
const acceptances = (documents: readonly ModelDocument[], context: Context): readonly Acceptance[] => {
  const found = new Map<string, Acceptance>();
  for (const { file, value } of documents) {
    for (const [index, { finding, reason }] of ((value as SourceDocument).accept ?? []).entries()) {
      const place: Place = { file, path: ["accept", index] };
      if (found.has(finding)) context.report("duplicate-entry", { what: "finding", name: finding }, place);
      else found.set(finding, { finding, reason, place });
    }
  }
  return [...found.values()];
};

/** How the model holds a `long`: needed before anything else is looked at. */
export const longOf = (documents: readonly ModelDocument[]): "number" | "bigint" => {
  for (const document of documents) {
    const options = (document.value as SourceDocument).options;
    if (options?.long !== undefined) return options.long;
  }
  return "number";
};

const single = <K extends "system" | "description" | "options" | "pulsar" | "generate" | "lint" | "verify">(
  documents: readonly ModelDocument[],
  key: K,
  context: Context,
): Placed<NonNullable<SourceDocument[K]>> | undefined => {
  let first: Placed<NonNullable<SourceDocument[K]>> | undefined;
  for (const document of documents) {
    const value = (document.value as SourceDocument)[key];
    if (value === undefined) continue;
    const place: Place = { file: document.file, path: [key] };
    if (first === undefined) first = { source: value as NonNullable<SourceDocument[K]>, place };
    else reportTwice(`\`${key}\``, first.place, place, context);
  }
  return first;
};

const named = <K extends "environments" | "types" | "aggregates" | "projections" | "consumers">(
  documents: readonly ModelDocument[],
  key: K,
  what: string,
  context: Context,
): Map<string, Placed<NonNullable<SourceDocument[K]>[string]>> => {
  const all = new Map<string, Placed<NonNullable<SourceDocument[K]>[string]>>();
  for (const document of documents) {
    const section = (document.value as SourceDocument)[key] as
      | ByName<NonNullable<SourceDocument[K]>[string]>
      | undefined;
    for (const [name, source] of Object.entries(section ?? {})) {
      const place: Place = { file: document.file, path: [key, name] };
      const before = all.get(name);
      if (before === undefined) all.set(name, { source, place });
      else reportTwice(`The ${what} ${name}`, before.place, place, context);
    }
  }
  return all;
};

const reportTwice = (what: string, first: Place, second: Place, context: Context): void =>
  context.report("defined-twice", { what }, keyOf(second), {
    related: [{ message: "It is defined here first.", place: keyOf(first) }],
  });

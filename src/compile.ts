import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { hasErrors } from "./diagnostics/diagnostic.js";
import type { Aggregate, Model } from "./model/model.js";
import type { JsonValue } from "./model/type.js";
import type { DocumentCache, ModelDocument, Sources } from "./passes/load.js";
import { load } from "./passes/load.js";
import type { Origin } from "./passes/origins.js";
import { originsOf } from "./passes/origins.js";
import type { GeneratedFile, KnownFile, KnownFiles, Target, TargetContext } from "./targets/target.js";

/** What the files of a model mean, and what each aggregate is made from; no model when there are errors. */
export interface Compiled {
  readonly model?: Model;
  readonly origins?: ReadonlyMap<Aggregate, Origin>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The whole pipeline: the files of a model to the resolved Model. Each pass reports all that it finds and then stops
 * the pipeline, so the next one relies on what it checked. Imports are lazy where a pass brings a library along.
 */
export const compile = async (
  entry: string,
  sources: Sources,
  options: { readonly documents?: DocumentCache } = {},
): Promise<Compiled> => {
  const remembered = rememberValid(options.documents);
  const loaded = await load(entry, sources, remembered.cache);
  if (hasErrors(loaded.diagnostics)) return { diagnostics: loaded.diagnostics };

  const { validate } = await import("./passes/validate.js");
  const invalid = await validate(loaded.documents, remembered.isKnown);
  remembered.save(loaded.documents, invalid);
  const seen = [...loaded.diagnostics, ...invalid];
  if (hasErrors(invalid)) return { diagnostics: seen };

  const { resolve } = await import("./passes/resolve.js");
  const schemas = new Set<string>();
  const read = (path: string) => {
    schemas.add(path);
    return sources.read(path);
  };
  const resolved = resolve(loaded.documents, { ...sources, read });
  const diagnostics = [...seen, ...resolved.diagnostics];
  return resolved.model === undefined || hasErrors(diagnostics)
    ? { diagnostics }
    : {
        model: resolved.model,
        origins: originsOf(resolved.model, loaded.documents, [...schemas], sources),
        diagnostics,
      };
};

/** A cache of documents of which only those get into it that have the right form, so that it is not checked again. */
const rememberValid = (cache: DocumentCache | undefined) => {
  const known = new Set<JsonValue>();
  const texts = new Map<JsonValue, string>();
  return {
    cache: {
      get: (text: string) => {
        const value = cache?.get(text);
        if (value !== undefined) known.add(value);
        return value;
      },
      set: (text: string, value: JsonValue) => {
        texts.set(value, text);
      },
    },
    isKnown: (value: JsonValue) => known.has(value),
    save: (documents: readonly ModelDocument[], invalid: readonly Diagnostic[]) => {
      const wrong = new Set(invalid.map(({ place }) => place.file));
      for (const { file, value } of documents) {
        const text = texts.get(value);
        if (text !== undefined && !wrong.has(file)) cache?.set(text, value);
      }
    },
  };
};

/**
 * What the model's targets (or those named) make of it, in memory; no files when one of them reports an error. With
 * `known`, the contents of aggregates whose origins are as they were are not made again.
 */
export async function generate(model: Model, options?: GenerateOptions): Promise<Generated<GeneratedFile>>;
export async function generate(
  model: Model,
  options: GenerateOptions & { readonly known?: Known },
): Promise<Generated<GeneratedFile | KnownFile>>;
export async function generate(
  model: Model,
  options: GenerateOptions & { readonly known?: Known } = {},
): Promise<Generated<GeneratedFile | KnownFile>> {
  const { targets } = await import("./targets/index.js");
  const wanted = options.targets ?? model.generate.targets;
  const chosen = targets.filter((target) => wanted.includes(target.name));
  const diagnostics = chosen.flatMap((target) => target.check(model));
  if (hasErrors(diagnostics)) return { files: [], diagnostics };

  const fragments = options.fragments ?? new Map<string, string>();
  const files: (GeneratedFile | KnownFile)[] = [];
  for (const target of chosen) {
    const made =
      options.known === undefined
        ? await target.generate(model, { fragments })
        : await generateUnknown(target, model, fragments, options.known);
    files.push(...made);
  }
  return { files, diagnostics };
}

export interface GenerateOptions {
  readonly targets?: readonly string[];
  readonly fragments?: TargetContext["fragments"];
}

/** What earlier runs have made, and what the aggregates of this one are made from. */
export interface Known {
  readonly files: KnownFiles;
  readonly origins: ReadonlyMap<Aggregate, Origin>;
}

export interface Generated<File> {
  readonly files: readonly File[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What a target makes, without the contents of aggregates that it has made before from all the same. */
const generateUnknown = async (
  target: Target,
  model: Model,
  fragments: TargetContext["fragments"],
  { files, origins }: Known,
): Promise<readonly (GeneratedFile | KnownFile)[]> => {
  // A file of one aggregate may still ask whether a name is taken anywhere, so the answers are a part of its origin.
  const all = target.names?.(model) ?? new Set<string>();
  const askedKey = `names that ${target.name} asks for`;
  const asked = new Set<string>(JSON.parse(fragments.get(askedKey) ?? "[]"));
  const keys = () => {
    const taken = JSON.stringify([target.name, [...asked].sort().map((name) => [name, all.has(name)])]);
    return new Map([...origins].map(([aggregate, origin]) => [aggregate, [taken, ...origin]] as const));
  };
  const found = new Map<Aggregate, readonly KnownFile[]>();
  for (const [aggregate, key] of keys()) {
    const its = files.get(key);
    if (its !== undefined) found.set(aggregate, its);
  }
  const count = asked.size;
  const made = await target.generate(model, {
    fragments,
    isWanted: (aggregate) => !found.has(aggregate),
    names: {
      has: (name) => {
        asked.add(name);
        return all.has(name);
      },
    },
  });
  if (asked.size > count) fragments.set(askedKey, JSON.stringify([...asked]));
  const own = new Map<Aggregate, GeneratedFile[]>();
  for (const aggregate of model.aggregates) if (!found.has(aggregate)) own.set(aggregate, []);
  for (const file of made) if (file.of !== undefined) own.get(file.of)?.push(file);
  for (const [aggregate, key] of keys()) files.set(key, found.get(aggregate) ?? own.get(aggregate) ?? []);
  return [...made, ...[...found.values()].flat()];
};

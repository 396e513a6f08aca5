import type { JsonSchema, Validate } from "./definitions.js";
import type { Problem } from "./errors.js";

/** Something with a validator: as data, or as a function where validators are precompiled. */
export type Validated =
  | { readonly schema: JsonSchema; readonly validate?: undefined }
  | { readonly schema?: undefined; readonly validate: Validate };

/** What is wrong with a value; nothing when it is valid. */
export type Check = (value: unknown) => readonly Problem[];

/** Makes checks; a schema is compiled when its check is first called, once in the process. */
export type Checks = (validated: Validated) => Check;

/** Loads what the given validators need: Ajv only where one of them is a schema. */
export const loadChecks = async (validated: Iterable<Validated>): Promise<Checks> => {
  for (const one of validated) if (one.schema !== undefined) compiler ??= await loadAjv();
  return (one) => {
    if (one.validate !== undefined) return (value) => (one.validate(value) ? none : problemsOf(one.validate));
    const { schema } = one;
    let validate: Validate | undefined;
    return (value) => {
      validate ??= compiled(schema);
      return validate(value) ? none : explained(schema, value);
    };
  };
};

const none: readonly Problem[] = [];

interface Compiler {
  /** Stops at the first problem: fast. */
  readonly first: (schema: JsonSchema) => Validate;
  /** Finds all problems. */
  readonly all: (schema: JsonSchema) => Validate;
}

let compiler: Compiler | undefined;
const cache = new WeakMap<JsonSchema, Validate>();
const explaining = new WeakMap<JsonSchema, Validate>();

const loadAjv = async (): Promise<Compiler> => {
  const { createAjv } = await import("./ajv.js");
  const first = createAjv();
  const all = createAjv({ allErrors: true });
  return {
    first: (schema) => first.compile(schema) as unknown as Validate,
    all: (schema) => all.compile(schema) as unknown as Validate,
  };
};

const loaded = (): Compiler => {
  if (compiler === undefined) throw new Error("a schema that was not among those that were loaded");
  return compiler;
};

const compiled = (schema: JsonSchema): Validate => {
  let validate = cache.get(schema);
  if (validate === undefined) {
    validate = loaded().first(schema);
    cache.set(schema, validate);
  }
  return validate;
};

/** Everything that is wrong, found by a second validator that is only made when there is something. */
const explained = (schema: JsonSchema, value: unknown): readonly Problem[] => {
  let validate = explaining.get(schema);
  if (validate === undefined) {
    validate = loaded().all(schema);
    explaining.set(schema, validate);
  }
  validate(value);
  return problemsOf(validate);
};

const problemsOf = (validate: Validate): readonly Problem[] =>
  (validate.errors ?? []).slice(0, 100).map((error) => ({ pointer: error.instancePath, reason: reasonOf(error) }));

const reasonOf = (error: { readonly message?: string | undefined; readonly params?: unknown }): string => {
  const extra = (error.params as { additionalProperty?: unknown; allowedValues?: unknown } | undefined) ?? {};
  if (extra.additionalProperty !== undefined)
    return `has the unknown property ${JSON.stringify(extra.additionalProperty)}`;
  if (extra.allowedValues !== undefined) return `must be one of ${JSON.stringify(extra.allowedValues)}`;
  return error.message ?? "is not valid";
};

import type { JsonValue } from "../../model/type.js";

/**
 * A quick test whether values have the form that model.schema.json describes: nearly all do, and then there is neither
 * a need to load Ajv nor to let it compile the schema. True is certain; false only says that Ajv has to look.
 */
export const createConforms = (schema: object): ((value: JsonValue) => boolean) => {
  const run: Run = { root: schema as { readonly [key: string]: unknown }, compiled: new Map() };
  let test: Test | undefined;
  return (value) => {
    try {
      test ??= compile(schema, run);
      return test(value);
    } catch (thrown) {
      if (thrown === undecided || thrown instanceof RangeError) return false;
      throw thrown;
    }
  };
};

interface Run {
  readonly root: { readonly [key: string]: unknown };
  readonly compiled: Map<unknown, Test>;
}

type Test = (value: JsonValue) => boolean;
type JsonMap = { readonly [key: string]: JsonValue };

/** Thrown, not returned: below a `not`, false would come out as true. */
const undecided = Symbol("undecided");

const compile = (schema: unknown, run: Run): Test => {
  if (typeof schema === "boolean") return () => schema;
  const known = run.compiled.get(schema);
  if (known !== undefined) return known;
  let tests: readonly Test[] = [];
  const all: Test = (value) => {
    for (const test of tests) if (!test(value)) return false;
    return true;
  };
  // Before its parts: a schema may lead back to itself.
  run.compiled.set(schema, all);
  const keywords = schema as { readonly [keyword: string]: unknown };
  tests = Object.entries(keywords).flatMap(([keyword, its]) => testsOf(keyword, its, keywords, run));
  return all;
};

const testsOf = (
  keyword: string,
  its: unknown,
  schema: { readonly [keyword: string]: unknown },
  run: Run,
): readonly Test[] => {
  switch (keyword) {
    case "$ref":
      return [compile(referred(its as string, run), run)];
    case "type":
      return [typeTest(its)];
    case "const":
      return [oneOfValues([its])];
    case "enum":
      return [oneOfValues(its as readonly unknown[])];
    case "not":
      return [negated(compile(its, run))];
    case "if": {
      const [condition, yes, no] = [its, schema["then"] ?? true, schema["else"] ?? true].map((one) =>
        compile(one, run),
      );
      return [(value) => (condition?.(value) === true ? yes : no)?.(value) === true];
    }
    case "anyOf": {
      const branches = (its as readonly unknown[]).map((one) => compile(one, run));
      return [(value) => branches.some((branch) => branch(value))];
    }
    case "oneOf": {
      const branches = (its as readonly unknown[]).map((one) => compile(one, run));
      return [(value) => branches.filter((branch) => branch(value)).length === 1];
    }
    case "allOf":
      return (its as readonly unknown[]).map((one) => compile(one, run));
    case "minLength":
      return [ofText((text) => length(text) >= (its as number))];
    case "maxLength":
      return [ofText((text) => length(text) <= (its as number))];
    case "pattern": {
      const pattern = new RegExp(its as string, "u");
      return [ofText((text) => pattern.test(text))];
    }
    case "minimum":
      return [(value) => typeof value !== "number" || value >= (its as number)];
    case "maximum":
      return [(value) => typeof value !== "number" || value <= (its as number)];
    case "items": {
      const item = compile(its, run);
      return [ofList((list) => list.every(item))];
    }
    case "minItems":
      return [ofList((list) => list.length >= (its as number))];
    case "maxItems":
      return [ofList((list) => list.length <= (its as number))];
    case "uniqueItems":
      return its === true ? [ofList(areUnique)] : [];
    case "required":
      return [ofMap((map) => (its as readonly string[]).every((key) => Object.hasOwn(map, key)))];
    case "minProperties":
      return [ofMap((map) => Object.keys(map).length >= (its as number))];
    case "maxProperties":
      return [ofMap((map) => Object.keys(map).length <= (its as number))];
    case "propertyNames": {
      const name = compile(its, run);
      return [ofMap((map) => Object.keys(map).every(name))];
    }
    case "properties":
      return [propertiesTest(its, schema["additionalProperties"] ?? true, run)];
    case "additionalProperties":
      return schema["properties"] === undefined ? [propertiesTest({}, its, run)] : [];
    default:
      if (annotations.has(keyword)) return [];
      throw undecided;
  }
};

const annotations: ReadonlySet<string> = new Set([
  ...["$schema", "$id", "$comment", "title", "description", "default", "examples", "definitions", "then", "else"],
  ...["deprecated", "errorMessage", "patternErrorMessage", "doNotSuggest", "markdownDescription", "defaultSnippets"],
]);

const referred = (reference: string, run: Run): unknown => {
  const [start, section = "", name = "", ...more] = reference.split("/");
  const found = (run.root[section] as { readonly [name: string]: unknown } | undefined)?.[name];
  if (start !== "#" || more.length > 0 || found === undefined) throw undecided;
  return found;
};

const typeTest = (type: unknown): Test => {
  switch (type) {
    case "object":
      return isMap;
    case "array":
      return (value) => Array.isArray(value);
    case "string":
    case "boolean":
      return (value) => typeof value === type;
    case "number":
      return (value) => typeof value === "number" && Number.isFinite(value);
    case "integer":
      return (value) => Number.isInteger(value);
    default:
      throw undecided;
  }
};

const oneOfValues = (values: readonly unknown[]): Test => {
  if (values.some((value) => typeof value === "object")) throw undecided;
  const allowed = new Set(values);
  return (value) => allowed.has(value);
};

const negated =
  (test: Test): Test =>
  (value) =>
    !test(value);

const propertiesTest = (properties: unknown, additional: unknown, run: Run): Test => {
  const tests = new Map(Object.entries(properties as object).map(([key, one]) => [key, compile(one, run)]));
  const others = compile(additional, run);
  return ofMap((map) => {
    for (const key of Object.keys(map)) if (!(tests.get(key) ?? others)(map[key] as JsonValue)) return false;
    return true;
  });
};

const areUnique = (list: readonly JsonValue[]): boolean => {
  if (list.some((item) => typeof item === "object")) throw undecided;
  return new Set(list).size === list.length;
};

/** In code points, as JSON Schema counts. */
const length = (text: string): number => {
  let count = text.length;
  for (let at = 1; at < text.length; at++)
    if ((text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800) count--;
  return count;
};

const isMap = (value: JsonValue): value is JsonMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const ofText =
  (test: (text: string) => boolean): Test =>
  (value) =>
    typeof value !== "string" || test(value);
const ofList =
  (test: (list: readonly JsonValue[]) => boolean): Test =>
  (value) =>
    !Array.isArray(value) || test(value);
const ofMap =
  (test: (map: JsonMap) => boolean): Test =>
  (value) =>
    !isMap(value) || test(value);

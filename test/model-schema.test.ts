import { createRequire } from "node:module";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";

interface Schema {
  readonly [keyword: string]: unknown;
}

const root: Schema = createRequire(import.meta.url)("../model.schema.json");
const definitions = root["definitions"] as { readonly [name: string]: Schema };

/** Keywords that hold a schema, a list of them, or a map of them. */
const single = ["items", "additionalProperties", "propertyNames", "if", "then", "else", "not"];
const lists = ["oneOf", "anyOf"];
const maps = ["properties", "definitions"];

interface Found {
  readonly schema: Schema;
  readonly path: string;
}

const all = (schema: Schema, path = "#"): readonly Found[] => [
  { schema, path },
  ...single.flatMap((key) => (isSchema(schema[key]) ? all(schema[key], `${path}/${key}`) : [])),
  ...lists.flatMap((key) => ((schema[key] ?? []) as Schema[]).flatMap((one, i) => all(one, `${path}/${key}/${i}`))),
  ...maps.flatMap((key) =>
    Object.entries((schema[key] ?? {}) as object).flatMap(([name, one]) => all(one, `${path}/${key}/${name}`)),
  ),
];

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null;

const refOf = (schema: Schema): Schema | undefined =>
  typeof schema["$ref"] === "string" ? definitions[schema["$ref"].slice("#/definitions/".length)] : undefined;

describe("model.schema.json", () => {
  test("is a valid schema of draft 7, also strictly", () => {
    const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false });
    for (const keyword of ["errorMessage", "patternErrorMessage", "doNotSuggest"]) ajv.addKeyword(keyword);
    expect(ajv.validateSchema(root)).toBe(true);
    expect(() => ajv.compile(root)).not.toThrow();
  });

  test("describes every key, for completion and hovering", () => {
    const silent = all(root).flatMap(({ schema, path }) =>
      Object.entries((schema["properties"] ?? {}) as { [key: string]: Schema })
        // Conditions only repeat keys, and keys that are not allowed are not offered.
        .filter(([, one]) => !path.includes("/if") && one["not"] === undefined && refOf(one)?.["not"] === undefined)
        .filter(([, one]) => (one["description"] ?? refOf(one)?.["description"]) === undefined)
        .map(([key]) => `${path}/properties/${key}`),
    );
    expect(silent).toEqual(["#/definitions/event/if/properties/retired"].filter((path) => silent.includes(path)));
  });

  test("uses all of its definitions, and no others", () => {
    const used = new Set(
      all(root).flatMap(({ schema }) => (typeof schema["$ref"] === "string" ? [schema["$ref"]] : [])),
    );
    expect([...used].sort()).toEqual(
      Object.keys(definitions)
        .map((name) => `#/definitions/${name}`)
        .sort(),
    );
  });

  test("has examples and defaults that are valid themselves", () => {
    const ajv = new Ajv({ strict: false });
    ajv.addSchema(root, "root");
    for (const { schema, path } of all(root)) {
      const values = [
        ...((schema["examples"] ?? []) as unknown[]),
        ...("default" in schema ? [schema["default"]] : []),
      ];
      for (const value of values) {
        const pointer = path.slice(1).split("/").map(encodeURIComponent).join("/");
        expect(ajv.validate({ $ref: `root#${pointer}` }, value), `${path}: ${JSON.stringify(value)}`).toBe(true);
      }
    }
  });

  test("names with oneOf and anyOf only keys of which one is required, which is what messages are made for", () => {
    for (const { schema } of all(root))
      for (const key of lists)
        for (const branch of (schema[key] ?? []) as Schema[]) expect(Object.keys(branch)).toEqual(["required"]);
  });

  test("uses the definitions of names only for keys, which is how their errors are told apart", () => {
    const uses = all(root).filter(({ schema }) =>
      /^#\/definitions\/(pascal|field|key)Name$/.test(String(schema["$ref"])),
    );
    expect(uses.length).toBeGreaterThan(5);
    for (const { path } of uses) expect(path).toMatch(/\/propertyNames$/);
  });

  test("uses only keywords for which there are messages", () => {
    const known = new Set([
      ...["$schema", "$id", "$ref", "title", "description", "default", "examples", "definitions"],
      ...["errorMessage", "patternErrorMessage", "doNotSuggest"],
      ...["type", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum"],
      ...["minItems", "maxItems", "uniqueItems", "items", "minProperties", "maxProperties"],
      ...[
        "properties",
        "additionalProperties",
        "propertyNames",
        "required",
        "if",
        "then",
        "else",
        "not",
        "oneOf",
        "anyOf",
      ],
    ]);
    const unknown = all(root).flatMap(({ schema }) => Object.keys(schema).filter((key) => !known.has(key)));
    expect(unknown).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { type Identifier, identifier } from "../../src/model/names.js";
import type { JsonValue } from "../../src/model/type.js";
import { createSchemaImporter } from "../../src/passes/import-schema.js";
import type { Sources } from "../../src/passes/load.js";

const sourcesOf = (files: { readonly [path: string]: string }): Sources => ({
  read: (path) => {
    const text = Object.hasOwn(files, path) ? files[path] : undefined;
    return text === undefined ? { kind: "missing" } : { kind: "text", text };
  },
  match: () => [],
});

const importIt = (schema: JsonValue, files: { readonly [path: string]: string } = {}) =>
  createSchemaImporter(sourcesOf(files), { long: "number" }).import(schema, identifier("Root") as Identifier, {
    file: "m.yaml",
    path: [],
  });

/** The mistakes of a schema as `code at/the/keys`. */
const mistakes = (schema: JsonValue): string[] => {
  const { type, diagnostics } = importIt(schema);
  expect(type).toBeUndefined();
  return diagnostics.map((one) => `${one.code} ${one.place.path.join("/")}`);
};

const messages = (schema: JsonValue, files: { readonly [path: string]: string } = {}): string[] => {
  const { type, diagnostics } = importIt(schema, files);
  expect(type).toBeUndefined();
  return diagnostics.map((one) => one.message);
};

describe("keywords", () => {
  it.each<[JsonValue, string[]]>([
    [{ type: "string", minLenght: 1 }, ["schema-keyword-unknown minLenght"]],
    [{ type: "string", tsType: "import('x')" }, ["schema-code-keyword tsType"]],
    [{ enum: ["a"], tsEnumNames: ["a"] }, ["schema-code-keyword tsEnumNames"]],
    [{ type: "integer", minLength: 1 }, ["schema-keyword-misplaced minLength"]],
    [{ type: "string", minimum: 1 }, ["schema-keyword-misplaced minimum"]],
    [{ type: "string", not: {} }, ["schema-keyword-unsupported not"]],
    [{ not: {} }, ["schema-keyword-unsupported not"]],
    [{ if: {}, else: {} }, ["if", "else"].map((one) => `schema-keyword-unsupported ${one}`)],
    [{ type: "number", multipleOf: 0.01 }, ["schema-keyword-unsupported multipleOf"]],
    [{ type: "string", nullable: true }, ["schema-keyword-unsupported nullable"]],
    [{ type: "array", items: [{}] }, ["schema-keyword-unsupported items"]],
    [{ type: "array", prefixItems: [{}] }, ["schema-keyword-unsupported prefixItems"]],
    [{ type: "array", uniqueItems: true }, ["schema-keyword-unsupported uniqueItems"]],
    [{ type: "object", patternProperties: {} }, ["schema-keyword-unsupported patternProperties"]],
    [{ type: "string", enum: ["a"], minLength: 1 }, ["schema-keyword-unsupported minLength"]],
    [{ type: "string", format: "date", pattern: "1" }, ["schema-keyword-unsupported pattern"]],
    [{ type: "string", format: "email" }, ["schema-format format"]],
    [{ type: "integer", format: "uuid" }, ["schema-format format"]],
    [{ type: "number", format: "int32" }, ["schema-format format"]],
    [{ type: "string", format: 1 }, ["schema-keyword-value format"]],
    [{ type: "string", contentEncoding: "base32" }, ["schema-keyword-value contentEncoding"]],
    [
      { type: "string", minLength: -1, maxLength: 1.5 },
      ["schema-keyword-value minLength", "schema-keyword-value maxLength"],
    ],
    [{ type: "integer", minimum: "1" }, ["schema-keyword-value minimum"]],
    [{ type: "number", exclusiveMinimum: true }, ["schema-keyword-value exclusiveMinimum"]],
    [{ type: "string", pattern: "(" }, ["schema-pattern pattern"]],
    [{ type: "string", pattern: "\\-" }, ["schema-pattern pattern"]],
    [{ type: "string", pattern: 1 }, ["schema-keyword-value pattern"]],
    [{ type: "string", description: 1, title: [] }, ["schema-keyword-value title", "schema-keyword-value description"]],
    [{ type: "string", deprecated: "soon" }, ["schema-keyword-value deprecated"]],
    [{ type: "string", examples: "a" }, ["schema-keyword-value examples"]],
    [{ type: "string", $schema: "http://json-schema.org/draft-04/schema#" }, ["schema-draft $schema"]],
    [{ type: "string", $schema: 4 }, ["schema-draft $schema"]],
    [{ $ref: 1 }, ["schema-keyword-value $ref"]],
    [{ $defs: { A: {} }, $ref: "#/$defs/A", minLength: 1 }, ["schema-reference-siblings minLength"]],
  ])("%j", (schema, expected) => {
    expect(mistakes(schema)).toEqual(expected);
  });
});

describe("types", () => {
  it.each<[JsonValue, string[]]>([
    [false, ["schema-type "]],
    [null, ["schema-type "]],
    [[], ["schema-type "]],
    [7, ["schema-type "]],
    [{ type: "null" }, ["schema-type type"]],
    [{ type: ["string", "integer"] }, ["schema-type type"]],
    [{ type: [] }, ["schema-type type"]],
    [{ type: "text" }, ["schema-keyword-value type"]],
    [{ type: ["string", "null"] }, ["schema-null type"]],
    [{ type: "array", items: { type: ["string", "null"] } }, ["schema-null items/type"]],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, ["schema-null anyOf/1"]],
    [{ minLength: 1, bogus: 1 }, ["schema-keyword-unknown bogus", "schema-type "]],
    [{ type: "integer", enum: [1, 2] }, ["schema-type "]],
    [{ enum: ["a", 1] }, ["schema-keyword-value enum"]],
    [{ enum: ["a", "a"] }, ["schema-keyword-value enum"]],
    [{ enum: [] }, ["schema-keyword-value enum"]],
    [{ enum: ["\ud800"] }, ["schema-keyword-value enum"]],
    [{ const: 1 }, ["schema-keyword-value const"]],
    [{ const: null }, ["schema-keyword-value const"]],
    [{ type: "integer", minimum: 3, maximum: 2 }, ["schema-bounds "]],
    [{ type: "integer", format: "int32", minimum: 2 ** 31 }, ["schema-bounds "]],
    [{ type: "integer", minimum: 1e300 }, ["schema-bounds "]],
    [{ type: "number", minimum: 3, exclusiveMaximum: 3 }, ["schema-bounds "]],
    [{ type: "number", format: "float", minimum: 1e39 }, ["schema-bounds "]],
    [{ type: "string", minLength: 2, maxLength: 1 }, ["schema-bounds minLength"]],
    [{ type: "array", minItems: 2, maxItems: 1 }, ["schema-bounds minItems"]],
    [{ type: "string", contentEncoding: "base64", minLength: 1, maxLength: 3 }, ["schema-bounds "]],
  ])("%j", (schema, expected) => {
    expect(mistakes(schema)).toEqual(expected);
  });
});

describe("objects", () => {
  const properties = { a: { type: "string" } };
  it.each<[JsonValue, string[]]>([
    [{ type: "object", properties, additionalProperties: true }, ["schema-open-object additionalProperties"]],
    [{ type: "object", properties, additionalProperties: {} }, ["schema-open-object additionalProperties"]],
    [{ type: "object", properties, required: ["b"] }, ["schema-property-missing required/0"]],
    [{ type: "object", required: ["b"] }, ["schema-property-missing required/0"]],
    [{ type: "object", properties, required: "a" }, ["schema-keyword-value required"]],
    [{ type: "object", properties: [] }, ["schema-keyword-value properties"]],
    [{ type: "object", properties, minProperties: 1 }, ["schema-keyword-misplaced minProperties"]],
    [
      { properties: { "a-b": true, "": true, "1": true } },
      ["1", "a-b", ""].map((one) => `schema-property-name properties/${one}`),
    ],
    [
      { properties: { b: { type: "string", wat: 1 }, c: false } },
      ["schema-keyword-unknown properties/b/wat", "schema-type properties/c"],
    ],
    [{ allOf: [] }, ["schema-keyword-value allOf"]],
    [{ allOf: [{ type: "string" }, { properties }] }, ["schema-all-of allOf/0"]],
    [{ allOf: [{ properties }, { properties: { a: { type: "integer" } } }] }, ["schema-all-of allOf/1/properties/a"]],
    [
      { allOf: [{ properties }, { properties: { b: true }, additionalProperties: false }] },
      ["schema-all-of allOf/1/additionalProperties"],
    ],
    [
      { properties, allOf: [{ properties: { b: true } }], additionalProperties: false },
      ["schema-all-of additionalProperties"],
    ],
    [{ allOf: [{ properties }], oneOf: [] }, ["schema-all-of "]],
  ])("%j", (schema, expected) => {
    expect(mistakes(schema)).toEqual(expected);
  });

  it("refuses what every object has as a property", () => {
    const names = ["toString", "then", "constructor", "hasOwnProperty"];
    expect(mistakes({ properties: Object.fromEntries(names.map((name) => [name, true])) })).toEqual(
      names.map((name) => `schema-property-name properties/${name}`),
    );
    const schema = JSON.parse('{"properties": {"__proto__": {"type": "string"}}}') as JsonValue;
    expect(mistakes(schema)).toEqual(["schema-property-name properties/__proto__"]);
    expect(mistakes(JSON.parse('{"__proto__": {}, "type": "object"}') as JsonValue)).toEqual([
      "schema-keyword-unknown __proto__",
    ]);
  });
});

describe("unions", () => {
  const member = (kind: JsonValue, required = ["kind"]): JsonValue => ({ properties: { kind }, required });
  it.each<[JsonValue, string[]]>([
    [{ oneOf: [] }, ["schema-keyword-value oneOf"]],
    [{ oneOf: [{ type: "null" }] }, ["schema-null oneOf/0", "schema-keyword-value oneOf"]],
    [{ oneOf: [{ type: "string" }, { type: "integer" }] }, ["schema-name oneOf/0", "schema-name oneOf/1"]],
    [{ oneOf: [member({ const: "A" }), member({ const: "A" })] }, ["schema-union oneOf/1"]],
    [{ oneOf: [member({ const: "A" }, []), member({ const: "B" })] }, ["schema-name oneOf/0"]],
    [
      { $defs: { x: member({ const: "lower" }) }, oneOf: [{ $ref: "#/$defs/x" }, member({ const: "B" })] },
      ["schema-union oneOf/0"],
    ],
    [
      { oneOf: [member({ const: "A" }), member({ const: "B" })], discriminator: { propertyName: "type" } },
      ["schema-keyword-value discriminator"],
    ],
    [
      { oneOf: [member({ const: "A" }), member({ const: "B" })], properties: {} },
      ["schema-keyword-unsupported properties"],
    ],
    [{ type: "string", oneOf: [member({ const: "A" }), member({ const: "B" })] }, ["schema-keyword-value type"]],
  ])("%j", (schema, expected) => {
    expect(mistakes(schema)).toEqual(expected);
  });
});

describe("names and references", () => {
  it.each<[JsonValue, string[]]>([
    [{ $defs: { Date: {} }, properties: { a: { $ref: "#/$defs/Date" } } }, ["schema-name $defs/Date"]],
    [{ $defs: { "---": {} }, properties: { a: { $ref: "#/$defs/---" } } }, ["schema-name $defs/---"]],
    [{ properties: { a: { $ref: "#" } } }, ["schema-name "]],
    [
      { $defs: { a: {}, A: { type: "string" } }, properties: { x: { $ref: "#/$defs/a" }, y: { $ref: "#/$defs/A" } } },
      ["schema-name-collision $defs/A"],
    ],
    [
      { $defs: { A: { $ref: "#/$defs/B" }, B: { $ref: "#/$defs/A" } }, properties: { x: { $ref: "#/$defs/A" } } },
      ["schema-reference-cycle properties/x"],
    ],
    [
      { $defs: { A: { allOf: [{ $ref: "#/$defs/A" }, {}] } }, properties: { x: { $ref: "#/$defs/A" } } },
      ["schema-all-of $defs/A/allOf/0"],
    ],
    [{ $defs: { unused: { wat: 1 } }, type: "wat" }, ["schema-keyword-value type"]],
  ])("%j", (schema, expected) => {
    expect(mistakes(schema)).toEqual(expected);
  });

  it("complains once about what several schemas share", () => {
    const importer = createSchemaImporter(sourcesOf({ "a.json": '{"$defs": {"A": {"wat": 1}}}' }), { long: "number" });
    const root = (at: number) =>
      importer.import({ properties: { a: { $ref: "a.json#/$defs/A" } } }, identifier("Root") as Identifier, {
        file: "m.yaml",
        path: [at],
      }).diagnostics;
    expect(root(1).map((one) => one.place)).toEqual([{ file: "a.json", path: ["$defs", "A", "wat"], at: "key" }]);
    expect(root(2)).toEqual([]);
  });
});

describe("what is hostile", () => {
  it("unfolds no further than there is a use for it", () => {
    const $defs: { [name: string]: JsonValue } = { D0: { properties: { end: { type: "string" } } } };
    for (let i = 1; i < 60; i++) {
      const part = { allOf: [{ $ref: `#/$defs/D${i - 1}` }, { properties: { [`p${i}`]: { type: "string" } } }] };
      $defs[`D${i}`] = { properties: { x: part, y: part } };
    }
    expect(mistakes({ $defs, allOf: [{ $ref: "#/$defs/D59" }, { properties: {} }] })).toEqual(
      expect.arrayContaining(["schema-too-large "]),
    );
  });

  it("ends where a part contains itself", () => {
    const inner = { allOf: [{ $ref: "#/$defs/N" }, { properties: { more: { type: "string" } } }] };
    const found = mistakes({ $defs: { N: { properties: { n: inner } } }, properties: { n: { $ref: "#/$defs/N" } } });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^schema-too-deep /);
  });

  it("reads long chains of definitions without a deep stack", () => {
    const $defs: { [name: string]: JsonValue } = { D0: { type: "string" }, E0: { type: "string" } };
    for (let i = 1; i < 5_000; i++) $defs[`D${i}`] = { properties: { next: { $ref: `#/$defs/D${i - 1}` } } };
    for (let i = 1; i < 5_000; i++) $defs[`E${i}`] = { $ref: `#/$defs/E${i - 1}` };
    const { diagnostics } = importIt({
      $defs,
      properties: { d: { $ref: "#/$defs/D4999" }, e: { $ref: "#/$defs/E4999" } },
    });
    expect(diagnostics).toEqual([]);
    const parts: { [name: string]: JsonValue } = { D0: { properties: {} } };
    for (let i = 1; i < 5_000; i++) parts[`D${i}`] = { allOf: [{ $ref: `#/$defs/D${i - 1}` }, { properties: {} }] };
    expect(mistakes({ $defs: parts, properties: { d: { $ref: "#/$defs/D4999" } } })[0]).toMatch(/^schema-too-deep /);
  });

  it("stops at schemas that are nested without end", () => {
    let schema: JsonValue = { type: "string" };
    for (let i = 0; i < 10_000; i++) schema = { type: "array", items: schema };
    expect(mistakes(schema)[0]).toMatch(/^schema-too-deep items/);
    expect(messages("deep.json", { "deep.json": "[".repeat(100_000) })).toEqual([
      "The file is nested more than 200 levels deep.",
    ]);
    expect(importIt("deep.yaml", { "deep.yaml": "- ".repeat(100_000) }).diagnostics).toHaveLength(1);
  });

  it("keeps YAML aliases from unfolding", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 12; i++)
      lines.push(
        `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(", ")}]`,
      );
    expect(importIt("bomb.yaml", { "bomb.yaml": lines.join("\n") }).diagnostics.map((one) => one.code)).toContain(
      "too-many-aliases",
    );
  });

  it("says what is wrong with a JSON file, where it is", () => {
    const broken = '{\n  "type": "string",\n}';
    const { diagnostics } = importIt("a.json", { "a.json": broken });
    expect(diagnostics).toMatchObject([
      {
        code: "schema-file-syntax",
        message: 'Here there is "}", and not a key in double quotes.',
        place: { file: "a.json", path: [], range: [22, 23] },
      },
    ]);
  });

  it("keeps texts that break out of their surroundings as they are", () => {
    const hostile = "*/ `\u0024{process.exit()}` \u2028 $(touch planted) \"'";
    const { type, diagnostics } = importIt({
      type: "object",
      properties: { arguments: { description: hostile, enum: [hostile, "__proto__"], examples: [hostile] } },
    });
    expect(diagnostics).toEqual([]);
    expect(type).toMatchObject({
      fields: [{ name: "arguments", description: hostile, example: hostile, type: { values: [hostile, "__proto__"] } }],
    });
  });
});

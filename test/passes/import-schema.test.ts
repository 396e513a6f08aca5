import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.js";
import { type Identifier, identifier } from "../../src/model/names.js";
import type { Field, JsonValue, Type } from "../../src/model/type.js";
import { createSchemaImporter, type SchemaImporter } from "../../src/passes/import-schema.js";
import type { Sources } from "../../src/passes/load.js";

const sourcesOf = (files: { readonly [path: string]: string }): Sources => ({
  read: (path) => {
    const text = Object.hasOwn(files, path) ? files[path] : undefined;
    return text === undefined ? { kind: "missing" } : { kind: "text", text };
  },
  match: () => [],
});

const place = { file: "shop.yaml", path: ["aggregates", "Order", "schema"] } as const;
const named = (text: string): Identifier => identifier(text) as Identifier;

const importing = (
  files: { readonly [path: string]: string } = {},
  long: "number" | "bigint" = "number",
): SchemaImporter => createSchemaImporter(sourcesOf(files), { long });

/** A type without its places, short enough to read in a test. */
const brief = (type: Type | undefined): unknown => {
  switch (type?.kind) {
    case undefined:
      return undefined;
    case "reference":
      return `-> ${type.to.name}`;
    case "union":
      return type.members.map((member) => member.name);
    case "array":
      return { ...type, items: brief(type.items) };
    case "map":
      return { ...type, values: brief(type.values) };
    case "record":
      return { [type.name]: Object.fromEntries(type.fields.map((field) => [briefName(field), brief(field.type)])) };
    default:
      return type;
  }
};
const briefName = (field: Field): string => field.name + (field.optional ? "?" : "");

const typeOf = (schema: JsonValue, long: "number" | "bigint" = "number"): unknown => {
  const { type, diagnostics } = importing({}, long).import(schema, named("Root"), place);
  expect(diagnostics).toEqual([]);
  return brief(type);
};

/** The diagnostics as `code at/the/keys`, with their message. */
const said = (diagnostics: readonly Diagnostic[]): string[] =>
  diagnostics.map((one) => `${one.code} ${one.place.file}#${one.place.path.join("/")}: ${one.message}`);

const mistakesOf = (schema: JsonValue, long: "number" | "bigint" = "number"): string[] => {
  const { type, diagnostics } = importing({}, long).import(schema, named("Root"), { file: "m.yaml", path: [] });
  expect(type).toBeUndefined();
  return said(diagnostics);
};

describe("scalars", () => {
  it.each<[string, JsonValue, unknown]>([
    ["a string", { type: "string" }, { kind: "string" }],
    ["a list of one type", { type: ["string"] }, { kind: "string" }],
    [
      "a string with limits",
      { type: "string", minLength: 1, maxLength: 5, pattern: "^a" },
      { kind: "string", minLength: 1, maxLength: 5, pattern: "^a" },
    ],
    ["a minimum length of zero", { type: "string", minLength: 0 }, { kind: "string" }],
    ["an integer", { type: "integer" }, { kind: "long" }],
    ["an integer of 32 bits", { type: "integer", minimum: 1, maximum: 9 }, { kind: "int", min: 1n, max: 9n }],
    ["an integer with one bound", { type: "integer", minimum: 1 }, { kind: "long", min: 1n }],
    ["int32", { type: "integer", format: "int32", minimum: 1 }, { kind: "int", min: 1n }],
    ["int64", { type: "integer", format: "int64", minimum: 1, maximum: 2 }, { kind: "long", min: 1n, max: 2n }],
    ["open bounds", { type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 10 }, { kind: "int", min: 1n, max: 9n }],
    ["broken bounds", { type: "integer", minimum: 0.5, exclusiveMaximum: 9.5 }, { kind: "int", min: 1n, max: 9n }],
    ["the tighter bound", { type: "integer", minimum: 5, exclusiveMinimum: 1 }, { kind: "long", min: 5n }],
    ["the bounds of 64 bits", { type: "integer", minimum: -(2 ** 63), maximum: 2 ** 63 }, { kind: "long" }],
    ["a number", { type: "number", minimum: -0.5, maximum: 1e3 }, { kind: "double", min: -0.5, max: 1000 }],
    ["a float", { type: "number", format: "float" }, { kind: "float" }],
    ["a number above zero", { type: "number", exclusiveMinimum: 0 }, { kind: "double", min: 5e-324 }],
    ["a number below one", { type: "number", exclusiveMaximum: 1 }, { kind: "double", max: 1 - 2 ** -53 }],
    [
      "a float below -1",
      { type: "number", format: "float", exclusiveMaximum: -1 },
      { kind: "float", max: -(1 + 2 ** -23) },
    ],
    ["a boolean", { type: "boolean" }, { kind: "boolean" }],
    ["a uuid", { type: "string", format: "uuid" }, { kind: "uuid" }],
    ["a date", { type: "string", format: "date" }, { kind: "date" }],
    ["a time", { type: "string", format: "date-time" }, { kind: "timestamp" }],
    ["bytes", { type: "string", contentEncoding: "base64", contentMediaType: "image/png" }, { kind: "bytes" }],
    ["bytes of OpenAPI", { type: "string", format: "byte" }, { kind: "bytes" }],
    [
      "bytes with lengths of their base64",
      { type: "string", contentEncoding: "base64", minLength: 5, maxLength: 11 },
      { kind: "bytes", minLength: 4, maxLength: 6 },
    ],
    [
      "the pattern of a decimal",
      { type: "string", pattern: "^(?!-0\\.00$)-?(0|[1-9]\\d{0,9})\\.\\d{2}$" },
      { kind: "decimal", precision: 12, scale: 2 },
    ],
    ["an enum", { enum: ["a", "b"] }, { kind: "enum", name: "Root", values: ["a", "b"] }],
    ["a constant", { type: "string", const: "a" }, { kind: "enum", name: "Root", values: ["a"] }],
    [
      "constants with titles",
      { oneOf: [{ const: "a", title: "A" }, { enum: ["b"] }] },
      { kind: "enum", name: "Root", values: ["a", "b"] },
    ],
    ["true", true, { kind: "json" }],
    ["nothing but a description", { description: "Anything." }, { kind: "json" }],
    [
      "an array",
      { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3 },
      { kind: "array", items: { kind: "string" }, minItems: 1, maxItems: 3 },
    ],
    ["an array of anything", { type: "array", uniqueItems: false }, { kind: "array", items: { kind: "json" } }],
    ["an array that says no type", { items: { type: "string" } }, { kind: "array", items: { kind: "string" } }],
    ["any object", { type: "object" }, { kind: "map", values: { kind: "json" } }],
    [
      "a map",
      { type: "object", additionalProperties: { type: "boolean" }, minProperties: 1, maxProperties: 2 },
      { kind: "map", values: { kind: "boolean" }, minItems: 1, maxItems: 2 },
    ],
    ["a record of nothing", { type: "object", additionalProperties: false }, { Root: {} }],
  ])("%s", (_, schema, expected) => {
    expect(typeOf(schema)).toEqual(expected);
  });

  it("keeps bounds of 64 bits apart from those of a safe integer", () => {
    expect(typeOf({ type: "integer", maximum: Number.MAX_SAFE_INTEGER }, "bigint")).toEqual({
      kind: "long",
      max: 2n ** 53n - 1n,
    });
    expect(typeOf({ type: "integer", maximum: Number.MAX_SAFE_INTEGER }, "number")).toEqual({ kind: "long" });
    expect(mistakesOf({ type: "integer", maximum: 2 ** 60 }, "bigint")).toEqual([
      'schema-keyword-value m.yaml#maximum: "maximum" must be within ±(2^53−1), where numbers of JSON are exact, or beyond ±2^63.',
    ]);
  });
});

/** Of files: the brief types of what they share, by name. */
const sharedOf = (importer: SchemaImporter): unknown =>
  Object.fromEntries(importer.named.map((one) => [one.name, brief(one.type)]));

describe("records", () => {
  it("reads properties in their order, with what is said of them", () => {
    const { type } = importing().importRecord(
      {
        type: "object",
        description: "An order.",
        properties: {
          b: { type: "string", description: "The b.", examples: [1, "x", "y"], "x-pii": true },
          a_b: { type: "integer", deprecated: true, default: 7, minimum: 0, maximum: 9 },
          class: { type: "boolean", title: "Any title", $comment: "A note.", readOnly: true },
        },
        required: ["a_b"],
      },
      named("OrderV1"),
      place,
    );
    expect(type).toEqual({
      kind: "record",
      name: "OrderV1",
      fields: [
        {
          ...{ name: "b", type: { kind: "string" }, optional: true, description: "The b.", pii: true, example: "x" },
          place: { file: "shop.yaml", path: [...place.path, "properties", "b"] },
        },
        {
          ...{ name: "a_b", type: { kind: "int", min: 0n, max: 9n }, optional: false, deprecated: true, pii: false },
          ...{ example: 7, place: { file: "shop.yaml", path: [...place.path, "properties", "a_b"] } },
        },
        {
          ...{ name: "class", type: { kind: "boolean" }, optional: true, pii: false },
          place: { file: "shop.yaml", path: [...place.path, "properties", "class"] },
        },
      ],
    });
  });

  it("names what is inside after the way to it, and never twice alike", () => {
    const inner = { type: "object", properties: { kind: { enum: ["a"] } } };
    const lists = { line_items: { type: "array", items: inner }, by: { type: "object", additionalProperties: inner } };
    expect(typeOf({ type: "object", properties: { unit_price: inner, unitPrice: inner, ...lists } })).toEqual({
      Root: {
        "unit_price?": { RootUnitPrice: { "kind?": { kind: "enum", name: "RootUnitPriceKind", values: ["a"] } } },
        "unitPrice?": { RootUnitPrice2: { "kind?": { kind: "enum", name: "RootUnitPrice2Kind", values: ["a"] } } },
        "line_items?": {
          kind: "array",
          items: { RootLineItemsItem: { "kind?": { kind: "enum", name: "RootLineItemsItemKind", values: ["a"] } } },
        },
        "by?": {
          kind: "map",
          values: { RootByValue: { "kind?": { kind: "enum", name: "RootByValueKind", values: ["a"] } } },
        },
      },
    });
  });

  it("reads a property that may be null as an optional one, however it says so", () => {
    const properties = {
      list: { type: ["string", "null"] },
      values: { type: ["string", "null"], enum: ["a", null] },
      untyped: { enum: [null, "a"] },
      never: { type: ["string", "null"], enum: ["a"] },
      any: { anyOf: [{ type: "null" }, { type: "integer" }], default: null },
      one: { oneOf: [{ type: "string", format: "date" }, { const: null }] },
    };
    expect(typeOf({ type: "object", properties, required: Object.keys(properties) })).toEqual({
      Root: {
        "list?": { kind: "string" },
        "values?": { kind: "enum", name: "RootValues", values: ["a"] },
        "untyped?": { kind: "enum", name: "RootUntyped", values: ["a"] },
        never: { kind: "enum", name: "RootNever", values: ["a"] },
        "any?": { kind: "long" },
        "one?": { kind: "date" },
      },
    });
  });

  it("merges the parts of allOf, also those that are referred to", () => {
    const schema = {
      $defs: {
        Base: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
        More: { allOf: [{ $ref: "#/$defs/Base" }, { properties: { at: { type: "string", format: "date" } } }] },
      },
      allOf: [
        { $ref: "#/$defs/Base" },
        { $ref: "#/$defs/More" },
        { type: "object", properties: { id: { type: "string" }, n: { type: "boolean" } }, required: ["n"] },
      ],
      properties: { own: { type: "string" } },
      required: ["at"],
      unevaluatedProperties: false,
    };
    expect(typeOf(schema)).toEqual({
      Root: {
        "own?": { kind: "string" },
        id: { kind: "string" },
        at: { kind: "date" },
        n: { kind: "boolean" },
      },
    });
  });

  it("is an error when the root is no record", () => {
    const { type, diagnostics } = importing().importRecord({ type: "object" }, named("A"), place);
    expect(type).toBeUndefined();
    expect(said(diagnostics)).toEqual([
      "schema-not-a-record shop.yaml#aggregates/Order/schema: The schema must be an object with properties; it is a map: it has no properties.",
    ]);
  });
});

describe("unions", () => {
  const card = {
    type: "object",
    properties: { kind: { const: "Card" }, number: { type: "string" } },
    required: ["kind", "number"],
  };
  const transfer = {
    type: "object",
    properties: { kind: { type: "string", enum: ["Transfer"] }, iban: { type: "string" } },
    required: ["kind"],
  };

  it.each(["oneOf", "anyOf"])("reads %s of records that their kind tells apart", (keyword) => {
    const importer = importing();
    const { type, diagnostics } = importer.import(
      {
        type: "object",
        $defs: { card },
        properties: {
          pay: { [keyword]: [{ $ref: "#/$defs/card" }, transfer], discriminator: { propertyName: "kind" } },
          again: { [keyword]: [{ type: "null" }, { $ref: "#/$defs/card" }] },
        },
      },
      named("Root"),
      place,
    );
    expect(diagnostics).toEqual([]);
    expect(brief(type)).toEqual({ Root: { "pay?": ["Card", "Transfer"], "again?": ["Card"] } });
    expect(sharedOf(importer)).toEqual({
      Card: { Card: { number: { kind: "string" } } },
      Transfer: { Transfer: { "iban?": { kind: "string" } } },
    });
  });

  it("keeps the kind of a member that stands alone", () => {
    const importer = importing();
    const { type } = importer.import(
      { type: "object", $defs: { card }, properties: { paid: { $ref: "#/$defs/card" } } },
      named("Root"),
      place,
    );
    expect(brief(type)).toEqual({ Root: { "paid?": ["Card"] } });
  });

  it("takes a record and its form as a member for one type, as evgen writes them", () => {
    const importer = importing();
    const { type, diagnostics } = importer.import(
      {
        $defs: {
          Card: { type: "object", properties: { number: { type: "string" } }, required: ["number"] },
          "Card.kind": card,
        },
        type: "object",
        properties: { a: { $ref: "#/$defs/Card" }, b: { oneOf: [{ $ref: "#/$defs/Card.kind" }, transfer] } },
      },
      named("Root"),
      place,
    );
    expect(diagnostics).toEqual([]);
    expect(brief(type)).toEqual({ Root: { "a?": "-> Card", "b?": ["Card", "Transfer"] } });
    expect(importer.named.map((one) => one.name)).toEqual(["Card", "Transfer"]);
  });
});

describe("references", () => {
  it("keeps what several schemas share as one named type, across files", () => {
    const importer = importing({
      "schemas/v1.json": JSON.stringify({
        $schema: "http://json-schema.org/draft-07/schema#",
        type: "object",
        properties: { total: { $ref: "common.json#/definitions/money" }, unit: { $ref: "./money.v1.schema.json" } },
      }),
      "schemas/v2.json": JSON.stringify({
        type: "object",
        properties: { total: { $ref: "../schemas/common.json#/definitions/money", description: "All of it." } },
      }),
      "schemas/common.json": JSON.stringify({
        definitions: { money: { type: "object", description: "Euros.", properties: { cents: { type: "integer" } } } },
      }),
      "schemas/money.v1.schema.json": JSON.stringify({ type: "string" }),
    });
    const first = importer.importRecord("schemas/v1.json", named("V1"), { ...place, file: "shop.yaml" });
    const second = importer.importRecord("./v2.json", named("V2"), { ...place, file: "schemas/more.yaml" });
    const third = importer.import("schemas/common.json#/definitions/money", named("Field"), place);
    expect([...first.diagnostics, ...second.diagnostics, ...third.diagnostics]).toEqual([]);
    expect(brief(first.type)).toEqual({ V1: { "total?": "-> Money", "unit?": "-> MoneyV1" } });
    expect(brief(second.type)).toEqual({ V2: { "total?": "-> Money" } });
    expect(second.type?.fields[0]?.description).toBe("All of it.");
    expect(brief(third.type)).toBe("-> Money");
    expect(third.description).toBe("Euros.");
    expect(sharedOf(importer)).toEqual({
      Money: { Money: { "cents?": { kind: "long" } } },
      MoneyV1: { kind: "string" },
    });
    expect(importer.named[0]).toMatchObject({
      description: "Euros.",
      place: { file: "schemas/common.json", path: ["definitions", "money"] },
    });
  });

  it("takes copies of a definition for one type, and reports those that differ", () => {
    const node = (value: JsonValue): JsonValue => ({
      type: "object",
      title: "Any words",
      properties: { value, next: { $ref: "#/$defs/Node" } },
    });
    const schema = (value: JsonValue): JsonValue => ({
      type: "object",
      $defs: { Node: node(value) },
      properties: { first: { $ref: "#/$defs/Node" } },
    });
    const importer = importing();
    const importOf = (value: JsonValue, at: number) =>
      importer.import(schema(value), named("Root"), { file: "m.yaml", path: [at] });
    expect(said(importOf({ type: "string" }, 0).diagnostics)).toEqual([]);
    expect(said(importOf({ type: "string", description: "More." }, 1).diagnostics)).toEqual([]);
    expect(importer.named).toHaveLength(1);
    const third = importOf({ type: "integer" }, 2);
    expect(third.type).toBeUndefined();
    expect(said(third.diagnostics)).toEqual([
      "schema-name-collision m.yaml#2/$defs/Node: Two different definitions are called Node.",
    ]);
    expect(third.diagnostics[0]?.related[0]?.place).toEqual({ file: "m.yaml", path: [0, "$defs", "Node"], at: "key" });
  });

  it("knows the types of the model that are schemas themselves", () => {
    const importer = importing({
      "tree.json": JSON.stringify({
        $ref: "#/definitions/Tree",
        definitions: {
          Tree: { type: "object", properties: { trees: { type: "array", items: { $ref: "#/definitions/Tree" } } } },
        },
      }),
    });
    const tree = { name: named("Tree"), type: { kind: "json" }, place } as const;
    importer.declare("tree.json", place, tree);
    const itself = importer.import("tree.json", named("Tree"), place);
    const other = importer.import({ type: "array", items: { $ref: "tree.json" } }, named("Trees"), place);
    expect([...itself.diagnostics, ...other.diagnostics]).toEqual([]);
    expect(brief(itself.type)).toEqual({ Tree: { "trees?": { kind: "array", items: "-> Tree" } } });
    expect(other.type).toEqual({ kind: "array", items: { kind: "reference", to: tree } });
    expect(other.type?.kind === "array" && other.type.items.kind === "reference" && other.type.items.to).toBe(tree);
    expect(importer.named).toEqual([]);
  });

  it("follows pointers, anchors and the names that schemas give themselves", () => {
    const importer = importing({
      "a/order.json": JSON.stringify({
        $id: "https://example.com/schemas/order.json",
        type: "object",
        properties: {
          pointer: { $ref: "#/properties/lines/items/properties/odd~1name%20x" },
          anchor: { $ref: "#Anchored" },
          old: { $ref: "#OldAnchor" },
          own: { $ref: "https://example.com/schemas/order.json#/$defs/B" },
          relative: { $ref: "order.json#/$defs/B" },
          embedded: { $ref: "embedded#/$defs/Inner" },
          beside: { $ref: "https://example.com/schemas/beside.json" },
          file: { $ref: "beside.json" },
          lines: {
            type: "array",
            items: { type: "object", properties: { "odd/name x": { title: "Odd", type: "string" } } },
          },
        },
        $defs: {
          A: { $anchor: "Anchored", type: "boolean" },
          O: { $id: "#OldAnchor", type: "boolean" },
          B: { type: "string", const: "#not-a-ref" },
          E: {
            $id: "embedded",
            $defs: { Inner: { allOf: [{ $ref: "#/$defs/Deep" }], description: "x" }, Deep: { type: "string" } },
          },
        },
      }),
      "a/beside.json": JSON.stringify({
        $id: "https://example.com/schemas/beside.json",
        title: "Beside",
        type: "integer",
      }),
    });
    const { diagnostics, type } = importer.import("a/order.json", named("Order"), place);
    // the odd name is one of the line's own, which Avro cannot have
    expect(diagnostics.map((one) => one.code)).toEqual(["schema-property-name"]);
    expect(type).toBeUndefined();
    const order = importer.named.find((one) => one.name === "Order")?.type;
    expect(brief(order)).toMatchObject({
      Order: {
        "pointer?": "-> Odd",
        "anchor?": "-> A",
        "old?": "-> O",
        "own?": "-> B",
        "relative?": "-> B",
        "embedded?": "-> Deep",
        "beside?": "-> Beside",
        "file?": "-> Beside",
      },
    });
  });

  it.each<[string, string]>([
    ["https://example.com/a.json", "schema-reference-remote"],
    ["//example.com/a.json", "schema-reference-remote"],
    ["file:///etc/passwd", "schema-reference-remote"],
    ["data:application/json,{}", "schema-reference-remote"],
    ["/etc/passwd.json", "schema-file-refused"],
    ["../outside.json", "schema-file-refused"],
    ["a/../../outside.json", "schema-file-refused"],
    ["%2e%2e/outside.json", "schema-file-refused"],
    ["..\\outside.json", "schema-file-refused"],
    ["%00.json", "schema-file-refused"],
    ["%zz.json", "schema-file-refused"],
    ["script.ts", "schema-file-refused"],
    ["missing.json", "schema-file-missing"],
    ["missing.json?x=1.json", "schema-file-missing"],
    ["#/$defs/Missing", "schema-reference-unresolved"],
    ["#/__proto__", "schema-reference-unresolved"],
    ["#/constructor/name", "schema-reference-unresolved"],
    ["#/properties/a/oneOf/0", "schema-reference-unresolved"],
    ["#anchor", "schema-reference-unresolved"],
    ["#/%E0%A4%A", "schema-reference-unresolved"],
  ])("refuses %s", (reference, code) => {
    const schema = { type: "object", properties: { a: { $ref: reference } } };
    const { type, diagnostics } = importing().import(schema, named("Root"), { file: "m.yaml", path: ["here"] });
    expect(type).toBeUndefined();
    expect(diagnostics.map((one) => [one.code, one.place])).toEqual([
      [code, { file: "m.yaml", path: ["here", "properties", "a", "$ref"] }],
    ]);
    const remote = importing().import(reference, named("Root"), { file: "m.yaml", path: ["here"] });
    expect(remote.type).toBeUndefined();
    expect(remote.diagnostics).toHaveLength(1);
  });

  it("says what the sources refuse, and what similar name there is", () => {
    const importer = createSchemaImporter(
      { read: () => ({ kind: "refused", reason: "it is a link out of the model's folder" }), match: () => [] },
      { long: "number" },
    );
    expect(said(importer.import("link.json", named("A"), place).diagnostics)).toEqual([
      'schema-file-refused shop.yaml#aggregates/Order/schema: The file "link.json" is not read: it is a link out of the model\'s folder.',
    ]);
    expect(mistakesOf({ $defs: { Money: {} }, $ref: "#/$defs/Mony" })).toEqual([
      'schema-reference-unresolved m.yaml#$ref: The reference "#/$defs/Mony" leads to nothing: there is no "Mony" in #/$defs, but there is "Money".',
    ]);
  });
});

describe("as tools write them", () => {
  it("reads what pydantic writes", () => {
    const importer = importing();
    const { type, diagnostics } = importer.importRecord(
      {
        $defs: {
          Channel: { enum: ["web", "app"], title: "Channel", type: "string" },
          Line: {
            properties: {
              sku: { examples: ["ABC-1"], pattern: "^[A-Z0-9-]+$", title: "Sku", type: "string" },
              quantity: { exclusiveMinimum: 0, title: "Quantity", type: "integer" },
              price: { anyOf: [{ type: "number" }, { type: "null" }], default: null, title: "Price" },
            },
            required: ["sku", "quantity"],
            title: "Line",
            type: "object",
          },
        },
        additionalProperties: false,
        properties: {
          order_id: { format: "uuid", title: "Order Id", type: "string" },
          placed_at: { format: "date-time", title: "Placed At", type: "string" },
          channel: { allOf: [{ $ref: "#/$defs/Channel" }], default: "web", description: "Where." },
          lines: { items: { $ref: "#/$defs/Line" }, title: "Lines", type: "array" },
          labels: { additionalProperties: { type: "string" }, default: {}, title: "Labels", type: "object" },
          parent: { anyOf: [{ $ref: "#/$defs/Line" }, { type: "null" }], default: null },
        },
        required: ["order_id", "placed_at", "lines", "parent"],
        title: "OrderPlaced",
        type: "object",
      },
      named("OrderPlacedV1"),
      place,
    );
    expect(diagnostics).toEqual([]);
    expect(brief(type)).toEqual({
      OrderPlacedV1: {
        order_id: { kind: "uuid" },
        placed_at: { kind: "timestamp" },
        "channel?": "-> Channel",
        lines: { kind: "array", items: "-> Line" },
        "labels?": { kind: "map", values: { kind: "string" } },
        "parent?": "-> Line",
      },
    });
    expect(type?.fields.find((one) => one.name === "channel")).toMatchObject({ description: "Where.", example: "web" });
    expect(sharedOf(importer)).toEqual({
      Channel: { kind: "enum", name: "Channel", values: ["web", "app"] },
      Line: {
        Line: {
          sku: { kind: "string", pattern: "^[A-Z0-9-]+$" },
          quantity: { kind: "long", min: 1n },
          "price?": { kind: "double" },
        },
      },
    });
  });

  it("reads what generators from TypeScript types write", () => {
    const importer = importing({
      "order.json": JSON.stringify({
        $schema: "http://json-schema.org/draft-07/schema#",
        $ref: "#/definitions/Order",
        definitions: {
          Order: {
            type: "object",
            properties: {
              id: { type: "string" },
              status: { type: "string", const: "open" },
              category: { $ref: "#/definitions/Category" },
              pay: { anyOf: [{ $ref: "#/definitions/Card" }, { $ref: "#/definitions/Cash" }] },
              anything: {},
            },
            required: ["id", "status"],
            additionalProperties: false,
          },
          Category: {
            type: "object",
            properties: {
              name: { type: "string" },
              children: { type: "array", items: { $ref: "#/definitions/Category" } },
            },
            required: ["name", "children"],
            additionalProperties: false,
          },
          Card: {
            type: "object",
            properties: { kind: { type: "string", const: "Card" }, number: { type: "string" } },
            required: ["kind", "number"],
            additionalProperties: false,
          },
          Cash: {
            type: "object",
            properties: { kind: { type: "string", const: "Cash" } },
            required: ["kind"],
            additionalProperties: false,
          },
        },
      }),
    });
    const { type, diagnostics } = importer.importRecord("order.json", named("OrderPlacedV1"), place);
    expect(diagnostics).toEqual([]);
    expect(brief(type)).toEqual({
      OrderPlacedV1: {
        id: { kind: "string" },
        status: { kind: "enum", name: "OrderPlacedV1Status", values: ["open"] },
        "category?": "-> Category",
        "pay?": ["Card", "Cash"],
        "anything?": { kind: "json" },
      },
    });
    expect(importer.named.map((one) => one.name)).toEqual(["Category", "Card", "Cash"]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonValue } from "../../../src/model/type.js";
import { prettyJson } from "../../../src/targets/pretty-json.js";
import { schemas } from "../../../src/targets/schemas/index.js";
import { shop } from "../pulsar-admin/shop.js";

const generated = async (model = shop()) => schemas.generate(model, { fragments: new Map() });
const contentOf = async (path: string, model = shop()): Promise<string> => {
  const file = (await generated(model)).find((one) => one.path === path);
  if (file === undefined) throw new Error(`there is no ${path}`);
  return file.content;
};

describe("the target schemas", () => {
  it("writes the envelope, what the broker takes, a schema for every version, and a script", async () => {
    expect((await generated()).map(({ path }) => path)).toEqual([
      "schemas/orders.avsc",
      "schemas/orders.payload.json",
      "schemas/order/OrderPlaced.v1.schema.json",
      "schemas/order/OrderPlaced.v2.schema.json",
      "schemas/order/OrderCancelled.v1.schema.json",
      "schemas/register.sh",
    ]);
    expect((await generated()).filter(({ executable }) => executable).map(({ path }) => path)).toEqual([
      "schemas/register.sh",
    ]);
  });

  it.each([
    ["avro", "AVRO"],
    ["json", "JSON"],
  ] as const)("registers the Avro definition as text, also for %s", async (encoding, type) => {
    const model = shop({ pulsar: { encoding } });
    const payload = JSON.parse(await contentOf("schemas/orders.payload.json", model)) as { readonly schema: string };
    expect(payload).toEqual({ type, schema: expect.any(String) as unknown, properties: {} });
    expect(JSON.parse(payload.schema)).toEqual(JSON.parse(await contentOf("schemas/orders.avsc", model)));
    expect(payload.schema).not.toMatch(/\s/);
    expect(await contentOf("schemas/register.sh", model)).toContain(`\ntype=${type}\n`);
  });

  it("writes nothing for topics and events that are not there", async () => {
    const files = await generated(shop({ model: { topics: [], aggregates: [] } }));
    expect(files.map(({ path }) => path)).toEqual(["schemas/register.sh"]);
  });
});

describe("pretty JSON", () => {
  it("holds the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(prettyJson(value as JsonValue))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("keeps a list on its line as long as it fits, and breaks it when it holds an object", () => {
    const long = Array.from({ length: 30 }, (_, index) => `value ${index}`);
    expect(prettyJson({ required: ["a", "b"], empty: [], none: {}, of: [{ a: 1 }], long: ["x"] })).toBe(
      '{\n  "required": ["a", "b"],\n  "empty": [],\n  "none": {},\n  "of": [\n    {\n      "a": 1\n    }\n  ],\n  "long": ["x"]\n}\n',
    );
    expect(prettyJson({ long }).split("\n").length).toBe(35);
    for (const length of [100, 101, 102, 103, 104, 105, 106, 107, 108]) {
      const lines = prettyJson({ key: ["x".repeat(length)] }).split("\n");
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    }
  });
});

import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formats } from "../../src/runtime/formats.js";
import { decimalPattern, publishedSchema } from "../../src/targets/json-schema.js";
import { arbitraryOf } from "../../src/testing/arbitrary-value.js";
import { modelOf, textOf } from "./typescript/generated.js";

const model = await modelOf(textOf("test/targets/typescript/every-type.yaml").replace("long: bigint", "long: number"));
const version = model.aggregates[0]?.events[0]?.current ?? expect.fail("no event");

describe("a published JSON Schema", () => {
  const ajv = new Ajv2020({ strict: false, discriminator: false, unicodeRegExp: true });
  for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, format);
  ajv.addFormat("date-time", /Z$/);
  const schema = publishedSchema(version, model);
  const validate = ajv.compile(schema as object);

  it("is one of draft 2020-12 that stands for itself", () => {
    expect(ajv.validateSchema(schema as object)).toBe(true);
    const references = [...JSON.stringify(schema).matchAll(/"\$ref":"([^"]*)"/g)].map((one) => one[1]);
    expect(references.length).toBeGreaterThan(5);
    for (const reference of references) expect(reference).toMatch(/^#\/\$defs\//);
  });

  it("accepts every valid value", () => {
    fc.assert(
      fc.property(arbitraryOf(version.type, "number"), (value) => {
        expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ["text", ""],
    ["small", 6],
    ["big", 2 ** 53],
    ["single", 1e39],
    ["fraction", "1.000"],
    ["whole", "-0"],
    ["day", "2026-02-30"],
    ["one", "other"],
    ["payment", { kind: "Cash", more: 1 }],
    ["payment", { number: "1" }],
    ["tree", { label: "a", children: [{ label: 1, children: [] }] }],
    ["extra", 1],
    ["limited", "AAAAAAAA"],
  ] as const)("refuses a wrong %s", (name, wrong) => {
    const [value] = fc.sample(arbitraryOf(version.type, "number"), { numRuns: 1, seed: 5 });
    expect(validate({ ...(value as object), [name]: wrong })).toBe(false);
  });
});

it.each([
  [12, 2, ["0.00", "-0.01", "9999999999.99"], ["-0.00", "00.00", "1", "1.0", "10000000000.00", "+1.00"]],
  [3, 3, ["0.123", "-0.001"], ["1.000", "-0.000", ".123"]],
  [4, 3, ["0.123", "-9.001"], ["10.000", "-0.000"]],
  [2, 0, ["0", "-99"], ["-0", "100", "1.0", "01"]],
])("decimal(%i, %i) has one form", (precision, scale, right, wrong) => {
  const pattern = new RegExp(decimalPattern({ kind: "decimal", precision, scale }), "u");
  for (const text of right) expect(text).toMatch(pattern);
  for (const text of wrong) expect(text).not.toMatch(pattern);
});

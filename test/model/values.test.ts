import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromMemory, toMemory } from "../../src/model/memory-form.js";
import { type Identifier, identifier } from "../../src/model/names.js";
import { sampleOf } from "../../src/model/sample-of.js";
import type { Field, JsonValue, NamedType, RecordType, Type } from "../../src/model/type.js";
import { codePoints, decimalPattern, isWellFormed, normalize, problemOf } from "../../src/model/values.js";
import { arbitraryOf } from "../../src/testing/arbitrary-value.js";

const place = { file: "m.yaml", path: [] };
const named = (text: string): Identifier => identifier(text) as Identifier;
const field = (name: string, type: Type, optional = false): Field => ({ name, type, optional, pii: false, place });
const record = (name: string, ...fields: readonly Field[]): RecordType => ({
  kind: "record",
  name: named(name),
  fields,
});

const card: NamedType = { name: named("Card"), type: record("Card", field("number", { kind: "string" })), place };
const cash: NamedType = { name: named("Cash"), type: record("Cash"), place };
const payment: Type = { kind: "union", members: [card, cash] };
const tree: { -readonly [K in keyof NamedType]: NamedType[K] } = { name: named("Tree"), type: { kind: "json" }, place };
tree.type = record(
  "Tree",
  field("name", { kind: "string" }),
  field("trees", { kind: "array", items: { kind: "reference", to: tree } }),
  field("best", { kind: "reference", to: tree }, true),
);

/** One of each kind, with constraints and without. */
const types: readonly Type[] = [
  { kind: "string" },
  { kind: "string", minLength: 2, maxLength: 4 },
  { kind: "string", pattern: "^[A-Z0-9-]{3,20}$" },
  { kind: "string", pattern: "(a|b)+c?", minLength: 5 },
  { kind: "boolean" },
  { kind: "int" },
  { kind: "int", min: -3n, max: 4n },
  { kind: "long" },
  { kind: "long", min: 2n ** 52n },
  { kind: "double" },
  { kind: "double", min: -0.5, max: 0.5 },
  { kind: "float" },
  { kind: "float", min: 0.1, max: 0.2 },
  { kind: "decimal", precision: 12, scale: 2 },
  { kind: "decimal", precision: 3, scale: 3, min: "-0.500", max: "0.250" },
  { kind: "decimal", precision: 38, scale: 0 },
  { kind: "uuid" },
  { kind: "date" },
  { kind: "timestamp" },
  { kind: "bytes" },
  { kind: "bytes", minLength: 2, maxLength: 4 },
  { kind: "json" },
  { kind: "enum", name: named("E"), values: ["a", "__proto__", "*/", "constructor"] },
  { kind: "array", items: { kind: "int" }, minItems: 1, maxItems: 3 },
  { kind: "map", values: { kind: "long" }, maxItems: 2 },
  record("R", field("a", { kind: "string" }), field("toString", { kind: "timestamp" }, true)),
  payment,
  { kind: "reference", to: tree },
];

describe.each(types.map((type) => [JSON.stringify(type, compact), type] as const))("%s", (_, type) => {
  it.each(["number", "bigint"] as const)("has values that are valid and in their one form (long: %s)", (long) => {
    fc.assert(
      fc.property(arbitraryOf(type, long), (value) => {
        expect(problemOf(value, type, long)).toBeUndefined();
        expect(normalize(value, type)).toEqual(value);
        expect(JSON.parse(JSON.stringify(value))).toEqual(value);
        expect(fromMemory(toMemory(value, type, long), type, long)).toEqual(value);
      }),
      { numRuns: 50 },
    );
  });

  it("has a sample", () => {
    const sample = sampleOf(type);
    expect(sample).toBeDefined();
    expect(problemOf(sample as JsonValue, type, "bigint")).toBeUndefined();
    expect(normalize(sample as JsonValue, type)).toEqual(sample);
  });
});

describe("what is refused", () => {
  const refused: readonly (readonly [Type, JsonValue, string])[] = [
    [{ kind: "string" }, 1, "1 is not a text"],
    [{ kind: "string" }, "\ud800", '"\\ud800" holds half of a surrogate pair, which is no character'],
    [{ kind: "string", minLength: 2 }, "😀", '"😀" has 1 characters, and at least 2 are needed'],
    [{ kind: "string", maxLength: 1 }, "ab", '"ab" has 2 characters, and at most 1 are allowed'],
    [{ kind: "string", pattern: "^a$" }, "b", '"b" does not match the pattern ^a$'],
    [{ kind: "boolean" }, "true", '"true" is not true or false'],
    [{ kind: "int" }, 2 ** 31, "2147483648 is more than 2147483647"],
    [{ kind: "int" }, 1.5, "1.5 is not a whole number"],
    [{ kind: "int" }, "1", '"1" is not a whole number'],
    [{ kind: "int", min: 1n }, 0, "0 is less than 1"],
    [{ kind: "long" }, 2 ** 53, "9007199254740992 is more than 9007199254740991"],
    [{ kind: "long" }, "1", '"1" is not a whole number'],
    [{ kind: "double" }, "1", '"1" is not a number'],
    [{ kind: "double", max: 1 }, 1.1, "1.1 is more than 1"],
    [{ kind: "float" }, 0.1, "0.1 is not a float, which has 32 bits; the nearest one is 0.10000000149011612"],
    [{ kind: "float" }, 1e39, "1e+39 is too large for a float, which has 32 bits"],
    [{ kind: "decimal", precision: 4, scale: 2 }, 1, '1 is not a decimal, which is written as text: "1.00"'],
    [{ kind: "decimal", precision: 4, scale: 2 }, "1", '"1" is not a decimal(4, 2), which is written like "1.00"'],
    [{ kind: "decimal", precision: 4, scale: 2, min: "2.00" }, "1.99", "1.99 is less than 2.00"],
    [
      { kind: "uuid" },
      "0F8FAD5B-D9CB-469F-A165-70867728950E",
      '"0F8FAD5B-D9CB-469F-A165-70867728950E" is not a uuid in lower case',
    ],
    [{ kind: "date" }, "2026-02-29", '"2026-02-29" is not a day like 2026-01-05'],
    [{ kind: "date" }, "0000-01-01", '"0000-01-01" is not a day like 2026-01-05'],
    [
      { kind: "timestamp" },
      "2026-01-05T10:00:00+01:00",
      '"2026-01-05T10:00:00+01:00" is not a time in UTC like 2026-01-05T10:00:00.000Z',
    ],
    [{ kind: "bytes" }, "AR==", '"AR==" is not base64 in its canonical form'],
    [{ kind: "bytes", minLength: 2 }, "AQ==", '"AQ==" is 1 bytes, and at least 2 are needed'],
    [{ kind: "enum", name: named("E"), values: ["a"] }, "b", '"b" is not one of "a"'],
    [{ kind: "array", items: { kind: "int" }, minItems: 1 }, [], "0 items are fewer than 1"],
    [{ kind: "map", values: { kind: "int" } }, [], "a list is not a map"],
    [record("R"), null, "null is not an object with the fields of R"],
    [payment, { number: "1" }, 'the field "kind" is missing; it is one of Card, Cash'],
  ];
  it.each(refused.map(([type, value, problem]) => [problem, type, value] as const))("%s", (problem, type, value) => {
    expect(problemOf(value, type, "number")).toEqual({ path: [], problem });
  });

  it("says where it is", () => {
    const type: Type = { kind: "array", items: { kind: "map", values: payment } };
    const at = (value: JsonValue) => problemOf(value, type, "number");
    expect(at([{}, { a: { kind: "Cash" }, b: { kind: "Card", number: 1 } }])).toEqual({
      path: [1, "b", "number"],
      problem: "1 is not a text",
    });
    expect(at([{ a: { kind: "Cash", more: 1 } }])).toEqual({
      path: [0, "a", "more"],
      problem: 'Cash has no field "more"',
    });
    expect(at([{ a: { kind: "toString" } }])).toEqual({
      path: [0, "a", "kind"],
      problem: '"toString" is not one of Card, Cash',
    });
    expect(at([JSON.parse('{"__proto__": {"kind": "Cash"}}') as JsonValue])).toEqual({
      path: [0, "__proto__"],
      problem: 'a map cannot have the key "__proto__"',
    });
  });

  it("takes only fields for fields, and no null for one that is left out", () => {
    const type = record("R", field("constructor", { kind: "string" }), field("a", { kind: "int" }, true));
    expect(problemOf({}, type, "number")?.problem).toBe('the field "constructor" is missing');
    expect(problemOf({ constructor: "x", a: null }, type, "number")).toEqual({
      path: ["a"],
      problem: "null is not a value; a field without one is left out",
    });
    expect(problemOf(JSON.parse('{"constructor": "x", "__proto__": 1}') as JsonValue, type, "number")?.path).toEqual([
      "__proto__",
    ]);
  });

  it("does not follow values without end", () => {
    let json: JsonValue = 1;
    let branch: JsonValue = { name: "", trees: [] };
    for (let i = 0; i < 20_000; i++) [json, branch] = [[json], { name: "", trees: [branch] }];
    expect(problemOf(json, { kind: "json" }, "number")?.problem).toMatch(/nested more than/);
    expect(problemOf(branch, tree.type, "number")?.problem).toMatch(/nested more than/);
  });
});

describe("a long that is a bigint", () => {
  const long: Type = { kind: "long" };
  it.each<[JsonValue, JsonValue | undefined]>([
    [1, 1],
    ["1", 1],
    ["9007199254740991", 2 ** 53 - 1],
    ["9007199254740992", "9007199254740992"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["9223372036854775808", undefined],
    [2 ** 53, undefined],
    ["01", undefined],
    ["-0", undefined],
    ["+1", undefined],
  ])("%j", (value, normal) => {
    expect(problemOf(value, long, "bigint") === undefined ? normalize(value, long) : undefined).toBe(normal);
  });
});

describe("normal form", () => {
  it("has milliseconds, no negative zero, and fields in the order of the type", () => {
    const type = record(
      "R",
      field("at", { kind: "timestamp" }),
      field("pay", payment),
      field("zero", { kind: "double" }, true),
    );
    const value = { zero: -0, pay: { number: "1", kind: "Card" }, at: "2026-01-05T10:00:00Z" };
    expect(problemOf(value, type, "number")).toBeUndefined();
    expect(JSON.stringify(normalize(value, type))).toBe(
      '{"at":"2026-01-05T10:00:00.000Z","pay":{"kind":"Card","number":"1"},"zero":0}',
    );
    expect(Object.is((normalize(value, type) as { readonly zero: number }).zero, 0)).toBe(true);
  });
});

describe("against others", () => {
  it("knows the days that Date knows", () => {
    const part = (max: number, width: number) => fc.nat(max).map((one) => String(one).padStart(width, "0"));
    fc.assert(
      fc.property(part(9999, 4), part(13, 2), part(32, 2), (year, month, day) => {
        const text = `${year}-${month}-${day}`;
        const date = new Date(`${text}T00:00:00.000Z`);
        const real = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && year !== "0000";
        expect(problemOf(text, { kind: "date" }, "number") === undefined).toBe(real);
      }),
      { numRuns: 2000 },
    );
  });

  it("knows the base64 that Buffer writes", () => {
    const letters = fc.constantFrom(..."ABCQgwxyz059+/=");
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 9 }), (text) => {
        const canonical = Buffer.from(text, "base64").toString("base64") === text;
        expect(problemOf(text, { kind: "bytes" }, "number") === undefined).toBe(canonical);
      }),
      { numRuns: 2000 },
    );
  });

  it("counts as the iterator of a string does", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "😀", "\ud83d", "\ude00") }), (text) => {
        expect(codePoints(text)).toBe([...text].length);
        expect(isWellFormed(text)).toBe(encodeURIComponentWorks(text));
      }),
    );
  });

  it("has decimals as Ajv understands their pattern", () => {
    const ajv = new Ajv2020();
    const digits = fc.string({ unit: fc.constantFrom(..."-0019."), maxLength: 6 });
    for (const [precision, scale] of [
      [1, 0],
      [3, 0],
      [2, 1],
      [3, 2],
      [2, 2],
    ] as const) {
      const validate = ajv.compile({ type: "string", pattern: decimalPattern(precision, scale) });
      fc.assert(
        fc.property(digits, (text) => {
          const type: Type = { kind: "decimal", precision, scale };
          const [whole = "", fraction = ""] = text.replace("-", "").split(".");
          const canonical =
            /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) &&
            fraction.length === scale &&
            (whole === "0" ? 0 : whole.length) + scale <= precision &&
            !(precision === scale && whole !== "0") &&
            !(text.startsWith("-") && /^[-0.]*$/.test(text));
          expect(problemOf(text, type, "number") === undefined).toBe(canonical);
          expect(validate(text)).toBe(canonical);
        }),
        { numRuns: 500 },
      );
    }
  });
});

const encodeURIComponentWorks = (text: string): boolean => {
  try {
    encodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};

function compact(key: string, value: unknown): unknown {
  if (key === "place" || key === "members" || key === "to") return undefined;
  return typeof value === "bigint" ? String(value) : value;
}

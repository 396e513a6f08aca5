import { describe, expect, it } from "vitest";
import { checkRecordMapping, checkValueMapping, type MappingContext } from "../../src/mapping/check.js";
import { printExpression } from "../../src/mapping/print.js";
import type { Field, JsonValue, RecordType, Type } from "../../src/model/type.js";
import { code } from "../../src/render/code.js";
import { fieldOf, named, nameOf, recordOf } from "./arbitrary-type.js";
import { evaluator } from "./evaluate.js";

const string: Type = { kind: "string" };
const int: Type = { kind: "int" };
const long: Type = { kind: "long" };
const double: Type = { kind: "double" };
const json: Type = { kind: "json" };
const decimal: Type = { kind: "decimal", precision: 12, scale: 2 };
const list = (items: Type): Type => ({ kind: "array", items });
const map = (values: Type): Type => ({ kind: "map", values });
const members = (...values: string[]): Type => ({ kind: "enum", name: nameOf("E"), values });

const address = named("Address", recordOf([fieldOf("street", string), fieldOf("city", string)]));
const place2 = named("Place", recordOf([fieldOf("city", string), fieldOf("zip", string, true)]));
const card = named("Card", recordOf([fieldOf("number", string)]));
const cash = named("Cash", recordOf([fieldOf("amount", int, true)]));
const payment: Type = { kind: "union", members: [card, cash] };
const to = (type: ReturnType<typeof named>): Type => ({ kind: "reference", to: type });

/** Fields by name; a question mark makes one optional. */
const record = (fields: { readonly [name: string]: Type }): RecordType =>
  recordOf(
    Object.entries(fields).map(([name, type]): Field => fieldOf(name.replace(/\?$/, ""), type, name.endsWith("?"))),
  );

const contextOf = (source: Type, held: "number" | "bigint" = "number"): MappingContext => ({
  source,
  sourceName: "version 1",
  targetName: "version 2",
  use: "upcast",
  long: held,
  aggregateKey: { kind: "uuid" },
});

const at = { file: "model.yaml", path: ["versions", "2", "upcast"] };

/** What is said about a mapping of one field `x`: codes and the end of the place. */
const said = (
  mapping: JsonValue,
  from: { readonly [name: string]: Type },
  type: Type,
  optional = false,
): readonly string[] => {
  const source = record(from);
  const { diagnostics } = checkValueMapping(mapping, fieldOf("x", type, optional), at, contextOf(source));
  return diagnostics.map((one) => [one.code, ...one.place.path.slice(at.path.length)].join(" "));
};

/** The printed mapping of one field `x`. */
const printed = (
  mapping: JsonValue,
  from: { readonly [name: string]: Type },
  type: Type,
  options: { readonly optional?: boolean; readonly long?: "number" | "bigint" } = {},
): string => {
  const context = contextOf(record(from), options.long);
  const { expression, diagnostics } = checkValueMapping(
    mapping,
    fieldOf("x", type, options.optional ?? false),
    at,
    context,
  );
  if (expression === undefined) throw new Error(diagnostics.map((one) => one.message).join("\n"));
  const scope = { source: code`v1`, event: code`event`, functions: code`functions`, long: context.long };
  return printExpression(expression, scope).code;
};

describe("what is printed", () => {
  it.each<[string, JsonValue, { readonly [name: string]: Type }, Type, string]>([
    ["a path", "$a", { a: int }, int, "v1.a"],
    ["a wider type", "$a", { a: int }, long, "v1.a"],
    ["the source", "$", { street: string, city: string }, address.type, "v1"],
    ["an odd name", '$["odd name"].city', { "odd name": to(address) }, string, 'v1["odd name"].city'],
    ["a literal", "web", {}, members("web", "app"), '"web"'],
    ["a dollar", "$$a", {}, string, '"$a"'],
    ["a time without milliseconds", "2026-01-05T10:00:00Z", {}, { kind: "timestamp" }, '"2026-01-05T10:00:00.000Z"'],
    ["bytes", { literal: "AAE=" }, {}, { kind: "bytes" }, 'base64ToBytes("AAE=")'],
    ["a list", { literal: [1, 2] }, {}, list(int), "[1, 2]"],
    ["a hostile key", { literal: { constructor: 1, "*/": 2 } }, {}, json, '{ constructor: 1, "*/": 2 }'],
    ["otherwise", { from: "$a?", otherwise: "none" }, { "a?": string }, string, 'v1.a ?? "none"'],
    ["otherwise a field", { from: "$a?", otherwise: "$b" }, { "a?": string, b: string }, string, "v1.a ?? v1.b"],
    ["otherwise for json", { from: "$a?", otherwise: "x" }, { "a?": json }, json, 'v1.a === undefined ? "x" : v1.a'],
    ["a number as text", { from: "$a", as: "string" }, { a: double }, string, "String(v1.a)"],
    [
      "a double as decimal",
      { from: "$a", as: "decimal(12,2)" },
      { a: { ...double, min: 0, max: 9 } as Type },
      decimal,
      "numberToDecimal(v1.a, 2)",
    ],
    ["a decimal as double", { from: "$a", as: "double" }, { a: decimal }, double, "decimalToNumber(v1.a)"],
    [
      "a decimal as float",
      { from: "$a", as: "float" },
      { a: decimal },
      { kind: "float" },
      "Math.fround(decimalToNumber(v1.a))",
    ],
    ["a decimal as long", { from: "$a", as: "long" }, { a: decimal }, long, "decimalToInteger(v1.a)"],
    [
      "another scale",
      { from: "$a", as: "decimal" },
      { a: { kind: "decimal", precision: 9, scale: 4 } },
      decimal,
      "rescaleDecimal(v1.a, 2)",
    ],
    [
      "seconds",
      { from: "$a", as: "timestamp", unit: "seconds" },
      { a: int },
      { kind: "timestamp" },
      "secondsToTimestamp(v1.a)",
    ],
    [
      "to milliseconds",
      { from: "$a", as: "long", unit: "milliseconds" },
      { a: { kind: "timestamp" } },
      long,
      "timestampToMilliseconds(v1.a)",
    ],
    ["a day", { from: "$a", as: "date" }, { a: { kind: "timestamp" } }, { kind: "date" }, "timestampToDate(v1.a)"],
    ["UTF-8", { from: "$a", as: "bytes" }, { a: string }, { kind: "bytes" }, "textToBytes(v1.a)"],
    ["anything as json", { from: "$a", as: "json" }, { a: to(address) }, json, "toJson(v1.a)"],
    ["reading a number", { from: "$a", parse: "int", otherwise: 0 }, { a: string }, int, "parseInt32(v1.a) ?? 0"],
    [
      "reading a bounded number",
      { from: "$a", parse: "int", otherwise: 1 },
      { a: string },
      { ...int, min: 1n } as Type,
      "within(parseInt32(v1.a), { min: 1 }) ?? 1",
    ],
    [
      "narrowing a number",
      { from: "$a", parse: "int", otherwise: 1 },
      { a: int },
      { ...int, min: 1n } as Type,
      "within(v1.a, { min: 1, max: 2147483647 }) ?? 1",
    ],
    [
      "rounding a number",
      { from: "$a", parse: "int", otherwise: 0 },
      { a: double },
      int,
      "within(roundToInteger(v1.a), { min: -2147483648, max: 2147483647 }) ?? 0",
    ],
    [
      "narrowing a text",
      { from: "$a", parse: "string", otherwise: "" },
      { a: string },
      { kind: "string", maxLength: 5 },
      'textWithin(v1.a, { maxLength: 5 }) ?? ""',
    ],
    [
      "a hostile pattern",
      { from: "$a", parse: "string", otherwise: "/`" },
      { a: string },
      { kind: "string", pattern: '/`|"' },
      `textWithin(v1.a, { pattern: new RegExp('/\`|"', "u") }) ?? "/\`"`,
    ],
    [
      "reading an enum",
      { from: "$a", parse: "enum", otherwise: "b" },
      { a: string },
      members("a", "b"),
      'parseEnum(v1.a, ["a", "b"]) ?? "b"',
    ],
    ["reading json", { from: "$a", parse: "json", otherwise: 0 }, { a: string }, json, "parseJson(v1.a, 0)"],
    [
      "members that are numbers",
      { from: "$a", parse: "int" },
      { a: members("1", "2") },
      int,
      '({ "1": 1, "2": 2 } as const)[v1.a]',
    ],
    [
      "digits that are proved",
      { from: "$a", parse: "int" },
      { a: { kind: "string", pattern: "^\\d{1,4}$" } },
      int,
      "parseInt32(v1.a) as number",
    ],
    [
      "a table of all members",
      { from: "$a", map: { a: 1, b: 2 } },
      { a: members("a", "b") },
      int,
      "({ a: 1, b: 2 } as const)[v1.a]",
    ],
    [
      "a table of some",
      { from: "$a", map: { a: 1, b: 2 }, otherwise: 3 },
      { a: string },
      int,
      "lookup({ a: 1, b: 2 }, v1.a) ?? 3",
    ],
    ["a table of one", { from: "$a", map: { a: 1 }, otherwise: 3 }, { a: string }, int, 'v1.a === "a" ? 1 : 3'],
    [
      "a table of booleans",
      { from: "$a", map: { true: 1, false: 0 } },
      { a: { kind: "boolean" } },
      int,
      "v1.a ? 1 : 0",
    ],
    [
      "a table with paths",
      { from: "$a", map: { a: "$b", b: 2 } },
      { a: members("a", "b"), b: int },
      int,
      'v1.a === "a" ? v1.b : 2',
    ],
    [
      "items",
      { each: "$lines", with: "$sku" },
      { lines: list(record({ sku: string })) },
      list(string),
      "v1.lines.map((line) => line.sku)",
    ],
    [
      "items of items",
      { each: "$a", with: { each: "$", with: { from: "$", as: "string" } } },
      { a: list(list(int)) },
      list(list(string)),
      "v1.a.map((item) => item.map((item2) => String(item2)))",
    ],
    [
      "values",
      { each: "$a", with: { from: "$", as: "string" } },
      { a: map(int) },
      map(string),
      "mapValues(v1.a, (value) => String(value))",
    ],
    ["items as they are", { each: "$a", with: "$" }, { a: list(int) }, list(long), "v1.a"],
    [
      "items that may be absent",
      { each: "$a?", with: { template: "{$}" }, otherwise: { literal: [] } },
      { "a?": list(int) },
      list(string),
      "v1.a?.map((item) => `\u0024{item}`) ?? []",
    ],
    [
      "a template",
      { template: "{a} {b.city}: `\u0024{{x}}\\" },
      { a: int, b: to(address) },
      string,
      "`${v1.a} ${v1.b.city}: \\`\\${x}\\\\`",
    ],
    ["the envelope", { envelope: "time" }, {}, { kind: "timestamp" }, "event.time"],
    ["a function", { by: "makeX" }, {}, string, "functions.makeX(v1, event)"],
    [
      "a function of an element",
      { each: "$a", with: { by: "fn" } },
      { a: list(int) },
      list(string),
      "v1.a.map((item) => functions.fn(item, event))",
    ],
    [
      "a path through what is optional",
      { from: "$a.city?", otherwise: "" },
      { "a?": to(address) },
      string,
      'v1.a?.city ?? ""',
    ],
    [
      "an inherited name",
      { from: "$constructor?", otherwise: "" },
      { "constructor?": string },
      string,
      'own(v1, "constructor") ?? ""',
    ],
  ])("%s", (_, mapping, from, type, text) => {
    expect(printed(mapping, from, type)).toBe(text);
  });

  it("leaves absent what is absent", () => {
    const optional = { optional: true } as const;
    const from = { "a?": int, "tags?": list(int), "byName?": map(int), "kind?": members("a", "b") };
    expect(printed("$a", from, int, optional)).toBe("v1.a");
    expect(printed({ from: "$a", as: "string" }, from, string, optional)).toBe(
      "v1.a === undefined ? undefined : String(v1.a)",
    );
    expect(printed({ each: "$tags", with: { from: "$", as: "string" } }, from, list(string), optional)).toBe(
      "v1.tags?.map((tag) => String(tag))",
    );
    expect(printed({ each: "$byName", with: { from: "$", as: "string" } }, from, map(string), optional)).toBe(
      "v1.byName === undefined ? undefined : mapValues(v1.byName, (value) => String(value))",
    );
    expect(printed({ from: "$kind", map: { a: 1, b: 2 } }, from, int, optional)).toBe(
      "v1.kind === undefined ? undefined : ({ a: 1, b: 2 } as const)[v1.kind]",
    );
  });

  it("holds a long as bigint where the model says so", () => {
    const options = { long: "bigint" } as const;
    expect(printed(1, {}, long, options)).toBe("1n");
    expect(printed("9007199254740993", {}, long, options)).toBe("9007199254740993n");
    expect(printed({ from: "$a", as: "long" }, { a: int }, long, options)).toBe("BigInt(v1.a)");
    expect(printed({ from: "$a", as: "double" }, { a: long }, double, options)).toBe("Number(v1.a)");
    expect(printed({ from: "$a", as: "long" }, { a: decimal }, long, options)).toBe("decimalToBigint(v1.a)");
    expect(printed({ from: "$a", parse: "long", otherwise: 0 }, { a: string }, long, options)).toBe(
      "parseInt64(v1.a) ?? 0n",
    );
    expect(printed({ from: "$a", parse: "int", otherwise: 0 }, { a: long }, int, options)).toBe(
      "within(Number(v1.a), { min: -2147483648, max: 2147483647 }) ?? 0",
    );
    expect(printed({ from: "$a", map: { 1: 2 }, otherwise: 3 }, { a: long }, long, options)).toBe(
      "v1.a === 1n ? 2n : 3n",
    );
    expect(printed({ envelope: "sequence", otherwise: 0 }, {}, long, options)).toBe(
      "event.sequence === undefined ? 0n : BigInt(event.sequence)",
    );
  });

  it("builds records a field a line, and unions with their kind", () => {
    const source = { home: to(address), "away?": to(address), number: string };
    expect(printed({ fields: { zip: "1" }, drop: ["street"] }, { x: to(address) }, to(place2))).toBe(
      '{\n  city: v1.x.city,\n  zip: "1",\n}',
    );
    expect(printed({ from: "$home", with: { zip: "$street" } }, source, to(place2))).toBe(
      "{\n  city: v1.home.city,\n  zip: v1.home.street,\n}",
    );
    expect(printed({ from: "$away", with: {} }, source, to(place2), { optional: true })).toBe(
      "ifPresent(v1.away, (away) => ({\n  city: away.city,\n}))",
    );
    expect(printed({ from: "$away?", with: {}, otherwise: { fields: { city: "X" } } }, source, to(place2))).toBe(
      'ifPresent(v1.away, (away) => ({ city: away.city })) ?? { city: "X" }',
    );
    expect(printed({ oneOf: "Card", fields: { number: "$number" } }, source, payment)).toBe(
      '{\n  kind: "Card",\n  number: v1.number,\n}',
    );
    expect(printed({ oneOf: "Cash" }, source, payment)).toBe('{\n  kind: "Cash",\n}');
  });
});

describe("what is said about one field", () => {
  it.each<[string, JsonValue, { readonly [name: string]: Type }, Type, readonly string[]]>([
    ["null", null, {}, string, ["mapping-form"]],
    ["a list", [1], {}, list(int), ["mapping-form"]],
    ["no operator", { a: 1 }, {}, string, ["mapping-form"]],
    ["two operators", { from: "$a", each: "$a" }, { a: string }, string, ["mapping-form"]],
    ["two steps", { from: "$a", as: "int", parse: "int" }, { a: string }, int, ["mapping-form"]],
    ["an unknown key", { from: "$a", othrwise: 1 }, { a: int }, int, ["mapping-key othrwise"]],
    ["a key of Object.prototype", { from: "$a", constructor: 1 }, { a: int }, int, ["mapping-key constructor"]],
    ["no path", { from: "a" }, { a: int }, int, ["mapping-form from"]],
    ["a broken path", "$a.", { a: int }, int, ["mapping-form"]],
    ["an unknown field", "$b", { a: int }, int, ["unknown-source-field"]],
    ["a field of Object.prototype", "$constructor", { a: int }, int, ["unknown-source-field"]],
    ["a path through a list", "$a.b", { a: list(to(address)) }, int, ["blocked-path"]],
    ["a path through json", "$a.b", { a: json }, int, ["blocked-path"]],
    ["a copy that does not fit", "$a", { a: long }, int, ["does-not-fit"]],
    ["a copy in from", { from: "$a" }, { a: long }, int, ["does-not-fit from"]],
    ["an optional source", "$a", { "a?": int }, int, ["optional-source"]],
    ["a wrong literal in a list", { literal: [1, "x"] }, {}, list(int), ["invalid-literal literal 1"]],
    ["a wrong otherwise", { from: "$a?", otherwise: "x" }, { "a?": int }, int, ["invalid-literal otherwise"]],
    ["another type", { from: "$a", as: "long" }, { a: int }, int, ["mapping-form as"]],
    ["other digits", { from: "$a", as: "decimal(9, 2)" }, { a: int }, decimal, ["mapping-form as"]],
    ["no unit", { from: "$a", as: "timestamp" }, { a: int }, { kind: "timestamp" }, ["mapping-form as"]],
    ["a needless unit", { from: "$a", as: "string", unit: "seconds" }, { a: int }, string, ["mapping-form unit"]],
    [
      "a wrong unit",
      { from: "$a", as: "timestamp", unit: "hours" },
      { a: int },
      { kind: "timestamp" },
      ["mapping-form unit"],
    ],
    ["a conversion that is partial", { from: "$a", as: "decimal" }, { a: double }, decimal, ["not-total as"]],
    ["a conversion that is none", { from: "$a", as: "int" }, { a: string }, int, ["unknown-conversion as"]],
    ["reading without otherwise", { from: "$a", parse: "int" }, { a: string }, int, ["otherwise-needed parse"]],
    [
      "a needless otherwise",
      { from: "$a", parse: "int", otherwise: 1 },
      { a: members("1") },
      int,
      ["otherwise-unused otherwise"],
    ],
    ["otherwise for what is there", { from: "$a", otherwise: 1 }, { a: int }, int, ["otherwise-unused otherwise"]],
    ["an incomplete table", { from: "$a", map: { a: 1 } }, { a: members("a", "b") }, int, ["otherwise-needed map"]],
    [
      "a wrong key and a wrong value",
      { from: "$a", map: { c: "x", a: 1 }, otherwise: 1 },
      { a: members("a") },
      int,
      ["invalid-literal map c", "unknown-table-key map c", "otherwise-unused otherwise"],
    ],
    ["a table twice", { from: "$a", map: { 1: 1, "1.0": 2 }, otherwise: 3 }, { a: int }, int, ["mapping-form map 1.0"]],
    ["a table of lists", { from: "$a", map: {}, otherwise: 1 }, { a: list(int) }, int, ["mapping-form map"]],
    ["each of no list", { each: "$a" }, { a: int }, list(int), ["not-a-list each"]],
    ["each to no list", { each: "$a" }, { a: list(int) }, int, ["not-a-list each"]],
    ["each over a map to an array", { each: "$a" }, { a: map(int) }, list(int), ["not-a-list each"]],
    [
      "each with too few",
      { each: "$a" },
      { a: list(int) },
      { kind: "array", items: int, minItems: 1 },
      ["does-not-fit each"],
    ],
    [
      "an item that does not fit",
      { each: "$a", with: { from: "$", as: "string" } },
      { a: list(int) },
      list({ kind: "string", maxLength: 2 }),
      ["not-total with as"],
    ],
    ["an open brace", { template: "{a" }, { a: int }, string, ["mapping-form template"]],
    ["an empty brace", { template: "{}" }, { a: int }, string, ["mapping-form template"]],
    ["a template of a record", { template: "{a}" }, { a: to(address) }, string, ["mapping-form template"]],
    ["a template of what is optional", { template: "{a}" }, { "a?": int }, string, ["optional-source template"]],
    [
      "a template that is too long",
      { template: "{a}-" },
      { a: { kind: "uuid" } },
      { kind: "string", maxLength: 36 },
      ["not-total template"],
    ],
    ["an unknown fact", { envelope: "type" }, {}, string, ["unknown-envelope-field envelope"]],
    ["a sequence that may be absent", { envelope: "sequence" }, {}, long, ["optional-source envelope"]],
    ["a function without a name", { by: "Fn" }, {}, string, ["function-name by"]],
    ["no member", { oneOf: "Cart" }, {}, payment, ["unknown-union-member oneOf"]],
    ["a member of no union", { oneOf: "Card" }, {}, string, ["mapping-form oneOf"]],
    ["fields of no record", { fields: {} }, {}, string, ["mapping-form fields"]],
  ])("%s", (_, mapping, from, type, codes) => {
    expect(said(mapping, from, type)).toEqual(codes);
  });

  it("proves templates by length and by pattern", () => {
    const digits: Type = { kind: "string", pattern: "^\\d{2}$" };
    const from = { a: digits, b: { kind: "string", minLength: 1, maxLength: 3 } as Type, d: { kind: "date" } as Type };
    expect(said({ template: "{a}-{a}" }, from, { kind: "string", pattern: "^[0-9]{2}-[0-9]{2}$" })).toEqual([]);
    expect(said({ template: "{b}{b}" }, from, { kind: "string", minLength: 2, maxLength: 6 })).toEqual([]);
    expect(said({ template: "{d}T" }, from, { kind: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT$" })).toEqual([]);
    expect(said({ template: "{a}-{b}" }, from, { kind: "string", pattern: "^[0-9-]+$" })).toEqual([
      "not-total template",
    ]);
    expect(said({ template: "{b}{b}" }, from, { kind: "string", maxLength: 5 })).toEqual(["not-total template"]);
  });

  it("does not follow a mapping without end", () => {
    let mapping: JsonValue = "none";
    for (let i = 0; i < 5000; i++) mapping = { from: "$a?", otherwise: mapping };
    expect(said(mapping, { "a?": string }, string).some((one) => one.startsWith("mapping-form"))).toBe(true);
  });
});

describe("a record", () => {
  const check = (
    mapping: { readonly [field: string]: JsonValue },
    source: RecordType,
    target: RecordType,
    drop: readonly string[] = [],
  ) => {
    const { diagnostics, expression, functions } = checkRecordMapping(mapping, target, drop, at, contextOf(source));
    return {
      said: diagnostics.map((one) => `${one.code}: ${one.message}`),
      help: diagnostics.map((one) => one.help),
      expression,
      functions,
      diagnostics,
    };
  };

  it("is copied by name", () => {
    const { expression, said } = check(
      {},
      record({ a: int, "b?": string }),
      record({ a: long, "b?": string, "c?": int }),
    );
    expect(said).toEqual([]);
    const scope = { source: code`v1`, event: code`event`, functions: code`functions`, long: "number" as const };
    expect(expression && printExpression(expression, scope)).toMatchObject({
      code: "{\n  a: v1.a,\n  b: v1.b,\n}",
      imports: [],
      usesSource: true,
      usesEvent: false,
      usesFunctions: false,
    });
  });

  it("shows a value on which a copy fails, and what to write", () => {
    const found = check({}, record({ quantity: int }), record({ quantity: { kind: "int", min: 1n } }));
    expect(found.said).toEqual(["does-not-fit: quantity 0 is valid in version 1 and not in version 2 (at least 1)."]);
    expect(found.help).toEqual(["Write quantity: { from: $quantity, parse: int, otherwise: 1 }"]);
    expect(found.diagnostics[0]?.place).toEqual({ ...at, at: "key" });
  });

  it("finds everything in one run", () => {
    const found = check({ a: "$x", b: 1, z: 2 }, record({ a: int }), record({ a: int, b: string, c: int }));
    expect(found.diagnostics.map((one) => one.code)).toEqual([
      "unknown-target-field",
      "unknown-source-field",
      "invalid-literal",
      "missing-source",
    ]);
  });

  it("says what is lost, unless it is dropped", () => {
    const source = record({
      a: int,
      home: to(address),
      lines: list(record({ sku: string, count: int })),
      away: to(address),
      "old?": string,
    });
    const target = record({ a: int, city: string, skus: list(string) });
    const mapping = { city: "$home.city", skus: { each: "$lines", with: "$sku" } };
    expect(check(mapping, source, target).said).toEqual([
      "unused-source-field: home.street, lines.count, away, old of version 1 are not used, and so lost.",
    ]);
    expect(check(mapping, source, target, ["home.street", "lines.count", "away", "old"]).said).toEqual([]);
    expect(
      check(mapping, source, target, ["home", "lines", "away", "old"]).said.map((one) => one.split(":")[0]),
    ).toEqual(["used-drop", "used-drop"]);
    expect(check(mapping, source, target, ["home.street", "lines.count", "away", "$old", "nothing"]).said).toEqual([
      'unknown-drop: "nothing" cannot be dropped: version 1 has no such field.',
    ]);
  });

  it("may be made by a function as a whole", () => {
    const [source, target] = [record({ a: int }), record({ b: int })];
    const found = check({ by: "convert" }, source, target);
    expect(found.said).toEqual([]);
    expect(found.functions).toMatchObject([{ name: "convert", use: "upcast", source, target }]);
    expect(found.expression?.kind).toBe("by");
    expect(check({ by: "$a" }, source, record({ by: int })).expression?.kind).toBe("build");
  });

  it("may contain itself", () => {
    const tree = named("Tree", recordOf([]));
    const other = named("Other", recordOf([]));
    for (const [one, min] of [
      [tree, undefined],
      [other, 0n],
    ] as const) {
      const value: Type = min === undefined ? int : { kind: "int", min };
      (one as { type: Type }).type = recordOf([fieldOf("value", value), fieldOf("children", list(to(one)))]);
    }
    expect(check({}, record({ a: to(tree) }), record({ a: to(tree) })).said).toEqual([]);
    expect(check({}, record({ a: to(other) }), record({ a: to(tree) })).said).toEqual([]);
    expect(check({}, record({ a: to(tree) }), record({ a: to(other) })).said).toEqual([
      "does-not-fit: a.value -1 is valid in version 1 and not in version 2 (at least 0).",
    ]);
  });

  it("is not slow or deep where types are", () => {
    const chain = (name: string, leaf: Type): Type => {
      let type = leaf;
      for (let i = 0; i < 3000; i++)
        type = to(named(`${name}${i}`, recordOf([fieldOf("a", type), fieldOf("b", type)])));
      return type;
    };
    const found = check({}, record({ x: chain("A", int) }), record({ x: chain("B", string) }));
    expect(found.diagnostics.length).toBeLessThan(2);
  });

  it("runs as it is printed", () => {
    const source = record({ total: { kind: "double", min: 0, max: 1e6 }, "tags?": list(string) });
    const target = record({ total: decimal, tags: list(string) });
    const { expression } = check(
      { total: { from: "$total", as: "decimal" }, tags: { from: "$tags?", otherwise: { literal: [] } } },
      source,
      target,
    );
    if (expression === undefined) throw new Error("not accepted");
    const run = evaluator(expression, source, target, "number");
    expect(run({ total: 10.005 })).toEqual({ total: "10.00", tags: [] });
    expect(run({ total: 0.1, tags: ["a"] })).toEqual({ total: "0.10", tags: ["a"] });
  });
});

import standalone from "ajv/dist/standalone/index.js";
import { describe, expect, it } from "vitest";
import { createAjv } from "../../src/runtime/ajv.js";
import { everyType } from "./every-type.js";

const accepts = (schema: object) => {
  const validate = createAjv().compile(schema);
  // What Ajv prints must decide as what it compiles does, and need nothing else.
  const ajv = createAjv({ code: { source: true, esm: true, lines: true } });
  const code = (standalone as unknown as (one: typeof ajv, validate: unknown) => string)(ajv, ajv.compile(schema));
  const name = /export const validate = (validate\d+);/.exec(code)?.[1];
  const body = `${code.replaceAll(/export (default|const validate =) ?validate\d+;/g, "")}\nreturn ${name};`;
  const printed = new Function(body)() as (value: unknown) => boolean;
  return (value: unknown): boolean => {
    const result = validate(value) as boolean;
    expect(printed(value)).toBe(result);
    return result;
  };
};

describe("the keywords", () => {
  it("bytes: a Uint8Array, with its length in bytes", () => {
    const valid = accepts({ bytes: true, minLength: 1, maxLength: 2 });
    expect([0, 1, 2, 3].map((length) => valid(new Uint8Array(length)))).toEqual([false, true, true, false]);
    expect([valid("a"), valid([1]), valid(Buffer.from("a")), valid(null)]).toEqual([false, false, true, false]);
  });

  it("minLength and maxLength: of texts in code points, also where texts and bytes are in one schema", () => {
    const valid = accepts({ type: "string", minLength: 2, maxLength: 3 });
    expect(["a", "\u{1f600}", "ab", "\u{1f600}\u{1f600}\u{1f600}", "abcd", "\u{1f600}abc"].map(valid)).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
    const many = accepts({ enum: Array.from({ length: 300 }, (_, i) => `v${i}`) });
    expect([many("v299"), many("v300")]).toEqual([true, false]);
  });

  it("bigint: in its bounds, or in 64 bits", () => {
    const valid = accepts({ bigint: { min: "-5", max: "10" } });
    expect([-6n, -5n, 10n, 11n, 1].map(valid)).toEqual([false, true, true, false, false]);
    const any = accepts({ bigint: {} });
    expect([-(2n ** 63n) - 1n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 63n].map(any)).toEqual([false, true, true, false]);
  });

  it("float: exact in 32 bits", () => {
    const valid = accepts({ type: "number", float: true });
    expect([0.5, 0.1, -0, Number.NaN, 1e39].map(valid)).toEqual([true, false, true, false, false]);
  });

  it("minDecimal and maxDecimal: by value, not as text", () => {
    const valid = accepts({ type: "string", minDecimal: "-10.00", maxDecimal: "9.50" });
    const values = ["-10.01", "-10.00", "-9.99", "0.00", "9.50", "9.51", "10.00", "-100.00"];
    expect(values.map(valid)).toEqual([false, true, true, true, true, false, false, false]);
  });

  it("map and json: no __proto__", () => {
    const proto: unknown = JSON.parse('{"__proto__": 1}');
    expect([accepts({ type: "object", map: true })(proto), accepts({ type: "object", map: true })({ a: 1 })]).toEqual([
      false,
      true,
    ]);
    const valid = accepts({ json: true });
    const sparse = new Array(2);
    const values = [
      proto,
      { a: [null, 1, "x", true] },
      sparse,
      new Map(),
      { toJSON: () => 1 },
      1n,
      undefined,
      new Uint8Array(1),
    ];
    expect(values.map(valid)).toEqual([false, true, false, false, false, false, false, false]);
  });

  it("formats are regular expressions for real days and canonical texts", () => {
    const date = accepts({ type: "string", format: "date" });
    const dates = ["2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "2026-04-31", "0000-01-01", "2026-1-1"];
    expect(dates.map(date)).toEqual([true, false, false, true, false, false, false]);
    const timestamp = accepts({ type: "string", format: "timestamp" });
    const times = [
      "2026-01-01T23:59:59.999Z",
      "2026-01-01T24:00:00.000Z",
      "2026-01-01T00:00:00Z",
      "2026-01-01T00:00:00.000+00:00",
    ];
    expect(times.map(timestamp)).toEqual([true, false, false, false]);
    const byte = accepts({ type: "string", format: "byte" });
    expect(["", "AQI=", "AQI", "A$=="].map(byte)).toEqual([true, true, false, false]);
  });

  it("stand in a whole schema that is printed as code", () => {
    const { event } = everyType("avro", "bigint");
    expect(accepts(event.versions[0]?.schema as object)({})).toBe(false);
  });

  it("refuses a keyword that it does not know", () => {
    expect(() => createAjv().compile({ type: "string", minLenght: 1 })).toThrow("minLenght");
  });
});

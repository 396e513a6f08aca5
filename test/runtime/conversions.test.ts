import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addDecimals,
  base64ToBytes,
  bytesToBase64,
  bytesWithin,
  compareDecimals,
  dateToTimestamp,
  decimalToBigint,
  decimalToInteger,
  decimalToNumber,
  decimalWithin,
  ifPresent,
  lookup,
  mapValues,
  millisecondsToTimestamp,
  numberToDecimal,
  own,
  parseBase64,
  parseBoolean,
  parseDate,
  parseDecimal,
  parseEnum,
  parseFloat32,
  parseInt32,
  parseInt64,
  parseJson,
  parseMilliseconds,
  parseNumber,
  parseSafeInteger,
  parseSeconds,
  parseTimestamp,
  parseUuid,
  rescaleDecimal,
  roundToBigint,
  roundToInteger,
  secondsToTimestamp,
  textToBytes,
  textWithin,
  timestampToDate,
  timestampToMilliseconds,
  timestampToSeconds,
  toJson,
  within,
} from "../../src/runtime/conversions.js";

describe("decimals", () => {
  it.each([
    [0, 2, "0.00"],
    [-0, 2, "0.00"],
    [10, 0, "10"],
    [10.5, 2, "10.50"],
    [1.005, 2, "1.00"],
    [1.015, 2, "1.02"],
    [1.025, 2, "1.02"],
    [1.0250001, 2, "1.03"],
    [2.5, 0, "2"],
    [3.5, 0, "4"],
    [-2.5, 0, "-2"],
    [-0.001, 2, "0.00"],
    [0.005, 2, "0.00"],
    [0.015, 2, "0.02"],
    [9.995, 2, "10.00"],
    [9999999999999.99, 1, "10000000000000.0"],
    [1e21, 2, "1000000000000000000000.00"],
    [1.5e-7, 7, "0.0000002"],
    [2.5e-7, 7, "0.0000002"],
    [5e-324, 2, "0.00"],
    [-1.7976931348623157e308, 0, `-17976931348623157${"0".repeat(292)}`],
    [12345678901234567890n, 2, "12345678901234567890.00"],
    [-7n, 0, "-7"],
  ])("numberToDecimal(%s, %s) is %s", (value, scale, text) => {
    expect(numberToDecimal(value, scale)).toBe(text);
  });

  it("rounds the shortest text of a double, half to even", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(12), (value, scale) => {
        const text = numberToDecimal(value, scale);
        expect(text).toMatch(scale === 0 ? /^(?!-0$)-?(0|[1-9]\d*)$/ : /^(?!-0\.0*$)-?(0|[1-9]\d*)\.\d+$/);
        const exact = exactly(value);
        const unit = 10n ** 340n / 10n ** BigInt(scale);
        const rounded = BigInt(text.replace(".", "")) * unit;
        const distance = rounded > exact ? rounded - exact : exact - rounded;
        expect(distance * 2n <= unit).toBe(true);
        if (distance * 2n === unit) expect(BigInt(text.replace(".", "")) % 2n).toBe(0n);
        expect(rescaleDecimal(numberToDecimal(value, 340), scale)).toBe(text);
      }),
    );
  });

  it("rescales, compares, adds and converts", () => {
    expect(rescaleDecimal("1.2345", 2)).toBe("1.23");
    expect(rescaleDecimal("-1.2350", 2)).toBe("-1.24");
    expect(rescaleDecimal("9.99", 0)).toBe("10");
    expect(rescaleDecimal("5", 3)).toBe("5.000");
    expect(compareDecimals("-1.00", "0.5")).toBe(-1);
    expect(compareDecimals("1.50", "1.5")).toBe(0);
    expect(compareDecimals("99999999999999999999.01", "99999999999999999999.00")).toBe(1);
    expect(addDecimals("0.10", "0.20")).toBe("0.30");
    expect(addDecimals("-0.10", "0.10")).toBe("0.00");
    expect(addDecimals("99999999999999999.99", "0.01")).toBe("100000000000000000.00");
    expect(addDecimals("-0.05", "0.01")).toBe("-0.04");
    expect(decimalToNumber("0.10")).toBe(0.1);
    expect(decimalToInteger("2.50")).toBe(2);
    expect(decimalToInteger("-0.40")).toBe(0);
    expect(decimalToBigint("9223372036854775807.5")).toBe(9223372036854775808n);
  });
});

/** A double's shortest text in units of 10^-340. */
const exactly = (value: number): bigint => {
  const [mantissa = "", exponent = "0"] = String(value).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return (
    BigInt(whole.replace("-", "") + fraction) *
    10n ** BigInt(340 + Number(exponent) - fraction.length) *
    (value < 0 ? -1n : 1n)
  );
};

describe("integers", () => {
  it.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, 0],
    [-1.5, -2],
    [2.4999, 2],
    [4503599627370495.5, 4503599627370496],
    [-7, -7],
  ])("roundToInteger(%s) is %s", (value, rounded) => {
    expect(roundToInteger(value)).toBe(rounded);
    expect(roundToBigint(value)).toBe(BigInt(rounded));
  });

  it("are read from digits", () => {
    expect(["12", "+12", "-0", "007", "", " 1", "1.0", "1e3", "2147483648", "x"].map(parseInt32)).toEqual([
      ...[12, 12, 0, 7, undefined, undefined, undefined, undefined, undefined, undefined],
    ]);
    expect(parseInt32("2147483647")).toBe(2147483647);
    expect(parseSafeInteger("9007199254740991")).toBe(9007199254740991);
    expect(parseSafeInteger("9007199254740993")).toBeUndefined();
    expect(parseInt64("-9223372036854775808")).toBe(-9223372036854775808n);
    expect(parseInt64("9223372036854775808")).toBeUndefined();
    expect(parseInt64(`${"0".repeat(50)}7`)).toBe(7n);
    expect(parseInt64("9".repeat(1_000_000))).toBeUndefined();
    expect(parseInt64(undefined)).toBeUndefined();
  });
});

describe("numbers", () => {
  it("are read from their usual notations", () => {
    expect(["1", "-1.5", ".5", "1.", "1e3", "-0"].map(parseNumber)).toEqual([1, -1.5, 0.5, 1, 1000, 0]);
    for (const text of ["", " ", "0x10", "1e999", "Infinity", "NaN", "1,5", "1_000", undefined]) {
      expect(parseNumber(text)).toBeUndefined();
    }
    expect(parseFloat32("0.1")).toBe(Math.fround(0.1));
    expect(parseFloat32("1e39")).toBeUndefined();
  });

  it("are kept within bounds", () => {
    expect([0, 1, 5, 6].map((value) => within(value, { min: 1, max: 5 }))).toEqual([undefined, 1, 5, undefined]);
    expect(within(Number.POSITIVE_INFINITY, {})).toBeUndefined();
    expect(within(undefined, { min: 1 })).toBeUndefined();
    expect(within(5n, { min: 1n, max: 4n })).toBeUndefined();
  });
});

describe("texts", () => {
  it("are read as decimals without rounding", () => {
    expect(parseDecimal("10", 4, 2)).toBe("10.00");
    expect(parseDecimal("+010.5", 4, 2)).toBe("10.50");
    expect(parseDecimal("10.500", 4, 2)).toBe("10.50");
    expect(parseDecimal("-0.00", 4, 2)).toBe("0.00");
    expect(parseDecimal("0.1234", 4, 4)).toBe("0.1234");
    for (const text of ["10.505", "100", "", ".5", "1e2", "1,5", "--1", undefined]) {
      expect(parseDecimal(text, 4, 2)).toBeUndefined();
    }
    expect(decimalWithin("10.00", { precision: 3 })).toBeUndefined();
    expect(decimalWithin("0.50", { precision: 2 })).toBe("0.50");
    expect(decimalWithin("5.00", { min: "5.01" })).toBeUndefined();
    expect(decimalWithin("5.00", { min: "-1.00", max: "5.00" })).toBe("5.00");
  });

  it("are read as booleans, uuids, enums and bytes", () => {
    expect(["true", "false", "TRUE", "1", undefined].map(parseBoolean)).toEqual([
      true,
      false,
      undefined,
      undefined,
      undefined,
    ]);
    expect(parseUuid("0F8FAD5B-D9CB-469F-A165-70867728950E")).toBe("0f8fad5b-d9cb-469f-a165-70867728950e");
    expect(parseUuid("0f8fad5bd9cb469fa16570867728950e")).toBeUndefined();
    expect(parseEnum("web", ["web", "app"])).toBe("web");
    expect(parseEnum("constructor", ["web", "app"])).toBeUndefined();
    expect(parseBase64("AAE=")).toEqual(new Uint8Array([0, 1]));
    expect(parseBase64("AAE")).toEqual(new Uint8Array([0, 1]));
    for (const text of ["A", "AAE==", "AA=E", "A A=", "AB==", undefined]) expect(parseBase64(text)).toBeUndefined();
  });

  it("are read as days and times", () => {
    expect(["2024-02-29", "2023-02-29", "1900-02-29", "0000-01-01", "2024-13-01", "24-01-01"].map(parseDate)).toEqual([
      ...["2024-02-29", undefined, undefined, undefined, undefined, undefined],
    ]);
    expect(parseTimestamp("2026-01-05T10:00:00Z")).toBe("2026-01-05T10:00:00.000Z");
    expect(parseTimestamp("2026-01-05t10:00:00.1239+02:00")).toBe("2026-01-05T08:00:00.123Z");
    for (const text of [
      "2026-01-05",
      "2026-01-05T25:00:00Z",
      "2026-02-30T10:00:00Z",
      "2026-01-05T10:00:60Z",
      "0001-01-01T00:00:00+01:00",
    ]) {
      expect(parseTimestamp(text)).toBeUndefined();
    }
  });

  it("are read as JSON that can be written again", () => {
    expect(parseJson('{"a": null}', 0)).toEqual({ a: null });
    expect(parseJson("null", 0)).toBe(null);
    for (const text of [
      "",
      "{",
      "1e999",
      "[1e999]",
      '"\\ud800"',
      '{"\\ud800": 1}',
      '{"__proto__": null}',
      "[".repeat(5000) + "]".repeat(5000),
      undefined,
    ]) {
      expect(parseJson(text, 0)).toBe(0);
    }
  });

  it("are kept within lengths, in code points, and patterns", () => {
    expect(textWithin("😀😀", { maxLength: 2 })).toBe("😀😀");
    expect(textWithin("😀😀", { minLength: 3 })).toBeUndefined();
    expect(textWithin("abc", { maxLength: 2 })).toBeUndefined();
    expect(textWithin("abc", { pattern: /^b/u })).toBeUndefined();
    expect(textWithin(undefined, {})).toBeUndefined();
    expect(bytesWithin(new Uint8Array(3), { maxLength: 2 })).toBeUndefined();
    expect(bytesWithin(new Uint8Array(3), { minLength: 3, maxLength: 3 })).toHaveLength(3);
  });
});

describe("times", () => {
  it("are made of numbers, and numbers of them", () => {
    expect(secondsToTimestamp(0)).toBe("1970-01-01T00:00:00.000Z");
    expect(secondsToTimestamp(-62135596800)).toBe("0001-01-01T00:00:00.000Z");
    expect(secondsToTimestamp(253402300799n)).toBe("9999-12-31T23:59:59.000Z");
    expect(secondsToTimestamp(1.0005)).toBe("1970-01-01T00:00:01.000Z");
    expect(secondsToTimestamp(1.0015)).toBe("1970-01-01T00:00:01.002Z");
    expect(millisecondsToTimestamp(1.5)).toBe("1970-01-01T00:00:00.002Z");
    expect(millisecondsToTimestamp(-1n)).toBe("1969-12-31T23:59:59.999Z");
    expect(timestampToSeconds("1969-12-31T23:59:59.999Z")).toBe(-1);
    expect(timestampToMilliseconds("1970-01-01T00:00:01.002Z")).toBe(1002);
    expect(timestampToDate("2026-01-05T10:00:00.000Z")).toBe("2026-01-05");
    expect(dateToTimestamp("0001-01-01")).toBe("0001-01-01T00:00:00.000Z");
  });

  it("are of the years 0001 to 9999", () => {
    expect(parseSeconds(253402300800)).toBeUndefined();
    expect(parseSeconds(1e300)).toBeUndefined();
    expect(parseSeconds(2n ** 62n)).toBeUndefined();
    expect(parseSeconds(-62135596800)).toBe("0001-01-01T00:00:00.000Z");
    expect(parseMilliseconds(-62135596800001)).toBeUndefined();
    expect(parseMilliseconds(undefined)).toBeUndefined();
    expect(parseMilliseconds(1n)).toBe("1970-01-01T00:00:00.001Z");
  });
});

describe("bytes", () => {
  it("are texts, and texts are bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(base64ToBytes(bytesToBase64(bytes))).toEqual(bytes);
        expect(parseBase64(bytesToBase64(bytes))).toEqual(bytes);
      }),
    );
    expect(bytesToBase64(textToBytes("é"))).toBe("w6k=");
    expect(bytesToBase64(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))).toBe("AgM=");
  });
});

describe("values", () => {
  it("become JSON", () => {
    const value = { a: 1n, b: 2n ** 60n, c: new Uint8Array([1]), d: [undefined, null].slice(1), e: undefined, f: "x" };
    expect(toJson(value)).toEqual({ a: 1, b: "1152921504606846976", c: "AQ==", d: [null], f: "x" });
    expect(() => toJson(() => 1)).toThrow(TypeError);
  });

  it("are looked up among own entries only", () => {
    expect(lookup({ a: 1 }, "a")).toBe(1);
    for (const key of ["constructor", "__proto__", "b", undefined]) expect(lookup({ a: 1 }, key)).toBeUndefined();
    expect(lookup({ 1: "x" }, 1n)).toBe("x");
    expect(own({ constructor: undefined as number | undefined }, "constructor")).toBeUndefined();
    expect(own({} as { constructor?: number }, "constructor")).toBeUndefined();
    expect(own(undefined as { constructor?: number } | undefined, "constructor")).toBeUndefined();
  });

  it("are mapped where they are", () => {
    expect(mapValues({ a: 1, constructor: 2 }, (value) => value + 1)).toEqual({ a: 2, constructor: 3 });
    expect(ifPresent(undefined, () => 1)).toBeUndefined();
    expect(ifPresent(0, (value) => value + 1)).toBe(1);
  });
});

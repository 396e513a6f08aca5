import { describe, expect, it } from "vitest";
import { applyChange } from "../../src/runtime/index.js";

const key = { id: "a" };

describe("applyChange", () => {
  it("sets, and removes what is set to nothing", () => {
    const row = { a: 1, b: 2 };
    expect(applyChange(row, { key, set: { a: 3, b: undefined } })).toEqual({ a: 3 });
    expect(row).toEqual({ a: 1, b: 2 });
    expect(applyChange(row, { key, delete: true })).toBeUndefined();
    expect(applyChange(row, { key, by: (before) => ({ before }) })).toEqual({ before: row });
  });

  it("increments numbers, bigints and decimals exactly", () => {
    const change = { key, increment: { n: 2, big: 2n, money: "0.20" } };
    expect(applyChange({ n: 1, big: 2n ** 62n, money: "0.10" }, change)).toEqual({
      n: 3,
      big: 2n ** 62n + 2n,
      money: "0.30",
    });
    expect(applyChange(undefined, change)).toEqual({ n: 2, big: 2n, money: "0.20" });
    expect(applyChange(undefined, change, { n: 5, other: 0 })).toEqual({ n: 7, big: 2n, money: "0.20", other: 0 });
    expect(() => applyChange({ n: "text" }, { key, increment: { n: 1 } })).toThrow("n holds a string");
  });

  it("appends, and removes what is equal", () => {
    const line = { sku: "a", n: 1, note: undefined };
    expect(applyChange({ lines: [] }, { key, append: { lines: line } })).toEqual({ lines: [line] });
    expect(applyChange(undefined, { key, append: { lines: [1] } })).toEqual({ lines: [[1]] });
    const rows = {
      lines: [
        { n: 1, sku: "a" },
        { sku: "b", n: 1 },
      ],
      bytes: [new Uint8Array([1]), new Uint8Array([2])],
    };
    expect(applyChange(rows, { key, remove: { lines: line, bytes: new Uint8Array([2]) } })).toEqual({
      lines: [{ sku: "b", n: 1 }],
      bytes: [new Uint8Array([1])],
    });
    expect(() => applyChange({ lines: 1 }, { key, append: { lines: 1 } })).toThrow("lines is not an array");
  });
});

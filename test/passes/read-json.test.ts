import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson } from "../../src/passes/import-schema/read-json.js";

describe("readJson", () => {
  it("reads what JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(readJson(text)).toEqual({ kind: "value", value: JSON.parse(text) });
      }),
    );
  });

  it("agrees with JSON.parse on what is JSON", () => {
    const tokens = fc.constantFrom(
      ...'{}[],:"\\ \n\t-+.eE017',
      "true",
      "null",
      '"a"',
      '"b":',
      "\\u00e9",
      "\u2028",
      "//",
      "'",
    );
    fc.assert(
      fc.property(fc.array(tokens, { maxLength: 8 }), (parts) => {
        const text = parts.join("");
        const read = readJson(text);
        let parsed: { readonly value: unknown } | undefined;
        try {
          parsed = { value: JSON.parse(text) as unknown };
        } catch {
          // no JSON
        }
        if (parsed === undefined || read.kind === "value") {
          expect(read.kind === "value" ? { value: read.value } : undefined).toEqual(parsed);
        } else {
          // stricter in these two
          expect(read.problem).toMatch(/stands here twice|too large/);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ["", "Here the file ends, and not a value.", [0, 0]],
    ["{", "Here the file ends, and not a key in double quotes.", [1, 1]],
    ["{a: 1}", 'Here there is "a", and not a key in double quotes.', [1, 2]],
    ['{"a" 1}', 'Here there is "1", and not ":" after the key.', [5, 6]],
    ['{"a": 1 "b": 2}', 'Here there is "\\"", and not "," or "}".', [8, 9]],
    ["[1 2]", 'Here there is "2", and not "," or "]".', [3, 4]],
    ["[1,]", 'Here there is "]", and not a value.', [3, 4]],
    ["[01]", 'Here there is "0", and not a value.', [1, 2]],
    ["1 // one", 'Here there is "/", and not the end of the file. JSON has no comments.', [2, 3]],
    ['"a\nb"', "A text is not closed on its line.", [0, 2]],
    ['"\\x"', "A text holds an escape that JSON does not know.", [0, 4]],
    ["1e999", "The number is too large.", [0, 5]],
    ['{"a": 1, "a": 2}', 'The key "a" stands here twice.', [9, 12]],
    ['{"a": 1, "\\u0061": 2}', 'The key "a" stands here twice.', [9, 17]],
  ])("%s", (text, problem, range) => {
    expect(readJson(text)).toEqual({ kind: "problem", problem, range });
  });

  it("reads a byte order mark, and __proto__ as a key like any other", () => {
    const read = readJson('\ufeff{"__proto__": 1}');
    expect(read.kind === "value" && Object.hasOwn(read.value as object, "__proto__")).toBe(true);
  });
});

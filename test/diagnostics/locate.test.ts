import { describe, expect, test } from "vitest";
import type { Place } from "../../src/diagnostics/diagnostic.js";
import { locate, locator } from "../../src/diagnostics/locate.js";

const text = `# A model.
types:
  Money:
    fields:
      amount: decimal(12, 2)
      tags: [a, 'b c', {d: 1}]
    empty:
  "quoted key": |
    one
    two
base: &base { x: 1 }
alias: *base
`;

const at = (path: readonly (string | number)[], part?: "key" | "value"): string => {
  const place: Place = { file: "a.yaml", path, ...(part === undefined ? {} : { at: part }) };
  const { start, end } = locate(place, text);
  return `${start.line}:${start.column} ${JSON.stringify(text.slice(start.offset, end.offset))}`;
};

describe("a place", () => {
  test.each([
    ["a value", ["types", "Money", "fields", "amount"], undefined, '5:15 "decimal(12, 2)"'],
    ["a key", ["types", "Money", "fields", "amount"], "key", '5:7 "amount"'],
    ["an item", ["types", "Money", "fields", "tags", 1], undefined, "6:17 \"'b c'\""],
    ["an item as a key", ["types", "Money", "fields", "tags", 1], "key", "6:17 \"'b c'\""],
    ["a value in an item", ["types", "Money", "fields", "tags", 2, "d"], undefined, '6:28 "1"'],
    ["an empty value", ["types", "Money", "empty"], undefined, '7:5 "empty"'],
    ["a quoted key", ["types", "quoted key"], "key", '8:3 "\\"quoted key\\""'],
    ["a missing key", ["types", "Money", "none"], undefined, '3:3 "Money"'],
    ["a missing way", ["types", "Money", "none", 5, "deeper"], "key", '3:3 "Money"'],
    ["a missing item", ["types", "Money", "fields", "tags", 9], undefined, '6:7 "tags"'],
    ["a step into a text", ["types", "Money", "fields", "amount", "x"], undefined, '5:7 "amount"'],
    ["behind an alias", ["alias", "x"], undefined, '11:18 "1"'],
    ["an alias", ["alias"], undefined, '12:8 "*base"'],
    ["the file", [], undefined, '2:1 "types"'],
    ["nothing of the file", ["none"], undefined, '2:1 "types"'],
  ] as const)("%s", (_, path, part, expected) => {
    expect(at(path, part)).toBe(expected);
  });

  test("of a block has the end of the block", () => {
    const { start, end } = locate({ file: "a.yaml", path: ["types", "quoted key"] }, text);
    expect([start.line, end.line, end.column]).toEqual([8, 11, 1]);
  });

  test("of a range is the range, within the text", () => {
    const { start, end } = locate({ file: "a.yaml", path: [], range: [12, 99_999] }, text);
    expect([start.offset, end.offset]).toEqual([12, text.length]);
  });
});

test("columns are those of an editor, behind a byte order mark and with CRLF", () => {
  const windows = "\ufeffa: 1\r\nbé\u{1f642}: [x, y]\r\n";
  const value = locate({ file: "a", path: ["a"] }, windows).start;
  expect([value.line, value.column]).toEqual([1, 4]);
  const item = locate({ file: "a", path: ["bé\u{1f642}", 1] }, windows).start;
  expect([item.line, item.column]).toEqual([2, 11]);
});

test("JSON, broken text and nothing at all can be looked into", () => {
  const json = '{\n  "a": { "b": [1, 2] }\n}';
  expect(locate({ file: "a.json", path: ["a", "b", 1] }, json).start).toEqual({ line: 2, column: 19, offset: 20 });
  for (const broken of ["", "a: [", "a: &b *c\n? [", "[".repeat(5000), "%YAML 9\n---", "\t"]) {
    const { start } = locate({ file: "a", path: ["a", "b", 0], at: "key" }, broken);
    expect(start.offset).toBeLessThanOrEqual(broken.length);
  }
});

test("many places of a large file take linear time, and a file is read once", () => {
  const large = Array.from({ length: 20_000 }, (_, i) => `Type${i}: string\n`).join("");
  let reads = 0;
  const where = locator((file) => {
    reads++;
    return file === "a.yaml" ? large : undefined;
  });
  for (let i = 0; i < 20_000; i++) expect(where({ file: "a.yaml", path: [`Type${i}`] })?.start.line).toBe(i + 1);
  expect(where({ file: "none.yaml", path: [] })).toBeUndefined();
  expect(where({ file: "none.yaml", path: [] })).toBeUndefined();
  expect(reads).toBe(2);
});

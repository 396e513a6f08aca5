import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseYaml } from "../../src/passes/parse-yaml.js";
import { readPlainYaml } from "../../src/passes/read-plain-yaml.js";

const example = readFileSync(new URL("../../model.example.yaml", import.meta.url), "utf8");

/** The law: what is read is what the parser reads, and the parser has nothing to say about it. */
const agrees = (text: string): void => {
  const value = readPlainYaml(text);
  if (value === undefined) return;
  const parsed = parseYaml("model.yaml", text);
  expect(parsed.diagnostics, text).toEqual([]);
  // As text, so that the order of keys and -0 count as well.
  expect(JSON.stringify(value), text).toBe(JSON.stringify(parsed.value));
};

describe("what it reads", () => {
  test.each([
    ["the example", example],
    ["the example with line ends of Windows", example.replaceAll("\n", "\r\n")],
    ["comments", "# a\na: 1 # b\n\n  # c\nb: # d\n  c: x#y # e\n"],
    ["lists", "a:\n- 1\n- b: 2\n  c: 3\n- - 4\n  - 5\n-\n  d: 6\nb:\n  - [x, 'y']\n"],
    ["texts of several lines", "a: b\n  c\nd: [e,\n  f]\n"],
    ["words", "a: true\nb: False\nc: yes\non: off\ntrue: 1\n1: x\nnull: y\n"],
    ["numbers", "a: 0\nb: -12\nc: 1.50\nd: 2026-01-05\ne: 1s..1m\nf: 30d\n"],
    ["quotes", "a: \"x\\n\\u00e9 # \"\n'b: c': 'it''s'\n\"d\": {\"e\":1}\n"],
    ["flow", "a: { b: [1, {c: d e}], f?: $g.h, i: a:b }\nj: [ ]\nk: {}\nl: [a, b, ]\n"],
    [
      "block texts",
      "a: |\n  one\n   two\n\n  # three\nb: >-\n  four\n  five\n# six\nc: |- # seven\n  eight\n\n\nd: 1\n",
    ],
    ["other scripts", "größe: Straße\nb: 名前 と\n"],
    ["JSON", '{"a":{"b":[1,true,"c\\n"],"d": {}},\n"e":\n"f"}\n'],
    ["hostile names", "__proto__: { constructor: 1 }\nconstructor: { __proto__: 2 }\n"],
  ])("%s", (_, text) => {
    expect(readPlainYaml(text)).toBeDefined();
    agrees(text);
  });

  test("an own property called __proto__", () => {
    const value = readPlainYaml("a: { __proto__: { polluted: true } }\n") as { a: object };
    expect(Object.keys(value.a)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(value.a)).toBe(Object.prototype);
  });
});

describe("what it leaves to the parser", () => {
  test.each([
    ["nothing", ""],
    ["an empty value", "a:\nb: 1\n"],
    ["null", "a: [~, null]\n"],
    ["an empty key", "a:\n  : b\n"],
    ["a list at the top", "- a\n"],
    ["a text at the top", "a\n"],
    ["a key twice", "a: 1\na: 2\n"],
    ["a key twice in braces", "a: { b: 1, b: 2 }\n"],
    ["tabs", "a:\tb\n"],
    ["wrong indentation", "a:\n    b: 1\n  c: 2\n"],
    ["anchors", "a: &b c\n"],
    ["aliases", "a: *b\n"],
    ["tags", "a: !b c\n"],
    ["documents", "---\na: 1\n"],
    ["two keys in a line", "a: b: c\n"],
    ["a type with a comma", "a: { b: decimal(12, 2) }\n"],
    ["a type with brackets", "a: { b: string[] }\n"],
    ["an open quote", 'a: "b\n'],
    ["pairs in a list", "a: [b: c]\n"],
    ["large integers", "a: 9007199254740993\n"],
    ["octal numbers", "a: 0o17\n"],
    ["infinity", "a: -.inf\n"],
    ["negative zero", "a: -0\n"],
    ["leading zeros", "a: 007\n"],
    ["explicit keys", "? a\n: b\n"],
    ["kept line ends", "a: |+\n  b\n\n"],
    ["indentations that are said", "a: |1\n  \n"],
    ["very deep nesting", `a: ${"[".repeat(500)}${"]".repeat(500)}\n`],
    ["very deep indentation", Array.from({ length: 300 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")],
    ["very deep items", `a:\n  ${"- ".repeat(5000)}b\n`],
  ])("%s", (_, text) => {
    expect(readPlainYaml(text)).toBeUndefined();
  });
});

test("agrees with the parser on every golden model", () => {
  const folder = new URL("../golden/", import.meta.url);
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (name.endsWith(".yaml")) agrees(readFileSync(new URL(name, folder), "utf8"));
  }
});

const fragments = fc.constantFrom(
  ...[
    "a",
    "b",
    "key",
    "1",
    "-1",
    "0.5",
    "true",
    "True",
    "1.50",
    "+1",
    "null",
    "~",
    "$x.y",
    "note?",
    "é",
    "名",
    "\u{1f642}",
    "\u00a0",
    "\u2028",
  ],
  ...[
    ": ",
    ":",
    " #",
    "#",
    ", ",
    ",",
    "[",
    "]",
    "{",
    "}",
    "- ",
    "-",
    "? ",
    "|",
    ">",
    "|-",
    ">-",
    "'",
    "''",
    '"',
    "\\n",
    "\\",
  ],
  ...[
    " ",
    "  ",
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    "\n- ",
    "\n  - ",
    "&a ",
    "*a",
    "!t ",
    "%",
    "@",
    "`",
    "=",
    "<<",
    "...",
    "---",
  ],
);

test("agrees with the parser on any text", () => {
  fc.assert(
    fc.property(fc.array(fragments, { maxLength: 25 }), (parts) => {
      agrees(`a: ${parts.join("")}\n`);
      agrees(`a:\n  b: ${parts.join("")}`);
      agrees(`a: { b: ${parts.join("")} }\n`);
      agrees(`a: |\n  ${parts.join("")}\n`);
    }),
    { numRuns: 3000 },
  );
});

test("agrees with the parser on the example with mistakes in it", () => {
  const edit = fc.record({
    at: fc.nat({ max: example.length }),
    remove: fc.nat({ max: 6 }),
    insert: fc.array(fragments, { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      let text = example;
      for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert.join("") + text.slice(at + remove);
      agrees(text);
    }),
    { numRuns: 300 },
  );
});

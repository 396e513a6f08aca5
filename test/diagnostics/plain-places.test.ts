import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { stringify } from "yaml";
import { parsedPlaces } from "../../src/diagnostics/parsed-places.js";
import { plainPlaces } from "../../src/diagnostics/plain-places.js";
import type { JsonValue } from "../../src/model/type.js";
import { parseYaml } from "../../src/passes/parse-yaml.js";
import { arbitraryModel } from "../arbitrary-model.js";

const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const example = textOf("model.example.yaml");

type Path = readonly (string | number)[];

/** All paths of a value, and beside each one that is not there. */
const pathsIn = (value: JsonValue, path: Path = []): readonly Path[] => {
  if (typeof value !== "object" || value === null) return [path, [...path, "missing"]];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, [...path, "missing"], ...entries.flatMap(([key, one]) => pathsIn(one as JsonValue, [...path, key]))];
};

/** The law: a range is that of the parser. How many were found, of how many. */
const compare = (text: string): readonly [found: number, of: number] => {
  const places = plainPlaces(text);
  const { value } = parseYaml("model.yaml", text);
  const paths = value === undefined ? [[]] : pathsIn(value);
  if (places === undefined) return [0, paths.length];
  const parsed = parsedPlaces(text);
  let found = 0;
  for (const path of paths) {
    for (const at of ["key", "value"] as const) {
      const range = places({ file: "model.yaml", path, at });
      if (range === undefined) continue;
      found++;
      const slices = [range, parsed({ file: "model.yaml", path, at })].map(([start, end]) => [
        start,
        end,
        text.slice(start, end),
      ]);
      expect([path, at, ...(slices[0] ?? [])], text).toEqual([path, at, ...(slices[1] ?? [])]);
    }
  }
  return [found, 2 * paths.length];
};

describe("what it finds", () => {
  it.each([
    ["block maps", "a:\n  b: 1\n  c: x y z\nd:\n    e: 2"],
    ["lists", "a:\n- 1\n- b: 2\n  c: 3\n- - 4\n  - 5\nb:\n  - [x, 'y']\n  - -1\n"],
    ["comments and empty lines", "# a\na: 1 # b\n\n\nb: # d\n  c: x#y # e\n\n  d: 1\n   \ne: 2\n"],
    [
      "braces and brackets",
      "a: { b: [1, {c: d e}], f?: $g.h, i: a:b }\nj: [ ]\nk: {}\nl: [a, b, ]\nm: {\n  n: 1,\n\n  o: 2 }\n",
    ],
    ["quotes", "a: \"x\\n\\\" # \"\n'b: c': 'it''s'\n\"d\": 1\ne: { 'f': \"g\" }\n"],
    ["texts of several lines", "a: b\n  c d\n  e\nf: 1\n"],
    ["block texts", "a: |\n  one\n   two\n\n  # three\nb: >-\n  four\n\nc:\n  d: |-\n    five\n\n\ne: 1\n"],
    ["keys of several words", "a b-c (d): 1\n".replace(" (d)", " d")],
    ["other scripts", "a: Straße 名前 \u{1f642}\nb: { c: é }\n"],
  ])("%s", (_, text) => {
    const [found, of] = compare(text);
    expect(found).toBe(of);
  });

  it("nearly everything of the example", () => {
    const [found, of] = compare(example);
    expect(found / of).toBeGreaterThan(0.9);
  });

  it("nothing of what comments follow, which may belong to it", () => {
    const places = plainPlaces("a:\n  b:\n    c: 1\n    # d\n  # e\nf: 1\n");
    const at = (...path: Path) => places?.({ file: "", path });
    expect([at("a"), at("a", "b"), at("a", "b", "c"), at("f")]).toEqual([undefined, undefined, [15, 16], [34, 35]]);
  });
});

test.each([
  ["tabs", "a:\tb\n"],
  ["line ends of Windows", "a: b\r\n"],
  ["anchors", "a: &b c\n"],
  ["tags", "a: !b c\n"],
  ["documents", "---\na: 1\n"],
  ["empty values", "a:\nb: 1\n"],
  ["two keys in a line", "a: b: c\n"],
  ["pairs in a list", "a: [b: c]\n"],
  ["comments in brackets", "a: [b,\n  # c\n  d]\n"],
  ["kept line ends", "a: |+\n  b\n\n"],
  ["explicit keys", "? a\n: b\n"],
  ["wrong indentation", "a:\n    b: 1\n  c: 2\n"],
  ["an open quote", 'a: "b\n'],
  ["a list at the top", "- a\n"],
  ["nothing", ""],
  ["very deep nesting", `a: ${"[".repeat(5000)}${"]".repeat(5000)}\n`],
  ["very deep items", `a:\n  ${"- ".repeat(5000)}b\n`],
])("leaves %s to the parser", (_, text) => {
  expect(plainPlaces(text)).toBeUndefined();
});

test("finds what the parser finds in every golden model", () => {
  const folder = new URL("../golden/", import.meta.url);
  let [found, of] = [0, 0];
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".yaml")) continue;
    const counts = compare(readFileSync(new URL(name, folder), "utf8"));
    found += counts[0];
    of += counts[1];
  }
  expect(found / of).toBeGreaterThan(0.7);
});

test("finds what the parser finds in any model, however it is written", () => {
  const style = fc.record({
    indent: fc.integer({ min: 1, max: 6 }),
    indentSeq: fc.boolean(),
    lineWidth: fc.constantFrom(0, 40, 80),
    defaultStringType: fc.constantFrom("PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE", "BLOCK_LITERAL", "BLOCK_FOLDED"),
    collectionStyle: fc.constantFrom("any", "block", "flow"),
  } as const);
  fc.assert(
    fc.property(arbitraryModel(), style, (model, how) => {
      compare(stringify(model, { ...how, defaultKeyType: "PLAIN" }));
    }),
    { numRuns: 20 },
  );
});

const fragments = fc.constantFrom(
  ..."a|b|key|1|-1|true|null|~|$x.y|note?|é|\u00a0|: |:| #|#|, |,|[|]|{|}|- |-|? |?|||>||-|>-|'|''|\"|\\n|\\|&a |*a|!t |%|@|`|=|<<|...|---".split(
    "|",
  ),
  ...[
    "|",
    "|-",
    "| ",
    " ",
    "  ",
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    "\n- ",
    "\n  - ",
    "\n  # c",
    "\n# c",
    "\n  b: ",
    "\n    c: ",
    "\n\n",
    "\n   \n",
    "key: ",
  ],
);

test("finds what the parser finds in any text", () => {
  let found = 0;
  fc.assert(
    fc.property(fc.array(fragments, { maxLength: 25 }), (parts) => {
      const text = parts.join("");
      for (const one of [
        `a: ${text}\n`,
        `a:\n  b: ${text}`,
        `a: { b: ${text} }\nc: 1\n`,
        `a: |\n  ${text}\nb: 1\n`,
        `a:\n  - ${text}\nb: 1\n`,
      ])
        found += compare(one)[0];
    }),
    { numRuns: 600 },
  );
  expect(found).toBeGreaterThan(300);
});

test("finds what the parser finds in the example with mistakes in it", () => {
  const edit = fc.record({
    at: fc.nat({ max: example.length }),
    remove: fc.nat({ max: 6 }),
    insert: fc.array(fragments, { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 2 }), (edits) => {
      let text = example;
      for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert.join("") + text.slice(at + remove);
      compare(text);
    }),
    { numRuns: 60 },
  );
});

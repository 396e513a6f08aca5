import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Diagnostic, Place } from "../../src/diagnostics/diagnostic.js";
import { diagnostic } from "../../src/diagnostics/diagnostic.js";
import { format, summary, toJson } from "../../src/diagnostics/format.js";

const unknownType = (place: Place, name = "Mony"): Diagnostic =>
  diagnostic("unknown-type", { name, suggestion: "Money" }, place);

const shop = "types:\n  Order:\n    fields:\n      total: Mony\n      lines: Lin[]\n";
const total: Place = { file: "shop.yaml", path: ["types", "Order", "fields", "total"] };
const read = (file: string): string | undefined => (file === "shop.yaml" ? shop : undefined);

describe("format", () => {
  test("shows the line, the carets and what to do", () => {
    expect(format([unknownType(total)], read)).toBe(`\
shop.yaml:4:14  error  unknown-type  There is no type called "Mony". Did you mean "Money"?
    4 │       total: Mony
      │              ^^^^
help: evgen explain unknown-type

1 error
`);
  });

  test("shows related places and help, and files that have no text", () => {
    const one = diagnostic(
      "file-missing",
      { file: "x.yaml", suggestion: undefined },
      { file: "x.yaml", path: [] },
      {
        related: [{ message: "It is named here.", place: { ...total, at: "key" } }],
        help: "Make it.\nOr remove it.",
      },
    );
    expect(format([one], read)).toBe(`\
x.yaml  error  file-missing  There is no file "x.yaml".
related: shop.yaml:4:7  It is named here.
    4 │       total: Mony
      │       ^^^^^
help: Make it.
help: Or remove it.
help: evgen explain file-missing

1 error
`);
  });

  test("sorts by file, place and code, and says everything once", () => {
    const lines: Place = { file: "shop.yaml", path: ["types", "Order", "fields", "lines"] };
    const warning = diagnostic("yaml-warning", { problem: "Doubtful." }, total);
    const found = [
      ...[unknownType({ file: "z.yaml", path: [] }), unknownType(lines, "Lin"), warning, unknownType(total)],
      ...[unknownType(total), unknownType({ file: "Z.yaml", path: [] })],
    ];
    const texts = (diagnostics: readonly Diagnostic[]) => format(diagnostics, read).match(/^\S+ {2}.*$/gm);
    expect(texts(found)?.map((line) => line.split("  ").slice(0, 3).join(" "))).toEqual([
      "Z.yaml error unknown-type",
      "shop.yaml:4:14 error unknown-type",
      "shop.yaml:4:14 warning yaml-warning",
      "shop.yaml:5:14 error unknown-type",
      "z.yaml error unknown-type",
    ]);
    expect(texts(found.toReversed())).toEqual(texts(found));
    expect(format(found, read)).toMatch(/\n4 errors, 1 warning\n$/);
  });

  test("is empty without diagnostics", () => {
    expect(format([], read)).toBe("");
    expect(summary([])).toBe("no errors");
  });

  test("colours when asked to, and only adds colours", () => {
    const coloured = format([unknownType(total)], read, true);
    expect(coloured).toContain("\u001b[1;31merror\u001b[0m");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    expect(coloured.replace(/\u001b\[[0-9;]+m/g, "")).toBe(format([unknownType(total)], read));
  });
});

describe("a frame", () => {
  const frameOf = (text: string, range: readonly [number, number]): readonly string[] =>
    format([unknownType({ file: "a", path: [], range })], () => text)
      .split("\n")
      .slice(1, 3);

  test("stands under wide, combining and tab characters", () => {
    expect(frameOf("日本: x", [4, 5])).toEqual(["    1 │ 日本: x", "      │       ^"]);
    expect(frameOf("e\u0301é\u{1f642}x", [5, 6])).toEqual(["    1 │ e\u0301é\u{1f642}x", "      │     ^"]);
    expect(frameOf("a\tb", [2, 3])).toEqual(["    1 │ a    b", "      │      ^"]);
    expect(frameOf("日本", [0, 2])).toEqual(["    1 │ 日本", "      │ ^^^^"]);
  });

  test("shows the first line of several, without its line end", () => {
    expect(frameOf("a: |\r\n  b\r\n", [3, 11])).toEqual(["    1 │ a: |", "      │    ^"]);
  });

  test("shows the end of the file and empty lines", () => {
    expect(frameOf("a\n", [2, 2])).toEqual(["    2 │ ", "      │ ^"]);
    expect(frameOf("", [0, 0])).toEqual(["    1 │ ", "      │ ^"]);
    expect(frameOf("ab", [2, 2])).toEqual(["    1 │ ab", "      │   ^"]);
  });

  test("shortens long lines around what is meant", () => {
    const [line, carets] = frameOf(`${"a".repeat(5000)}MEANT${"b".repeat(5000)}`, [5000, 5005]);
    expect(line?.length).toBeLessThan(120);
    expect(line).toMatch(/│ …a+MEANTb+…$/);
    expect(carets?.indexOf("^")).toBe(line?.indexOf("M"));
    const [start] = frameOf(`${"a".repeat(20)}MEANT${"b".repeat(500)}`, [20, 25]);
    expect(start).toMatch(/│ a{20}MEANTb+…$/);
  });

  test("shows a part of a line of a megabyte, however many times", () => {
    const line = "x".repeat(1_000_000);
    const many = Array.from({ length: 200 }, (_, i) =>
      unknownType({ file: "a", path: [], range: [i * 4000, i * 4000 + 2] }),
    );
    expect(format(many, () => line).split("\n").length).toBeGreaterThan(200);
  });
});

test("nothing of a model reaches a terminal as a control character", () => {
  const hostile = fc.string({
    unit: fc.constantFrom(
      "a",
      " ",
      "\t",
      "\u001b",
      "\u009b",
      "\r",
      "\n",
      "\u202e",
      "\u2028",
      "\ud800",
      "\u0000",
      "日",
      "\u{1f642}",
      "\u{e0041}",
      "\ufeff",
    ),
    maxLength: 40,
  });
  fc.assert(
    fc.property(hostile, hostile, fc.nat(60), fc.nat(60), (text, name, from, length) => {
      const place: Place = { file: name, path: [], range: [from, from + length] };
      const one = diagnostic("unknown-type", { name, suggestion: name }, place, {
        related: [{ message: name, place }],
        help: name,
      });
      const shown = format([one], () => text);
      expect(shown.replaceAll("\n", "")).not.toMatch(
        /[\p{Cc}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\ufeff\u{e0000}-\u{e007f}]/u,
      );
      expect(shown.isWellFormed()).toBe(true);
      // Lines are only those that the format makes.
      for (const line of shown.split("\n"))
        expect(line).toMatch(/^$| {2}error {2}|^ +\d* │|^related: |^help: |^1 error$/);
    }),
  );
});

describe("toJson", () => {
  test("has all that the text has, with both ends of the place", () => {
    const one = diagnostic(
      "duplicate-key",
      { key: "total" },
      { ...total, at: "key" },
      {
        related: [{ message: "It is here first.", place: total }],
        help: "Remove it.",
      },
    );
    expect(toJson([one], read)).toEqual([
      {
        ...{ code: "duplicate-key", severity: "error", message: 'The key "total" is here twice.' },
        ...{ file: "shop.yaml", line: 4, column: 7, endLine: 4, endColumn: 12 },
        related: [{ message: "It is here first.", file: "shop.yaml", line: 4, column: 14, endLine: 4, endColumn: 18 }],
        help: "Remove it.",
      },
    ]);
  });

  test("leaves out lines of files without text", () => {
    expect(toJson([unknownType({ file: "none", path: ["a"] })], read)[0]).toEqual({
      ...{ code: "unknown-type", severity: "error", file: "none", related: [] },
      message: 'There is no type called "Mony". Did you mean "Money"?',
    });
  });
});

import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bashWord,
  docLines,
  hashLines,
  identifier,
  type Literal,
  literal,
  propertyAccess,
  propertyKey,
  templateText,
} from "../../src/render/code.js";

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom('"', "'", "`", "\\", "$", "{", "}", "\n", "\u2028", "\u2029", "*/", "/*", "@", "a", " "),
  }),
  fc.constantFrom("__proto__", "constructor", "*/", "</script>", "${x}", "\u202e", "\ufeff"),
);

const value: fc.Arbitrary<Literal> = fc.letrec<{ value: Literal }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value")),
    fc.dictionary(text, tie("value"), { noNullPrototype: true }),
  ),
})).value;

/** Evaluates code of ours: what it yields is what it says. */
const evaluate = (code: string): unknown => new Function(`"use strict"; return (${code});`)();

describe("code", () => {
  it("yields the value of a literal", () => {
    fc.assert(fc.property(value, (one) => void expect(evaluate(literal(one))).toEqual(one)));
  });

  it("prints literals on one line, in plain sight", () => {
    fc.assert(
      fc.property(text, (one) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
        expect(literal(one)).not.toMatch(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ufeff]/);
      }),
    );
  });

  it("keeps a key an own property, whatever it is called", () => {
    fc.assert(
      fc.property(text, (name) => {
        const object = evaluate(`{ ${propertyKey(name)}: 1 }`) as object;
        expect(Object.keys(object)).toEqual([name]);
        expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
        expect(new Function("object", `return object${propertyAccess(name)};`)(object)).toBe(1);
      }),
    );
  });

  it("prints text of template literals", () => {
    fc.assert(
      fc.property(
        text,
        text,
        (a, b) => void expect(evaluate(`\`${templateText(a)}\${"-"}${templateText(b)}\``)).toBe(`${a}-${b}`),
      ),
    );
  });

  it("refuses what is no identifier", () => {
    expect(identifier("a$1")).toBe("a$1");
    for (const name of ["", "1a", "a b", "a;b", "__proto__", "a\n"]) expect(() => identifier(name)).toThrow();
  });

  it("ends a comment only at its end", () => {
    fc.assert(
      fc.property(fc.array(text), text, (paragraphs, reason) => {
        const comment = docLines(...paragraphs, { tag: "deprecated", text: reason }).join("\n");
        expect(comment.indexOf("*/")).toBe(comment.length - 2);
        expect(comment).not.toMatch(/(?<![\w\\])@(?!deprecated\b)\w/);
        expect(evaluate(`${comment} 1`)).toBe(1);
      }),
    );
  });

  it("lays a comment out by its lines", () => {
    expect(docLines(undefined, " ", "")).toEqual([]);
    expect(docLines("One.")).toEqual(["/** One. */"]);
    expect(docLines("One.\n\n two ", undefined, "Three @x a@b.c */")).toEqual([
      "/**",
      " * One.",
      " *",
      " *  two",
      " *",
      " * Three \\@x a@b.c *\\/",
      " */",
    ]);
    expect(docLines({ tag: "deprecated", text: "" })).toEqual(["/** @deprecated */"]);
  });

  it("keeps comments of scripts on their lines", () => {
    fc.assert(
      fc.property(text, (one) => {
        for (const line of hashLines(one)) expect(line).toMatch(/^#( [^\n\r\0]*)?$/);
      }),
    );
  });

  it("gives bash the very word", () => {
    const words = [...new Set(fc.sample(text, { numRuns: 300, seed: 3 }))].filter(
      (one) => !one.includes("\0") && (one as WellFormed).isWellFormed(),
    );
    const script = words.map((one) => `printf '%s\\0' ${bashWord(one)}`).join("\n");
    expect(execFileSync("bash", ["-c", script]).toString().split("\0").slice(0, -1)).toEqual(words);
    expect(bashWord("a-b/c.d:1")).toBe("a-b/c.d:1");
    expect(bashWord("")).toBe("''");
    expect(() => bashWord("\0")).toThrow();
  });
});

interface WellFormed {
  isWellFormed(): boolean;
}

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inclusionOf, textOf } from "../../src/mapping/language.js";
import { readPattern } from "../../src/mapping/pattern.js";

const all = { min: 0, max: Number.POSITIVE_INFINITY };

const language = (source: string, lengths: { readonly min: number; readonly max: number } = all) => {
  const pattern = readPattern(source);
  if (pattern === undefined) throw new Error(`not understood: ${source}`);
  return { ...lengths, pattern };
};

const included = (source: string, target: string) => inclusionOf(language(source), language(target));

describe("inclusionOf", () => {
  it.each([
    ["^[A-Z]{3}$", "^[A-Z]{3,5}$"],
    ["^abc$", "b"],
    ["^a", "^(?:a|b)"],
    ["^(?:ab)+$", "^[ab]*$"],
    ["^[0-9]+$", "^\\d+$"],
    ["^\\w$", "^[A-Za-z0-9_]$"],
    ["^\\p{Lu}$", "^\\p{L}$"],
    ["^(?<year>\\d{4})$", "^\\d{2,4}$"],
    ["^\\u{1F600}$", "^\\ud83d\\ude00$"],
    ["^[^\\n]$", "^(?:.|\\r|[\\u2028\\u2029])$"],
    ["a$|^b", "a|b"],
    ["^$", "^a?$"],
    ["^a{2,}?$", "^a+$"],
    ["^\\/\\-$", "^/-$"],
  ])("finds every text of %s in %s", (source, target) => {
    expect(included(source, target)).toEqual({ kind: "included" });
  });

  it.each([
    ["^[A-Z]{3,5}$", "^[A-Z]{3}$", "AAAA"],
    ["a", "^a", "aa"],
    ["^[a-z-]+$", "^[a-z]+$", "-"],
    ["^.$", "^\\w$", " "],
    ["^\\s$", "^ $", "\t"],
    ["", "^.+$", ""],
    ["$^", "^a$", ""],
  ])("finds a text of %s that %s has not", (source, target, text) => {
    const found = included(source, target);
    expect(found.kind).toBe("excluded");
    if (found.kind !== "excluded") return;
    expect(found.text.length).toBeLessThanOrEqual(Math.max(text.length, 2));
    expect(new RegExp(source, "u").test(found.text)).toBe(true);
    expect(new RegExp(target, "u").test(found.text)).toBe(false);
  });

  it("counts lengths in code points", () => {
    expect(inclusionOf(language("^[A-Z]{1,3}$"), { min: 0, max: 3 })).toEqual({ kind: "included" });
    expect(inclusionOf(language("^[A-Z]{1,3}$"), { min: 0, max: 2 })).toEqual({ kind: "excluded", text: "AAA" });
    expect(inclusionOf(language("^\\u{1F600}$"), { min: 1, max: 1 })).toEqual({ kind: "included" });
    expect(inclusionOf(language("^[A-Z]+$", { min: 2, max: 4 }), language("^[A-Z]{2,4}$"))).toEqual({
      kind: "included",
    });
  });

  it("agrees with the engine's own regular expressions", () => {
    const atom = fc.constantFrom(
      "a",
      "b",
      "[ab]",
      "[^a]",
      ".",
      "\\d",
      "(?:a|b)",
      "(?:ab)*",
      "a?",
      "b+",
      "c{1,2}",
      "^",
      "$",
      "(?:^a|b$)",
    );
    const source = fc.array(atom, { maxLength: 5 }).map((parts) => parts.join(""));
    const word = fc
      .array(fc.constantFrom("a", "b", "c", "1", "\n"), { maxLength: 6 })
      .map((letters) => letters.join(""));
    let excluded = 0;
    fc.assert(
      fc.property(source, source, fc.array(word, { minLength: 20, maxLength: 20 }), (one, other, words) => {
        const found = included(one, other);
        const [a, b] = [new RegExp(one, "u"), new RegExp(other, "u")];
        if (found.kind === "excluded") {
          excluded++;
          expect([a.test(found.text), b.test(found.text)]).toEqual([true, false]);
        }
        if (found.kind === "included") for (const text of words) if (a.test(text)) expect(b.test(text)).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(excluded).toBeGreaterThan(100);
  });
});

describe("readPattern", () => {
  it.each(["(?=a)", "(?!a)", "(?<=a)b", "(a)\\1", "\\bword\\b", "a{3000}", `${"(".repeat(500)}a${")".repeat(500)}`])(
    "does not guess what %s means",
    (source) => {
      expect(readPattern(source)).toBeUndefined();
    },
  );

  it("gives up on what would take too long", () => {
    const wide = language(`^(?:${Array.from({ length: 30 }, (_, i) => `.{${i}}a.{30}`).join("|")})$`);
    expect(inclusionOf(wide, language("^[ab]*$")).kind).not.toBe("included");
    expect(inclusionOf(language("^(?:a|b)*a(?:a|b){20}$"), language("^(?:a|b)*b(?:a|b){20}$")).kind).not.toBe(
      "included",
    );
  });
});

describe("textOf", () => {
  it.each([
    ["^[A-Z0-9-]{3,20}$", "AAA"],
    ["^\\d{4}-\\d{2}$", "1111-11"],
    ["@", "@"],
  ])("is the shortest text of %s", (source, text) => {
    expect(textOf(language(source))).toBe(text);
  });

  it("is a text for which the condition holds", () => {
    expect(textOf(language("^(?:a|b|c)$"), (text) => text !== "a" && text !== "b")).toBe("c");
    expect(textOf({ min: 3, max: 3 }, (text) => text !== "aaa")).toBe("AAA");
    expect(textOf(language("^a$"), () => false)).toBeUndefined();
  });
});

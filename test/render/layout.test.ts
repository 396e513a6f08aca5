import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Code, code } from "../../src/render/code.js";
import { embed, expanded, group, literalLayout, type Printable, print, statement } from "../../src/render/layout.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

const formatted = (source: string): string =>
  execFileSync(join(root, "node_modules/.bin/biome"), ["format", "--stdin-file-path=src/layout.ts"], {
    cwd: root,
    input: source,
  }).toString();

const word = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: fc.constantFrom("a", "b", "-", '"', "'", "é", "漢"), minLength: 1, maxLength: 40 }),
);

const value: fc.Arbitrary<Printable> = fc.letrec<{ value: Printable }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "large" },
    word,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.array(fc.integer(), { maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 6 }),
    fc.dictionary(word, tie("value"), { maxKeys: 6, noNullPrototype: true }),
  ),
})).value;

describe("the layout", () => {
  it("is that of the formatter", () => {
    const values = fc.sample(
      value.filter((one) => typeof one === "object"),
      { numRuns: 150, seed: 11 },
    );
    const source = values
      .map((one, index) => statement(code`export const name${`${index}` as Code}: unknown = `, literalLayout(one)))
      .join("\n");
    expect(formatted(`${source}\n`)).toBe(`${source}\n`);
  });

  it("breaks what does not fit, and what shall be broken", () => {
    expect(print(literalLayout({ a: [1, { b: "c" }], d: {} }))).toBe('{ a: [1, { b: "c" }], d: {} }');
    expect(print(literalLayout(expanded({ a: { b: 1 } })))).toBe("{\n  a: { b: 1 },\n}");
    expect(print(literalLayout({ a: expanded({}), b: embed(code`f(x)`) }))).toBe("{ a: {}, b: f(x) }");
    const long = group(code`f(`, ["a".repeat(60) as Code, "b".repeat(60) as Code], code`)`);
    expect(print(long, 2, 10)).toBe(`f(\n    ${"a".repeat(60)},\n    ${"b".repeat(60)},\n  )`);
  });

  it("takes no more than linear time for deep and for long values", () => {
    let deep: Printable = 1;
    for (let i = 0; i < 1_000; i++) deep = [deep];
    expect(print(literalLayout(deep)).length).toBeGreaterThan(1_000);
    const long = Array.from({ length: 100_000 }, (_, i) => ({ a: `${i}`, b: [i] }));
    expect(print(literalLayout(long)).length).toBeGreaterThan(1_000_000);
  });
});

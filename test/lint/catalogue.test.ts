import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { categories } from "../../src/diagnostics/entry.js";
import { explain } from "../../src/diagnostics/explain.js";
import { rules } from "../../src/lint/settings.js";

const root = new URL("../../", import.meta.url);
const schema = JSON.parse(readFileSync(new URL("model.schema.json", root), "utf8"));

test("docs/lint.md lists every rule with its category and level, in the order of the catalogue", () => {
  const page = readFileSync(new URL("docs/lint.md", root), "utf8");
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| (\w+) +\| (\w+) +\| \S/gm)].map((match) => match.slice(1, 4));
  expect(rows).toEqual([...rules].map(([rule, { category, severity }]) => [rule, category, severity]));
});

test("the schema of the language offers every rule and category where they can be named", () => {
  const { lint, suppress } = schema.definitions;
  expect(Object.keys(lint.properties.rules.properties)).toEqual([...categories, ...rules.keys()]);
  const suppressible = [...rules].filter(([, { category }]) => category !== "lint").map(([rule]) => rule);
  expect(Object.keys(suppress.properties)).toEqual(suppressible);
});

test("no rule is called like a category", () => {
  expect(categories.filter((name) => (rules as ReadonlyMap<string, unknown>).has(name))).toEqual([]);
});

test("explain says of a rule what it weighs and which it goes with", () => {
  const explained = explain("money-float");
  expect(explained.kind === "known" && explained.text.startsWith("money-float (warning; lint, data)\n\n")).toBe(true);
});

test("no rule but a misspelled name fails a build of a model that nobody set levels in", () => {
  expect([...rules].filter(([, { severity }]) => severity === "error").map(([rule]) => rule)).toEqual([
    "lint-rule-unknown",
  ]);
});

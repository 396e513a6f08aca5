import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogue } from "../../src/diagnostics/catalogue.js";
import { explain, listCodes } from "../../src/diagnostics/explain.js";

test("every code is in kebab-case, with an explanation in sentences", () => {
  for (const [code, entry] of Object.entries(catalogue)) {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(entry.explanation.length, code).toBeGreaterThan(60);
  }
});

test("no code is in two of the catalogue's files, where one would hide the other", () => {
  const folder = new URL("../../src/diagnostics/codes/", import.meta.url);
  const codes = readdirSync(folder).flatMap((file) =>
    [...readFileSync(new URL(file, folder), "utf8").matchAll(/^ {2}"?([a-z0-9-]+)"?: (?:entry|rule|change)\(/gm)].map(
      (match) => match[1],
    ),
  );
  expect(codes.length).toBe(Object.keys(catalogue).length);
  expect([...codes].sort()).toEqual(Object.keys(catalogue).sort());
});

test("explain gives the paragraph of a code, in lines that fit a terminal", () => {
  for (const { code, severity } of listCodes()) {
    const explained = explain(code);
    if (explained.kind === "unknown") throw new Error(`${code} is listed, and unknown`);
    expect(explained.text.startsWith(`${code} (${severity}`)).toBe(true);
    expect(explained.text.endsWith("\n")).toBe(true);
    for (const line of explained.text.split("\n"))
      if (line.includes(" ") && !line.startsWith("  ")) expect(line.length).toBeLessThan(100);
  }
});

test("explain suggests a code for an unknown one", () => {
  expect(explain("unknown-tipe")).toEqual({ kind: "unknown", suggestion: "unknown-type" });
  expect(explain("constructor")).toMatchObject({ kind: "unknown" });
  expect(explain("")).toEqual({ kind: "unknown", suggestion: undefined });
});

test("the list is sorted and complete", () => {
  const codes = listCodes().map((one) => one.code);
  expect(codes).toEqual(Object.keys(catalogue).sort());
});

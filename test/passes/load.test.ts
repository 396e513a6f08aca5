import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.js";
import type { JsonValue } from "../../src/model/type.js";
import type { DocumentCache } from "../../src/passes/load.js";
import { load } from "../../src/passes/load.js";
import { memorySources } from "../memory-sources.js";

const loadFiles = (files: { readonly [path: string]: string }, cache?: DocumentCache) =>
  load("model.yaml", memorySources(files), cache);

const codes = (diagnostics: readonly Diagnostic[]) => diagnostics.map((one) => one.code);

const parsed = async (text: string): Promise<JsonValue | undefined> => {
  const { documents, diagnostics } = await loadFiles({ "model.yaml": text });
  expect(diagnostics).toEqual([]);
  return documents[0]?.value;
};

describe("includes", () => {
  test("are read after the file that includes them, in order, each once", async () => {
    const { documents, diagnostics } = await loadFiles({
      "model.yaml": "include: [b.yaml, 'parts/**/*.yaml', a.yaml]\n",
      "a.yaml": "include: [model.yaml, a.yaml]\n",
      "b.yaml": "include: [./parts/../a.yaml, c.yaml]\n",
      "c.yaml": "{}\n",
      "parts/deep/x.yaml": "include: [../../c.yaml, ../y.yaml]\n",
      "parts/y.yaml": "{}\n",
      "parts/y.json": "{}\n",
    });
    expect(diagnostics).toEqual([]);
    expect(documents.map((document) => document.file)).toEqual([
      ...["model.yaml", "b.yaml", "c.yaml", "parts/deep/x.yaml", "parts/y.yaml", "a.yaml"],
    ]);
  });

  test("that are wrong are all reported, and the others read", async () => {
    const { documents, diagnostics } = await loadFiles({
      "model.yaml": "include: [../x.yaml, '/etc/*', orders.yml, 'none/*.yaml', good.yaml, 5, '.']\n",
      "good.yaml": "a: 1\n",
      "orders.yaml": "a: 1\n",
    });
    expect(diagnostics.map((one) => [one.code, one.place.path[1]])).toEqual([
      ["include-outside", 0],
      ["include-outside", 1],
      ["include-missing", 3],
      ["include-outside", 6],
      ["include-missing", 2],
    ]);
    expect(diagnostics.find((one) => one.message.includes("orders.yml"))?.message).toContain('"orders.yaml"');
    expect(documents.map((document) => document.file)).toEqual(["model.yaml", "good.yaml"]);
  });

  test("a file that is refused says why", async () => {
    const sources = memorySources({ "model.yaml": "include: [link.yaml]\n" });
    const { diagnostics } = await load("model.yaml", {
      ...sources,
      read: (path) => (path === "link.yaml" ? { kind: "refused", reason: "it is a link" } : sources.read(path)),
    });
    expect(diagnostics.map((one) => [one.code, one.message, one.place])).toEqual([
      [
        "include-outside",
        '"link.yaml" cannot be included: it is a link.',
        { file: "model.yaml", path: ["include", 0] },
      ],
    ]);
  });

  test("a chain of 5,000 files does not overflow", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 5000 }, (_, i) => [i === 0 ? "model.yaml" : `f${i}.yaml`, `include: [f${i + 1}.yaml]\n`]),
    );
    const { documents, diagnostics } = await loadFiles({ ...files, "f5000.yaml": "{}\n" });
    expect(diagnostics).toEqual([]);
    expect(documents.length).toBe(5001);
  });

  test("that each name all files are searched once and stay linear", async () => {
    let searches = 0;
    const sources = memorySources({
      "model.yaml": "include: ['*.yaml']\n",
      ...Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}.yaml`, "include: ['*.yaml']\n"])),
    });
    const { documents } = await load("model.yaml", {
      ...sources,
      match: (pattern) => {
        searches++;
        return sources.match(pattern);
      },
    });
    expect(documents.length).toBe(501);
    expect(searches).toBe(1);
  });
});

describe("the entry file", () => {
  test("that is missing is reported with one that is there", async () => {
    const { diagnostics } = await load("shop.yml", memorySources({ "shop.yaml": "a: 1\n" }));
    expect(diagnostics.map((one) => one.message)).toEqual(['There is no file "shop.yml". Did you mean "shop.yaml"?']);
    expect(codes(diagnostics)).toEqual(["file-missing"]);
  });

  test("can be JSON", async () => {
    const { documents } = await load("m.json", memorySources({ "m.json": '{\n\t"evgen": 1,\n\t"types": {}\n}\n' }));
    expect(documents[0]?.value).toEqual({ evgen: 1, types: {} });
  });
});

describe("the cache", () => {
  test("gives what it has without parsing, and gets what is flawless", async () => {
    const kept = new Map<string, JsonValue>([["@ is not YAML", { include: ["b.yaml"] }]]);
    const { documents, diagnostics } = await loadFiles({ "model.yaml": "@ is not YAML", "b.yaml": "b: 1\n" }, kept);
    expect(diagnostics).toEqual([]);
    expect(documents.map((document) => document.value)).toEqual([{ include: ["b.yaml"] }, { b: 1 }]);
    expect(kept.get("b: 1\n")).toEqual({ b: 1 });
  });

  test("does not get what has errors or warnings, which would be silent the next time", async () => {
    const kept = new Map<string, JsonValue>();
    const warned = await loadFiles({ "model.yaml": "a: &x: 1\nb: *x:\n" }, kept);
    expect(codes(warned.diagnostics)).toEqual(["yaml-warning", "yaml-warning"]);
    expect(warned.documents[0]?.value).toEqual({ a: 1, b: 1 });
    await loadFiles({ "model.yaml": "a: [\n" }, kept);
    await loadFiles({ "model.yaml": "- a\n" }, kept);
    expect(kept.size).toBe(0);
  });
});

describe("YAML", () => {
  test("keys are texts as they stand", async () => {
    expect(await parsed("? 1\n: a\n01: b\ntrue: c\nnull: d\n2026-01-01: e\non: f\n")).toEqual({
      ...{ "1": "a", "01": "b", true: "c", null: "d", "2026-01-01": "e", on: "f" },
    });
  });

  test("aliases repeat the nearest value above", async () => {
    expect(await parsed("a: &x { b: 1 }\nc: *x\nd: &x [b]\ne: *x\n")).toEqual({
      ...{ a: { b: 1 }, c: { b: 1 }, d: ["b"], e: ["b"] },
    });
  });

  test("tags of the core schema are allowed", async () => {
    expect(await parsed("a: !!str 1\nb: !!int '2'\nc: ! 3\n")).toEqual({ a: "1", b: 2, c: "3" });
  });

  test("__proto__ is a key like any other", async () => {
    const value = await parsed("? __proto__\n: { polluted: true }\n'a': 1\n");
    expect(Object.keys(value as object)).toEqual(["__proto__", "a"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("numbers that would lose digits are errors, others are not", async () => {
    expect(await parsed("? a\n: [9007199254740991, 0.1, 1e300, 1.50, 0x10, 123456789.123456, 5e-324]\n")).toEqual({
      a: [9007199254740991, 0.1, 1e300, 1.5, 16, 123456789.123456, 5e-324],
    });
    const { diagnostics } = await loadFiles({
      "model.yaml": "a: [9007199254740993, 0.12345678901234567, 0x20000000000001, .nan, 1e999]\n",
    });
    expect(codes(diagnostics)).toEqual(Array(5).fill("inexact-number"));
  });

  test("every mistake is reported at its offset", async () => {
    const text = "a: [1 2\nb: {x: y: z}\nc: &d\ne: *f\n";
    const { diagnostics } = await loadFiles({ "model.yaml": text });
    expect(diagnostics.length).toBeGreaterThan(1);
    for (const one of diagnostics) expect(one.place.range?.[0]).toBeLessThanOrEqual(text.length);
  });

  test("directives of YAML 1.2 are allowed, and no others", async () => {
    expect(await parsed("%YAML 1.2\n---\non: yes\n")).toEqual({ on: "yes" });
    for (const directive of ["%YAML 1.1", "%TAG ! tag:x,2026:", "%FOO bar"]) {
      const { diagnostics } = await loadFiles({ "model.yaml": `${directive}\n---\na: 1\n` });
      expect(codes(diagnostics)).toContain("yaml-directive");
    }
  });

  test("bombs of aliases and of nesting are errors, quickly", async () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(", ")}]`,
    );
    const bomb = await loadFiles({ "model.yaml": `a0: &a0 [x]\n${levels.join("\n")}\n` });
    expect(codes(bomb.diagnostics)).toEqual(["too-many-aliases"]);
    for (const deep of [`a: ${"[".repeat(50_000)}`, `a: ${"{b: ".repeat(5000)}`, `a:\n  ${"- ".repeat(5000)}x`]) {
      const { diagnostics } = await loadFiles({ "model.yaml": deep });
      expect(codes(diagnostics)).toContain("nested-too-deep");
    }
  });

  test("a map of 20,000 keys is read in linear time, and a key twice found in it", async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `key${i}: !!str ${i}`);
    const { diagnostics } = await loadFiles({ "model.yaml": `${lines.join("\n")}\nkey7: x\n` });
    expect(codes(diagnostics)).toEqual(["duplicate-key"]);
  });
});

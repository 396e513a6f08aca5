import * as fc from "fast-check";
import { expect, it } from "vitest";
import { compile, generate } from "../src/compile.js";
import { hasErrors } from "../src/diagnostics/diagnostic.js";
import type { Sources } from "../src/passes/load.js";
import { arbitraryModel, type ModelSource } from "./arbitrary-model.js";

const sourcesOf = (model: ModelSource): Sources => ({
  read: (path) => (path === "model.yaml" ? { kind: "text", text: JSON.stringify(model) } : { kind: "missing" }),
  match: () => [],
});

it("makes models that are sound, and that every target can make files of", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryModel(), async (source) => {
      const { model, diagnostics } = await compile("model.yaml", sourcesOf(source));
      expect(diagnostics.filter((one) => one.severity === "error")).toEqual([]);
      if (model === undefined) throw new Error("a model without errors is there");
      const generated = await generate(model);
      expect(hasErrors(generated.diagnostics)).toBe(false);
      expect(generated.files.length).toBeGreaterThan(5);
    }),
    { numRuns: 25 },
  );
});

it("makes models of every sort", () => {
  const texts = fc.sample(arbitraryModel(), { numRuns: 100, seed: 7 }).map((one) => JSON.stringify(one));
  for (const part of [
    '"upcast":{"',
    '"4":{',
    '"retired":true',
    '"becomes":[{',
    '"otherwise":',
    '"map":{',
    '"parse":',
    '"Choice[]"',
    "*/",
  ]) {
    expect(texts.filter((one) => one.includes(part)).length, part).toBeGreaterThan(0);
  }
});

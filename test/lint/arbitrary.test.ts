import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findingFormats } from "../../src/cli/formats/finding-formats.js";
import { formatFindings } from "../../src/cli/formats/print-findings.js";
import { compile } from "../../src/compile.js";
import { lint } from "../../src/lint/lint.js";
import { arbitraryModel } from "../arbitrary-model.js";

test("any sound model can be linted and reported, and says the same each time", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryModel(), async (source) => {
      const all = { documentation: "warning", size: "warning", naming: "error" };
      const text = JSON.stringify({ ...source, lint: { rules: all } });
      const { model, documents } = await compile("model.yaml", {
        read: (path) => (path === "model.yaml" ? { kind: "text", text } : { kind: "missing" }),
        match: () => [],
      });
      if (model === undefined || documents === undefined) throw new Error("The model is sound.");
      const findings = lint(model, documents);
      expect(lint(model, documents)).toEqual(findings);
      expect(new Set(findings.map((one) => `${one.rule} ${one.fingerprint}`)).size).toBe(findings.length);
      for (const { place } of findings) expect(place.path.length).toBeGreaterThan(0);
      const results = [{ model: { folder: "/", entry: "model.yaml", prefix: "" }, findings, read: () => text }];
      for (const format of findingFormats)
        expect((await formatFindings({ command: "lint", results }, format, false)).isWellFormed()).toBe(true);
    }),
    { numRuns: 30 },
  );
});

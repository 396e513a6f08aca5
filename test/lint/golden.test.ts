import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type FindingReport, formatFindings } from "../../src/cli/formats/print-findings.js";
import { textOf } from "../../src/cli/formats/text.js";
import { diskSources } from "../../src/cli/sources.js";
import { compile } from "../../src/compile.js";
import { lint } from "../../src/lint/lint.js";
import { rules } from "../../src/lint/settings.js";
import { sarifResults } from "../cli/sarif.js";

/*
 * A folder for each rule: fires.yaml is a model in which it finds what findings.txt says, clean.yaml one in which it finds
 * nothing that nobody gave a reason for. UPDATE_GOLDEN=1 writes findings.txt.
 */

const folder = fileURLToPath(new URL("../golden/lint/", import.meta.url));
const updates = process.env["UPDATE_GOLDEN"] === "1";

test("every rule has a folder, and every folder a rule", () => {
  expect(readdirSync(folder).sort()).toEqual([...rules.keys()].sort());
});

describe.each([...rules.keys()].sort())("%s", (rule) => {
  const linted = async (file: string): Promise<string> => {
    const sources = diskSources(join(folder, rule));
    const { model, documents, diagnostics } = await compile(file, sources);
    expect(diagnostics.filter((one) => one.severity === "error")).toEqual([]);
    if (model === undefined || documents === undefined) throw new Error(`${rule}/${file} does not compile.`);
    const findings = lint(model, documents).filter((one) => one.rule === rule);
    expect(new Set(findings.map((one) => one.fingerprint)).size, "fingerprints tell findings apart").toBe(
      findings.length,
    );
    const read = (name: string) => {
      const source = sources.read(name);
      return source.kind === "text" ? source.text : undefined;
    };
    const shown = findings.filter((one) => one.accepted === undefined);
    const results = [{ model: { folder, entry: file, prefix: "" }, findings: shown, read }];
    const report: FindingReport = { command: "lint", results };
    const sarif = sarifResults(await formatFindings(report, "sarif", false));
    expect(sarif).toHaveLength(shown.length);
    return textOf(report, false);
  };

  test("finds what it is for", async () => {
    const found = await linted("fires.yaml");
    const golden = join(folder, rule, "findings.txt");
    if (updates) writeFileSync(golden, found);
    expect(found).not.toBe("");
    expect(found).toBe(existsSync(golden) ? readFileSync(golden, "utf8") : "");
  });

  test("finds nothing where there is nothing", async () => {
    expect(await linted("clean.yaml")).toBe("");
  });
});

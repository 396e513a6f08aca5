import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { diskSources } from "../../src/cli/sources.js";
import { compile, generate } from "../../src/compile.js";
import { catalogue } from "../../src/diagnostics/catalogue.js";
import { changeCodes } from "../../src/diagnostics/codes/evolution.js";
import { brokerChanges } from "../../src/diagnostics/codes/evolution-broker.js";
import { rules } from "../../src/lint/settings.js";
import { format } from "../../src/diagnostics/format.js";

/*
 * Each folder beside this file holds a model.yaml, whatever it includes, and what evgen makes of it: the text of its
 * diagnostics in diagnostics.txt (none when the file is not there), the generated files in expected/.
 * UPDATE_GOLDEN=1 writes both.
 */

const folder = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const updates = process.env["UPDATE_GOLDEN"] === "1";
const cases = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "model.yaml")))
  .map((entry) => entry.name)
  .sort();

describe.each(cases)("%s", (name) => {
  const path = join(folder, name);
  const wantsFiles = existsSync(join(path, "expected"));

  test("is reported and generated as it was", async () => {
    const made = await make(path, wantsFiles);
    if (updates) update(path, made);
    expect(made.diagnostics).toBe(readIfThere(join(path, "diagnostics.txt")) ?? "");
    expect(Object.fromEntries(made.files)).toEqual(Object.fromEntries(filesBelow(join(path, "expected"))));
    expect(made.diagnostics !== "" || made.files.size > 0, "a golden case shows diagnostics or files").toBe(true);
  });
});

/** Codes that no model can cause, and where they are tested instead. */
const elsewhere: { readonly [code: string]: string } = {
  "file-missing": "there is no model.yaml then: test/passes/load.test.ts",
  "output-edited": "about files on disk: test/cli",
  "output-foreign": "about files on disk: test/cli",
  "output-blocked": "about files on disk: test/cli",
  "output-outside": "about files on disk: test/cli",
  "output-path": "a defect of a target: test/cli",
  "function-missing": "about functions that are run: test/cli/verify.test.ts",
  "function-throws": "about functions that are run: test/cli/verify.test.ts",
  "function-invalid": "about functions that are run: test/cli/verify.test.ts",
  "function-async": "about functions that are run: test/cli/verify.test.ts",
  "function-impure": "about functions that are run: test/cli/verify.test.ts",
  "function-endless": "about functions that are run: test/cli/verify.test.ts",
  "read-broken": "a bug of evgen: test/evolution/proofs.test.ts",
  "read-changed": "about functions that are run: test/cli/verify.test.ts",
  "read-untried": "about functions that are run: test/cli/verify.test.ts",
  "provision-unreleased": "about an environment: test/cli/plan.test.ts",
  "provision-edited": "about an environment: test/cli/plan.test.ts",
  "output-twice": "a defect of a target: test/cli",
  ...Object.fromEntries(
    Object.keys(brokerChanges).map((code) => [code, "about a broker: test/evolution/broker/findings.test.ts"]),
  ),
};

test("every code of the catalogue is shown by a golden case", () => {
  const shown = new Set(cases.flatMap((name) => codesOf(readIfThere(join(folder, name, "diagnostics.txt")) ?? "")));
  // Each rule of lint has a folder of its own below lint/, which test/lint/golden.test.ts looks after.
  for (const rule of rules.keys()) if (existsSync(join(folder, "lint", rule, "findings.txt"))) shown.add(rule);
  // And so has each rule of check below check/, which test/evolution/check.test.ts looks after.
  for (const rule of Object.keys(changeCodes)) shown.add(rule);
  const missing = Object.keys(catalogue).filter((code) => !shown.has(code) && !Object.hasOwn(elsewhere, code));
  expect(missing).toEqual([]);
  expect(Object.keys(elsewhere).filter((code) => !Object.hasOwn(catalogue, code) || shown.has(code))).toEqual([]);
});

test("what is tested elsewhere is tested there", () => {
  for (const [code, where] of Object.entries(elsewhere)) {
    const path = /test\/[\w./-]+$/.exec(where)?.[0] ?? "";
    const files = path.endsWith(".ts") ? [path] : readdirSync(join(root, path)).map((file) => `${path}/${file}`);
    const texts = files.filter((file) => file.endsWith(".test.ts")).map((file) => readFileSync(join(root, file), "utf8"));
    expect(texts.some((text) => text.includes(code)), `${code}: ${where}`).toBe(true);
  }
});

const codesOf = (diagnostics: string): readonly string[] =>
  [...diagnostics.matchAll(/^\S.*? {2}(?:error|warning) {2}([a-z0-9-]+) {2}/gm)].map((match) => match[1] ?? "");

interface Made {
  readonly diagnostics: string;
  readonly files: ReadonlyMap<string, string>;
}

/** Files are made where they are expected, and where there is nothing else to show. */
const make = async (path: string, wantsFiles: boolean): Promise<Made> => {
  const sources = diskSources(path);
  const compiled = await compile("model.yaml", sources);
  const withFiles = wantsFiles || compiled.diagnostics.length === 0;
  const generated =
    withFiles && compiled.model !== undefined ? await generate(compiled.model) : { files: [], diagnostics: [] };
  const text = format([...compiled.diagnostics, ...generated.diagnostics], (file) => {
    const source = sources.read(file);
    return source.kind === "text" ? source.text : undefined;
  });
  return { diagnostics: text, files: new Map(generated.files.map((file) => [file.path, file.content])) };
};

const update = (path: string, made: Made): void => {
  rmSync(join(path, "expected"), { recursive: true, force: true });
  for (const [file, content] of made.files) {
    const target = join(path, "expected", file);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  if (made.diagnostics === "") rmSync(join(path, "diagnostics.txt"), { force: true });
  else writeFileSync(join(path, "diagnostics.txt"), made.diagnostics);
};

const filesBelow = (path: string, prefix = ""): ReadonlyMap<string, string> => {
  const files = new Map<string, string>();
  if (!existsSync(path)) return files;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const name = prefix + entry.name;
    if (entry.isDirectory())
      for (const [file, text] of filesBelow(join(path, entry.name), `${name}/`)) files.set(file, text);
    else files.set(name, readFileSync(join(path, entry.name), "utf8"));
  }
  return files;
};

const readIfThere = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

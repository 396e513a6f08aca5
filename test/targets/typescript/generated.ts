import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect } from "vitest";
import { compile } from "../../../src/compile.js";
import type { Model } from "../../../src/model/model.js";
import type { TargetContext } from "../../../src/targets/target.js";
import { typescript } from "../../../src/targets/typescript/index.js";
import { memorySources } from "../../memory-sources.js";

/** The root of the repository. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Text of a file of the repository. */
export const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

/** The model of a YAML text, and of the files that it names. A mistake in it fails the test. */
export const modelOf = async (yaml: string, files: { readonly [path: string]: string } = {}): Promise<Model> => {
  const { model, diagnostics } = await compile("model.yaml", memorySources({ "model.yaml": yaml, ...files }));
  const errors = diagnostics.filter((one) => one.severity === "error");
  expect(errors.map((one) => `${one.message} ${one.place.path.join(".")}`)).toEqual([]);
  if (model === undefined) throw new Error("no model");
  return model;
};

export type Files = ReadonlyMap<string, string>;

/** What the target writes, by path below its folder: `order/order-placed.ts`. */
export const generate = async (
  model: Model,
  fragments: TargetContext["fragments"] = new Map<string, string>(),
): Promise<Files> => {
  expect(typescript.check(model)).toEqual([]);
  const files = await typescript.generate(model, { fragments });
  return new Map(files.map(({ path, content }) => [path.replace(/^typescript\//, ""), content]));
};

/** A folder of its own with these files in it, outside of the repository. */
export const folderOf = (files: Files): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "evgen-typescript-")));
  folders.push(folder);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
};

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The files of a folder, by path below it. */
export const filesIn = (folder: string): Files =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => [path, readFileSync(join(folder, path), "utf8")]),
  );

/** What the compiler says about the folder's own files, under the strictest settings that a user may have. */
export const typeErrors = async (folder: string, include = "**/*.ts"): Promise<readonly string[]> => {
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023"],
    module: "nodenext",
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    paths: { "evgen/runtime": [join(root, "src/runtime/index.ts")] },
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
    noPropertyAccessFromIndexSignature: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    allowUnreachableCode: false,
    allowUnusedLabels: false,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    isolatedModules: true,
    isolatedDeclarations: true,
    declaration: true,
    skipLibCheck: true,
    noEmit: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: [include] }));
  const output = await run(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.json", "--pretty", "false"], folder);
  // The runtime's source is seen through `paths`; it is checked with the project's own settings elsewhere.
  return output.split("\n").filter((line) => /error TS/.test(line) && !/^\S*src\/runtime\//.test(line));
};

/** What Biome says about files, with the project's own settings. */
export const biomeErrors = async (files: Files): Promise<readonly string[]> => {
  const folder = folderOf(files);
  writeFileSync(join(folder, "biome.json"), textOf("biome.json").replace(/"\$schema".*,\n/, ""));
  const output = await run(
    join(root, "node_modules/.bin/biome"),
    ["check", "--colors=off", "--reporter=github", "--max-diagnostics=none", "."],
    folder,
  );
  return output.split("\n").filter((line) => line.startsWith("::error") && line.includes(".ts,"));
};

const run = (command: string, parameters: readonly string[], cwd: string): Promise<string> =>
  new Promise((resolve) => {
    execFile(command, parameters, { cwd, maxBuffer: 1e8 }, (_error, stdout, stderr) => resolve(`${stdout}${stderr}`));
  });

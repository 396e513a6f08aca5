import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const src = fileURLToPath(new URL("../src/", import.meta.url));

/** What each part of src may import, as ARCHITECTURE.md's table says; a part may always import itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  cli: [
    "index.ts",
    "compile.ts",
    "passes",
    "targets",
    "pulsar",
    "mapping",
    "model",
    "render",
    "diagnostics",
    "runtime",
    "evolution",
    "lint",
    "lineage",
    "testing",
    "verify",
  ],
  "index.ts": ["compile.ts", "passes", "targets", "model", "diagnostics", "mapping", "cli"],
  "compile.ts": ["passes", "evolution", "targets", "model", "diagnostics"],
  passes: ["mapping", "model", "diagnostics", "evolution/released.ts"],
  targets: [
    ...["mapping", "model", "render", "diagnostics", "pulsar/desired.ts", "runtime/ajv.ts"],
    ...["evolution/projection-hash.ts", "runtime/definitions.ts", "runtime/postgres/ddl.ts", "runtime/store.ts"],
  ],
  pulsar: ["model", "diagnostics", "targets/avro.ts", "evolution/broker/definition.ts", "evolution/broker/equal.ts"],
  mapping: ["model", "render", "diagnostics", "runtime"],
  lint: ["evolution", "model", "diagnostics"],
  lineage: ["evolution/released.ts", "mapping", "model", "diagnostics"],
  evolution: ["mapping", "model", "diagnostics", "runtime", "testing", "targets/avro.ts"],
  testing: ["model", "runtime"],
  verify: ["testing", "evolution", "targets", "mapping", "model", "diagnostics", "runtime"],
  model: ["diagnostics", "mapping"],
  render: [],
  diagnostics: [],
  runtime: [],
};

/** Folders in which one library may be imported, and no other. */
const onlyIn: readonly (readonly [library: string, folders: readonly string[]])[] = [
  ["handlebars", ["render"]],
  ["json-schema-to-typescript", ["targets"]],
  ["yaml", ["passes", "diagnostics", "targets"]],
  ["commander", ["cli"]],
  ["fast-check", ["testing"]],
  ["avsc", ["runtime"]],
  ["ws", ["runtime"]],
  ["@opentelemetry/api", ["runtime"]],
  ["ajv", ["passes", "runtime", "targets"]],
  ["node:fs", ["cli", "render"]],
  ["node:http", ["pulsar", "runtime"]],
  ["node:https", ["pulsar", "runtime"]],
];

interface Import {
  readonly file: string;
  readonly part: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const imports: readonly Import[] = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => {
    const text = readFileSync(join(src, file), "utf8");
    const found = text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s+"([^"]+)"|import\(\s*"([^"]+)"/g,
    );
    return [...found].map((match) => ({
      file,
      part: file.split("/")[0] ?? file,
      target: match[2] ?? match[3] ?? "",
      typeOnly: match[1] !== undefined,
    }));
  });

describe("the layers", () => {
  it("are seen by this test", () => {
    expect(imports.length).toBeGreaterThan(50);
  });

  it("import only what ARCHITECTURE.md allows", () => {
    const wrong = imports
      .filter(({ target }) => target.startsWith("."))
      .map((one) => {
        const resolved = normalize(join(dirname(one.file), one.target)).replace(/\.js$/, ".ts");
        return { ...one, to: resolved.split("/")[0] ?? resolved, resolved };
      })
      .filter(
        ({ part, to, resolved }) => ![part, ...(allowed[part] ?? [])].some((one) => one === to || one === resolved),
      )
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(wrong).toEqual([]);
  });

  it("keep the model free of everything but types of its neighbours", () => {
    const wrong = imports
      .filter(({ part, target, typeOnly }) => part === "model" && !typeOnly && target.startsWith("../"))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(wrong).toEqual([]);
  });

  it.each(onlyIn)("import %s only in their place", (library, folders) => {
    const wrong = imports
      .filter(({ target, part }) => (target === library || target.startsWith(`${library}/`)) && !folders.includes(part))
      .map(({ file }) => relative(".", file));
    expect(wrong).toEqual([]);
  });
});

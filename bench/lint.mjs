#!/usr/bin/env node
/**
 * Measures `evgen lint` as whole processes, in turn with `buf lint` on the same events, and prints a table of medians
 * (seconds) and ratios: with what each finds by default, and where neither finds anything.
 *
 *   npm run compile && npm install --prefix bench && node bench/lint.mjs [--sizes 100,1000] [--runs 5]
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: { sizes: { type: "string", default: "100,1000" }, runs: { type: "string", default: "5" } },
});
const here = dirname(fileURLToPath(import.meta.url));
const evgen = join(dirname(here), "dist", "cli", "main.js");
const buf = join(here, "node_modules", ".bin", "buf");
const work = mkdtempSync(join(tmpdir(), "evgen-bench-"));
const env = { ...process.env, NO_COLOR: "1", EVGEN_CACHE_DIR: join(work, "cache") };

try {
  console.log("| what | events | median s | buf lint | ratio |\n|---|---|---|---|---|");
  for (const size of options.sizes.split(",").map(Number)) measure(size);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function measure(size) {
  const corpus = join(work, String(size));
  run([process.execPath, [join(here, "corpus.mjs"), "--n", String(size), "--out", corpus], here]);
  const [model, proto] = [join(corpus, "evgen"), join(corpus, "proto")];
  const lint = (...more) => [process.execPath, [evgen, "lint", ...more], model];
  const peer = [buf, ["lint"], proto];
  compare("findings, no cache", size, lint("--no-cache"), peer);
  compare("findings, nothing changed", size, lint(), peer);

  appendFileSync(join(model, "model.yaml"), "\nlint: { rules: { documentation: off, privacy: off } }\n");
  writeFileSync(join(proto, "buf.yaml"), "version: v2\nlint:\n  except: [ENUM_VALUE_PREFIX]\n");
  for (const [command, args, cwd] of [lint(), peer])
    if (run([command, args, cwd]).stdout !== "") throw new Error(`${command} still finds something.`);
  compare("no findings, no cache", size, lint("--no-cache"), peer);
}

/** Runs two commands in turn, A B A B …; the ratio is the median of the ratios pair by pair. */
function compare(name, size, command, other) {
  run(command);
  const pairs = Array.from({ length: Number(options.runs) }, () => [run(command).seconds, run(other).seconds]);
  const [ours, theirs] = [0, 1].map((i) => median(pairs.map((pair) => pair[i])).toFixed(3));
  const ratio = median(pairs.map(([a, b]) => a / b)).toFixed(2);
  console.log(`| ${name} | ${size} | ${ours} | ${theirs} | ${ratio} |`);
}

/** Findings of buf end with 100. */
function run([command, args, cwd]) {
  const start = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8", maxBuffer: 2 ** 28 });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0 && status !== 100) throw new Error(`${command} ${args.join(" ")} ended with ${status}\n${stderr}`);
  return { seconds, stdout };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

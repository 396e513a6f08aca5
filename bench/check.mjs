#!/usr/bin/env node
/**
 * Measures `evgen check` as whole processes, in turn with `buf breaking` against a commit on the same events, and both
 * pre-commit hooks on the example in turn with `node -e 0`. Prints a table of medians (seconds), memory and ratios.
 *
 *   npm run compile && npm install --prefix bench && node bench/check.mjs [--sizes 1000,5000] [--runs 5]
 */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: { sizes: { type: "string", default: "1000,5000" }, runs: { type: "string", default: "5" } },
});
const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const main = join(root, "dist", "cli", "main.js");
const buf = join(here, "node_modules", ".bin", "buf");
const work = mkdtempSync(join(tmpdir(), "evgen-bench-"));
const peak = join(work, "peak");
const env = { ...process.env, NO_COLOR: "1", EVGEN_CACHE_DIR: join(work, "cache") };
const measured = `data:text/javascript,import{writeFileSync}from"node:fs";process.on("exit",()=>writeFileSync(${JSON.stringify(peak)},String(process.resourceUsage().maxRSS)))`;
const largestPeer = 1000;

try {
  console.log("| what | events | median s | MB | to | ratio |\n|---|---|---|---|---|---|");
  for (const size of options.sizes.split(",").map(Number)) if (size > 0) measure(size);
  hooks();
} finally {
  rmSync(work, { recursive: true, force: true });
}

function measure(size) {
  const corpus = join(work, String(size));
  run([process.execPath, [join(here, "corpus.mjs"), "--n", String(size), "--out", corpus], here]);
  const [model, proto] = [join(corpus, "evgen"), join(corpus, "proto")];
  const check = (...more) => [process.execPath, [main, "check", ...more], model];
  const peer = size > largestPeer ? undefined : [buf, ["breaking", "--against", ".git#ref=HEAD"], proto];
  run([process.execPath, [main, "release", "--quiet"], model]);
  for (const folder of [model, proto]) commit(folder);
  // Else what is measured is how soon it gives up.
  if (run(check()).status !== 0) throw new Error("what was just released is not found to be so");
  compare("nothing changed, against the lock", size, check(), peer);

  // One field of a released version is an integer no longer.
  const edited = edit(join(model, "aggregates"), /: int\n/, ": long\n");
  if (peer !== undefined) edit(proto, /\bint(32|64) /, "bool ");
  for (const command of [check(), peer].filter((one) => one !== undefined))
    if (run(command).status === 0) throw new Error(`${command[0]} does not see the change`);
  // Another text each time, or the answer to the last one would be remembered.
  compare("one change, against the lock", size, check(), peer, { before: () => appendFileSync(edited, "# more\n") });
  compare("one change, against the lock, no cache", size, check("--no-cache"), peer);
  compare("one change, against a commit", size, check("--against", "git:HEAD"), peer);
  compare("one change, against a commit, no cache", size, check("--against", "git:HEAD", "--no-cache"), peer);
}

/** What pre-commit runs one after the other. */
function hooks() {
  const folder = join(work, "example");
  mkdirSync(folder);
  copyFileSync(join(root, "model.example.yaml"), join(folder, "model.yaml"));
  for (const command of ["build", "release"]) run([process.execPath, [main, command, "--quiet"], folder]);
  run([process.execPath, [main, "build", "--quiet"], folder]);
  commit(folder);
  const both = [
    [process.execPath, [main, "build", "--check", "--staged"], folder],
    [process.execPath, [main, "check", "--staged"], folder],
  ];
  compare("both hooks on the example, nothing changed", "", both, [process.execPath, ["-e", "0"], folder], {
    runs: 20,
  });
}

function edit(folder, pattern, replacement) {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (!/\.(yaml|proto)$/.test(name) || name === "Entry.yaml") continue;
    const text = readFileSync(join(folder, name), "utf8");
    if (!pattern.test(text)) continue;
    writeFileSync(join(folder, name), text.replace(pattern, replacement));
    return join(folder, name);
  }
  throw new Error(`nothing to change in ${folder}`);
}

function commit(folder) {
  const git = (...args) => run(["git", ["-c", "user.name=bench", "-c", "user.email=bench@localhost", ...args], folder]);
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--no-gpg-sign", "--message", "released");
}

/** Runs commands in turn, A B A B …; the ratio is the median of the ratios pair by pair. */
function compare(name, size, command, other, { runs = Number(options.runs), before = () => {} } = {}) {
  const commands = Array.isArray(command[0]) ? command : [command];
  const all = () => {
    before();
    return commands.map((one) => run(one).seconds).reduce((a, b) => a + b);
  };
  all();
  const pairs = Array.from({ length: runs }, () => [all(), other === undefined ? Number.NaN : run(other).seconds]);
  const [ours, theirs] = [0, 1].map((i) => median(pairs.map((pair) => pair[i])));
  const memory = Math.max(...commands.map(([node, args, cwd]) => peakOf([node, ["--import", measured, ...args], cwd])));
  const shown = (number, digits) => (Number.isNaN(number) ? "–" : number.toFixed(digits));
  const ratio = median(pairs.map(([a, b]) => a / b));
  console.log(`| ${name} | ${size} | ${shown(ours, 3)} | ${memory} | ${shown(theirs, 3)} | ${shown(ratio, 2)} |`);
}

/** Megabytes that a run of evgen takes at most. */
function peakOf(command) {
  run(command);
  return Math.round(Number(readFileSync(peak, "utf8")) / 1024);
}

/** Findings of evgen end with 1, those of buf with 100. */
function run([command, args, cwd]) {
  const start = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8", maxBuffer: 2 ** 28 });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0 && status !== 1 && status !== 100)
    throw new Error(`${command} ${args.join(" ")} ended with ${status}\n${stdout}\n${stderr}`);
  return { seconds, status };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

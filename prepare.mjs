// npm runs this after an install in a clone, and before it packs a dependency that comes from git. `npm install -g` of one
// (which is what pre-commit does) hands `--global` on to the install in the clone, which then brings no compiler.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const npm = (...args) =>
  execFileSync(process.execPath, [process.env.npm_execpath, ...args], {
    stdio: "inherit",
    env: { ...process.env, npm_config_global: "false", npm_config_prefix: undefined, npm_config_location: undefined },
  });

if (!existsSync("node_modules/typescript")) npm("ci", "--include=dev", "--ignore-scripts");
npm("run", "compile");

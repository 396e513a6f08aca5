import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { modelOf, workspace } from "./evgen.js";

const here = new URL("../../", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("package.json", here), "utf8"));

test.each([["--version"], ["-V"]])("%s prints the version", (option) => {
  expect(workspace().evgen([option])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("help is data, and without a command it is a complaint", () => {
  const { evgen } = workspace();
  const help = evgen(["--help"]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  for (const command of ["build", "check", "release", "init", "explain", "demo"])
    expect(help.stdout).toContain(`  ${command}`);
  expect(evgen([])).toMatchObject({ code: 2, stdout: "" });
  expect(evgen(["help", "build"]).stdout).toContain("--check");
});

test("unknown commands and options are wrong use, with what was meant", () => {
  const { evgen } = workspace();
  expect(evgen(["biuld"])).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("Did you mean build?"),
  });
  expect(evgen(["build", "--chek"])).toMatchObject({ code: 2, stderr: expect.stringContaining("--check") });
  expect(evgen(["build", "a", "b"])).toMatchObject({ code: 2 });
  for (const both of [
    ["--check", "--watch"],
    ["--check", "--force"],
    ["--watch", "--json"],
    ["--staged", "--watch"],
  ])
    expect(evgen(["build", ...both]), both.join(" ")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("exclude"),
    });
});

test("explains each code, and lists them", () => {
  const { evgen } = workspace();
  const list = evgen(["explain"]);
  expect(list.stdout).toContain("output-edited\n");
  expect(evgen(["explain", "output-edited"]).stdout).toMatch(/^output-edited \(error\)\n\n.*manifest/s);
  expect(evgen(["explain", "output-edites"])).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining('"output-edited"'),
  });
});

test("a bug of evgen is called one, with its stack", () => {
  const { evgen, write } = workspace();
  write("model.yaml", modelOf({ OrderPlaced: "a" }));
  const bug =
    "import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module'; fs.mkdirSync = () => null.x; syncBuiltinESMExports();";
  const run = evgen(["build", "--no-cache"], { node: ["--import", `data:text/javascript,${encodeURIComponent(bug)}`] });
  expect(run).toMatchObject({ code: 70, stdout: "" });
  expect(run.stderr).toMatch(/bug in evgen.*report it.*evgen \d.*TypeError.*\n {4}at /s);
});

test("a pipe that is closed early is no failure", async () => {
  const work = workspace();
  work.write(
    "model.yaml",
    modelOf(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`Event${"abcdefghij"[i % 10]}${i}`, "a"]))),
  );
  const child = spawn(process.execPath, [work.main, "build", "--check"], {
    cwd: work.folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.destroy();
  let said = "";
  child.stderr.on("data", (data) => {
    said += data;
  });
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(1);
  expect(said).not.toContain("EPIPE");
});

test("what a model holds does not reach the terminal as control characters", () => {
  const { evgen, write } = workspace();
  write("model.yaml", `${modelOf({ OrderPlaced: "a" })}"\\e[31m\\e]0;x\\a": 1\n`);
  const run = evgen(["build"]);
  expect(run.code).toBe(1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
  expect(run.stderr + run.stdout).not.toMatch(/[\u001b\u0007]/);
  expect(evgen(["build", "no\u001b[31m.yaml"]).stderr).not.toContain("\u001b");
});

test("--json is as its schema says", () => {
  const { evgen, write } = workspace();
  const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false }).compile(
    JSON.parse(readFileSync(new URL("schemas/build-output.schema.json", here), "utf8")),
  );
  const check = (...args: readonly string[]) => {
    const value = JSON.parse(evgen(["build", "--json", ...args]).stdout);
    expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
  };
  write("model.yaml", modelOf({ orderPlaced: "a" }));
  check();
  write("model.yaml", modelOf({ OrderPlaced: "a" }));
  check("--check");
  check();
  write("generated/typescript/order.ts", "mine\n");
  check("--check");
  check();
  expect(validate({ format: "evgen-build", version: 1, check: true })).toBe(false);
});

test("the demo shows the upcast, the parked event, and that it caught up", () => {
  const run = workspace().evgen(["demo"]);
  expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(run.stdout).toContain('stored in version 1: {"customerId":"ada","total":{"amount":"25.50","currency":"EUR"}');
  expect(run.stdout).toMatch(/orders-warehouse-dlq holds\n +"not an event", invalid: /);
  expect(run.stdout).toMatch(/0002 +grace +cancelled +99\.90/);
  expect(run.stdout).toMatch(/ada +2 +35\.50\n +grace +2 +105\.00/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a pipe gets no colours
  expect(run.stdout).not.toMatch(/\u001b/);
});

test("the demo runs the code that is generated from the example", () => {
  const list = (folder: URL): string[] =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .sort();
  const [shown, generated] = [new URL("src/cli/demo/generated/", here), new URL("generated/typescript/", here)];
  expect(list(shown)).toEqual(list(generated));
  for (const path of list(shown))
    expect(readFileSync(new URL(path, shown), "utf8"), path).toBe(readFileSync(new URL(path, generated), "utf8"));
});

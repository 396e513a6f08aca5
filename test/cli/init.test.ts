import { mkdirSync, symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { workspace } from "./evgen.js";

test("writes a first model that builds without a complaint, and a second run changes nothing", () => {
  const work = workspace();
  mkdirSync(work.path(".git"));
  work.write("package.json", '{\n\t"name": "mine",\n\t"scripts": { "test": "true", "events:check": "mine" }\n}\n');
  work.write(".gitattributes", "*.png binary");
  const first = work.evgen(["init", "--system", "web-shop"]);
  expect(first).toMatchObject({ code: 0, stdout: "" });
  expect(work.read("model.yaml")).toContain("system: web-shop\n");
  expect(work.read("package.json")).toBe(
    '{\n\t"name": "mine",\n\t"scripts": {\n\t\t"test": "true",\n\t\t"events:check": "mine",\n\t\t"events:build": "evgen build"\n\t}\n}\n',
  );
  expect(work.read(".gitattributes")).toBe(
    "*.png binary\ngenerated/** linguist-generated text eol=lf -merge\ngenerated/.evgen-manifest merge=union\nevgen.lock text eol=lf\n",
  );
  expect(work.read(".pre-commit-config.yaml")).toContain("evgen build --check --staged");
  const before = work.files(".");
  expect(work.evgen(["init", "--system", "other", "--out", "generated"]).code).toBe(0);
  expect(work.files(".")).toEqual(before);
  const built = work.evgen(["build"]);
  expect(built.code).toBe(0);
  expect(built.stderr).toMatch(/^generated: \d+ written, 0 removed, 0 unchanged\.\n$/);
});

test("the version 2 that the first model's comment shows is right", () => {
  const work = workspace();
  work.evgen(["init"]);
  const model = work.read("model.yaml");
  const shown = /^ {10}# {3}(2:\n(?: {10}# {3}.*\n)+)/m.exec(model)?.[1] ?? "";
  expect(shown).toContain("upcast");
  const version = shown
    .replace(/^ *# {3}/gm, "")
    .replace(/^/gm, "          ")
    .trimEnd();
  work.write("model.yaml", model.replace(/^ {6}OrderShipped:/m, `${version}\n      OrderShipped:`));
  expect(work.evgen(["build"])).toMatchObject({ code: 0 });
});

test("every question has an option, and wrong answers are refused", () => {
  const work = workspace();
  const options = ["--system", "a", "--model", "events.yaml", "--out", "src/generated", "--target", "schemas"];
  expect(work.evgen(["init", "sub/folder", ...options, "--no-scripts", "--no-git", "--yes", "--quiet"])).toEqual({
    code: 0,
    signal: null,
    stdout: "",
    stderr: "",
  });
  expect([...work.files("sub/folder").keys()]).toEqual(["events.yaml"]);
  expect(work.evgen(["build", "sub/folder/events.yaml"]).code).toBe(0);
  for (const [option, value] of [
    ["--system", "Shop"],
    ["--system", "a\nb: c"],
    ["--model", "../model.yaml"],
    ["--out", "../out"],
    ["--out", "/out"],
    ["--target", "a, b]"],
  ])
    expect(work.evgen(["init", "other", String(option), String(value)]), value).toMatchObject({ code: 2 });
  expect([...work.files(".").keys()].some((path) => path.startsWith("other"))).toBe(false);
});

test("leaves alone what it does not understand", () => {
  const work = workspace();
  work.write("package.json", "{ broken");
  work.write("elsewhere", "keep\n");
  symlinkSync("elsewhere", work.path(".gitattributes"));
  mkdirSync(work.path(".git"));
  work.write("lefthook.yml", "{}\n");
  const run = work.evgen(["init"]);
  expect(run.code).toBe(0);
  expect(run.stderr).toContain("lefthook.yml: to check every commit");
  expect(work.read("package.json")).toBe("{ broken");
  expect(work.read("elsewhere")).toBe("keep\n");
});

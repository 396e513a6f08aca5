import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { workspace } from "./evgen.js";

/*
 * Which packages a command loads, as Node itself tells: what is heavy stays off the way of those that run in every commit.
 * A hook of the module loader writes down each package whose code is run.
 */

const hooks = `import { appendFileSync } from "node:fs";
export const load = (url, context, next) => {
  const name = /\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\/(?!.*\\/node_modules\\/)/.exec(url)?.[1];
  appendFileSync(process.env.LOADED, (name ?? url.replace(/^.*\\/dist\\//, "dist/")) + "\\n");
  return next(url, context);
};
`;

const register = `import { createRequire, Module, register } from "node:module";
import { appendFileSync } from "node:fs";
register("./hooks.mjs", import.meta.url);
// What is required by a CommonJS package is loaded past the hook.
const original = Module._load;
Module._load = function (request, parent, isMain) {
  const file = Module._resolveFilename(request, parent, isMain);
  const name = /\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\/(?!.*\\/node_modules\\/)/.exec(file)?.[1];
  if (name !== undefined) appendFileSync(process.env.LOADED, name + "\\n");
  return original.call(this, request, parent, isMain);
};
`;

const model = readFileSync(new URL("../../model.example.yaml", import.meta.url), "utf8");

/** Names of the packages that a run loads. */
const loadedBy = (work: ReturnType<typeof workspace>, ...args: readonly string[]): readonly string[] => {
  work.write("hooks.mjs", hooks);
  work.write("register.mjs", register);
  work.write("loaded.txt", "");
  const { code, stderr } = work.evgen(args, {
    node: ["--import", work.path("register.mjs")],
    env: { LOADED: work.path("loaded.txt") },
  });
  expect(code, stderr).toBe(0);
  const all = work
    .read("loaded.txt")
    .split("\n")
    .filter((name) => name !== "");
  // The hook was there.
  expect(all).toContain("dist/cli/main.js");
  return [...new Set(all)].filter((name) => !/^node:|^dist\/|^file:/.test(name)).sort();
};

const heavy = [
  "ajv",
  "avsc",
  "fast-check",
  "handlebars",
  "json-schema-to-typescript",
  "prettier",
  "pulsar-client",
  "ws",
];

test("a command loads only what its work needs", () => {
  const work = workspace();
  work.write("model.yaml", model);
  // What does the whole work loads some, so that the hook is seen to find them.
  const built = loadedBy(work, "build", "--no-cache");
  expect(built).toContain("json-schema-to-typescript");
  expect(loadedBy(work, "release")).not.toContain("json-schema-to-typescript");

  for (const args of [
    ["lint", "--no-cache"],
    ["check", "--no-cache"],
    ["who", "OrderPlaced"],
  ]) {
    const loaded = loadedBy(work, ...args);
    expect(
      loaded.filter((name) => heavy.includes(name)),
      args.join(" "),
    ).toEqual([]);
  }

  // Where nothing has changed, the work is not done again.
  for (const args of [["build"], ["build", "--check"], ["lint"], ["check"]]) {
    loadedBy(work, ...args);
    expect(loadedBy(work, ...args), args.join(" ")).toEqual(["commander"]);
  }
});

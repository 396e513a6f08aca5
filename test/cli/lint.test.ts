import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { modelOf, workspace } from "./evgen.js";
import { parseXml } from "./parse-xml.js";
import { sarifResults } from "./sarif.js";

const example = new URL("../../model.example.yaml", import.meta.url).pathname;
const schema = JSON.parse(readFileSync(new URL("../../schemas/findings.schema.json", import.meta.url), "utf8"));
const isValid = new Ajv({ strict: false }).compile(schema);

/** One warning and two pieces of information. */
const doubtful = modelOf({ PlaceOrder: "note" });

test("finds nothing in the example, nor in what init writes", () => {
  const work = workspace();
  copyFileSync(example, work.path("model.yaml"));
  expect(work.evgen(["lint", "--strict"])).toMatchObject({
    ...{ code: 0, stdout: "", stderr: "model.yaml: no findings.\n" },
  });
  expect(work.evgen(["lint", "--quiet"])).toMatchObject({ code: 0, stdout: "", stderr: "" });
  expect(work.evgen(["init", "first", "--yes", "--no-git"])).toMatchObject({ code: 0 });
  expect(work.evgen(["lint", "first", "--strict"])).toMatchObject({ code: 0, stdout: "" });
});

test("prints findings on stdout, and fails for errors only", () => {
  const work = workspace();
  work.write("model.yaml", doubtful);
  const run = work.evgen(["lint"]);
  expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(run.stdout).toMatch(/^model\.yaml:7:7 {2}warning {2}event-past-tense {2}The event PlaceOrder is not/m);
  expect(run.stdout).toMatch(/\n1 warning, 2 info\n$/);

  const strict = work.evgen(["lint", "--strict"]);
  expect(strict.code).toBe(1);
  expect(strict.stdout).toMatch(/\n1 error, 2 info\n$/);
  expect(work.evgen(["lint", "--quiet"]).stdout).toMatch(/\n\n1 warning\n$/);

  work.write("model.yaml", `${doubtful}lint: { rules: { naming: error, documentation: off } }\n`);
  const levelled = work.evgen(["lint"]);
  expect(levelled.code).toBe(1);
  expect(levelled.stdout).toMatch(/\n\n1 error\n$/);
});

test("takes reasons for exceptions, and counts them", () => {
  const work = workspace();
  const suppressed = doubtful.replace(
    "versions:",
    'suppress: { event-past-tense: "So in all of the company.", event-description: It is plain. }, versions:',
  );
  work.write("model.yaml", suppressed);
  const run = work.evgen(["lint", "--strict"]);
  expect(run.code).toBe(0);
  expect(run.stdout).toMatch(/\n1 info, 2 suppressed\n$/);
  expect(run.stdout).not.toContain("PlaceOrder");
  const report = JSON.parse(work.evgen(["lint", "--format", "json"]).stdout);
  expect(report.counts).toEqual({ error: 0, warning: 0, info: 1, accepted: 2 });
  expect(report.models[0].findings.map((one: { accepted?: string }) => one.accepted)).toEqual([
    undefined,
    "It is plain.",
    "So in all of the company.",
  ]);

  work.write("model.yaml", suppressed.replace('"So in all of the company."', '""'));
  expect(work.evgen(["lint"]).stdout).toContain("error  malformed-value");
  // What is built does not depend on it.
  work.write("model.yaml", suppressed);
  expect(work.evgen(["build"]).code).toBe(0);
  work.write("model.yaml", doubtful);
  expect(work.evgen(["build", "--check"])).toMatchObject({ code: 0 });
});

describe.each([
  ["a doubtful model", doubtful, 0, "event-past-tense"],
  ["a model with mistakes", doubtful.replace("note: string", "note: strin"), 1, "unknown-type"],
  ["what is no YAML", "evgen: 1\nsystem: [shop\n", 1, "yaml-"],
] as const)("%s", (_, model, code, rule) => {
  test("is reported in every format", () => {
    const work = workspace();
    work.write("shop/model.yaml", model);
    const printed = (format: string) => {
      const run = work.evgen(["lint", "shop", "--format", format]);
      expect(run, format).toMatchObject({ code, stderr: "" });
      expect(run.stdout, format).toContain(rule);
      return run.stdout;
    };
    expect(printed("text")).toContain("shop/model.yaml:");
    const report = JSON.parse(printed("json"));
    expect(isValid(report), JSON.stringify(isValid.errors)).toBe(true);
    expect(report).toMatchObject({ command: "lint", models: [{ model: "shop/model.yaml" }] });
    expect(printed("github")).toMatch(/^::(error|warning|notice) file=shop\/model\.yaml,line=\d+/);
    expect(parseXml(printed("junit")).attributes["name"]).toBe("evgen lint");
    expect(sarifResults(printed("sarif")).length).toBeGreaterThan(0);
    expect(JSON.parse(printed("gitlab"))[0].location.path).toBe("shop/model.yaml");
  });
});

test("names files from the top of the repository for CI, wherever it is called", () => {
  const work = workspace();
  work.write("services/shop/model.yaml", doubtful);
  expect(spawnSync("git", ["init", "--quiet"], { cwd: work.folder }).status).toBe(0);
  const from = (cwd: string, format: string) => work.evgen(["lint", "--format", format], { cwd }).stdout;
  expect(from("services/shop", "github")).toContain(" file=services/shop/model.yaml,");
  expect(from("services/shop", "text")).toContain("\nmodel.yaml:");
});

test("lints what is staged", () => {
  const work = workspace();
  const git = (...args: readonly string[]) => expect(spawnSync("git", args, { cwd: work.folder }).status).toBe(0);
  git("init", "--quiet");
  work.write("a/model.yaml", doubtful);
  work.write("b/model.yaml", doubtful.replace("PlaceOrder", "OrderPlaced"));
  git("add", ".");
  work.write("a/model.yaml", "no model");
  const run = work.evgen(["lint", "--staged", "--format", "json"]);
  expect(run.code).toBe(0);
  const { models } = JSON.parse(run.stdout);
  expect(models.map((one: { model: string }) => one.model)).toEqual(["a/model.yaml", "b/model.yaml"]);
  expect(models[0].findings.map((one: { rule: string }) => one.rule)).toContain("event-past-tense");
  expect(models[1].findings.map((one: { rule: string }) => one.rule)).not.toContain("event-past-tense");
});

test("finds the same with and without the cache, and says what is wrong use", () => {
  const work = workspace();
  work.write("model.yaml", doubtful);
  const first = work.evgen(["lint"]).stdout;
  expect(work.evgen(["lint"]).stdout).toBe(first);
  expect(work.evgen(["lint", "--no-cache"]).stdout).toBe(first);
  // Each option, and each change of a file, has an outcome of its own.
  expect(work.evgen(["lint", "--strict"]).code).toBe(1);
  expect(work.evgen(["lint"]).code).toBe(0);
  work.write("model.yaml", `${doubtful}include: [more/*.yaml]\n`);
  work.write("more/one.yaml", "types: { Used: string }\n");
  expect(work.evgen(["lint"]).stdout).toBe(first);
  work.write("more/types.yaml", "types: { Unused: strin }\n");
  expect(work.evgen(["lint"])).toMatchObject({ code: 1, stdout: expect.stringContaining("unknown-type") });
  work.write("model.yaml", doubtful);
  expect(work.evgen(["lint"])).toMatchObject({ code: 0, stdout: first });
  expect(work.evgen(["lint", "--format", "xml"])).toMatchObject({ code: 2, stdout: "" });
  expect(work.evgen(["lint", "none.yaml"])).toMatchObject({ code: 2, stdout: "" });
});

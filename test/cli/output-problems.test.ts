import { expect, test } from "vitest";
import { outputProblems } from "../../src/cli/output-problems.js";

/** What is wrong with paths that a target would want to write. No target does, so no model shows it. */
const problems = (...paths: readonly string[]): readonly string[] =>
  outputProblems(
    { folder: "/work", entry: "model.yaml", prefix: "" },
    "generated",
    paths.map((path) => ({ path, content: "" })),
    false,
  ).map(({ code }) => code);

test("a path that leads out of the folder, or that not every system has, is a defect of its target", () => {
  for (const path of ["../a", "a/../../b", "/etc/passwd", "a//b", "a\\b", "a\u0000b", ""])
    expect(problems(path), JSON.stringify(path)).toContain("output-path");
  expect(problems("typescript/order.ts", "schemas/order.avsc")).toEqual([]);
});

test("two files of one path are one too many, also where a system takes two paths for one", () => {
  expect(problems("a/b.ts", "a/b.ts")).toEqual(["output-twice"]);
  expect(problems("a/b.ts", "a/B.ts")).toEqual(["output-twice"]);
  expect(problems("a", "A/b.ts")).toEqual(["output-twice"]);
});

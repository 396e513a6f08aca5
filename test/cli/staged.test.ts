import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import type { Workspace } from "./evgen.js";
import { modelOf, workspace } from "./evgen.js";
import { repository } from "./repository.js";

const targets = "generate: { targets: [schemas] }\n";
const one = modelOf({ OrderPlaced: "customer" }, targets);
const two = modelOf({ OrderPlaced: "customer", OrderShipped: "carrier" }, targets);

const check = (work: Workspace, cwd = ".", env: Record<string, string> = {}) =>
  work.evgen(["build", "--check", "--staged"], { cwd, env });

test("compares what is staged, not what lies in the folder, also before the first commit", () => {
  const work = repository();
  work.write("model.yaml", one);
  work.evgen(["build"]);
  expect(check(work)).toMatchObject({ code: 2, stderr: expect.stringContaining("No model is staged") });
  work.git("add", "model.yaml");
  const missing = check(work);
  expect(missing.code).toBe(1);
  expect(missing.stdout).toMatch(/^missing {3}generated\/schemas\//m);
  work.git("add", ".");
  expect(check(work)).toMatchObject({ code: 0, stdout: "" });

  // Neither a dirty model nor dirty output matters.
  work.write("model.yaml", "not: [yaml");
  rmSync(work.path("generated"), { recursive: true });
  expect(check(work)).toMatchObject({ code: 0 });

  work.write("model.yaml", two);
  work.git("add", "model.yaml");
  expect(check(work).code).toBe(1);
  expect(check(work).stderr).toContain("Run evgen build");
  work.git("checkout", "--", "generated");
  work.evgen(["build"]);
  expect(check(work).code).toBe(1);
  work.git("add", "generated");
  expect(check(work)).toMatchObject({ code: 0 });
  expect(work.evgen(["build", "--check", "--staged", "--no-cache"])).toMatchObject({ code: 0 });
});

test("finds every model of a repository, from any folder and in a worktree", () => {
  const work = repository();
  work.write("services/a/model.yaml", one);
  work.write(
    "services/b/evgen.yaml",
    "evgen: 1\nsystem: b\ninclude: [parts/*.yaml]\ngenerate: { targets: [schemas] }\n",
  );
  work.write("services/b/parts/order.yaml", modelOf({ OrderPaid: "by" }).replace(/^evgen.*\nsystem.*\n/, ""));
  work.write("other/model.yaml", "kind: something else\n");
  work.evgen(["build", "services/a"]);
  work.evgen(["build", "services/b"]);
  work.git("add", ".");
  work.git("commit", "--quiet", "--message", "first");
  expect(check(work).stderr).toMatch(/^services\/a\/generated: up to date.*\nservices\/b\/generated: up to date/);
  expect(check(work, "services/b").stderr).toMatch(/^generated: up to date/);
  work.git("worktree", "add", "--quiet", "../tree");
  expect(check(work, "../tree")).toMatchObject({ code: 0, stderr: expect.stringMatching(/^services\/a/) });
  work.write("services/b/parts/order.yaml", modelOf({ OrderPaid: "with" }).replace(/^evgen.*\nsystem.*\n/, ""));
  work.git("add", ".");
  expect(check(work)).toMatchObject({ code: 1 });
  expect(check(work, "../tree")).toMatchObject({ code: 0 });
});

test("is not led astray by the variables of a hook, and follows the index that is committed", () => {
  const work = repository();
  const other = repository();
  work.write("model.yaml", one);
  work.evgen(["build"]);
  work.git("add", ".");
  work.git("commit", "--quiet", "--message", "first");
  const strange = {
    GIT_DIR: other.path(".git"),
    GIT_WORK_TREE: other.folder,
    GIT_INDEX_FILE: other.path(".git/index"),
  };
  expect(check(work, ".", strange)).toMatchObject({ code: 0 });
  expect(check(work, ".", { GIT_INDEX_FILE: "/nowhere/index" })).toMatchObject({ code: 0 });
  // As in `git commit --all`: the changes are in an index of their own.
  work.write("model.yaml", two);
  work.git("add", "--all");
  spawnSync("cp", [work.path(".git/index"), work.path(".git/next-index.lock")]);
  work.git("reset", "--quiet");
  expect(check(work)).toMatchObject({ code: 0 });
  expect(check(work, ".", { GIT_DIR: ".git", GIT_INDEX_FILE: ".git/next-index.lock" })).toMatchObject({ code: 1 });
});

test("as a hook of git, stops a commit whose output is stale and lets others pass", () => {
  const work = repository();
  work.write("model.yaml", one);
  work.evgen(["build"]);
  work.hook("pre-commit", "evgen build --check --staged");
  work.git("add", ".");
  work.git("commit", "--quiet", "--message", "first");
  work.write("model.yaml", two);
  expect(() => work.git("commit", "--quiet", "--all", "--message", "second")).toThrow("is not what model.yaml makes");
  work.evgen(["build"]);
  work.git("add", "generated");
  work.git("commit", "--quiet", "--all", "--message", "second");
});

test("checks only the model where the output is left out of git, and refuses what is no file", () => {
  const work = repository();
  work.write("model.yaml", one);
  work.write(".gitignore", "generated\n");
  work.git("add", ".");
  expect(check(work)).toMatchObject({ code: 0, stderr: expect.stringContaining("not in git") });
  work.write("model.yaml", modelOf({ orderPlaced: "customer" }, targets));
  work.git("add", ".");
  expect(check(work)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^model\.yaml:7/) });
  expect(work.evgen(["build", "--staged"]).code).toBe(1);
  expect(work.evgen(["build", "--staged", "--force"]).code).toBe(2);
});

test("outside of a repository, and without git, says so", () => {
  const work = workspace();
  work.write("model.yaml", one);
  expect(check(work, ".", { GIT_CEILING_DIRECTORIES: work.folder })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("git ls-files"),
  });
  expect(check(work, ".", { PATH: "/nowhere" })).toMatchObject({ code: 3, stderr: "evgen: git is not installed.\n" });
});

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { modelOf } from "./cli/evgen.js";
import type { Repository } from "./cli/repository.js";
import { released, repository } from "./cli/repository.js";
import { action, install, pullRequest, root, runAction } from "./run-action.js";

// Each test runs dozens of processes, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000 });

const page = readFileSync(join(root, "docs", "ci.md"), "utf8");

/** The blocks of code below a heading of docs/ci.md, in their order. */
const blocksIn = (heading: string): readonly string[] => {
  const [, section = ""] = page.split(new RegExp(`^## ${heading}$`, "m"));
  const [body = ""] = section.split(/^## /m);
  return [...body.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
};

interface Workflow {
  readonly jobs: {
    readonly evgen: { readonly steps: readonly { run?: string; uses?: string; with?: Record<string, string> }[] };
  };
}

const targets = "generate: { targets: [schemas] }\n";
const one = modelOf({ OrderPlaced: "customer" }, targets);
const edited = one.replace("customer: string", "customer: int");

const project = (folder = "."): Repository => {
  const work = repository();
  work.write(".gitignore", "node_modules\n");
  work.write(join(folder, "model.yaml"), one);
  released(work, folder);
  work.commit("first");
  install(work.folder);
  return work;
};

const good = (work: Repository) => () => work.write("README.md", "A remark.\n");

/** A pull request with nothing to complain of, and all of its history. */
const cloned = (): { readonly work: Repository; readonly clone: string } => {
  const work = project();
  return { work, clone: deepen(pullRequest(work, good(work)).clone) };
};

const breakIn = (work: Repository, clone: string): void => {
  writeFileSync(join(clone, "model.yaml"), edited);
  expect(work.evgen(["build", clone])).toMatchObject({ code: 0 });
};

/** Runs lines as a job of CI does, one after the other until one fails. */
const runLines = (folder: string, lines: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  // What installs evgen has been done: the tests need no network.
  const script = lines.filter((line) => line !== "npm ci").join("\n");
  const run = spawnSync("bash", ["-e", "-c", script], {
    ...{ cwd: folder, encoding: "utf8" },
    env: { ...process.env, npm_config_offline: "true", npm_config_update_notifier: "false", ...env },
  });
  return { code: run.status, output: run.stdout + run.stderr };
};

/** What GitHub and GitLab check out when they are told to fetch everything. */
const deepen = (clone: string): string => {
  for (const args of [
    ["--unshallow", "origin"],
    ["origin", "+refs/heads/*:refs/remotes/origin/*"],
  ])
    execFileSync("git", ["fetch", "--quiet", ...args], { cwd: clone });
  return clone;
};

describe("the page about CI", () => {
  test("names every input and output of the action, and no other", () => {
    const [, section = ""] = page.split("| input | means |");
    const [table = "", rest = ""] = section.split("\n\n");
    const names = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = ""]) =>
      cell.replaceAll("`", "").split(", "),
    );
    expect(names).toEqual(Object.keys(action.inputs).filter((name) => names.includes(name)));
    expect(new Set(names)).toEqual(new Set(Object.keys(action.inputs)));
    for (const name of Object.keys(action.outputs)) expect(rest).toContain(`\`${name}\``);
  });

  const workflows = blocksIn("GitHub Actions").map((text) => parse(text) as Workflow);
  test.each(workflows.slice(0, 2).map((workflow, index) => [index, workflow] as const))(
    "has a workflow with the action that works: %i",
    (_, { jobs }) => {
      const step =
        jobs.evgen.steps.find(({ uses }) => uses?.startsWith("<the repository of evgen>@")) ?? expect.unreachable();
      const work = project();
      const { clone, event } = pullRequest(work, good(work));
      expect(runAction(clone, event, step.with)).toMatchObject({ code: 0 });
    },
  );

  test("has a workflow without the action that works, and fails where it has to", () => {
    const { steps } = workflows[2]?.jobs.evgen ?? expect.unreachable();
    expect(steps[0]?.with).toEqual({ "fetch-depth": 0 });
    const lines = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
    const { work, clone } = cloned();
    const passed = runLines(clone, lines, { GITHUB_BASE_REF: "main" });
    expect(passed.code, passed.output).toBe(0);
    breakIn(work, clone);
    const failed = runLines(clone, lines, { GITHUB_BASE_REF: "main" });
    expect(failed.code).toBe(1);
    expect(failed.output).toMatch(/^::error file=model\.yaml,line=7,.*version-rewritten/m);
  });

  test("has a job of GitLab that works, and writes its report where it has to fail", () => {
    const { script, artifacts, variables } = parse(blocksIn("GitLab")[0] ?? "").evgen;
    expect(variables).toEqual({ GIT_DEPTH: 0 });
    const { work, clone } = cloned();
    const run = () => runLines(clone, script, { CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main" });
    const report = () => JSON.parse(readFileSync(join(clone, artifacts.reports.codequality), "utf8"));
    expect(run()).toMatchObject({ code: 0 });
    expect(report()).toEqual([]);
    breakIn(work, clone);
    expect(run()).toMatchObject({ code: 1 });
    expect(report()).toMatchObject([{ check_name: "version-rewritten", location: { path: "model.yaml" } }]);
  });

  test("has lines for any shell that work, and reports", () => {
    const { clone } = cloned();
    const lines = (blocksIn("Any other")[0] ?? "").trim().split("\n");
    const { code, output } = runLines(clone, lines);
    expect(code, output).toBe(0);
    expect(readFileSync(join(clone, "evgen-junit.xml"), "utf8")).toContain("<testsuites");
    expect(JSON.parse(readFileSync(join(clone, "evgen.sarif"), "utf8"))).toMatchObject({ version: "2.1.0" });
  });

  test("quotes what a shallow clone is told, and its command helps", () => {
    const work = project();
    const { clone } = pullRequest(work, good(work));
    const check = () =>
      spawnSync(process.execPath, [work.main, "check", "--against", "git:origin/main"], {
        cwd: clone,
        encoding: "utf8",
      });
    const told = check();
    expect(told).toMatchObject({ status: 3, stderr: blocksIn("Shallow clones")[0] });
    execFileSync("bash", ["-c", told.stderr.slice(told.stderr.indexOf("git fetch"))], { cwd: clone, stdio: "pipe" });
    expect(check()).toMatchObject({ status: 0 });
  });

  test("has lines for one folder of a monorepo", () => {
    const work = project("services/shop");
    const { code, output } = runLines(work.folder, (blocksIn("Monorepos")[0] ?? "").trim().split("\n"));
    expect(code, output).toBe(0);
  });

  test("has the hooks that evgen init writes, and those of this repository", () => {
    const [own = "", local = ""] = blocksIn("Before a commit");
    const work = repository();
    work.evgen(["init", "--yes"]);
    expect(work.read(".pre-commit-config.yaml")).toBe(local);
    const ids = (text: string): readonly string[] => [...text.matchAll(/- id: (\S+)/g)].map(([, id = ""]) => id);
    expect(ids(own)).toEqual(ids(readFileSync(join(root, ".pre-commit-hooks.yaml"), "utf8")));
  });

  // The real tools are tried in test/services/git-hooks.test.ts.
  test("has lines for husky and lefthook that stop a commit, and let one pass", () => {
    const [, , husky = "", lefthook = ""] = blocksIn("Before a commit");
    const commands = Object.values<{ run: string }>(parse(lefthook)["pre-commit"].commands).map(({ run }) => run);
    expect(commands).toEqual(husky.trim().split("\n"));
    const work = project();
    work.hook("pre-commit", husky);
    work.write("model.yaml", edited);
    work.evgen(["build"]);
    work.git("add", ".");
    const stopped = work.tryGit(".", "commit", "--message", "x");
    expect(stopped.code).toBe(1);
    expect(stopped.output).toContain("version-rewritten");
    work.write("model.yaml", `${one}# A remark.\n`);
    work.evgen(["build"]);
    work.commit("a remark");
  });
});

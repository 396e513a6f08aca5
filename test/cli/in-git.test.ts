import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { modelOf, workspace } from "./evgen.js";
import type { Repository } from "./repository.js";
import { released, repository } from "./repository.js";

// Each test runs dozens of processes, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000 });

const targets = "generate: { targets: [schemas] }\n";
const one = modelOf({ OrderPlaced: "customer" }, targets);
const edited = one.replace("customer: string", "customer: int");

/** What hooks run, as git runs them: both of evgen's, and nothing else. */
const hooks = "evgen build --check --staged\nevgen check --staged";

/** Stages a model in a folder, good or bad, and tries to commit it there. */
const commits = (work: Repository, folder: string, text: string, path = "model.yaml") => {
  work.write(join(folder, path), text);
  work.gitIn(folder, "add", ".");
  return work.tryGit(folder, "commit", "--quiet", "--message", "a change");
};

/** A commit that breaks what is stored is stopped, one that does not is made. */
const expectHooksIn = (work: Repository, folder: string) => {
  const stopped = commits(work, folder, edited);
  expect(stopped.code, stopped.output).toBe(1);
  expect(stopped.output).toMatch(/ is not what \S*model\.yaml makes/);
  expect(work.evgen(["build"], { cwd: folder }).code).toBe(0);
  const broken = commits(work, folder, edited);
  expect(broken.code, broken.output).toBe(1);
  expect(broken.output).toContain("version-rewritten");
  work.write(join(folder, "model.yaml"), one.replace("generate:", "# A remark.\ngenerate:"));
  expect(work.evgen(["build"], { cwd: folder }).code).toBe(0);
  work.gitIn(folder, "add", ".");
  work.gitIn(folder, "commit", "--quiet", "--message", "a remark");
};

test("in a fresh repository, the hooks take the first commit or stop it, and check says that there is nothing before it", () => {
  const work = repository();
  work.hook("pre-commit", hooks);
  const stale = commits(work, ".", one);
  expect(stale.code).toBe(1);
  expect(stale.output).toMatch(/^missing {3}generated\/schemas\//m);
  released(work);
  expect(work.evgen(["check"])).toMatchObject({ code: 0, stdout: "" });
  expect(work.evgen(["check", "--against", "git:main"])).toMatchObject({
    code: 3,
    stderr: "evgen: git:main: the repository has no commits yet, so there is nothing to compare with.\n",
  });
  work.commit("first");
  expectHooksIn(work, ".");
});

test("in a folder of a monorepo, from there and from the top, and beside other models", () => {
  const work = repository();
  work.write("services/shop/model.yaml", one);
  work.write("services/parcels/model.yaml", modelOf({ ParcelSent: "to" }, targets));
  for (const folder of ["services/shop", "services/parcels"]) released(work, folder);
  work.hook("pre-commit", hooks);
  work.commit("first");
  expectHooksIn(work, "services/shop");

  work.write("services/shop/model.yaml", edited);
  const check = (cwd: string, ...args: readonly string[]) =>
    work.evgen(["check", "--against", "git:main", "--format", "json", ...args], { cwd });
  const found = ({ stdout, stderr }: ReturnType<typeof check>) =>
    JSON.parse(stdout || stderr).models.flatMap(({ findings }: { findings: readonly object[] }) => findings);
  expect(found(check("services/shop"))).toMatchObject([{ file: "model.yaml", base: { file: "evgen.lock" } }]);
  expect(found(check(".", "services/shop"))).toMatchObject([
    { file: "services/shop/model.yaml", base: { file: "services/shop/evgen.lock" } },
  ]);
  for (const cwd of ["services/shop", "services"]) {
    const shown = work.evgen(["check", `${cwd === "services" ? "shop" : "."}`, "--format", "github"], { cwd });
    expect(shown.stdout).toMatch(/^::error file=services\/shop\/model\.yaml,line=7,/);
  }
  work.git("add", ".");
  expect(work.evgen(["check", "--staged"], { cwd: "services/parcels" })).toMatchObject({ code: 0, stdout: "" });
  expect(work.evgen(["check", "--staged"])).toMatchObject({ code: 1 });
});

test("with a detached head, as in CI and in the middle of a rebase", () => {
  const work = repository();
  work.write("model.yaml", one);
  released(work);
  work.commit("first");
  work.git("checkout", "--quiet", "-b", "feature");
  work.write("README.md", "One.\n");
  work.commit("one");
  work.git("checkout", "--quiet", "--detach");
  work.hook("pre-commit", hooks);
  expectHooksIn(work, ".");
  for (const ref of ["main", "feature", "HEAD", "HEAD~1", "@"])
    expect(work.evgen(["check", "--against", `git:${ref}`]), ref).toMatchObject({ code: 0, stdout: "" });

  // A rebase commits with a detached head, and lets `exec` look at each commit.
  work.git("checkout", "--quiet", "main");
  work.write("other.md", "Other.\n");
  work.commit("other");
  work.git("checkout", "--quiet", "feature");
  const exec = `"${process.execPath}" "${work.main}" check --against git:main`;
  work.git("rebase", "--quiet", "--exec", exec, "main");
  expect(work.git("log", "--format=%s").split("\n").slice(0, 2)).toEqual(["one", "other"]);
});

test("in a worktree, whose git folder is a file", () => {
  const work = repository();
  work.write("model.yaml", one);
  released(work);
  work.commit("first");
  work.hook("pre-commit", hooks);
  work.git("worktree", "add", "--quiet", "../tree");
  expectHooksIn(work, "../tree");
  expect(work.evgen(["check", "--against", "git:main"], { cwd: "../tree" })).toMatchObject({ code: 0, stdout: "" });
  work.write("../tree/model.yaml", edited);
  expect(work.evgen(["check", "--against", "git:main", "--format", "github"], { cwd: "../tree" }).stdout).toMatch(
    /^::error file=model\.yaml,line=7,/,
  );
  // The other folder of the same repository is none of its business.
  expect(work.evgen(["check", "--staged"])).toMatchObject({ code: 0, stdout: "" });
});

test("in a submodule, and around one", () => {
  const inner = repository();
  inner.write("model.yaml", one);
  released(inner);
  inner.commit("first");
  const work = repository();
  work.git("submodule", "--quiet", "add", inner.folder, "events");
  work.write("own/model.yaml", modelOf({ ParcelSent: "to" }, targets));
  released(work, "own");
  work.commit("first");
  work.hook("pre-commit", hooks, ".git/modules/events/hooks");
  work.hook("pre-commit", hooks);
  expectHooksIn(work, "events");
  expect(work.evgen(["check", "events", "--against", "git:origin/main"])).toMatchObject({ code: 0, stdout: "" });

  work.write("events/model.yaml", edited);
  const found = work.evgen(["check", "events", "--against", "git:origin/main", "--format", "github"]);
  expect(found).toMatchObject({ code: 1, stdout: expect.stringMatching(/^::error file=model\.yaml,/) });
  // A commit around it is about the other model: what the submodule holds is checked there.
  work.write("own/README.md", "A remark.\n");
  work.commit("a remark, and another commit of the submodule");
});

describe("the variables that git gives to hooks", () => {
  const withReleased = (text: string): Repository => {
    const work = repository();
    work.write("model.yaml", text);
    released(work);
    work.commit("first");
    return work;
  };

  test("do not lead into another repository", () => {
    const work = withReleased(one);
    const other = withReleased(modelOf({ ParcelSent: "to" }, targets));
    const strange = {
      GIT_DIR: other.path(".git"),
      GIT_WORK_TREE: other.folder,
      GIT_INDEX_FILE: other.path(".git/index"),
      GIT_COMMON_DIR: other.path(".git"),
      GIT_OBJECT_DIRECTORY: other.path(".git/objects"),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: other.path(".git/objects"),
      GIT_SHALLOW_FILE: "/nowhere",
      GIT_NAMESPACE: "none",
      GIT_PREFIX: "sub/",
    };
    for (const command of [
      ["check", "--staged"],
      ["check", "--against", "git:main"],
      ["build", "--check", "--staged"],
      ["lint", "--staged", "--quiet"],
    ])
      expect(work.evgen(command, { env: strange }), command.join(" ")).toMatchObject({ code: 0, stdout: "" });
  });

  test("in any hook, and in what git calls an alias, are those of this one", () => {
    const work = withReleased(one);
    const each = `${hooks}\nevgen check --against git:HEAD`;
    for (const name of ["pre-commit", "commit-msg", "post-commit", "post-checkout", "pre-rebase"])
      work.hook(name, each);
    work.write("README.md", "A remark.\n");
    work.commit("a remark");
    work.git("checkout", "--quiet", "-b", "change");
    const alias = `!cd "$GIT_PREFIX" && "${process.execPath}" "${work.main}" check --staged`;
    work.git("-c", `alias.events=${alias}`, "events");
    // `commit <path>` and `commit --all` commit another index than the usual one.
    work.write("model.yaml", edited);
    work.evgen(["build"]);
    for (const how of [["--all"], ["model.yaml", "generated"], ["--include", "model.yaml", "generated"]]) {
      const stopped = work.tryGit(".", "commit", "--quiet", "--message", "x", ...how);
      expect(stopped.code, how.join(" ")).toBe(1);
      expect(stopped.output).toContain("version-rewritten");
      work.git("reset", "--quiet");
    }
  });
});

test("without git, everything works that does not need it, and the rest says so", () => {
  const work = workspace();
  work.write("model.yaml", one);
  const env = { PATH: "/nowhere" };
  for (const command of ["release", "build", "check", "lint"])
    expect(work.evgen([command], { env }), command).toMatchObject({ code: 0 });
  for (const command of [
    ["check", "--against", "git:main"],
    ["check", "--staged"],
    ["build", "--staged"],
  ])
    expect(work.evgen(command, { env })).toMatchObject({
      code: 3,
      stdout: "",
      stderr: "evgen: git is not installed.\n",
    });
  work.write("model.yaml", edited);
  expect(work.evgen(["check", "--format", "github"], { env }).stdout).toMatch(/^::error file=model\.yaml,/);
});

test("outside of a repository, and in one that git does not trust, says why git cannot read it", () => {
  const outside = workspace();
  outside.write("model.yaml", one);
  const nowhere = outside.evgen(["check", "--against", "git:main"], {
    env: { GIT_CEILING_DIRECTORIES: outside.folder },
  });
  expect(nowhere).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("Without one: evgen check --against lock\nfatal: not a git repository"),
  });

  const work = repository();
  work.write("model.yaml", one);
  work.commit("first");
  const foreign = { GIT_TEST_ASSUME_DIFFERENT_OWNER: "1" };
  const probe = spawnSync("git", ["status"], {
    cwd: work.folder,
    env: { ...process.env, ...foreign },
    encoding: "utf8",
  });
  expect(probe.stderr).toContain("dubious ownership");
  const found = work.evgen(["check", "--against", "git:main"], { env: foreign });
  expect(found.code).toBe(3);
  expect(found.stderr).toContain(`\ngit config --global --add safe.directory ${work.folder}\n`);
});

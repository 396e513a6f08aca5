import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse, stringify } from "yaml";
import { modelOf } from "../cli/evgen.js";
import type { Repository } from "../cli/repository.js";
import { released, repository } from "../cli/repository.js";
import { install } from "../run-action.js";

// pre-commit installs evgen with its compiler.
vi.setConfig({ testTimeout: 600_000 });

const root = fileURLToPath(new URL("../..", import.meta.url));
const kept = join(process.env["EVGEN_SERVICES"] ?? join(root, ".services"), "pre-commit");
const temporary = mkdtempSync(join(tmpdir(), "evgen-hooks-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const page = readFileSync(join(root, "docs", "ci.md"), "utf8");
const [own = "", local = "", husky = "", lefthook = ""] = [
  ...(page.split(/^## Before a commit$/m)[1] ?? "").matchAll(/^```\w+\n([\s\S]*?)^```$/gm),
].map(([, text = ""]) => text);

const targets = "generate: { targets: [schemas] }\n";
const one = modelOf({ OrderPlaced: "customer" }, targets);
const edited = one.replace("customer: string", "customer: int");

/** A repository with a release, in which nothing is installed. */
const project = (): Repository => {
  const work = repository();
  work.write(".gitignore", "node_modules\n");
  work.write("model.yaml", one);
  released(work);
  work.commit("first");
  return work;
};

const stage = (work: Repository, model: string, build = true): void => {
  work.write("model.yaml", model);
  if (build) expect(work.evgen(["build"])).toMatchObject({ code: 0 });
  work.git("add", ".");
};

/** A commit with the hooks that are on: stopped with `said`, or made when nothing is said. */
const expectCommit = (work: Repository, said?: RegExp): void => {
  const { code, output } = work.tryGit(".", "commit", "--message", "a change");
  if (said === undefined) expect(code, output).toBe(0);
  else {
    expect(code, output).not.toBe(0);
    expect(output).toMatch(said);
  }
};

/** What both hooks have to do, however they are run. */
const expectBothHooks = (work: Repository): void => {
  stage(work, edited, false);
  expectCommit(work, /generated is not what model\.yaml makes/);
  stage(work, edited);
  expectCommit(work, /version-rewritten[\s\S]*verdict: breaking/);
  stage(work, `${one}# A remark.\n`);
  expectCommit(work);
};

describe("pre-commit", () => {
  const python = join(kept, "bin", "python");
  const evgen = join(temporary, "evgen");
  const environment = { PRE_COMMIT_HOME: join(temporary, "home"), PRE_COMMIT_COLOR: "never" };
  const preCommit = (work: Repository, ...args: readonly string[]): string =>
    execFileSync(python, ["-m", "pre_commit", ...args], {
      cwd: work.folder,
      encoding: "utf8",
      env: { ...process.env, ...environment },
    });
  let revision = "";

  beforeAll(() => {
    if (!existsSync(join(kept, "prepared"))) {
      mkdirSync(dirname(kept), { recursive: true });
      execFileSync("python3", ["-m", "venv", kept]);
      execFileSync(python, ["-m", "pip", "install", "--quiet", "pre-commit==4.*"]);
      writeFileSync(join(kept, "prepared"), "");
    }
    // The hooks are those of a repository: this one, with what is not committed yet.
    const git = (cwd: string, ...args: readonly string[]): string =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], { cwd, encoding: "utf8" });
    for (const path of git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\u0000")) {
      if (path === "" || !existsSync(join(root, path))) continue;
      mkdirSync(join(evgen, dirname(path)), { recursive: true });
      copyFileSync(join(root, path), join(evgen, path));
    }
    git(evgen, "init", "--quiet", "--initial-branch=main");
    git(evgen, "add", "--all");
    git(evgen, "commit", "--quiet", "--message", "evgen");
    revision = git(evgen, "rev-parse", "HEAD").trim();
    Object.assign(process.env, environment);
  });

  const configured = (): Repository => {
    const work = project();
    const config = parse(own) as { repos: { repo: string; rev: string }[] };
    config.repos = config.repos.map((one) => ({ ...one, repo: evgen, rev: revision }));
    work.write(".pre-commit-config.yaml", stringify(config));
    work.commit("hooks");
    preCommit(work, "install", "--install-hooks");
    return work;
  };

  test("installs evgen from its repository, runs both hooks on every commit, and on all files", () => {
    const work = configured();
    expectBothHooks(work);
    const all = preCommit(work, "run", "--all-files");
    expect(all).toMatch(/^evgen build\.+Passed\nevgen check\.+Passed\n$/);
    work.write("README.md", "Nothing of events.\n");
    work.git("add", ".");
    expectCommit(work);
  });

  test("checks what is staged, whatever lies beside it, and gives that back", () => {
    const work = configured();
    // Staged: good. Beside it: a break, and a draft of output.
    stage(work, `${one}# A remark.\n`);
    work.write("model.yaml", edited);
    work.write("generated/schemas/order.avsc", "{}\n");
    expectCommit(work);
    expect(work.read("model.yaml")).toBe(edited);
    expect(work.read("generated/schemas/order.avsc")).toBe("{}\n");

    // Staged: a break. Beside it: all good.
    work.git("checkout", "--quiet", "--", ".");
    stage(work, edited);
    work.write("model.yaml", one);
    expect(work.evgen(["build"])).toMatchObject({ code: 0 });
    expectCommit(work, /version-rewritten/);
    expect(work.read("model.yaml")).toBe(one);
    expect(work.git("show", ":model.yaml")).toBe(edited);

    // One half of a change of two is staged.
    work.git("reset", "--quiet", "--hard");
    stage(work, `${one}# Another remark.\n`);
    work.write(
      "model.yaml",
      one.replace("OrderPlaced:", "OrderPaid: { versions: { 1: { fields: { by: string } } } }\n      OrderPlaced:"),
    );
    work.evgen(["build"]);
    expectCommit(work);
    work.git("add", "model.yaml");
    expectCommit(work, /generated is not what model\.yaml makes/);
  });

  test("runs in a fresh repository, in a worktree, and for a commit of some files", () => {
    const work = configured();
    work.git("worktree", "add", "--quiet", "../tree");
    work.write("../tree/model.yaml", edited);
    work.gitIn("../tree", "add", ".");
    const stopped = work.tryGit("../tree", "commit", "--message", "x");
    expect(stopped.code).not.toBe(0);
    expect(stopped.output).toContain("version-rewritten");

    work.write("model.yaml", edited);
    work.evgen(["build"]);
    for (const how of [["--all"], ["model.yaml", "generated"]]) {
      const some = work.tryGit(".", "commit", "--message", "x", ...how);
      expect(some.code, how.join(" ")).not.toBe(0);
      expect(some.output).toContain("version-rewritten");
    }

    const fresh = repository();
    fresh.write(".pre-commit-config.yaml", work.read(".pre-commit-config.yaml"));
    preCommit(fresh, "install");
    stage(fresh, one, false);
    expectCommit(fresh, /^missing {3}generated\//m);
    stage(fresh, one);
    expectCommit(fresh);
  });

  test("runs the hooks that evgen init writes, with the evgen that is installed", () => {
    const work = project();
    work.write(".pre-commit-config.yaml", local);
    install(work.folder);
    work.commit("hooks");
    preCommit(work, "install");
    expectBothHooks(work);
  });
});

describe("the tools of npm", () => {
  const tools = join(temporary, "tools");
  beforeAll(() => {
    mkdirSync(tools);
    writeFileSync(join(tools, "package.json"), "{}");
    execFileSync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "husky@9", "lefthook@2"], {
      cwd: tools,
      stdio: "pipe",
    });
  });
  const run = (work: Repository, ...command: readonly string[]): void => {
    const [name = "", ...args] = command;
    const PATH = `${join(tools, "node_modules", ".bin")}${delimiter}${process.env["PATH"]}`;
    execFileSync(name, args, { cwd: work.folder, env: { ...process.env, PATH }, stdio: "pipe" });
  };
  const withTool = (): Repository => {
    const work = project();
    install(work.folder);
    return work;
  };

  test("husky runs both", () => {
    const work = withTool();
    run(work, "husky");
    work.write(".husky/pre-commit", husky);
    work.commit("hooks");
    expectBothHooks(work);
  });

  test("lefthook runs both", () => {
    const work = withTool();
    work.write("lefthook.yml", lefthook);
    run(work, "lefthook", "install");
    // What it has installed looks for it in the folder's own node_modules, or on the path.
    const found = execFileSync("node", ["-p", "require.resolve('lefthook/bin/index.js')"], {
      cwd: tools,
      encoding: "utf8",
    });
    work.write("node_modules/.bin/lefthook", `#!/bin/sh\nexec "${process.execPath}" "${found.trim()}" "$@"\n`);
    chmodSync(work.path("node_modules/.bin/lefthook"), 0o755);
    work.commit("hooks");
    expectBothHooks(work);
  });
});

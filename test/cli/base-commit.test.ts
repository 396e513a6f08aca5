import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { modelOf } from "./evgen.js";
import type { Repository } from "./repository.js";
import { released, repository } from "./repository.js";

// Each test runs dozens of processes, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000 });

const targets = "generate: { targets: [schemas] }\n";
const one = modelOf({ OrderPlaced: "customer" }, targets);
const edited = one.replace("customer: string", "customer: int");
const two = modelOf({ OrderPlaced: "customer", OrderShipped: "carrier" }, targets);

const against = (work: Repository, ref: string, cwd = ".") => work.evgen(["check", "--against", `git:${ref}`], { cwd });

describe("a branch", () => {
  /** `main` has released an event that the branch, which left it before, does not have. */
  const behind = (): Repository => {
    const work = repository();
    work.write("model.yaml", one);
    released(work);
    work.commit("first");
    work.git("checkout", "--quiet", "-b", "feature");
    work.write("README.md", "A change.\n");
    work.commit("a change");
    work.git("checkout", "--quiet", "main");
    work.write("model.yaml", two);
    released(work);
    work.commit("released meanwhile");
    work.git("checkout", "--quiet", "feature");
    return work;
  };

  test("that is behind has not removed what was released meanwhile", () => {
    const work = behind();
    const left = work.git("rev-parse", "main~1").slice(0, 12);
    expect(against(work, "main")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: `model.yaml: nothing has changed; HEAD left git:main at ${left}.\n`,
    });
    // What it breaks itself, it breaks.
    work.write("model.yaml", edited);
    const broken = against(work, "main");
    expect(broken.code).toBe(1);
    expect(broken.stdout).toContain("version-rewritten");
    expect(broken.stdout).not.toContain("event-removed");
  });

  test("is compared as it is now when its commit is named, and with where it was left when `...` says so", () => {
    const work = behind();
    for (const ref of ["main^{commit}", "main~0", work.git("rev-parse", "main").trim()]) {
      const found = against(work, ref);
      expect(found.code, ref).toBe(1);
      expect(found.stdout).toContain("event-removed");
    }
    for (const ref of ["main...", `${work.git("rev-parse", "main").trim()}...`])
      expect(against(work, ref), ref).toMatchObject({ code: 0 });
  });

  test("after `main` was merged into it, is compared with all that `main` has", () => {
    const work = behind();
    work.git("merge", "--quiet", "--no-edit", "main");
    expect(against(work, "main")).toMatchObject({
      code: 0,
      stderr: "model.yaml: nothing has changed since git:main.\n",
    });
    work.write("model.yaml", one);
    work.git("checkout", "HEAD~1", "--", "evgen.lock");
    expect(against(work, "main")).toMatchObject({ code: 1, stdout: expect.stringContaining("event-removed") });
  });

  test("that left in more than one place is compared with the end of the other; so is one without a commit in common", () => {
    const work = behind();
    work.git("branch", "old-feature");
    work.git("merge", "--quiet", "--no-edit", "main");
    work.git("checkout", "--quiet", "main");
    work.git("merge", "--quiet", "--no-ff", "--no-edit", "old-feature");
    work.git("checkout", "--quiet", "feature");
    expect(against(work, "main").stderr).toContain("in more than one place, so it was taken as it is now");
    work.git("checkout", "--quiet", "--orphan", "alone");
    work.commit("alone");
    expect(against(work, "main")).toMatchObject({
      code: 0,
      stderr: "model.yaml: nothing has changed; HEAD and git:main have no commit in common.\n",
    });
  });

  test("is not asked where a tag is: what was deployed from another branch counts as it is", () => {
    const work = behind();
    work.git("tag", "v1.0.1", "main");
    work.git("tag", "--annotate", "--message", "x", "v1.0.2", "main");
    for (const tag of ["v1.0.1", "v1.0.2", "refs/tags/v1.0.1"])
      expect(against(work, tag)).toMatchObject({ code: 1, stdout: expect.stringContaining("event-removed") });
    expect(against(work, "v1.0.1...")).toMatchObject({ code: 0 });
  });
});

describe("a shallow clone", () => {
  /** A clone of the last commit of a branch that is behind `main`. */
  const shallow = (): Repository => {
    const work = repository();
    work.write("model.yaml", one);
    released(work);
    work.commit("first");
    work.git("tag", "v1.0.0");
    work.git("checkout", "--quiet", "-b", "feature/a");
    work.write("README.md", "A change.\n");
    work.commit("a change");
    work.git("checkout", "--quiet", "main");
    work.write("model.yaml", two);
    released(work);
    work.commit("released meanwhile");
    work.gitIn("..", "clone", "--quiet", "--depth=1", "--branch=feature/a", `file://${work.folder}`, "clone");
    return work;
  };

  /** The commands that a message holds, as it says them. */
  const told = (message: string): readonly string[] =>
    message.match(/git fetch [^'"]+?(?=[,.]? (?:Or|then)|\n)/g)?.map((line) => line.replace(/\.$/, "")) ?? [];

  test.each([
    ["a branch that is not there", "origin/main", []],
    [
      "a branch whose history is not there",
      "origin/main",
      ["fetch", "--depth=1", "origin", "+refs/heads/main:refs/remotes/origin/main"],
    ],
    ["a branch in full", "refs/remotes/origin/main", []],
    ["a tag", "v1.0.0", []],
    ["a tag in full", "refs/tags/v1.0.0", []],
    ["an earlier commit", "HEAD~1", []],
  ])("is told how to get %s, and that helps", (_, ref, before) => {
    const work = shallow();
    if (before.length > 0) work.gitIn("../clone", "-c", "gc.auto=0", ...before);
    const missing = against(work, ref, "../clone");
    expect(missing).toMatchObject({ code: 3, stdout: "" });
    expect(missing.stderr).toContain("this shallow clone");
    const [command = "", ...more] = told(missing.stderr);
    expect(more).toEqual([]);
    execFileSync("bash", ["-c", command], { cwd: work.path("../clone"), stdio: "pipe" });
    expect(against(work, ref, "../clone"), `after ${command}`).toMatchObject({ code: 0, stdout: "" });
  });

  test("is told of a commit by its id, and of a branch that only origin has", () => {
    const work = shallow();
    const id = work.git("rev-parse", "main").trim();
    work.git("config", "uploadpack.allowAnySHA1InWant", "true");
    const missing = against(work, id, "../clone");
    expect(told(missing.stderr)).toEqual([`git fetch --depth=1 origin ${id}`]);
    work.gitIn("../clone", "fetch", "--quiet", "--depth=1", "origin", id);
    expect(against(work, id, "../clone")).toMatchObject({ code: 1, stdout: expect.stringContaining("event-removed") });

    expect(against(work, "main", "../clone").stderr).toContain("then --against git:origin/main");
    work.gitIn("../clone", "fetch", "--quiet", "origin", "+refs/heads/main:refs/remotes/origin/main");
    expect(against(work, "main", "../clone")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("Write git:origin/main"),
    });
    expect(against(work, "origin/main^{commit}", "../clone")).toMatchObject({ code: 1 });
  });
});

describe("a model that has moved", () => {
  const moved = (before: string, after: string, text = edited): ReturnType<Repository["evgen"]> => {
    const work = repository();
    work.write(before, one);
    work.write("unrelated/model.yaml", modelOf({ ParcelSent: "a" }).replace("shop", "parcels"));
    work.commit("first");
    work.git("checkout", "--quiet", "-b", "change");
    rmSync(work.path(before));
    work.write(after, text);
    work.commit("moved");
    return work.evgen(["check", after, "--against", "git:main"]);
  };

  test.each([
    ["model.yaml", "orders.yaml"],
    ["model.yaml", "events/model.yaml"],
    ["events/model.yaml", "model.yaml"],
    ["services/orders/events.yaml", "apps/shop/model.yml"],
  ])("from %s to %s is found where it was", (before, after) => {
    const found = moved(before, after);
    expect(found).toMatchObject({ code: 1 });
    expect(found.stdout).toContain(`${after}:7:`);
    expect(found.stdout).toContain(`base: ${before}:7:`);
  });

  test("and has another system now is compared all the same, since the old one is gone", () => {
    const found = moved("a/model.yaml", "b/model.yaml", one.replace("system: shop", "system: store"));
    expect(found.code).toBe(1);
    expect(found.stdout).toContain("system-renamed");
  });

  test("takes its lock with it", () => {
    const work = repository();
    work.write("a/model.yaml", one);
    released(work, "a");
    work.commit("first");
    work.git("mv", "a", "b");
    expect(against(work, "main", "b")).toMatchObject({ code: 0, stdout: "" });
    work.write("b/model.yaml", edited);
    const found = against(work, "main", "b");
    expect(found.code).toBe(1);
    expect(found.stdout).toContain("base: ../a/evgen.lock:");
  });

  test("is no model that is still there", () => {
    const work = repository();
    work.write("orders.yaml", one);
    work.commit("first");
    work.write("parcels.yaml", modelOf({ ParcelSent: "a" }).replace("shop", "parcels"));
    work.write("elsewhere/model.yaml", one);
    for (const file of ["parcels.yaml", "elsewhere/model.yaml"])
      expect(work.evgen(["check", file, "--against", "git:main"])).toMatchObject({
        ...{ code: 0, stdout: "", stderr: expect.stringContaining("has no model here, so all of it is new") },
      });
  });
});

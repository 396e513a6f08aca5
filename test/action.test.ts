import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { modelOf } from "./cli/evgen.js";
import type { Repository } from "./cli/repository.js";
import { released, repository } from "./cli/repository.js";
import { action, install, pullRequest, root, runAction } from "./run-action.js";

// Each test runs dozens of processes, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000 });

const targets = "generate: { targets: [schemas] }\n";
const one = modelOf({ OrderPlaced: "customer" }, targets);
const edited = one.replace("customer: string", "customer: int");
const two = modelOf({ OrderPlaced: "customer", OrderShipped: "carrier" }, targets);

/** A repository with a release on `main`, in which evgen is installed as npm does it. */
const project = (folder = "."): Repository => {
  const work = repository();
  work.write(".gitignore", "node_modules\n");
  work.write(join(folder, "model.yaml"), one);
  released(work, folder);
  work.commit("first");
  install(work.folder);
  return work;
};

test("is a composite action whose scripts hold no expressions, and are sound for shellcheck", () => {
  expect(action.runs.using).toBe("composite");
  for (const { run, shell, name } of action.runs.steps) {
    expect(run, name).not.toContain("${{");
    expect(shell).toBe("bash");
    const checked = spawnSync("shellcheck", ["--shell=bash", "--severity=style", "-"], {
      input: run,
      encoding: "utf8",
    });
    if (checked.error === undefined) expect(checked.stdout, name).toBe("");
  }
  for (const { description } of Object.values(action.inputs)) expect(description).toMatch(/\.$/);
});

describe("in a pull request", () => {
  test("with nothing to complain of, passes, and says what it was compared with", () => {
    const { clone, event } = pullRequest(project(), () => {});
    const job = runAction(clone, event, { lint: "false" });
    expect(job.code, job.log).toBe(0);
    expect(job.annotations).toEqual([]);
    expect(job.outputs).toEqual({
      version: JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version,
      against: "git:refs/remotes/origin/main",
      "exit-code": "0",
    });
    expect(job.log).toContain("git fetch --no-tags --depth=50 origin +refs/heads/main:refs/remotes/origin/main");
    for (const command of ["build --check", "check --against lock", "check --against git:refs/remotes/origin/main"])
      expect(job.summary).toContain(`<code>evgen ${command}</code> passed`);
  });

  test("that breaks what is stored, fails with 1, an annotation of the line, a summary and SARIF", () => {
    const work = project("services/shop");
    const { clone, event } = pullRequest(work, () => {
      work.write("services/shop/model.yaml", edited);
      work.evgen(["build"], { cwd: "services/shop" });
    });
    const job = runAction(clone, event, { sarif: "reports/evgen" });
    expect(job.code, job.log).toBe(1);
    expect(job.outputs["exit-code"]).toBe("1");
    const errors = job.annotations.filter(({ kind }) => kind === "error");
    // The lock and the base say the same, and it is said once.
    expect(errors).toMatchObject([
      { properties: { file: "services/shop/model.yaml", line: "7", title: "evgen version-rewritten (breaking)" } },
    ]);
    expect(errors[0]?.message).toContain("Version 1 of OrderPlaced was released and has changed");
    expect(job.summary).toContain("version-rewritten");
    const check = JSON.parse(readFileSync(join(clone, "reports/evgen/evgen-check.sarif"), "utf8"));
    expect(check.runs[0].results[0]).toMatchObject({ ruleId: "version-rewritten" });
    const lint = JSON.parse(readFileSync(join(clone, "reports/evgen/evgen-lint.sarif"), "utf8"));
    expect(lint.runs[0].automationDetails.id).not.toBe(check.runs[0].automationDetails.id);
  });

  test("with stale output or a model that does not compile, fails with 1 and says what to do", () => {
    const work = project();
    const stale = pullRequest(work, () => work.write("model.yaml", two));
    const job = runAction(stale.clone, stale.event);
    expect(job.code, job.log).toBe(1);
    expect(job.annotations).toContainEqual(
      expect.objectContaining({
        kind: "error",
        message: expect.stringMatching(/is not what model\.yaml makes: .*Run evgen build\./),
      }),
    );

    const other = project();
    const broken = pullRequest(other, () => other.write("model.yaml", one.replace("string", "strong")));
    const failed = runAction(broken.clone, broken.event);
    expect(failed.code).toBe(1);
    expect(failed.annotations).toContainEqual(
      expect.objectContaining({
        properties: expect.objectContaining({ file: "model.yaml", line: "7", title: "evgen unknown-type" }),
      }),
    );
  });

  test("that undoes a release in the lock as well, is found by its base", () => {
    const work = project();
    const { clone, event } = pullRequest(work, () => {
      work.write("model.yaml", edited);
      rmSync(work.path("evgen.lock"));
      released(work);
    });
    const job = runAction(clone, event, { sarif: "reports" });
    expect(job.code, job.log).toBe(1);
    expect(job.annotations.filter(({ kind }) => kind === "error")).toMatchObject([
      { properties: { title: "evgen version-rewritten (breaking)" } },
    ]);
    expect(readFileSync(join(clone, "reports/evgen-check.sarif"), "utf8")).toContain("version-rewritten");
    expect(runAction(clone, event, { against: "lock", lint: "false" })).toMatchObject({
      code: 0,
      outputs: { against: "lock" },
    });
  });

  test("that is far behind, is compared with where it left, and trailers in its commits count", () => {
    const work = project();
    const { clone, event } = pullRequest(work, () => {
      for (let commit = 0; commit < 60; commit++)
        work.git("commit", "--quiet", "--allow-empty", "--message", `${commit}`);
      work.write("model.yaml", edited);
      rmSync(work.path("evgen.lock"));
      released(work);
      const print = /^fingerprint: ([0-9a-f]{16})$/m.exec(work.evgen(["check", "--against", "git:main"]).stdout)?.[1];
      // The first of its commits, which is the last that a deeper clone brings.
      work.git(
        "commit",
        "--quiet",
        "--allow-empty",
        "--message",
        `say why\n\nEvgen-Accept: ${print} It never left the laptop.`,
      );
      for (let commit = 0; commit < 60; commit++)
        work.git("commit", "--quiet", "--allow-empty", "--message", `${commit}`);
    });
    for (let commit = 0; commit < 60; commit++)
      work.git("commit", "--quiet", "--allow-empty", "--message", `${commit}`);
    work.write("model.yaml", two);
    released(work);
    work.commit("released meanwhile");
    const job = runAction(clone, event, { lint: "false" });
    expect(job.code, job.log).toBe(0);
    expect(job.log).toContain("git fetch --no-tags --deepen=");
    expect(job.annotations).toMatchObject([
      { kind: "notice", message: expect.stringContaining("It never left the laptop.") },
    ]);
  });

  test("whose base cannot be fetched, fails with 3 and the way out", () => {
    const { clone, event } = pullRequest(project(), () => {});
    const job = runAction(clone, { ...event, base: "gone" });
    expect(job.code).toBe(3);
    expect(job.annotations).toMatchObject([{ kind: "error", message: expect.stringContaining("fetch-depth: 0") }]);
  });
});

describe("without a pull request", () => {
  test("compares a push to the default branch with the commit before, and one to another with where it left", () => {
    const work = project();
    const before = work.git("rev-parse", "HEAD").trim();
    work.git("config", "uploadpack.allowAnySHA1InWant", "true");
    work.write("model.yaml", two);
    released(work);
    work.commit("released");
    work.gitIn("..", "clone", "--quiet", "--depth=1", `file://${work.folder}`, "clone");
    const clone = work.path("../clone");
    install(clone);
    const payload = { before, repository: { default_branch: "main" } };
    const push = { name: "push", ref: "refs/heads/main", payload };
    const only = { build: "false", lint: "false" };
    const pushed = runAction(clone, push, only);
    expect(pushed, pushed.log).toMatchObject({ code: 0, outputs: { against: `git:${before}` } });
    expect(pushed.log).toContain(`git fetch --no-tags --depth=1 origin ${before}`);
    const first = { ...push, payload: { ...payload, before: "0".repeat(40) } };
    expect(runAction(clone, first, only)).toMatchObject({ code: 0, outputs: { against: "lock" } });
    for (const [event, against] of [
      [{ ...push, ref: "refs/heads/feature" }, "git:refs/remotes/origin/main"],
      [{ ...push, ref: "refs/tags/v1" }, "lock"],
      [{ name: "schedule", ref: "refs/heads/main" }, "lock"],
      [{ name: "merge_group", payload: { merge_group: { base_sha: before } } }, `git:${before}`],
    ] as const) {
      const ref = "ref" in event ? event.ref : undefined;
      if (ref?.startsWith("refs/heads/f")) work.git("branch", "feature");
      if (ref?.startsWith("refs/tags/")) work.git("tag", "v1");
      expect(runAction(clone, event, only).outputs["against"], event.name + ref).toBe(against);
    }
  });

  test("runs what is asked for, on the model that is named, with warnings as errors where that is asked", () => {
    const work = project();
    const event = { name: "workflow_dispatch" };
    work.write("other/model.yaml", modelOf({ ParcelSent: "email" }, targets));
    work.git("add", ".");
    expect(runAction(work.folder, event, { model: "model.yaml", lint: "false" })).toMatchObject({ code: 0 });
    expect(runAction(work.folder, event, { lint: "false" })).toMatchObject({ code: 1 });
    expect(
      runAction(work.folder, event, { "working-directory": "other", build: "false", check: "false", lint: "false" }),
    ).toMatchObject({ code: 0 });
    const lint = { model: "other/model.yaml", build: "false", check: "false" };
    expect(runAction(work.folder, event, lint)).toMatchObject({ code: 0 });
    const strict = runAction(work.folder, event, { ...lint, strict: "true" });
    expect(strict.code).toBe(1);
    expect(strict.annotations.some(({ kind }) => kind === "error")).toBe(true);
    expect(runAction(work.folder, event, { model: "gone.yaml" })).toMatchObject({
      code: 2,
      outputs: { "exit-code": "2" },
    });
    expect(runAction(work.folder, event, { lint: "yes" })).toMatchObject({ code: 2 });
  });
});

describe("what others have written", () => {
  test.each([
    [
      "model",
      "$(touch pwned)",
      "`touch pwned`",
      '"; touch pwned; "',
      "'; touch pwned; '",
      "--help",
      "a\nx=y\n::set-output name=x::y",
    ],
    [
      "against",
      "git:$(touch${IFS}pwned)",
      "git:a;touch${IFS}pwned",
      "git:--upload-pack=touch",
      "git:x\nx=y",
      "--output=pwned",
    ],
    ["strict", "$(touch pwned)", "a b; touch pwned", "x\n::error::y"],
  ])("is a text, as the input %s", (input, ...values) => {
    const work = project();
    for (const value of values) {
      const job = runAction(
        work.folder,
        { name: "workflow_dispatch" },
        { build: "false", lint: "false", [input]: value },
      );
      expect([2, 3], `${value}\n${job.log}`).toContain(job.code);
      expect(existsSync(work.path("pwned")), value).toBe(false);
      expect(Object.keys(job.outputs)).toEqual(["version", "against", "exit-code"]);
      expect(job.annotations.map(({ kind, properties }) => `${kind} ${properties["title"]}`)).toEqual([
        expect.stringMatching(/^error evgen( check)?$/),
      ]);
    }
  });

  test("names of branches and folders are texts too", () => {
    const work = project();
    const name = "a;touch$IFS'pwned'&&$(touch${IFS}pwned)\"`touch${IFS}pwned`";
    work.git("branch", "--", name, "main");
    const event = { name: "pull_request", ref: "refs/heads/main", base: name };
    const job = runAction(work.folder, { ...event, payload: {} }, { lint: "false" });
    expect(job.code, job.log).toBe(3);
    // What is fetched is what is compared with.
    work.git("remote", "add", "origin", work.folder);
    const found = runAction(
      work.folder,
      { ...event, payload: {} },
      { lint: "false", sarif: "$(touch pwned) `touch pwned`" },
    );
    expect(found, found.log).toMatchObject({ code: 0, outputs: { against: `git:refs/remotes/origin/${name}` } });
    expect(existsSync(work.path("$(touch pwned) `touch pwned`/evgen-check.sarif"))).toBe(true);
    expect(existsSync(work.path("pwned"))).toBe(false);
  });

  test("files that hold commands of a workflow do not give any", () => {
    const work = project();
    const [generated = ""] = [...work.files("generated").keys()].filter((path) => path.endsWith(".json"));
    work.write(`generated/${generated}`, "::error title=forged::x\n  ::add-mask::x\n::endgroup::\n</pre><b>x</b>\n");
    work.git("add", ".");
    const job = runAction(work.folder, { name: "workflow_dispatch" }, { lint: "false" });
    expect(job.code).toBe(1);
    expect(job.log).toContain("::add-mask::");
    expect(job.annotations.map(({ kind, properties }) => `${kind} ${properties["title"]}`)).toEqual([
      "error evgen build --check",
    ]);
    expect(job.summary).not.toContain("<b>");
  });
});

describe("finds evgen", () => {
  test("that a folder above has installed, or else its own", () => {
    const work = project("services/shop");
    const found = runAction(
      work.folder,
      { name: "workflow_dispatch" },
      { "working-directory": "services/shop", lint: "false" },
    );
    expect(found.log).toContain(`: ${work.path("node_modules/.bin/evgen")}\n`);
    rmSync(work.path("node_modules"), { recursive: true });
    expect(runAction(work.folder, { name: "workflow_dispatch" }).log).toContain(
      `: ${join(root, "dist/cli/main.js")}\n`,
    );
  });

  test("and says which Node.js it needs", () => {
    const work = project();
    work.write("bin/node", "#!/bin/sh\nexit 1\n");
    chmodSync(work.path("bin/node"), 0o755);
    const old = runAction(
      work.folder,
      { name: "workflow_dispatch" },
      {},
      { PATH: `${work.path("bin")}:${process.env["PATH"]}` },
    );
    expect(old.code).toBe(3);
    expect(old.annotations).toMatchObject([{ message: expect.stringContaining("actions/setup-node") }]);
  });
});

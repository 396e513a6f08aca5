import { readFileSync, rmSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { modelOf, workspace } from "./evgen.js";
import { repository } from "./repository.js";
import { sarifResults } from "./sarif.js";

const schema = new Ajv().compile(
  JSON.parse(readFileSync(new URL("../../schemas/findings.schema.json", import.meta.url), "utf8")),
);

const one = modelOf({ OrderPlaced: "customer" });
const edited = one.replace("customer: string", "customer: int");
const two = modelOf({ OrderPlaced: "customer", OrderShipped: "carrier" });

test("says that nothing is released, that nothing has changed, and what breaks, by its exit code", () => {
  const { evgen, write } = workspace();
  write("model.yaml", one);
  expect(evgen(["check"])).toMatchObject({
    code: 0,
    stdout: "",
    stderr: expect.stringContaining("nothing is released yet"),
  });
  evgen(["release"]);
  expect(evgen(["check"])).toMatchObject({
    code: 0,
    stdout: "",
    stderr: "model.yaml: nothing has changed since evgen.lock.\n",
  });

  write("model.yaml", two);
  const safe = evgen(["check"]);
  expect(safe).toMatchObject({ code: 0, stderr: "model.yaml: no breaking change since evgen.lock.\n" });
  expect(safe.stdout).toMatch(/info {2}event-added {2}OrderShipped is a new event\./);
  expect(evgen(["check", "--quiet"])).toMatchObject({ code: 0, stdout: "", stderr: "" });

  write("model.yaml", edited);
  const broken = evgen(["check"]);
  expect(broken).toMatchObject({ code: 1, stderr: "model.yaml: 1 breaking change since evgen.lock.\n" });
  expect(broken.stdout).toMatch(
    /^model\.yaml:7:\d+ {2}error {2}version-rewritten {2}Version 1 of OrderPlaced was released/,
  );
  expect(broken.stdout).toContain("customer, string became int");

  expect(sarifResults(evgen(["check", "--format", "sarif"]).stdout)).toEqual([
    expect.stringMatching(/^version-rewritten [0-9a-f]{16}$/),
  ]);

  // And a release of it is refused, with the same words.
  const release = evgen(["release"]);
  expect(release).toMatchObject({ code: 1, stdout: "" });
  expect(release.stderr).toMatch(/version-rewritten[\s\S]*1 error\. Nothing was released\.\n$/);
});

test("a version that is gone is an error of the build, and more is said of it by check", () => {
  const { evgen, write } = workspace();
  write("model.yaml", two);
  evgen(["release"]);
  write("model.yaml", modelOf({ OrderShipped: "carrier" }));
  expect(evgen(["build"])).toMatchObject({ code: 1, stderr: expect.stringContaining("released-missing") });
  const gone = evgen(["check"]);
  expect(gone.code).toBe(1);
  expect(gone.stdout).toContain("event-removed");
  expect(gone.stdout).not.toContain("wire-order-changed");
});

test("a break that was accepted with a reason does not fail, and can be released", () => {
  const { evgen, write, read } = workspace();
  write("model.yaml", one);
  evgen(["release"]);
  write("model.yaml", edited);
  const print = /^fingerprint: ([0-9a-f]{16})$/m.exec(evgen(["check"]).stdout)?.[1] ?? "";
  write("model.yaml", `${edited}accept: [{ finding: "${print}", reason: It never left the laptop. }]\n`);
  const accepted = evgen(["check"]);
  expect(accepted.code).toBe(0);
  expect(accepted.stdout).toMatch(/accepted {2}version-rewritten[\s\S]*accepted: It never left the laptop\.\n/);
  expect(evgen(["release"])).toMatchObject({ code: 0 });
  expect(read("evgen.lock")).toContain('["customer","int"]');
  const unused = evgen(["check"]);
  expect(unused.code).toBe(0);
  expect(unused.stdout).toContain("acceptance-unused");

  // Of a broker's finding nobody but the broker can tell whether it is still there.
  const entry = '{ finding: "pulsar-0123456789abcdef", reason: Nobody reads that topic. }';
  write("model.yaml", `${edited}accept: [${entry}]\n`);
  expect(evgen(["check"]).stdout).not.toContain("acceptance-unused");

  // The last version of a topic can be taken back so, and no other.
  write("model.yaml", two.replace("customer: string", "customer: int"));
  evgen(["release"]);
  write("model.yaml", edited);
  const removed = /^fingerprint: ([0-9a-f]{16})$/m.exec(evgen(["check"]).stdout)?.[1] ?? "";
  write("model.yaml", `${edited}accept: [{ finding: "${removed}", reason: It never left the laptop. }]\n`);
  expect(evgen(["build"]).code).toBe(1);
  expect(evgen(["release"])).toMatchObject({ code: 0 });
  expect(evgen(["build"])).toMatchObject({ code: 0 });
  expect(read("evgen.lock")).not.toContain("OrderShipped");

  write("model.yaml", two.replace("customer: string", "customer: int"));
  evgen(["release"]);
  const last = modelOf({ OrderShipped: "carrier" });
  write("model.yaml", last);
  const first = /^fingerprint: ([0-9a-f]{16})$/m.exec(evgen(["check"]).stdout)?.[1] ?? "";
  write("model.yaml", `${last}accept: [{ finding: "${first}", reason: It never left the laptop. }]\n`);
  expect(evgen(["check"]).code).toBe(0);
  expect(evgen(["release"])).toMatchObject({ code: 1, stderr: expect.stringContaining("released-missing") });
});

test("a model with errors is reported as such, in every format", () => {
  const { evgen, write } = workspace();
  write("model.yaml", one.replace("string", "strong"));
  const text = evgen(["check"]);
  expect(text).toMatchObject({ code: 1, stderr: "model.yaml: not compared, it has errors.\n" });
  expect(text.stdout).toContain("unknown-type");
  const json = evgen(["check", "--format", "json"]);
  expect(json.code).toBe(1);
  expect(schema(JSON.parse(json.stdout)), JSON.stringify(schema.errors)).toBe(true);
  expect(evgen(["check", "--against", "main"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("git:<ref>"),
  });
  expect(evgen(["check", "--against", "git:--all"])).toMatchObject({ code: 2 });
});

test("compares with a branch, a tag or a commit, and leaves the working tree alone", () => {
  const work = repository();
  work.write("model.yaml", one);
  work.commit("first");
  work.git("tag", "--annotate", "--message", "first", "v1");
  work.write("model.yaml", edited);
  const before = work.files(".git/..");
  for (const ref of ["main", "v1", "HEAD", work.git("rev-parse", "HEAD").trim()]) {
    const found = work.evgen(["check", "--against", `git:${ref}`, "--format", "json"]);
    expect(found.code, found.stderr).toBe(1);
    const report = JSON.parse(found.stdout);
    expect(schema(report), JSON.stringify(schema.errors)).toBe(true);
    expect(report.models[0].findings).toMatchObject([
      { rule: "version-rewritten", verdict: "breaking", base: { name: `git:${ref}`, file: "model.yaml", line: 7 } },
    ]);
  }
  expect(work.files(".git/..")).toEqual(before);

  // With a lock at the base, what it released binds, and drafts do not.
  work.write("model.yaml", one);
  work.evgen(["release"]);
  work.write("model.yaml", two);
  work.commit("a draft");
  work.write("model.yaml", two.replace("carrier: string", "carrier: int"));
  const draft = work.evgen(["check", "--against", "git:main"]);
  expect(draft, draft.stdout).toMatchObject({ code: 0 });
  work.write("model.yaml", edited);
  const bound = work.evgen(["check", "--against", "git:main"]);
  expect(bound.code).toBe(1);
  expect(bound.stdout).toContain("base: evgen.lock:");
});

test("says what to fetch, and what else keeps it from comparing", () => {
  const outside = workspace();
  outside.write("model.yaml", one);
  expect(outside.evgen(["check", "--against", "git:main"])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("--against lock"),
  });
  const work = repository();
  work.write("model.yaml", one);
  expect(work.evgen(["check", "--against", "git:main"])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("no commits yet"),
  });
  work.commit("first");
  work.commit("second");
  expect(work.evgen(["check", "--against", "git:release/1"])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("git fetch origin +refs/heads/release/1:refs/remotes/origin/release/1"),
  });
  work.write("model.yaml", "evgen: 1\nsystem: [\n");
  work.commit("broken");
  work.write("model.yaml", one);
  expect(work.evgen(["check", "--against", "git:HEAD"])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("the model there has errors"),
  });
});

test("with --staged, what is staged is compared", () => {
  const work = repository();
  work.write("model.yaml", one);
  work.evgen(["release"]);
  work.commit("first");
  work.write("model.yaml", edited);
  expect(work.evgen(["check", "--staged"])).toMatchObject({ code: 0 });
  work.git("add", "model.yaml");
  work.write("model.yaml", one);
  expect(work.evgen(["check", "--staged"])).toMatchObject({ code: 1 });
  expect(work.evgen(["check", "--staged", "--against", "git:main"])).toMatchObject({ code: 1 });
  expect(work.evgen(["check"])).toMatchObject({ code: 0 });
});

test("a trailer of a commit since the base accepts a finding, and a model that was renamed is found", () => {
  const work = repository();
  work.write("model.yaml", one);
  work.commit("first");
  work.git("checkout", "--quiet", "-b", "change");
  rmSync(work.path("model.yaml"));
  work.write("orders.yaml", edited);
  work.commit("change");
  const found = work.evgen(["check", "orders.yaml", "--against", "git:main"]);
  expect(found.code).toBe(1);
  const print = /^fingerprint: ([0-9a-f]{16})$/m.exec(found.stdout)?.[1];
  work.commit(`say why\n\nEvgen-Accept: ${print} It never left the laptop.`);
  const accepted = work.evgen(["check", "orders.yaml", "--against", "git:main"]);
  expect(accepted.code).toBe(0);
  expect(accepted.stdout).toContain("accepted: It never left the laptop.");
});

test("what is remembered is what is found anew, after an edit of the model, of what it includes, and of the lock", () => {
  const { evgen, write, read } = workspace();
  const including = one.replace("system: shop\n", "system: shop\ninclude: [parts/*.yaml]\n");
  write("model.yaml", including);
  write("parts/types.yaml", "types: { Note: { type: string, maxLength: 100 } }\n");
  expect(evgen(["release"]).code).toBe(0);
  const lock = read("evgen.lock");
  const same = (what: string) => {
    const kept = evgen(["check"]);
    expect(kept, what).toEqual(evgen(["check", "--no-cache"]));
    expect(evgen(["check"]), `${what}, again`).toEqual(kept);
    return kept;
  };
  expect(same("released")).toMatchObject({ code: 0, stdout: "" });
  write("model.yaml", including.replace("customer: string", "customer: int"));
  expect(same("edited")).toMatchObject({ code: 1 });
  write("model.yaml", including);
  expect(same("as it was")).toMatchObject({ code: 0, stdout: "" });
  write("parts/more.yaml", one.replaceAll("Order", "Parcel").replace(/^(?:evgen|system).*\n/gm, ""));
  expect(same("a file that is included").stdout).toContain("aggregate-added");
  write("evgen.lock", lock.replace("customer", "buyer"));
  expect(same("a lock that was edited")).toMatchObject({ code: 1 });
});

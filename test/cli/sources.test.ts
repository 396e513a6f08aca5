import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { diskSources } from "../../src/cli/sources.js";
import { workspace } from "./evgen.js";

test("reads files of the model's folder only, and nothing that is no text", () => {
  const work = workspace();
  work.write("outside.yaml", "secret\n");
  work.write("model/a.yaml", "a\n");
  work.write("model/deep/b.yaml", "b\n");
  work.write("model/binary.yaml", "");
  writeFileSync(work.path("model/binary.yaml"), Buffer.from([0xff, 0xfe, 0x00]));
  writeFileSync(work.path("model/large.yaml"), Buffer.alloc(17 * 1024 * 1024, "a"));
  mkdirSync(work.path("model/folder.yaml"));
  spawnSync("mkfifo", [work.path("model/fifo.yaml")]);
  symlinkSync("../outside.yaml", work.path("model/out.yaml"));
  symlinkSync("deep/b.yaml", work.path("model/in.yaml"));
  symlinkSync("round.yaml", work.path("model/round.yaml"));
  symlinkSync("..", work.path("model/up"));
  const { read } = diskSources(work.path("model"));
  expect(read("a.yaml")).toEqual({ kind: "text", text: "a\n" });
  expect(read("deep/../deep/b.yaml")).toEqual({ kind: "text", text: "b\n" });
  expect(read("in.yaml")).toEqual({ kind: "text", text: "b\n" });
  for (const missing of ["none.yaml", "a.yaml/b.yaml", "deep/none/x.yaml"]) expect(read(missing).kind).toBe("missing");
  for (const refused of [
    ...["../outside.yaml", "/etc/passwd", "deep/../../outside.yaml", "a\u0000b", "..\\outside.yaml", "out.yaml"],
    ...["up/outside.yaml", "round.yaml", "folder.yaml", "fifo.yaml", "binary.yaml", "large.yaml", "", "x".repeat(5000)],
  ])
    expect(read(refused), refused.slice(0, 40)).toMatchObject({ kind: "refused", reason: expect.any(String) });
});

test("patterns find files by name, sorted, inside the folder, and without going round in circles", () => {
  const work = workspace();
  const files = [
    "a.yaml",
    "B.yaml",
    "x.yml",
    ".hidden.yaml",
    "p/c.yaml",
    "p/q/d.yaml",
    "node_modules/n.yaml",
    "p/.git/e.yaml",
  ];
  for (const file of files) work.write(`model/${file}`, "");
  work.write("other/o.yaml", "");
  symlinkSync("../../other", work.path("model/p/link"));
  symlinkSync("../p", work.path("model/p/self"));
  const { match } = diskSources(work.path("model"));
  expect(match("*.yaml")).toEqual(["B.yaml", "a.yaml"]);
  expect(match("**/*.yaml")).toEqual(["B.yaml", "a.yaml", "p/c.yaml", "p/q/d.yaml"]);
  // A link that leads out is named, so that reading it says why it is refused; it is not followed.
  expect(match("p/**")).toEqual(["p/c.yaml", "p/link", "p/q/d.yaml"]);
  expect(match("p/*/d.yaml")).toEqual(["p/q/d.yaml"]);
  expect(match("p/**/**/d*")).toEqual(["p/q/d.yaml"]);
  expect(match("./p/../*.y*l")).toEqual(["B.yaml", "a.yaml", "x.yml"]);
  expect(match(".h*")).toEqual([".hidden.yaml"]);
  expect(match("a.yaml")).toEqual(["a.yaml"]);
  for (const nothing of ["../**", "/**/*.yaml", "p/link/o*", "none/*", "a.yaml/*", "[ab].yaml", "", "C:/*"])
    expect(match(nothing), nothing).toEqual([]);
  work.write(`model/${"a".repeat(200)}`, "");
  expect(match(`${"a*".repeat(60)}b`)).toEqual([]);
});

test("reads a lock of a size that no YAML may have, as one of thousands of events has", () => {
  const work = workspace();
  const large = "a".repeat(17 * 1024 * 1024);
  work.write("evgen.lock", large);
  work.write("model.yaml", large);
  const { read } = diskSources(work.folder);
  expect(read("evgen.lock")).toMatchObject({ kind: "text" });
  expect(read("model.yaml")).toEqual({ kind: "refused", reason: "it is larger than 16 MiB" });
});

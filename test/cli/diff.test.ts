import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { unifiedDiff } from "../../src/cli/diff.js";
import { parseManifest, printManifest } from "../../src/cli/manifest.js";
import { workspace } from "./evgen.js";

test("a diff, applied by git, makes the new text of the old one", () => {
  const work = workspace();
  const text = fc.array(fc.constantFrom("a", "b", "c", "d", ""), { maxLength: 25 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before !== after && before !== "" && after !== "");
      work.write("file", before);
      const input = unifiedDiff("a/file", "b/file", before, after);
      const run = spawnSync("git", ["apply", "--whitespace=nowarn", "-"], {
        cwd: work.folder,
        input,
        encoding: "utf8",
      });
      expect(run.stderr).toBe("");
      expect(work.read("file")).toBe(after);
    }),
    { numRuns: 60 },
  );
});

test("texts that have nothing in common are shown as a whole, without taking long", () => {
  const lines = (letter: string) => Array.from({ length: 20_000 }, (_, i) => `${letter}${i}\n`).join("");
  const diff = unifiedDiff("a", "b", lines("a"), lines("b"));
  expect(diff.split("\n")).toHaveLength(40_000 + 4);
  expect(unifiedDiff("a", "b", "same", "same")).toBe("");
});

test("manifests survive printing and reading, and what is no line of one owns nothing", () => {
  const hash = "0".repeat(64);
  const manifest = new Map([
    ["b/c.ts", [hash]],
    ["a.ts", [hash, "1".repeat(64)]],
  ]);
  const printed = printManifest(manifest);
  expect(printed).toBe(`${hash}  a.ts\n${"1".repeat(64)}  a.ts\n${hash}  b/c.ts\n`);
  expect(parseManifest(printed)).toEqual(new Map([...manifest].reverse()));
  expect(parseManifest(printed.replaceAll("\n", "\r\n"))).toEqual(parseManifest(printed));
  const lies = ["../x", "/x", "a/../../x", "a//b", ".", "a\\b", ".evgen-manifest", "a\u0000b", "C:x", "x".repeat(300)];
  expect(parseManifest(lies.map((lie) => `${hash}  ${lie}`).join("\n")).size).toBe(0);
  expect(parseManifest(`<<<<<<< a\n${hash.slice(1)}  x\n=======\n${hash} x\n`).size).toBe(0);
});

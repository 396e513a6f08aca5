import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { biomeErrors, filesIn, generate, modelOf, root, textOf } from "./generated.js";

const folders = readdirSync(join(root, "test/golden")).filter((name) => name.startsWith("typescript-"));

// UPDATE_GOLDEN=1 writes what is expected anew; the diff is what a reviewer reads.
describe.each(folders)("%s", async (name) => {
  const files = await generate(await modelOf(textOf(`test/golden/${name}/model.yaml`)));
  const expected = join(root, "test/golden", name, "expected/typescript");
  if (process.env["UPDATE_GOLDEN"] !== undefined) {
    rmSync(expected, { recursive: true, force: true });
    for (const [path, text] of files) {
      mkdirSync(dirname(join(expected, path)), { recursive: true });
      writeFileSync(join(expected, path), text);
    }
  }

  it("gives the files that are expected", () => {
    const committed = filesIn(expected);
    expect([...files.keys()].sort()).toEqual([...committed.keys()].sort());
    for (const [path, text] of files) expect(text, path).toBe(committed.get(path));
  });

  it("is formatted and linted as the project is", async () => {
    expect(await biomeErrors(files)).toEqual([]);
  });
});

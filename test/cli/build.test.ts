import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { expect, test } from "vitest";
import { modelOf, workspace } from "./evgen.js";

const two = modelOf({ OrderPlaced: "customer", OrderShipped: "carrier" });
const one = modelOf({ OrderPlaced: "customer" });
const placed = "generated/typescript/order/order-placed.ts";
const shipped = "generated/typescript/order/order-shipped.ts";

test("writes what the model says, and says so on stderr only", () => {
  const { write, evgen, path } = workspace();
  write("model.yaml", two);
  const run = evgen(["build"]);
  expect(run).toMatchObject({ code: 0, stdout: "" });
  expect(run.stderr).toMatch(/^generated: \d+ written, 0 removed, 0 unchanged\.\n$/);
  expect(existsSync(path(placed))).toBe(true);
  expect(spawnSync("sha256sum", ["--check", "--quiet", ".evgen-manifest"], { cwd: path("generated") }).status).toBe(0);
});

test("leaves equal files alone, with their times, and scripts executable", () => {
  const { write, evgen, path, files } = workspace();
  write("model.yaml", two);
  evgen(["build"]);
  const before = files("generated");
  const longAgo = new Date(1_000_000_000_000);
  for (const file of before.keys()) if (!file.endsWith("/")) utimesSync(path("generated", file), longAgo, longAgo);
  expect(evgen(["build", "--no-cache"]).stderr).toMatch(/^generated: up to date, \d+ files\.\n$/);
  write("model.yaml", modelOf({ OrderPlaced: "customer", OrderShipped: "company" }));
  evgen(["build"]);
  expect(statSync(path(placed)).mtime).toEqual(longAgo);
  expect(statSync(path(shipped)).mtime).not.toEqual(longAgo);
  expect([...before].some(([file, content]) => file.endsWith(".sh") && content.startsWith("x"))).toBe(true);
});

test("gives a script its executable bit back", () => {
  const { write, evgen, path, files } = workspace();
  write("model.yaml", two);
  evgen(["build"]);
  const before = files("generated");
  const script = [...before.keys()].find((file) => file.endsWith(".sh")) ?? "";
  chmodSync(path("generated", script), 0o644);
  expect(evgen(["build", "--check"])).toMatchObject({ code: 1, stdout: `mode      generated/${script}\n` });
  expect(evgen(["build"]).code).toBe(0);
  expect(files("generated")).toEqual(before);
});

test("removes what the model makes no longer, and the folders that leaves empty", () => {
  const { write, evgen, path, files } = workspace();
  write("model.yaml", one);
  evgen(["build"]);
  const expected = files("generated");
  write(
    "model.yaml",
    two.replace(
      "  Order:",
      "  Invoice:\n    key: { invoiceId: uuid }\n    events:\n      InvoiceSent: { versions: { 1: { fields: { to: string } } } }\n  Order:",
    ),
  );
  evgen(["build"]);
  expect(existsSync(path("generated/typescript/invoice"))).toBe(true);
  write("model.yaml", one);
  expect(evgen(["build"]).stderr).toMatch(/[1-9]\d* removed/);
  expect(files("generated")).toEqual(expected);
});

test("an error anywhere writes nothing", () => {
  const { write, evgen, files } = workspace();
  write("model.yaml", two);
  evgen(["build"]);
  const before = files("generated");
  write("model.yaml", modelOf({ OrderPlaced: "other", orderShipped: "carrier" }));
  const run = evgen(["build"]);
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/model\.yaml:\d+:\d+ {2}error {2}/);
  expect(files("generated")).toEqual(before);
});

test.each([
  ["an edited file", (file: string) => writeFileSync(file, "// mine\n"), "output-edited"],
  [
    "an edited file that would be removed",
    (_file: string, removed: string) => writeFileSync(removed, "// mine\n"),
    "output-edited",
  ],
])("%s stops everything, and --force does not", (_, edit, code) => {
  const { write, evgen, path, files } = workspace();
  write("model.yaml", one);
  evgen(["build"]);
  const expected = files("generated");
  write("model.yaml", two);
  evgen(["build"]);
  edit(path(placed), path(shipped));
  write("model.yaml", one);
  const before = files("generated");
  const run = evgen(["build"]);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain(code);
  expect(run.stderr).toContain("Nothing was written");
  expect(files("generated")).toEqual(before);
  expect(evgen(["build", "--force"]).code).toBe(0);
  expect(files("generated")).toEqual(expected);
});

test("a file that evgen did not write is neither overwritten nor removed; an equal one is adopted", () => {
  const { write, evgen, path, files } = workspace();
  write("model.yaml", two);
  evgen(["build"]);
  const expected = files("generated");
  rmSync(path("generated/.evgen-manifest"));
  expect(evgen(["build"]).code).toBe(0);
  expect(files("generated")).toEqual(expected);

  rmSync(path("generated"), { recursive: true });
  write(placed, "// somebody's\n");
  write("generated/typescript/notes.md", "mine\n");
  const run = evgen(["build"]);
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/ {2}output-foreign {2}/);
  expect(run.stderr).toContain(`${placed} was not written by evgen`);
  expect([...files("generated").keys()].filter((file) => !file.endsWith("/"))).toEqual([
    "typescript/notes.md",
    "typescript/order/order-placed.ts",
  ]);
  unlinkSync(path(placed));
  expect(evgen(["build"]).code).toBe(0);
  expect(files("generated")).toEqual(new Map([...expected, ["typescript/notes.md", "- mine\n"]]));
  write("model.yaml", one);
  evgen(["build"]);
  expect(existsSync(path("generated/typescript/notes.md"))).toBe(true);
});

test("line ends that git changed are no difference", () => {
  const { write, read, evgen } = workspace();
  write("model.yaml", two);
  evgen(["build"]);
  write(placed, read(placed).replaceAll("\n", "\r\n"));
  expect(evgen(["build", "--check"]).code).toBe(0);
  write("generated/.evgen-manifest", read("generated/.evgen-manifest").replaceAll("\n", "\r\n"));
  expect(evgen(["build", "--check"]).code).toBe(0);
  write("model.yaml", modelOf({ OrderPlaced: "other", OrderShipped: "carrier" }));
  expect(evgen(["build"]).code).toBe(0);
  expect(read(placed)).not.toContain("\r");
});

test("a manifest with the marks of a merge conflict still knows its files", () => {
  const { write, read, evgen, files } = workspace();
  write("model.yaml", one);
  evgen(["build"]);
  const [ourManifest, ours] = [read("generated/.evgen-manifest"), read(placed)];
  const changed = modelOf({ OrderPlaced: "other" });
  write("model.yaml", changed);
  evgen(["build"]);
  const expected = files("generated");
  write(
    "generated/.evgen-manifest",
    `<<<<<<< ours\n${ourManifest}=======\n${read("generated/.evgen-manifest")}>>>>>>> theirs\n`,
  );
  write(placed, ours);
  expect(evgen(["build", "--check"]).code).toBe(1);
  expect(evgen(["build"]).code).toBe(0);
  expect(files("generated")).toEqual(expected);
});

test("a manifest that lies cannot make evgen touch anything outside of the folder", () => {
  const { write, read, evgen, path } = workspace();
  write("model.yaml", one);
  evgen(["build"]);
  write("precious.txt", "");
  mkdirSync(path("outside/empty"), { recursive: true });
  symlinkSync("../outside", path("generated/link"));
  write("outside/file", "");
  const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const lies = [
    "../precious.txt",
    path("precious.txt"),
    "link/file",
    "link/empty/x",
    "a/../../precious.txt",
    ".evgen-lock",
  ];
  write(
    "generated/.evgen-manifest",
    read("generated/.evgen-manifest") + lies.map((lie) => `${empty}  ${lie}\n`).join(""),
  );
  expect(evgen(["build", "--force"]).code).toBe(0);
  expect(existsSync(path("precious.txt"))).toBe(true);
  expect(existsSync(path("outside/file"))).toBe(true);
  expect(existsSync(path("outside/empty"))).toBe(true);
  expect(evgen(["build", "--check"]).code).toBe(0);
});

test("--check writes nothing and shows what differs", () => {
  const { write, evgen, path, files } = workspace();
  write("model.yaml", two);
  const first = evgen(["build", "--check"]);
  expect(first.code).toBe(1);
  expect(first.stdout).toContain(`missing   ${placed}\n`);
  expect(existsSync(path("generated"))).toBe(false);

  evgen(["build"]);
  expect(evgen(["build", "--check"])).toMatchObject({ code: 0, stdout: "" });
  write("model.yaml", modelOf({ OrderPlaced: "buyer" }));
  write("generated/typescript/order.ts", "// edited\n");
  const before = files("generated");
  const { code, stdout, stderr } = evgen(["build", "--check"]);
  expect(code).toBe(1);
  expect(stdout).toContain(`modified  ${placed}\n--- ${placed}\n`);
  expect(stdout).toContain(`orphaned  ${shipped}\n`);
  expect(stdout).toContain("edited    generated/typescript/order.ts\n--- ");
  expect(stdout).toMatch(/^-.*customer/m);
  expect(stdout).toMatch(/^\+.*buyer/m);
  expect(stderr).toMatch(/modified, \d orphaned, 1 edited/);
  expect(files("generated")).toEqual(before);
});

test("--target looks at these targets' files only", () => {
  const { write, evgen, path, files } = workspace();
  write("model.yaml", two);
  expect(evgen(["build", "--target", "typescript"]).code).toBe(0);
  expect(existsSync(path("generated/schemas"))).toBe(false);
  evgen(["build"]);
  const old = files("generated/schemas");
  write("model.yaml", one);
  expect(evgen(["build", "--target", "typescript", "--target", "pulsar-admin"]).code).toBe(0);
  expect(existsSync(path(shipped))).toBe(false);
  expect(files("generated/schemas")).toEqual(old);
  expect(evgen(["build", "--check", "--target", "typescript"]).code).toBe(0);
  expect(evgen(["build", "--check", "--target", "schemas"]).code).toBe(1);
  expect(evgen(["build", "--target", "cobol"])).toMatchObject({ code: 2 });
  write("model.yaml", `${one}generate: { targets: [schemas] }\n`);
  expect(evgen(["build"]).code).toBe(0);
  expect(existsSync(path("generated/typescript"))).toBe(false);
});

test.each([
  ["a folder in place of a file", "output-blocked", (path: string) => mkdirSync(path, { recursive: true })],
  ["a FIFO in place of a file", "output-blocked", (path: string) => void spawnSync("mkfifo", [path])],
])("%s stops everything", (_, code, put) => {
  const { write, evgen, path } = workspace();
  write("model.yaml", one);
  mkdirSync(path("generated/typescript"), { recursive: true });
  put(path("generated/typescript/order.ts"));
  for (const force of [[], ["--force"]]) {
    const run = evgen(["build", ...force]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(code);
    expect(existsSync(path(placed))).toBe(false);
  }
});

test("symbolic links in the output folder are never written through", () => {
  const { write, read, evgen, path } = workspace();
  write("model.yaml", one);
  write("elsewhere/keep.ts", "mine\n");
  mkdirSync(path("generated/typescript"), { recursive: true });
  symlinkSync("../../elsewhere/keep.ts", path("generated/typescript/order.ts"));
  expect(evgen(["build"])).toMatchObject({ code: 1 });
  expect(evgen(["build", "--force"])).toMatchObject({ code: 0 });
  expect(read("elsewhere/keep.ts")).toBe("mine\n");

  rmSync(path("generated"), { recursive: true });
  mkdirSync(path("generated"));
  symlinkSync("../elsewhere", path("generated/typescript"));
  for (const force of [[], ["--force"]]) {
    const run = evgen(["build", ...force]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("typescript is a symbolic link");
  }
  expect(existsSync(path("elsewhere/order.ts"))).toBe(false);
});

test("the output folder is inside the model's, also behind symbolic links", () => {
  const { write, evgen, path } = workspace();
  write("models/model.yaml", one);
  mkdirSync(path("outside"));
  symlinkSync("../outside", path("models/generated"));
  const run = evgen(["build", "models/model.yaml"]);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain("output-outside");
  unlinkSync(path("models/generated"));
  symlinkSync("../nowhere", path("models/generated"));
  expect(evgen(["build", "models/model.yaml"])).toMatchObject({ code: 1 });
  unlinkSync(path("models/generated"));
  mkdirSync(path("models/real"));
  symlinkSync("real", path("models/generated"));
  expect(evgen(["build", "models"])).toMatchObject({ code: 0 });
  expect(existsSync(path("models/real/.evgen-manifest"))).toBe(true);
  for (const out of ["../outside", "/tmp/evgen-outside", ".git/hooks", "a/../../outside", "..", "a\\\\..\\\\b"]) {
    write("models/model.yaml", `${one}generate: { out: "${out}" }\n`);
    expect(evgen(["build", "models"]).code, out).toBe(1);
  }
  expect(existsSync(path("outside/.evgen-manifest"))).toBe(false);
});

test("--json prints the result on stdout", () => {
  const { write, evgen } = workspace();
  write("model.yaml", two);
  const built = JSON.parse(evgen(["build", "--json"]).stdout);
  expect(built).toMatchObject({ format: "evgen-build", version: 1, check: false });
  expect(built.builds[0]).toMatchObject({ model: "model.yaml", out: "generated", outcome: "written", diagnostics: [] });
  expect(built.builds[0].files).toContainEqual({ path: "typescript/order/order-placed.ts", state: "missing" });
  expect(JSON.parse(evgen(["build", "--json"]).stdout).builds[0]).toMatchObject({ outcome: "fresh", files: [] });
  write("model.yaml", modelOf({ orderPlaced: "customer" }));
  const failed = evgen(["build", "--json"]);
  expect(failed.code).toBe(1);
  const [diagnostic] = JSON.parse(failed.stdout).builds[0].diagnostics;
  expect(diagnostic).toMatchObject({ severity: "error", file: "model.yaml", line: 7, column: expect.any(Number) });
});

test("--quiet leaves problems only", () => {
  const { write, evgen } = workspace();
  write("model.yaml", two);
  expect(evgen(["build", "--quiet"])).toMatchObject({ code: 0, stdout: "", stderr: "" });
  write(placed, "// edited\n");
  expect(evgen(["build", "--quiet"]).stderr).toContain("output-edited");
});

test("files are named from where one is", () => {
  const { write, evgen } = workspace();
  write("services/shop/model.yaml", modelOf({ orderPlaced: "customer" }));
  expect(evgen(["build", "services/shop"]).stderr).toMatch(/^services\/shop\/model\.yaml:7:\d+/);
  expect(evgen(["build", "model.yaml"], { cwd: "services/shop" }).stderr).toMatch(/^model\.yaml:7/);
  write("services/other/x", "");
  expect(evgen(["build", "../shop"], { cwd: "services/other" }).stderr).toMatch(/^\.\.\/shop\/model\.yaml:7/);
});

test("finds the model, or says what is missing", () => {
  const { write, evgen } = workspace();
  expect(evgen(["build"])).toMatchObject({ code: 2, stderr: expect.stringContaining("evgen init") });
  expect(evgen(["build", "other.yaml"])).toMatchObject({ code: 2, stderr: expect.stringContaining("other.yaml") });
  write("evgen.yaml", one);
  expect(evgen(["build"]).code).toBe(0);
  write("model.yaml", one);
  expect(evgen(["build"])).toMatchObject({ code: 2, stderr: expect.stringContaining("model.yaml and evgen.yaml") });
});

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Workspace } from "./evgen.js";
import { modelOf, workspace } from "./evgen.js";

const one = modelOf({ OrderPlaced: "customer" });
const two = modelOf({ OrderPlaced: "customer", OrderShipped: "carrier" });

/** The modules that a run loaded, from what V8 says it ran. */
const loadedBy = (work: Workspace, args: readonly string[]): readonly string[] => {
  const folder = join(work.folder, "..", "coverage");
  rmSync(folder, { recursive: true, force: true });
  expect(work.evgen(args, { env: { NODE_V8_COVERAGE: folder } }).code).toBe(0);
  return readdirSync(folder)
    .flatMap((file) => JSON.parse(readFileSync(join(folder, file), "utf8")).result)
    .map(({ url }: { readonly url: string }) => url)
    .filter((url) => url.startsWith("file:"));
};

test("when nothing has changed, nothing that could build is loaded", () => {
  const work = workspace();
  work.write("model.yaml", two);
  expect(loadedBy(work, ["build"]).join("\n")).toMatch(/node_modules\/yaml/);
  for (const args of [["build"], ["build", "--check"], ["build", "--json"]]) {
    const modules = loadedBy(work, args);
    expect(modules.length).toBeGreaterThan(5);
    const heavy =
      /node_modules\/(?!commander)|dist\/(compile|passes|targets|model|render|runtime)|child_process|lock\.js|write\.js/;
    expect(modules.filter((url) => heavy.test(url))).toEqual([]);
  }
  expect(loadedBy(work, ["--version"]).filter((url) => !url.endsWith("/main.js"))).toEqual([]);
});

test("any change is seen: of a file, of a file that is new to a pattern, of an option, of an output", () => {
  const work = workspace();
  const more = (name: string) =>
    modelOf({ [`${name}Sent`]: "to" })
      .replace(/^evgen.*\nsystem.*\n/, "")
      .replace("Order", name);
  work.write("model.yaml", `${one}include: [parts/*.yaml]\n`);
  work.write("parts/invoice.yaml", more("Invoice"));
  const same = () => expect(work.evgen(["build"]).stderr).toContain("up to date");
  const changed = () => expect(work.evgen(["build"]).stderr).toMatch(/[1-9]\d* written|[1-9]\d* removed/);
  changed();
  same();
  work.write("parts/parcel.yaml", more("Parcel"));
  changed();
  same();
  rmSync(work.path("parts/parcel.yaml"));
  changed();
  same();
  // With the same size and time as before.
  const { atime, mtime } = statSync(work.path("model.yaml"));
  work.write("model.yaml", `${one.replace("customer", "consumer")}include: [parts/*.yaml]\n`);
  utimesSync(work.path("model.yaml"), atime, mtime);
  changed();
  rmSync(work.path("generated/typescript/order.ts"));
  changed();
  work.write("generated/typescript/order.ts", "// edited\n");
  expect(work.evgen(["build"]).code).toBe(1);
  expect(work.evgen(["build", "--force"]).code).toBe(0);
  same();
});

test("the cache never changes a result, whatever is in it", () => {
  const work = workspace();
  const plain = workspace();
  const cache = join(work.folder, "..", "cache");
  const damage = [
    () => undefined,
    (file: string) => writeFileSync(file, ""),
    (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 200)),
    (file: string) => writeFileSync(file, readFileSync(file, "utf8").replaceAll("a", "b")),
    (file: string) => writeFileSync(file, `${readFileSync(file, "utf8")}\n[]`),
  ];
  let changes = 0;
  for (const harm of damage) {
    const model = modelOf({ OrderPlaced: `customer${changes++}`, OrderShipped: "carrier" });
    work.write("model.yaml", model);
    plain.write("model.yaml", model);
    expect(work.evgen(["build"]).code).toBe(0);
    expect(plain.evgen(["build", "--no-cache"]).code).toBe(0);
    expect(work.files("generated")).toEqual(plain.files("generated"));
    for (const folder of readdirSync(cache))
      for (const file of readdirSync(join(cache, folder))) harm(join(cache, folder, file));
  }
  expect(work.evgen(["build", "--check"]).code).toBe(0);
  expect(readdirSync(join(plain.folder, ".."))).toEqual(["work"]);
});

test("numbers that JSON does not know come out the same", () => {
  const work = workspace();
  const model = `${one}      OrderWeighed:
        versions:
          1: { fields: { weight: { type: double, example: -0.0 } } }
`;
  work.write("model.yaml", model);
  const { code, stderr } = work.evgen(["build"]);
  const before = work.files("generated");
  work.write("model.yaml", one);
  work.evgen(["build"]);
  work.write("model.yaml", model);
  expect(work.evgen(["build"])).toMatchObject({ code, stderr: code === 0 ? expect.any(String) : stderr });
  expect(work.files("generated")).toEqual(before);
});

test("a cache that cannot be written or read is no matter", () => {
  const work = workspace();
  work.write("model.yaml", one);
  work.write("file", "");
  for (const folder of ["/proc/nowhere", work.path("file"), join(work.path("file"), "below")])
    expect(work.evgen(["build"], { env: { EVGEN_CACHE_DIR: folder } })).toMatchObject({ code: 0 });
  const cache = join(work.folder, "..", "cache");
  work.evgen(["build"]);
  for (const folder of readdirSync(cache))
    for (const file of readdirSync(join(cache, folder))) {
      rmSync(join(cache, folder, file));
      mkdirSync(join(cache, folder, file));
    }
  expect(work.evgen(["build"])).toMatchObject({ code: 0 });
});

test("EVGEN_CACHE_DIR, XDG_CACHE_HOME and the home folder, in this order", () => {
  const work = workspace();
  work.write("model.yaml", one);
  const home = { HOME: work.path("home"), EVGEN_CACHE_DIR: "" };
  work.evgen(["build"], { env: { ...home, XDG_CACHE_HOME: "relative" } });
  expect(readdirSync(work.path("home/.cache/evgen"))).toHaveLength(1);
  work.evgen(["build"], { env: { ...home, XDG_CACHE_HOME: work.path("xdg") } });
  expect(readdirSync(work.path("xdg/evgen"))).toHaveLength(1);
});

import { once } from "node:events";
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { modelOf, workspace } from "./evgen.js";

const schema = new Ajv().compile(
  JSON.parse(readFileSync(new URL("../../schemas/release-output.schema.json", import.meta.url), "utf8")),
);

test("a release writes the lock, and a second one has nothing to do", () => {
  const { evgen, write, read } = workspace();
  write("model.yaml", modelOf({ OrderPlaced: "a", OrderShipped: "b" }));
  const first = evgen(["release"]);
  expect(first).toMatchObject({ code: 0, stdout: "" });
  expect(first.stderr).toBe(
    "OrderPlacedV1  position 0 of persistent://shop/default/order\n" +
      "OrderShippedV1  position 1 of persistent://shop/default/order\n" +
      "evgen.lock: written, 2 new versions.\n",
  );
  const lock = read("evgen.lock");
  expect(evgen(["release"])).toMatchObject({ code: 0, stderr: "evgen.lock: all is released, nothing to do.\n" });
  expect(evgen(["release", "--check"])).toMatchObject({ code: 0 });
  expect(read("evgen.lock")).toBe(lock);
});

test("--dry-run and --check write nothing; --check says by its exit code that something is not released", () => {
  const work = workspace();
  work.write("model.yaml", modelOf({ OrderPlaced: "a" }));
  const before = work.files(".");
  expect(work.evgen(["release", "--dry-run"])).toMatchObject({
    code: 0,
    stdout: "OrderPlacedV1  position 0 of persistent://shop/default/order\n",
  });
  expect(work.evgen(["release", "--check"])).toMatchObject({ code: 1 });
  expect(work.evgen(["release", "--check", "--dry-run"])).toMatchObject({ code: 2 });
  expect(work.files(".")).toEqual(before);
});

test("--json has the form of its schema, whatever comes of it", () => {
  const { evgen, write } = workspace();
  const json = (...args: readonly string[]) => {
    const { stdout } = evgen(["release", "--json", ...args]);
    const value = JSON.parse(stdout);
    expect(schema(value), JSON.stringify(schema.errors)).toBe(true);
    return value;
  };
  write("model.yaml", modelOf({ OrderPlaced: "a" }));
  expect(json("--dry-run")).toMatchObject({ outcome: "unreleased", lock: "evgen.lock" });
  expect(json()).toMatchObject({
    outcome: "released",
    released: [{ version: "OrderPlacedV1", topic: "persistent://shop/default/order", position: 0 }],
  });
  expect(json()).toMatchObject({ outcome: "nothing", released: [] });
  write("model.yaml", modelOf({ OrderPlaced: "a b" }));
  expect(json()).toMatchObject({ outcome: "findings" });
});

test("what does not build is not released, nor is anything over a lock that is damaged", () => {
  const { evgen, write, read, path } = workspace();
  write("model.yaml", modelOf({ OrderPlaced: "a" }).replace("string", "strong"));
  const refused = evgen(["release"]);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/unknown-type[\s\S]*1 error\. Nothing was released\.\n$/);
  expect(existsSync(path("evgen.lock"))).toBe(false);

  write("model.yaml", modelOf({ OrderPlaced: "a" }));
  evgen(["release"]);
  const damaged = read("evgen.lock").replace('"string"', '"int"');
  write("evgen.lock", damaged);
  expect(evgen(["release"])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^evgen\.lock:\d+:1 {2}error {2}lock-edited/),
  });
  expect(read("evgen.lock")).toBe(damaged);
});

test("the order on the wire is that of the lock for every build after it, also for one from the cache", () => {
  const { evgen, write, read } = workspace();
  const topic = () => read("generated/schemas/order.avsc");
  const positions = () => [...topic().matchAll(/"name":\s*"(\w+V1)"/g)].map((match) => match[1]);
  write("model.yaml", modelOf({ OrderPlaced: "a", OrderShipped: "b" }, "generate: { targets: [schemas] }\n"));
  evgen(["release"]);
  write(
    "model.yaml",
    modelOf({ OrderPacked: "c", OrderShipped: "b", OrderPlaced: "a" }, "generate: { targets: [schemas] }\n"),
  );
  expect(evgen(["build"])).toMatchObject({ code: 0 });
  expect(positions()).toEqual(["OrderPlacedV1", "OrderShippedV1", "OrderPackedV1"]);
  expect(evgen(["build", "--check"])).toMatchObject({ code: 0 });

  // A lock that changes is seen, though nothing else has changed.
  const lock = read("evgen.lock");
  write("evgen.lock", lock.replaceAll("\n", "\r\n"));
  expect(evgen(["build", "--check"])).toMatchObject({ code: 1, stderr: expect.stringContaining("lock-line-ends") });
  write("evgen.lock", lock);
  expect(evgen(["build", "--check"])).toMatchObject({ code: 0 });
});

test("two releases at once leave one lock that is whole", async () => {
  const { start, write, evgen } = workspace();
  write("model.yaml", modelOf({ OrderPlaced: "a", OrderShipped: "b" }));
  const both = [start(["release"]), start(["release"])];
  const codes = await Promise.all(both.map(async (one) => (await once(one, "exit"))[0]));
  expect(codes).toEqual([0, 0]);
  expect(evgen(["release", "--check"])).toMatchObject({ code: 0 });
});

test("a lock behind a symbolic link stays one", () => {
  const { evgen, write, read, path } = workspace();
  mkdirSync(path("locks"));
  write("locks/shop.lock", "");
  write("model.yaml", modelOf({ OrderPlaced: "a" }));
  evgen(["release"]);
  write("locks/shop.lock", read("evgen.lock"));
  const linked = workspace();
  linked.write("model.yaml", modelOf({ OrderPlaced: "a", OrderShipped: "b" }));
  linked.write("locks/shop.lock", read("evgen.lock"));
  symlinkSync("locks/shop.lock", linked.path("evgen.lock"));
  expect(linked.evgen(["release"])).toMatchObject({ code: 0 });
  expect(lstatSync(linked.path("evgen.lock")).isSymbolicLink()).toBe(true);
  expect(linked.read("locks/shop.lock")).toContain("OrderShippedV1");
});

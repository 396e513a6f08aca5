import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Workspace } from "./evgen.js";
import { modelOf, workspace } from "./evgen.js";

const one = modelOf({ OrderPlaced: "customer" });
const two = modelOf({ OrderPlaced: "customer", OrderShipped: "carrier" });

/** The modules that a run loaded, from what V8 says it ran: those of libraries, and those that evgen's files are made of. */
const loadedBy = (work: Workspace, args: readonly string[]): readonly string[] => {
  const folder = join(work.folder, "..", "coverage");
  rmSync(folder, { recursive: true, force: true });
  expect(work.evgen(args, { env: { NODE_V8_COVERAGE: folder } }).code).toBe(0);
  return readdirSync(folder)
    .flatMap((file) => JSON.parse(readFileSync(join(folder, file), "utf8")).result)
    .map(({ url }: { readonly url: string }) => url)
    .filter((url) => url.startsWith("file:"))
    .flatMap((url) => (url.includes("node_modules") ? [url] : modulesIn(readFileSync(new URL(url), "utf8"))));
};

/** The bundler says above each module's code where it is from. */
const modulesIn = (text: string): readonly string[] =>
  [...text.matchAll(/^\/\/ (\S+\.ts)$/gm)].map(([, path]) => path ?? "");

test("when nothing has changed, nothing that could build is loaded", () => {
  const work = workspace();
  work.write("model.yaml", two);
  const all = loadedBy(work, ["build"]);
  expect(all).toContain("src/render/template.ts");
  expect(all.join("\n")).toMatch(/node_modules\/handlebars/);
  for (const args of [["build"], ["build", "--check"], ["build", "--json"]]) {
    const modules = loadedBy(work, args);
    expect(modules.length).toBeGreaterThan(5);
    const heavy =
      /node_modules\/(?!commander)|src\/(compile|passes|targets|model|render|runtime)|cli\/(git|lock|write|staged)\.ts/;
    expect(modules.filter((url) => heavy.test(url))).toEqual([]);
  }
  expect(loadedBy(work, ["--version"])).toEqual(["src/cli/main.ts"]);
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

test("after any edit the files are those of a build that remembers nothing", () => {
  const work = workspace();
  const plain = workspace();
  const aggregate = (name: string, events: readonly string[], more = "") =>
    `aggregates:\n  ${name}:\n    key: { id: uuid }\n${more}    events:\n${events.join("")}`;
  const event = (name: string, fields: string, next = "") =>
    `      ${name}:\n        versions:\n          1: { fields: { ${fields} } }\n${next}`;
  const root = "evgen: 1\nsystem: shop\ninclude: [parts/*.yaml]\n";
  const types = "types:\n  Money: { fields: { amount: long, currency: string } }\n";
  const order = (fields: string) =>
    aggregate("Order", [event("OrderPlaced", fields), event("OrderPaid", "paid: Money")]);
  const invoice = aggregate("Invoice", [event("InvoiceSent", "to: string, total: Money")]);
  const reader = (from: string) => `consumers:\n  Books:\n    from: ${from}\n`;
  const schema = (type: string) =>
    JSON.stringify({ type: "object", properties: { a: { type } }, required: ["a"], additionalProperties: false });
  const steps: readonly (readonly [what: string, files: { readonly [path: string]: string | undefined }])[] = [
    [
      "the first",
      { "model.yaml": root, "parts/types.yaml": types, "parts/o.yaml": order("a: int"), "parts/i.yaml": invoice },
    ],
    ["one event", { "parts/o.yaml": order("a: int, b?: string") }],
    ["a shared type", { "parts/types.yaml": types.replace("amount: long", "amount: long, note?: string") }],
    ["a setting of Pulsar", { "model.yaml": `${root}pulsar: { tenant: other, encoding: json }\n` }],
    ["how longs are held", { "model.yaml": `${root}options: { long: bigint }\n` }],
    ["the validators", { "model.yaml": `${root}generate: { validators: precompiled }\n` }],
    ["the system's name", { "model.yaml": root.replace("shop", "store") }],
    ["a consumer", { "parts/c.yaml": reader("Order") }],
    ["a changed consumer", { "parts/c.yaml": reader("[Order, Invoice]") }],
    [
      "a type that is called as one of the runtime",
      { "parts/t2.yaml": "types:\n  JsonSchema: string\n  Uuid: string\n" },
    ],
    [
      "an event that is called as one of the runtime",
      { "parts/i2.yaml": aggregate("Note", [event("Producer", "a: int")]) },
    ],
    [
      "a topic that is shared now",
      { "parts/i2.yaml": aggregate("Note", [event("Producer", "a: int")], "    topic: order\n") },
    ],
    ["and no longer", { "parts/i2.yaml": aggregate("Note", [event("NoteTaken", "a: int")]) }],
    [
      "a file that moved",
      { "parts/i2.yaml": undefined, "parts/a.yaml": aggregate("Note", [event("NoteTaken", "a: int")]) },
    ],
    [
      "a second version",
      {
        "parts/a.yaml": aggregate("Note", [
          event("NoteTaken", "a: int", "          2: { like: 1, fields: { b?: int }, upcast: {} }\n"),
        ]),
      },
    ],
    ["an event that is gone", { "parts/o.yaml": aggregate("Order", [event("OrderPlaced", "a: int")]) }],
    [
      "a JSON Schema",
      {
        "parts/s.json": schema("string"),
        "parts/i.yaml": aggregate("Invoice", [
          event("InvoiceSent", "x: { schema: ./parts/s.json }").replace("./parts", "."),
        ]),
      },
    ],
    ["a changed JSON Schema", { "parts/s.json": schema("boolean") }],
    [
      "as it was at first",
      {
        "parts/s.json": undefined,
        "parts/c.yaml": undefined,
        "parts/t2.yaml": undefined,
        "parts/o.yaml": order("a: int"),
        "parts/i.yaml": invoice,
      },
    ],
  ];
  for (const [what, files] of steps) {
    for (const [path, text] of Object.entries(files))
      for (const one of [work, plain])
        if (text === undefined) rmSync(one.path(path));
        else one.write(path, text);
    rmSync(plain.path("generated"), { recursive: true, force: true });
    const cold = plain.evgen(["build", "--no-cache"]);
    expect([what, cold.code, cold.stderr]).toEqual([what, 0, expect.any(String)]);
    expect([what, work.evgen(["build"]).code]).toEqual([what, 0]);
    expect([what, work.files("generated")]).toEqual([what, plain.files("generated")]);
  }
});

test("a mapping that was proved is proved again when anything has changed that it depends on", () => {
  const work = workspace();
  const plain = workspace();
  const fields = (text: string) => `{ fields: { ${text} }`;
  const root = "evgen: 1\nsystem: shop\ninclude: [parts/*.yaml]\n";
  const types = (price: string, size = "{ type: int, max: 9 }") =>
    `types:\n  Price: ${price}\n  Size: ${size}\n  Box: { fields: { size: Size } }\n`;
  const event = (name: string, ...versions: readonly string[]) =>
    `      ${name}:\n        versions:\n${versions.map((one, i) => `          ${i + 1}: ${one}\n`).join("")}`;
  const order = (second: string, more = "") =>
    `aggregates:\n  Order:\n    key: { id: uuid }\n    events:\n${event(
      "OrderPlaced",
      `${fields("price: Price, box: Box, at: long")} }`,
      `${fields(second)}, upcast: { price: $price, side: $box.size${more} } }`,
    )}`;
  const invoice = (map: string) =>
    `aggregates:\n  Invoice:\n    key: { id: uuid }\n    events:\n${event("InvoiceSent", `${fields("to: string")} }`)}${event(
      "InvoiceMailed",
      `${fields("to: string")} }`,
    )}        retired: true\n        becomes: [{ event: InvoiceSent, map: ${map} }]\n`;
  const right = "price: double, side: { type: int, max: 9 }, at: long";
  const byFunction = ", at: { by: shift }";
  const steps: readonly (readonly [what: string, code: number, files: { readonly [path: string]: string }])[] = [
    [
      "right",
      0,
      {
        "model.yaml": root,
        "parts/types.yaml": types("float"),
        "parts/o.yaml": order(right),
        "parts/i.yaml": invoice("{}"),
      },
    ],
    ["a type that is wider", 1, { "parts/types.yaml": types("{ type: string }") }],
    ["as it was", 0, { "parts/types.yaml": types("float") }],
    ["a constraint that is wider, two types away", 1, { "parts/types.yaml": types("float", "{ type: int, max: 99 }") }],
    ["as it was", 0, { "parts/types.yaml": types("float") }],
    ["a mistake elsewhere", 1, { "parts/types.yaml": types("flaot") }],
    ["as it was", 0, { "parts/types.yaml": types("float") }],
    ["a field that is narrower", 1, { "parts/o.yaml": order(right.replace("max: 9", "max: 8")) }],
    ["a warning", 0, { "parts/o.yaml": order(right.replace(", at: long", "")) }],
    ["the warning again, after another change", 0, { "parts/types.yaml": types("double") }],
    ["a mapping of a retired event", 1, { "parts/i.yaml": invoice("{ to: $form }") }],
    ["and a right one", 0, { "parts/i.yaml": invoice("{ to: $to }") }],
    ["longs that are exact", 0, { "model.yaml": `${root}options: { long: bigint }\n`, "parts/o.yaml": order(right) }],
    ["a function", 0, { "parts/o.yaml": order(right, byFunction) }],
    ["the function, after another change", 0, { "parts/i.yaml": invoice("{}") }],
  ];
  for (const [what, code, files] of steps) {
    for (const [path, text] of Object.entries(files)) for (const one of [work, plain]) one.write(path, text);
    rmSync(plain.path("generated"), { recursive: true, force: true });
    const cold = plain.evgen(["build", "--no-cache"]);
    const findings = (text: string) => text.replace(/^generated: .*\n/m, "");
    expect([what, cold.code, cold.stderr]).toEqual([what, code, expect.any(String)]);
    const warm = work.evgen(["build"]);
    expect([what, warm.code, findings(warm.stderr)]).toEqual([what, code, findings(cold.stderr)]);
    if (code === 0) expect([what, work.files("generated")]).toEqual([what, plain.files("generated")]);
  }
});

test("without its lock a model has its own order on the wire again", () => {
  const work = workspace();
  const plain = workspace();
  const other = modelOf({ OrderShipped: "carrier", OrderPlaced: "customer" });
  for (const one of [work, plain]) {
    one.write("model.yaml", two);
    expect(one.evgen(["release"]).code).toBe(0);
    one.write("model.yaml", other);
    expect(one.evgen(["build"]).code).toBe(0);
    rmSync(one.path("evgen.lock"));
  }
  rmSync(plain.path("generated"), { recursive: true });
  expect(work.evgen(["build"]).code).toBe(0);
  expect(plain.evgen(["build", "--no-cache"]).code).toBe(0);
  expect(work.files("generated")).toEqual(plain.files("generated"));
});

test("a file of an aggregate that did not change is made again when it is needed after all", () => {
  const work = workspace();
  const parts = (field: string) => {
    work.write("model.yaml", "evgen: 1\nsystem: shop\ninclude: [parts/*.yaml]\n");
    work.write("parts/order.yaml", one.replace(/^evgen.*\nsystem.*\n/, ""));
    work.write(
      "parts/invoice.yaml",
      modelOf({ InvoiceSent: field })
        .replace(/^evgen.*\nsystem.*\n/, "")
        .replace("Order", "Invoice"),
    );
  };
  parts("to");
  expect(work.evgen(["build"]).code).toBe(0);
  const file = "generated/typescript/order/order-placed.ts";
  const made = readFileSync(work.path(file), "utf8");

  parts("recipient");
  rmSync(work.path(file));
  expect(work.evgen(["build"]).code).toBe(0);
  expect(readFileSync(work.path(file), "utf8")).toBe(made);

  parts("to");
  work.write(file, "// edited\n");
  expect(work.evgen(["build", "--check"]).stdout).toContain("-// edited\n");
  expect(work.evgen(["build"])).toMatchObject({ code: 1, stderr: expect.stringContaining("order-placed.ts") });
  expect(work.evgen(["build", "--force"]).code).toBe(0);
  expect(readFileSync(work.path(file), "utf8")).toBe(made);

  parts("recipient");
  work.write(file, made.replaceAll("\n", "\r\n"));
  expect(work.evgen(["build"]).code).toBe(0);
  expect(work.evgen(["build", "--check"]).code).toBe(0);
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

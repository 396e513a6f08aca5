import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, generate } from "../../src/compile.js";
import type { KnownNames, KnownTypes } from "../../src/passes/resolve/known-types.js";
import { arbitraryModel } from "../arbitrary-model.js";
import { memorySources } from "../memory-sources.js";

const remember = () => {
  const known = new Map<string, KnownNames>();
  let hits = 0;
  const types: KnownTypes = {
    get: (origin) => {
      const names = known.get(JSON.stringify(origin));
      if (names !== undefined) hits++;
      return names;
    },
    // As a cache keeps it.
    set: (origin, names) => known.set(JSON.stringify(origin), JSON.parse(JSON.stringify(names))),
  };
  return { types, hits: () => hits, known };
};

const build = async (files: { readonly [path: string]: string }, types?: KnownTypes) => {
  const compiled = await compile("model.yaml", memorySources(files), types === undefined ? {} : { types });
  const made = compiled.model === undefined ? undefined : await generate(compiled.model);
  return {
    model: compiled.model,
    diagnostics: compiled.diagnostics,
    files: made?.files.map((one) => ({ ...one, of: undefined })),
  };
};

it("makes the same of types that are resolved only where they are asked for", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryModel(), async (source) => {
      const files = { "model.yaml": JSON.stringify(source) };
      const memory = remember();
      const first = await build(files, memory.types);
      expect(first.model).toBeDefined();
      const again = await build(files, memory.types);
      expect(memory.hits()).toBe(first.model?.aggregates.length);
      expect(again).toEqual(await build(files));
      expect(again.files).toEqual(first.files);
    }),
    { numRuns: 5 },
  );
});

describe("of an aggregate that is known", () => {
  const root = "evgen: 1\nsystem: shop\ninclude: [a.yaml, b.yaml]\n";
  const aggregate = (name: string, events: string) =>
    `aggregates:\n  ${name}:\n    key: { id: uuid }\n    events:\n${events}`;
  const event = (name: string, fields: string) => `      ${name}: { versions: { 1: { fields: { ${fields} } } } }\n`;
  const files = {
    "model.yaml": root,
    "a.yaml": aggregate("Order", event("OrderPlaced", "to: { fields: { city: string } }, v2: { enum: [a, b] }")),
    "b.yaml": aggregate("Invoice", event("InvoiceSent", "to: string")),
  };

  const two = "{ 1: { fields: { to: string } }, 2: { like: 1, upcast: {} } }";
  it.each([
    ["a record", event("OrderPlacedV1To", "to: string"), "declaration in TypeScript"],
    ["an enum", `      OrderPlacedV1: { versions: ${two} }\n`, "name in Avro"],
  ])("%s is still in the way of what is called the same, and is found at its place", async (_, added, scope) => {
    const memory = remember();
    await build(files, memory.types);
    const more = { ...files, "b.yaml": files["b.yaml"] + added };
    const found = await build(more, memory.types);
    expect(memory.hits()).toBe(1);
    const messages = found.diagnostics.filter(({ code }) => code === "name-collision").map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringContaining(scope));
    expect(found).toEqual(await build(more));
  });

  it("the types are not looked at when only another one has changed", async () => {
    const memory = remember();
    await build(files, memory.types);
    const more = { ...files, "b.yaml": files["b.yaml"] + event("InvoicePaid", "by: string") };
    const { model } = await compile("model.yaml", memorySources(more), { types: memory.types });
    const [order, invoice] = model?.aggregates ?? [];
    const isAtHand = (owner: typeof order) =>
      Object.getOwnPropertyDescriptor(owner?.events[0]?.current, "type")?.get === undefined;
    expect([isAtHand(order), isAtHand(invoice)]).toEqual([false, true]);
    expect(order?.events[0]?.current.type.fields.map((field) => field.name)).toEqual(["to", "v2"]);
    expect(isAtHand(order)).toBe(true);
  });

  it.each([
    ["a type that it uses", { "model.yaml": `${root}types: { Size: { type: int, max: 8 } }\n` }],
    ["how longs are held", { "model.yaml": `${root}types: { Size: int }\noptions: { long: bigint }\n` }],
    ["itself", { "a.yaml": aggregate("Order", event("OrderPlaced", "size: Size, more?: string")) }],
  ])("the types are resolved again after a change of %s", async (_, change) => {
    const memory = remember();
    const before = {
      ...files,
      "model.yaml": `${root}types: { Size: int }\n`,
      "a.yaml": aggregate("Order", event("OrderPlaced", "size: Size, lot: long")),
    };
    await build(before, memory.types);
    const after = { ...before, ...change };
    const hits = memory.hits();
    const found = await build(after, memory.types);
    expect(memory.hits() - hits).toBe("a.yaml" in change ? 1 : 0);
    expect(found).toEqual(await build(after));
  });
});

it("keeps nothing of types that are JSON Schemas: what these lead to belongs to the whole model", async () => {
  const files = {
    "model.yaml":
      "evgen: 1\nsystem: shop\naggregates:\n  Order:\n    key: { id: uuid }\n    events:\n      OrderPlaced: { versions: { 1: { schema: { type: object, properties: {}, additionalProperties: false } } } }\n",
  };
  const memory = remember();
  expect((await build(files, memory.types)).model).toBeDefined();
  expect(memory.known.size).toBe(0);
});

import { expect, test } from "vitest";
import { compile, generate } from "../src/compile.js";
import type { Aggregate } from "../src/model/model.js";
import type { KnownFile, KnownFiles } from "../src/targets/target.js";
import { memorySources } from "./memory-sources.js";

const aggregate = (name: string, field: string) =>
  `aggregates:\n  ${name}:\n    key: { id: uuid }\n    events:\n      ${name}Opened:\n        versions: { 1: { fields: { ${field} } } }\n`;

/** Remembers paths, as the command line does in its cache. */
const memory = (): KnownFiles => {
  const known = new Map<string, readonly KnownFile[]>();
  return {
    get: (key) => known.get(JSON.stringify(key)),
    set: (key, files) => {
      known.set(
        JSON.stringify(key),
        files.map(({ path }) => ({ path, sha256: path })),
      );
    },
  };
};

test("only what is made from a changed aggregate, and from several, is made again", async () => {
  const files = memory();
  const fragments = new Map<string, string>();
  const made = async (order: string, types: string) => {
    const { model, origins, diagnostics } = await compile(
      "model.yaml",
      memorySources({
        "model.yaml": `evgen: 1\nsystem: shop\ninclude: [order.yaml, invoice.yaml]\ntypes: { Money: ${types} }\n`,
        "order.yaml": aggregate("Order", order),
        "invoice.yaml": aggregate("Invoice", "total: int"),
      }),
    );
    if (model === undefined) throw new Error(diagnostics.map((one) => one.message).join("\n"));
    const known = { files, origins: origins ?? new Map<Aggregate, readonly string[]>() };
    const generated = await generate(model, { fragments, known });
    const all = await generate(model);
    expect(generated.files.map(({ path }) => path).sort()).toEqual(all.files.map(({ path }) => path).sort());
    return generated.files.flatMap((file) => ("content" in file ? [file.path] : []));
  };
  expect((await made("a: int", "string")).filter((path) => /invoice/.test(path))).not.toEqual([]);
  const again = await made("a: int", "string");
  expect(again).toContain("typescript/index.ts");
  expect(again.filter((path) => /order|invoice/.test(path))).toEqual([]);
  const changed = await made("b: int", "string");
  expect(changed).toContain("schemas/order/OrderOpened.v1.schema.json");
  expect(changed.filter((path) => /invoice/.test(path))).toEqual([]);
  expect((await made("b: int", "int")).filter((path) => /invoice/.test(path))).not.toEqual([]);
});

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { biomeErrors, filesIn, folderOf, generate, modelOf, root, textOf, typeErrors } from "./generated.js";

const model = await modelOf(textOf("model.example.yaml"));
const files = await generate(model);

describe("the example", () => {
  it("is what is committed", () => {
    const committed = filesIn(join(root, "generated/typescript"));
    expect([...files.keys()].sort()).toEqual([...committed.keys()].sort());
    for (const [path, text] of files) expect(text, path).toBe(committed.get(path));
  });

  it("is formatted and linted as the project is", async () => {
    expect(await biomeErrors(files)).toEqual([]);
  });

  it("compiles under the strictest settings", async () => {
    expect(await typeErrors(folderOf(files))).toEqual([]);
  });

  it("is the same when it is made again, from fragments and without", async () => {
    const fragments = new Map<string, string>();
    expect(await generate(model, fragments)).toEqual(files);
    expect(fragments.size).toBeGreaterThan(0);
    expect(await generate(model, fragments)).toEqual(files);
    expect(await generate(await modelOf(textOf("model.example.yaml")))).toEqual(files);
  });

  it("takes what has not changed from the fragments", async () => {
    const fragments = new Map<string, string>();
    await generate(model, fragments);
    const asked: string[] = [];
    const made: string[] = [];
    const changed = await modelOf(
      textOf("model.example.yaml").replace("reference: string", "reference: string, extra: int"),
    );
    await generate(changed, {
      get: (key) => {
        asked.push(key);
        return fragments.get(key);
      },
      set: (key) => made.push(key),
    });
    expect(made).toHaveLength(1);
    expect(made[0]).toContain("PaymentReceivedV1");
    expect(asked.length).toBeGreaterThan(5);
  });

  it("changes no other event's file when an event is added", async () => {
    const yaml = textOf("model.example.yaml").replace(
      "      OrderCancelled:\n",
      "      OrderReturned:\n        versions:\n          1: { fields: { items: 'LineItem[]' } }\n      OrderCancelled:\n",
    );
    const more = await generate(
      await modelOf(yaml.replace(/(OrderCancelled: )(ignore|\{ set)/g, "OrderReturned: ignore\n      $1$2")),
    );
    const changed = [...more].filter(([path, text]) => files.get(path) !== text).map(([path]) => path);
    expect(changed.sort()).toEqual([
      "index.ts",
      "order.ts",
      "order/order-returned.ts",
      "projections/customer-spend.ts",
      "projections/order-summary.ts",
      "topics/orders.ts",
    ]);
  });
});

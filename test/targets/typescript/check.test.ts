import { describe, expect, it } from "vitest";
import { compile } from "../../../src/compile.js";
import { typescript } from "../../../src/targets/typescript/index.js";
import { memorySources } from "../../memory-sources.js";

/** The codes of what the target says of a model with these aggregates, and where. */
const problems = async (rest: string): Promise<readonly string[]> => {
  const yaml = `evgen: 1\nsystem: shop\n${rest}`;
  const { model, diagnostics } = await compile("model.yaml", memorySources({ "model.yaml": yaml }));
  if (model === undefined) throw new Error(diagnostics.map((one) => one.message).join("\n"));
  return typescript.check(model).map((one) => `${one.code} ${one.place.path.join(".")}`);
};

const event = "{ versions: { 1: { fields: { a: string } } } }";

describe("the check of the target", () => {
  it("has nothing against a usual model", async () => {
    expect(await problems(`aggregates: { Order: { key: { orderId: uuid }, events: { Placed: ${event} } } }`)).toEqual(
      [],
    );
  });

  it("refuses a second export of a name", async () => {
    const yaml = `aggregates: { Order: { key: { orderId: uuid }, events: { RunOrders: ${event} } } }
projections: { Orders: { from: Order, store: memory, fields: { a: string }, on: { RunOrders: { set: { a: $a } } } } }`;
    expect(await problems(yaml)).toEqual(["typescript-export-taken projections.Orders"]);
  });
});

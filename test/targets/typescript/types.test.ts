import { join } from "node:path";
import { expect, it } from "vitest";
import { folderOf, root, textOf, typeErrors } from "./generated.js";

it("lets users write what is right, and nothing else", async () => {
  expect(await typeErrors(folderOf(new Map()), join(root, "test/types/*.ts"))).toEqual([]);
});

it("is a test that can fail", async () => {
  const text = textOf("test/types/orders.ts")
    .replace("await orders.orderReturned(orderId, current);", "await orders.orderPlaced(orderId, current);")
    .replaceAll("../../generated", join(root, "generated"));
  const errors = await typeErrors(folderOf(new Map([["orders.ts", text]])));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain("Unused '@ts-expect-error' directive");
});

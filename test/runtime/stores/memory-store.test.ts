import { describe, it } from "vitest";
import { createMemoryStore } from "../../../src/runtime/index.js";
import { storeContract } from "../../../src/testing/index.js";
import { foldProperty } from "./fold-property.js";

describe("the store in memory", () => {
  const store = createMemoryStore();
  for (const { name, run } of storeContract({ connect: async () => store })) it(name, run);

  it("holds what a fold by another hand holds, whatever happens to its processes", async () => {
    const kept = createMemoryStore();
    await foldProperty({ connect: async () => kept, runs: 25 });
  }, 300_000);
});

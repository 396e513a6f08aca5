import { describe, it } from "vitest";
import { createMemoryStore } from "../../../src/runtime/index.js";
import { storeContract } from "../../../src/testing/index.js";

describe("the store in memory", () => {
  const store = createMemoryStore();
  for (const { name, run } of storeContract({ connect: async () => store })) it(name, run);
});

import { createMemoryBroker } from "../../../src/runtime/index.js";
import { describeTransport } from "./contract.js";

describeTransport("in memory", async () => {
  const broker = createMemoryBroker();
  let count = 0;
  return {
    capabilities: broker.client().capabilities,
    client: broker.client,
    topic: async (partitions = 0) => {
      const url = `persistent://t/n/t${++count}`;
      broker.createTopic(url, partitions);
      return url;
    },
    largest: 5 * 1024 * 1024,
    anyProperty: true,
    producerNames: true,
  };
});

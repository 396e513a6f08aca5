import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createLogbook, markOf, parkingProperties } from "../../src/runtime/logbook.js";
import { MemoryMessageId } from "../../src/runtime/memory/message-id.js";
import type { Message } from "../../src/runtime/transport.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
/** In MiB, without what nobody holds any more. */
const held = (): number => {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

const streamOf = (n: number) => `Order 0190b5a0-0000-7000-8000-${String(n).padStart(12, "0")}`;

test("a logbook keeps nothing of what was parked and handled since, nor of processes and requests that are over", () => {
  const logbook = createLogbook("Warehouse", true);
  let order = 0;
  const message = (properties: { [name: string]: string }, key = ""): Message => {
    const id = new MemoryMessageId(1, order++, -1);
    return {
      getTopicName: () => "persistent://a/b/dead",
      getProperties: () => properties,
      getData: () => Buffer.alloc(0),
      getMessageId: () => id,
      getPublishTimestamp: () => order,
      getEventTimestamp: () => 0,
      getRedeliveryCount: () => 0,
      getPartitionKey: () => key,
      getProducerName: () => "",
    };
  };
  const park = (n: number) => {
    const origin = { [parkingProperties.originTopic]: "t", [parkingProperties.originMessageId]: `${n}` };
    logbook.add(message({ ...origin, [parkingProperties.consumer]: "Warehouse" }, streamOf(n)));
    return `t ${n}`;
  };
  const mark = (...[kind, fields]: [Parameters<typeof markOf>[1], Parameters<typeof markOf>[2]]) =>
    logbook.add(message(markOf("Warehouse", kind, fields)));
  const live = (from: number, to: number) => {
    for (let n = from; n < to; n++) {
      const [run, request] = [`run ${n >> 3}`, `request ${n >> 3}`];
      if (n % 8 === 0) {
        // Processes that end without a word, and requests that nobody serves.
        mark("opened", { run, host: "h" });
        mark("redrive", { request });
      }
      const parked = park(n);
      mark("trying", { request, run, parked });
      mark("resolved", { request, run, parked });
    }
  };
  live(0, 4000);
  const before = held();
  live(4000, 40_000);
  expect(held() - before).toBeLessThan(2);
  expect([logbook.size, logbook.lanes.size, logbook.keys.size]).toEqual([0, 0, 0]);
  expect([logbook.runs.size, logbook.requests.size]).toEqual([100, 100]);
});

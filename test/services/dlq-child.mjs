// A process of the consumer Warehouse as its team would run it. What it does is told by files in its folder: customers in
// `broken` cannot be handled, one in `deadly` ends the process, once. What it has handled is in `handled`.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { stopOnSignals } from "evgen/runtime";
import { createWebSocketClient } from "evgen/websocket";

const { folder, generated, serviceUrl, adminUrl, token } = JSON.parse(process.argv[2]);
const { createWarehouseConsumer } = await import(generated);
const linesOf = (file) =>
  existsSync(`${folder}/${file}`) ? readFileSync(`${folder}/${file}`, "utf8").split("\n") : [];

const client = createWebSocketClient({ serviceUrl, adminUrl, token });
const handle = ({ aggregateId, data }) => {
  const name = data.customerId ?? data.reason;
  if (linesOf("deadly").includes(name)) {
    writeFileSync(`${folder}/deadly`, "");
    process.kill(process.pid, "SIGKILL");
    // The signal takes its time, and nothing may happen in it.
    for (;;);
  }
  if (linesOf("broken").includes(name)) throw new Error(`no bin for \u001b[31m${name}`);
  appendFileSync(`${folder}/handled`, `${aggregateId} ${name}\n`);
};
const consumer = await createWarehouseConsumer(client, { handlers: { OrderPlaced: handle, OrderCancelled: handle } });
stopOnSignals(consumer, client);
process.send?.("ready");

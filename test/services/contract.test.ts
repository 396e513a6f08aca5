import { randomUUID } from "node:crypto";
import { beforeAll, describe, it } from "vitest";
import { createNativeClient, type PulsarModule } from "../../src/runtime/index.js";
import { createWebSocketClient } from "../../src/runtime/websocket/index.js";
import { describeTransport } from "../runtime/contract/contract.js";
import { useBroker } from "./broker.js";

const broker = useBroker();
const tenant = `contract-${process.pid}`;

beforeAll(async () => {
  await broker.rest("PUT", `tenants/${tenant}`, { adminRoles: [], allowedClusters: ["standalone"] });
  await broker.rest("PUT", `namespaces/${tenant}/n`);
  await broker.rest("POST", `namespaces/${tenant}/n/deduplication`, true);
  const forEver = { retentionTimeInMinutes: -1, retentionSizeInMB: -1 };
  await broker.rest("POST", `namespaces/${tenant}/n/retention`, forEver);
});

const topic = async (partitions = 0): Promise<string> => {
  const name = `${tenant}/n/${randomUUID()}`;
  await broker.rest("PUT", `persistent/${name}${partitions === 0 ? "" : "/partitions"}`, partitions || undefined);
  return `persistent://${name}`;
};

describeTransport("over WebSocket", async () => {
  const config = { serviceUrl: broker.webSocketUrl, adminUrl: broker.adminUrl };
  return {
    capabilities: createWebSocketClient(config).capabilities,
    client: () => createWebSocketClient(config),
    topic,
    // A frame has 1 MiB, base64 takes a third more than the payload.
    largest: 750_000,
    anyProperty: true,
    producerNames: false,
  };
});

/** The addon is a binary that npm may not have been able to fetch; then this says so, and is counted as skipped. */
const addon = await import("pulsar-client").then(
  (module) => module.default as unknown as PulsarModule,
  (error: unknown) => String(error).split("\n")[0] ?? "",
);
if (typeof addon === "string") {
  console.warn(`The contract is NOT tried with the official pulsar-client, whose addon does not load here: ${addon}`);
  describe("with the official pulsar-client", () => it.skip("its addon does not load here", () => {}));
} else {
  describeTransport("with the official pulsar-client", async () => {
    const config = { serviceUrl: broker.serviceUrl, adminUrl: broker.adminUrl, operationTimeoutSeconds: 10 };
    return {
      capabilities: { schemas: true, seek: true, exclusiveProducers: true, confirmedAcknowledgements: false },
      client: () => createNativeClient(addon, config),
      topic,
      // The limit of the broker, without the message's metadata.
      largest: 4_900_000,
      anyProperty: false,
      producerNames: true,
    };
  });
}

import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createWebSocketClient } from "../../src/runtime/websocket/index.js";

test("a connection that was refused is given up, so that it keeps no process alive", async () => {
  let closed: () => void = () => {};
  const gone = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const server = createServer((socket) => {
    socket.on("error", () => {}).once("close", closed);
    // As Jetty does it: the connection may be used for another request.
    socket.once("data", () => socket.write("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\n{}"));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const client = createWebSocketClient({ serviceUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` });
  await expect(client.createProducer({ topic: "persistent://a/b/c" })).rejects.toMatchObject({
    code: "AuthorizationError",
  });
  await gone;
});

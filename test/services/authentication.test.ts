import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWebSocketClient, type WebSocketClientConfig } from "../../src/runtime/websocket/index.js";
import { workspace } from "../cli/evgen.js";
import { useBroker } from "./broker.js";
import { adminToken as admin, tokenOf, tokenSettings } from "./tokens.js";

const work = mkdtempSync(join(tmpdir(), "evgen-tls-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** An authority of its own, and what it says about 127.0.0.1. */
const openssl = (...options: string[]) => execFileSync("openssl", options, { cwd: work, stdio: "ignore" });
openssl(
  "req",
  "-x509",
  "-newkey",
  "rsa:2048",
  "-nodes",
  "-days",
  "2",
  "-subj",
  "/CN=ca",
  "-keyout",
  "ca.key",
  "-out",
  "ca.pem",
);
openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker", "-keyout", "broker.key", "-out", "broker.csr");
writeFileSync(join(work, "names"), "subjectAltName=IP:127.0.0.1\n");
openssl(
  ...["x509", "-req", "-in", "broker.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"],
  ...["-extfile", "names", "-out", "broker.pem"],
);

let securePort = 0;
const broker = useBroker({
  settings: (port) => {
    securePort = port;
    return {
      webServicePortTls: String(port),
      tlsCertificateFilePath: join(work, "broker.pem"),
      tlsKeyFilePath: join(work, "broker.key"),
      ...tokenSettings,
    };
  },
  headers: () => ({ authorization: `Bearer ${admin}` }),
});

const topic = "persistent://auth/n/t";
beforeAll(async () => {
  await broker.rest("PUT", "tenants/auth", { adminRoles: [], allowedClusters: ["standalone"] });
  await broker.rest("PUT", "namespaces/auth/n");
  await broker.rest("PUT", "persistent/auth/n/t");
  await broker.rest("POST", "namespaces/auth/n/permissions/orders", ["produce", "consume"]);
});

const ca = readFileSync(join(work, "ca.pem"));
const roundTrip = async (config: Partial<WebSocketClientConfig>): Promise<string> => {
  const client = createWebSocketClient({ serviceUrl: broker.webSocketUrl, operationTimeout: 2000, ...config });
  try {
    const consumer = await client.subscribe({ topic, subscription: `s-${randomBytes(4).toString("hex")}` });
    const producer = await client.createProducer({ topic });
    await producer.send({ data: Buffer.from("x") });
    return (await consumer.receive(10_000)).getData().toString();
  } finally {
    await client.close();
  }
};

describe("a token", () => {
  it("lets in who may, as text or from a function that is asked at each connection", async () => {
    let asked = 0;
    const token = async () => {
      asked++;
      return tokenOf("orders");
    };
    expect(await roundTrip({ token: tokenOf("orders") })).toBe("x");
    expect(await roundTrip({ token })).toBe("x");
    expect(asked).toBe(2);
  });

  it("keeps out who has none, a wrong one, one that has expired, or no permission", async () => {
    await expect(roundTrip({})).rejects.toMatchObject({ code: "AuthenticationError" });
    await expect(roundTrip({ token: `${tokenOf("orders")}x` })).rejects.toMatchObject({ code: "AuthenticationError" });
    const expired = tokenOf("orders", Math.floor(Date.now() / 1000) - 10);
    await expect(roundTrip({ token: expired })).rejects.toMatchObject({ code: "AuthenticationError" });
    await expect(roundTrip({ token: tokenOf("nobody") })).rejects.toMatchObject({ code: "AuthorizationError" });
  });

  it("that cannot be had is an error of its own", async () => {
    const token = () => Promise.reject(new Error("the vault is sealed"));
    await expect(roundTrip({ token })).rejects.toThrow("AuthenticationError: no token was given: the vault is sealed");
  });

  it("is sent to the admin API too, and never in a URL", async () => {
    const config = { serviceUrl: broker.webSocketUrl, adminUrl: broker.adminUrl };
    const client = createWebSocketClient({ ...config, token: admin });
    expect(await client.getPartitionsForTopic(topic)).toEqual([topic]);
    const other = createWebSocketClient({ ...config, token: tokenOf("nobody") });
    await expect(other.getPartitionsForTopic(topic)).rejects.toMatchObject({ code: "AuthenticationError" });
    expect(() => createWebSocketClient({ serviceUrl: `${broker.webSocketUrl}?token=x` })).toThrow(
      "without user and query",
    );
  });
});

describe("TLS", () => {
  const secure = () => ({ serviceUrl: `wss://127.0.0.1:${securePort}`, token: tokenOf("orders") });
  it("trusts the authority that it is given", async () => {
    expect(await roundTrip({ ...secure(), tls: { ca } })).toBe("x");
  });

  it("trusts nobody else, unless it is told to", async () => {
    await expect(roundTrip(secure())).rejects.toMatchObject({ code: "AuthenticationError" });
    expect(await roundTrip({ ...secure(), tls: { rejectUnauthorized: false } })).toBe("x");
  });

  it("serves the admin API as well", async () => {
    const adminUrl = `https://127.0.0.1:${securePort}`;
    const client = createWebSocketClient({ ...secure(), token: admin, adminUrl, tls: { ca } });
    expect(await client.getPartitionsForTopic(topic)).toEqual([topic]);
    const stranger = createWebSocketClient({ ...secure(), token: admin, adminUrl });
    await expect(stranger.getPartitionsForTopic(topic)).rejects.toMatchObject({ code: "AuthenticationError" });
  });
});

describe("evgen itself", () => {
  const model = `evgen: 1
system: shop
pulsar: { tenant: auth-shop, namespace: sales }
aggregates:
  Order:
    key: { orderId: uuid }
    topic: { name: orders, partitions: 1 }
    events: { OrderPlaced: { versions: { 1: { fields: { note: string } } } } }
environments:
  prod:
    adminUrl: "https://127.0.0.1:PORT"
    token: { env: SHOP_TOKEN }
    tls: { ca: secret/ca.pem }
    drafts: true
`;
  it("logs in with a token over TLS, and says what is wrong when it may not", () => {
    const shop = workspace();
    shop.write("model.yaml", model.replace("PORT", String(securePort)));
    shop.write("secret/ca.pem", ca.toString());
    const evgen = (token: string, ...args: readonly string[]) => {
      const done = shop.evgen([...args, "--env", "prod"], { env: { SHOP_TOKEN: token } });
      expect(done.stdout + done.stderr).not.toContain(token);
      return done;
    };
    const applied = evgen(admin, "apply");
    expect(applied, applied.stderr).toMatchObject({ code: 0 });
    expect(evgen(admin, "plan", "--check")).toMatchObject({ code: 0, stderr: "" });
    expect(evgen(admin, "status", "--check")).toMatchObject({ code: 0, stderr: "" });

    expect(evgen(`${admin}x`, "plan")).toMatchObject({
      code: 3,
      stdout: "",
      stderr: expect.stringMatching(
        /the broker says 401.* Give a token or a client certificate that the broker knows\.\n$/,
      ),
    });
    expect(evgen(tokenOf("nobody"), "plan")).toMatchObject({
      ...{ code: 3, stdout: "" },
      stderr: expect.stringMatching(/the broker says 40[13].*(?:may not do this|that the broker knows)/),
    });
    shop.write("model.yaml", model.replace("PORT", String(securePort)).replace("    tls: { ca: secret/ca.pem }\n", ""));
    expect(evgen(admin, "plan")).toMatchObject({ code: 3, stderr: expect.stringContaining("the certificate is ") });
  });
});

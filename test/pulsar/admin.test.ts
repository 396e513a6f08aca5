import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type Admin, type AdminConnection, adminPath, callsAtOnce, createAdmin } from "../../src/pulsar/admin.js";
import { isAdminError } from "../../src/pulsar/admin-error.js";
import { askCompatibility, latestSchema, registerSchema, schemaVersions, topicPath } from "../../src/pulsar/schemas.js";
import { fakeHttp } from "./fake-http.js";

const adminOf = (connection: AdminConnection): Admin => {
  const admin = createAdmin(connection);
  onTestFinished(admin.close);
  return admin;
};

/** The message that a call fails with; a call that does not fail is a mistake of the test. */
const complaint = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
  } catch (thrown) {
    if (isAdminError(thrown)) return thrown.message;
    throw thrown;
  }
  throw new Error("it did not fail");
};

const topic = "persistent://shop/sales/orders";
const payload = { type: "AVRO", definition: "{}" } as const;

test("calls are JSON, with the token, and names are one part of a path each", async () => {
  const server = await fakeHttp(() => ({ status: 200, body: '{"a":1}' }));
  const admin = adminOf({ url: `${server.url}/`, token: "secret" });
  const path = adminPath`namespaces/${"a/../b"}/${"x y?#%é"}/retention`;
  const answer = await admin.call("POST", path, { body: true, query: { force: false } });
  expect(answer).toMatchObject({ status: 200, value: { a: 1 } });
  expect(server.seen).toMatchObject([
    {
      method: "POST",
      path: "/admin/v2/namespaces/a%2F..%2Fb/x%20y%3F%23%25%C3%A9/retention?force=false",
      body: "true",
      headers: { "content-type": "application/json", authorization: "Bearer secret", "content-length": "4" },
    },
  ]);
});

test("a broker that does not own what is asked for redirects with method, body and token", async () => {
  const owner = await fakeHttp(() => ({ status: 204 }));
  const other = await fakeHttp(({ path }) => ({ status: 307, headers: { location: `${owner.url}${path}` } }));
  await adminOf({ url: other.url, token: "secret" }).call("PUT", "persistent/a/b/c/partitions", { body: 3 });
  expect(owner.seen).toMatchObject([{ method: "PUT", body: "3", headers: { authorization: "Bearer secret" } }]);
});

test("the token goes to no other place that a redirect names, and a circle ends", async () => {
  const login = await fakeHttp(() => ({ status: 200, body: "{}" }));
  for (const status of [302, 307]) {
    const server = await fakeHttp(() => ({ status, headers: { location: `${login.url}/login` } }));
    expect(await complaint(adminOf({ url: server.url, token: "secret" }).get("tenants"))).toBe(
      `GET ${server.url}/admin/v2/tenants: it redirects to ${login.url}/login, which is not followed. Is this the admin URL of a Pulsar broker (http://host:8080, https://host:8443)?`,
    );
  }
  expect(login.seen).toEqual([]);
  const circle = await fakeHttp(({ path }) => ({ status: 307, headers: { location: path } }));
  expect(await complaint(adminOf({ url: circle.url }).get("tenants"))).toContain("it redirects to /admin/v2/tenants");
  expect(circle.seen.length).toBe(6);
});

test.each([
  ["a cut connection", "cut"],
  ["503", { status: 503, body: "<html><title>Service Unavailable</title></html>" }],
  ["429", { status: 429, headers: { "retry-after": "0" } }],
  ["500", { status: 500, body: '{"reason":"Metadata store is closed"}' }],
] as const)("a call is made again after %s", async (_, trouble) => {
  const server = await fakeHttp((_one, count) => (count < 3 ? trouble : { status: 204 }));
  await adminOf({ url: server.url }).call("PUT", "tenants/shop", { body: {} });
  expect(server.seen.length).toBe(3);
  const once = await fakeHttp(() => trouble);
  await complaint(adminOf({ url: once.url }).call("PUT", "tenants/shop", { body: {}, retry: false }));
  expect(once.seen.length).toBe(1);
});

test("what the broker refuses is not asked again, and said with method, path, status and reason", async () => {
  const jetty = `<html><head><title>Error 409 Conflict</title></head><body><table>
<tr><th>MESSAGE:</th><td>Unable to read schema: &lt;&quot;A&quot;&gt;</td></tr></table></body></html>`;
  const stack = JSON.stringify({
    reason:
      "\n --- An unexpected error occurred in the server ---\n\nMessage: it broke\n\nStacktrace:\n\na.b.C\n\tat x",
  });
  for (const [status, body, said] of [
    [409, '{"reason":"Tenant already exists"}', "the broker says 409: Tenant already exists."],
    [412, '{"reason":"Clusters do not exist"}', "the broker says 412: Clusters do not exist."],
    [422, '{"servlet":"s","message":"No &quot;type&quot;","status":"422"}', 'the broker says 422: No "type".'],
    [409, jetty, 'the broker says 409: Unable to read schema: <"A">.'],
    [405, stack, "the broker says 405: it broke."],
    [400, "", "the broker says 400: Bad Request."],
    [400, '{"reason":"\\u001b[31mred"}', "the broker says 400: \\u001b[31mred."],
    [401, '{"reason":"no"}', "401: no. Give a token or a client certificate that the broker knows."],
    [
      401,
      '{"reason":"Unauthorized to validateTopicOperation for operation [PRODUCE]"}',
      "[PRODUCE]. The role that was used may not do this: grant it, or use another one.",
    ],
    [403, '{"reason":"no"}', "403: no. The role that was used may not do this: grant it, or use another one."],
  ] as const) {
    const server = await fakeHttp(() => ({ status, body }));
    const message = await complaint(adminOf({ url: server.url }).call("PUT", "tenants/shop", { body: {} }));
    expect(message).toContain(said);
    expect(message).toMatch(/^PUT http:\/\/127\.0\.0\.1:\d+\/admin\/v2\/tenants\/shop: /);
    expect(server.seen.length).toBe(1);
  }
});

test("missing is only what Pulsar calls so", async () => {
  const server = await fakeHttp(({ path }) =>
    path.endsWith("/tenants/gone")
      ? { status: 404, body: '{"reason":"Tenant does not exist"}' }
      : { status: 404, body: "<html><title>Not Found</title></html>" },
  );
  const admin = adminOf({ url: server.url });
  expect(await admin.find("tenants/gone")).toBeUndefined();
  expect(await complaint(admin.find("tenants/other"))).toContain("it does not know this path (404 Not Found).");
  const page = await fakeHttp(() => ({ status: 200, body: "<html><title>Welcome</title></html>" }));
  expect(await complaint(adminOf({ url: page.url }).find("tenants"))).toContain('the answer is no JSON: "Welcome"');
});

test("nobody there, no answer, no HTTP", async () => {
  const silent = await fakeHttp(() => undefined);
  expect(await complaint(adminOf({ url: silent.url, timeout: 50, attempts: 2 }).get("tenants"))).toContain(
    "there was no answer within 0.05 seconds.",
  );
  expect(silent.seen.length).toBe(2);
  const binary = createServer((socket) => void socket.end("\0\0\0\u0008")).listen(0, "127.0.0.1");
  onTestFinished(() => void binary.close());
  await new Promise((resolve) => binary.once("listening", resolve));
  const { port } = binary.address() as { readonly port: number };
  expect(await complaint(adminOf({ url: `http://127.0.0.1:${port}` }).get("tenants"))).toContain("does not speak HTTP");
  const gone = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => gone.once("listening", resolve));
  const { port: free } = gone.address() as { readonly port: number };
  await new Promise((resolve) => gone.close(resolve));
  expect(await complaint(adminOf({ url: `http://127.0.0.1:${free}`, attempts: 1 }).get("tenants"))).toContain(
    "nothing listens there (ECONNREFUSED).",
  );
});

test("at most 32 calls are on their way at once", async () => {
  let running = 0;
  let most = 0;
  let full: () => void = () => {};
  const arrived = new Promise<void>((resolve) => {
    full = resolve;
  });
  const server = await fakeHttp(async () => {
    most = Math.max(most, ++running);
    if (running === callsAtOnce) full();
    // None is answered before so many are there, so that no slow machine hides the bound; then one more has its chance.
    await arrived;
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    return { status: 200, body: "[]" };
  });
  const admin = adminOf({ url: server.url });
  await Promise.all(Array.from({ length: 200 }, () => admin.get("tenants")));
  expect([most, server.seen.length]).toEqual([callsAtOnce, 200]);
});

test("TLS trusts the authority that is named, and no other unless told", async () => {
  const [cert, key] = ["cert", "key"].map((name) =>
    readFileSync(new URL(`localhost.${name}.pem`, import.meta.url), "utf8"),
  ) as [string, string];
  const server = await fakeHttp(() => ({ status: 200, body: "[]" }), { cert, key });
  expect(await adminOf({ url: server.url, tls: { ca: cert } }).get("tenants")).toEqual([]);
  expect(await adminOf({ url: server.url, tls: { insecure: true } }).get("tenants")).toEqual([]);
  expect(await complaint(adminOf({ url: server.url }).get("tenants"))).toContain("signed by itself");
  const plain = server.url.replace("https", "http");
  expect(await complaint(adminOf({ url: plain, attempts: 1 }).get("tenants"))).toContain(
    `GET ${plain}/admin/v2/tenants`,
  );
});

test("whether a schema is compatible is an answer, trouble on the way is not", async () => {
  const body = JSON.stringify({
    reason:
      "\n --- An unexpected error occurred in the server ---\n\nMessage: Error during schema compatibility check with strategy FULL: org.apache.avro.SchemaValidationException: Unable to read schema: \n{}\nusing schema:\n{}\n\nStacktrace:\n\norg.apache.pulsar.broker.service.schema.exceptions.IncompatibleSchemaException: Error",
  });
  const no = await fakeHttp(() => ({ status: 500, body }));
  expect(await askCompatibility(adminOf({ url: no.url }), topic, payload)).toEqual({
    compatible: false,
    reason: "Error during schema compatibility check with strategy FULL: Unable to read schema",
  });
  expect(no.seen).toMatchObject([{ path: "/admin/v2/schemas/shop/sales/orders/compatibility" }]);
  const trouble = await fakeHttp(() => ({ status: 500, body: '{"reason":"Ledger is closed"}' }));
  expect(await complaint(askCompatibility(adminOf({ url: trouble.url, attempts: 1 }), topic, payload))).toContain(
    "500: Ledger is closed.",
  );
});

test("a topic without a schema has none", async () => {
  const server = await fakeHttp(() => ({ status: 404, body: '{"reason":"Schema not found"}' }));
  expect(await latestSchema(adminOf({ url: server.url }), topic)).toBeUndefined();
  expect(await schemaVersions(adminOf({ url: server.url }), topic)).toEqual([]);
});

test("a schema is registered as a text in JSON", async () => {
  const server = await fakeHttp(() => ({ status: 200, body: '{"version":{"version":7}}' }));
  expect(await registerSchema(adminOf({ url: server.url }), topic, payload)).toBe(7);
  expect(server.seen).toMatchObject([
    { path: `/admin/v2/schemas/${topicPath(topic)}/schema`, body: '{"type":"AVRO","schema":"{}","properties":{}}' },
  ]);
});

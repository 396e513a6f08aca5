import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { type FailureCode, messageOf, TransportFailed, UnsupportedByTransport } from "./errors.js";
import { PulsarMessageId } from "./message-id.js";
import type { TransportSchema } from "./transport.js";

/** How the admin REST API is reached. */
export interface AdminSettings {
  /** Without a slash at its end; undefined when nobody can be asked. */
  readonly adminUrl: string | undefined;
  readonly token: string | (() => string | Promise<string>) | undefined;
  /** Options of `node:tls`. */
  readonly tls: { readonly [option: string]: unknown };
  /** Milliseconds that a call may take. */
  readonly operationTimeout: number;
}

/** How many partitions a topic has; 0 when it has none. Undefined when nobody can be asked. */
export const partitionsOf = async (
  settings: AdminSettings,
  what: string,
  topic: string,
): Promise<number | undefined> => {
  if (settings.adminUrl === undefined) return undefined;
  const path = `${pathOf(topic)}/partitions?checkAllowAutoCreation=true`;
  const { status, json } = await call(settings, what, "GET", path);
  // A topic that is not there yet has no partitions; whether it may be made is said by whoever opens it.
  if (status === 404) return 0;
  return Number((json as { partitions?: number }).partitions ?? 0);
};

/** The id of the last message of a topic or partition; its entry is -1 when there is none. */
export const lastMessageOf = async (settings: AdminSettings, topic: string): Promise<PulsarMessageId> => {
  const { json } = await call(settings, "find the last message", "GET", `${pathOf(topic)}/lastMessageId`);
  const {
    ledgerId = -1,
    entryId = -1,
    partitionIndex = -1,
    batchIndex = -1,
  } = json as { readonly [field: string]: number };
  return PulsarMessageId.from({
    toString: () => `(${ledgerId},${entryId},${partitionIndex},${batchIndex})`,
    serialize: () => Buffer.of(),
  });
};

/** Sets a subscription to the first message after an id, of this topic or partition; all its consumers are disconnected. */
export const resetToMessage = async (
  settings: AdminSettings,
  topic: string,
  subscription: string,
  id: PulsarMessageId,
): Promise<void> => {
  const path = `${pathOf(topic)}/subscription/${encodeURIComponent(subscription)}/resetcursor`;
  const body = `{"ledgerId":${id.ledger},"entryId":${id.entry},"partitionIndex":${id.partition},"batchIndex":${id.batchIndex},"excluded":${!id.isEarliest && !id.isLatest}}`;
  await call(settings, "seek", "POST", path, body);
};

/** Sets a subscription to what was published at a time or later. */
export const resetToTime = async (
  settings: AdminSettings,
  topic: string,
  subscription: string,
  time: number,
): Promise<void> => {
  await call(
    settings,
    "seek",
    "POST",
    `${pathOf(topic)}/subscription/${encodeURIComponent(subscription)}/resetcursor/${time}`,
  );
};

/** The newest schema of a topic; undefined when it has none. */
export const schemaOf = async (settings: AdminSettings, topic: string): Promise<TransportSchema | undefined> => {
  const path = pathOf(topic).replace(/^(non-)?persistent\//, "schemas/");
  const { status, json } = await call(settings, "read the schema", "GET", `${path}/schema`);
  if (status === 404) return undefined;
  const { type = "", data = "" } = json as { readonly type?: string; readonly data?: string };
  return { schemaType: type === "AVRO" ? "Avro" : "Json", name: topic, schema: data };
};

/** What cannot be done without the admin API. */
export const demandAdmin = (settings: AdminSettings, capability: string): void => {
  if (settings.adminUrl !== undefined) return;
  throw new UnsupportedByTransport(capability, "give the client an `adminUrl`, or use another transport");
};

/** `persistent/tenant/namespace/topic`, escaped. */
export const pathOf = (topic: string): string => {
  const match = /^(persistent|non-persistent):\/\/([^/]+)\/([^/]+)\/(.+)$/.exec(topic);
  const parts = match?.slice(1) ?? (/^[^/:]+$/.test(topic) ? ["persistent", "public", "default", topic] : undefined);
  if (parts === undefined)
    throw new TransportFailed("find topic", "InvalidConfiguration", `"${topic}" is not a topic's name`);
  return parts.map(encodeURIComponent).join("/");
};

/** The header for a token, which is asked for anew each time. */
export const authorization = async (
  { token }: Pick<AdminSettings, "token">,
  what: string,
): Promise<{ readonly [header: string]: string }> => {
  if (token === undefined) return {};
  try {
    return { authorization: `Bearer ${typeof token === "string" ? token : await token()}` };
  } catch (error) {
    throw new TransportFailed(what, "AuthenticationError", `no token was given: ${messageOf(error)}`, error);
  }
};

/** What a connection fails with; one whose peer cannot be trusted is no matter of trying again. */
export const connectionFailed = (what: string, error: unknown, where = ""): TransportFailed => {
  const reason = messageOf(error);
  const untrusted = /certificate|altnames|self.signed|issuer/i.test(reason);
  const code = untrusted ? "AuthenticationError" : "ConnectError";
  return new TransportFailed(
    what,
    code,
    `${where}${untrusted ? "the server cannot be trusted: " : ""}${reason}`,
    error,
  );
};

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

const codes: { readonly [status: number]: FailureCode } = { 401: "AuthenticationError", 403: "AuthorizationError" };

/** One call; 404 is an answer of its own for GET, everything else that is not 2xx throws. */
const call = async (
  settings: AdminSettings,
  what: string,
  method: "GET" | "POST",
  path: string,
  body?: string,
): Promise<Answer> => {
  const url = `${settings.adminUrl}/admin/v2/${path}`;
  const headers = {
    accept: "application/json",
    "content-type": "application/json",
    ...(await authorization(settings, what)),
  };
  const { status, text } = await exchange(settings, what, url, { method, headers }, body);
  const json = parse(text) as { readonly reason?: string } | undefined;
  if (status >= 200 && status < 300) return { status, json: json ?? {} };
  const reason = `${method} ${url} answered ${status}: ${json?.reason ?? text.slice(0, 200)}`;
  if (status === 404 && method === "GET") return { status, json: {} };
  throw new TransportFailed(what, status === 404 ? "TopicNotFound" : (codes[status] ?? "UnknownError"), reason);
};

const exchange = (
  { tls, operationTimeout }: AdminSettings,
  what: string,
  url: string,
  options: { readonly method: string; readonly headers: { readonly [name: string]: string } },
  body: string | undefined,
): Promise<{ readonly status: number; readonly text: string }> =>
  new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(connectionFailed(what, error, `${url}: `));
    const send = url.startsWith("https:") ? httpsRequest : httpRequest;
    const request = send(url, { ...tls, ...options, timeout: operationTimeout }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("error", fail);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.once("timeout", () => request.destroy(new Error("it did not answer in time")));
    request.once("error", fail);
    request.end(body);
  });

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

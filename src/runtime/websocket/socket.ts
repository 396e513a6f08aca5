import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import WebSocket from "ws";
import { authorization, connectionFailed } from "../admin.js";
import { type FailureCode, TransportFailed } from "../errors.js";
import type { Settings } from "./settings.js";

/**
 * Opens one connection; rejects with a TransportFailed that has the broker's reason. `attach` is called the moment that it
 * is open, with what it writes to as well: a reader's first messages come before a promise would have been seen to be resolved.
 */
export const dial = async (
  settings: Settings,
  what: string,
  path: string,
  attach: (socket: WebSocket, stream: Duplex) => void,
): Promise<void> => {
  const headers = { accept: "application/json", ...(await authorization(settings, what)) };
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${settings.serviceUrl}/ws/v2/${path}`, {
      ...settings.tls,
      headers,
      // Payloads are base64 in JSON, and most of them small: compressing them costs more than it saves.
      perMessageDeflate: false,
      handshakeTimeout: settings.connectTimeout,
    });
    let stream: Duplex;
    socket.once("upgrade", (response) => {
      stream = response.socket;
    });
    socket.once("open", () => {
      socket.off("error", refuse);
      // An error of a connection that was open is followed by its end, which is what is looked at.
      socket.on("error", () => {});
      attach(socket, stream);
      resolve();
    });
    const refuse = (error: Error) => reject(connectionFailed(what, error));
    socket.once("error", refuse);
    socket.once("unexpected-response", (_request, response) => {
      // Not the request: that has let go of the connection when the answer is read, and would keep the process from ending.
      const { socket: connection } = response;
      void refusal(response).then(([code, reason]) => {
        reject(new TransportFailed(what, code, reason));
        connection.destroy();
      });
    });
  });
};

/** Whether trying again is of no use until somebody has changed something. */
export const isPermanent = (error: unknown): boolean =>
  error instanceof TransportFailed &&
  [
    "AuthenticationError",
    "AuthorizationError",
    "IncompatibleSchema",
    "InvalidConfiguration",
    "TopicNotFound",
    "TopicTerminated",
  ].includes(error.code);

/** What a reason that the broker gave is called by the official client. */
export const codeOfReason = (reason: string): FailureCode | undefined => {
  if (/IncompatibleSchema|without a schema/.test(reason)) return "IncompatibleSchema";
  if (/Fenced/.test(reason)) return "ProducerFenced";
  if (/Producer with name|ProducerBusy/.test(reason)) return "ProducerBusy";
  if (/consumer is already connected|ConsumerBusy|Subscription is of different type/i.test(reason))
    return "ConsumerBusy";
  if (/TopicTerminated|was already terminated/.test(reason)) return "TopicTerminated";
  if (/ProducerBlockedQuota/.test(reason)) return "ProducerBlockedQuotaExceeded";
  if (/exceeds? .*(size|limit)|bytes that exceed|InvalidMessage/i.test(reason)) return "MessageTooBig";
  if (/Timeout/i.test(reason)) return "TimeOut";
  return undefined;
};

const codes: { readonly [status: number]: FailureCode } = {
  400: "InvalidConfiguration",
  401: "AuthenticationError",
  403: "AuthorizationError",
  404: "TopicNotFound",
  429: "TooManyRequests",
  504: "TimeOut",
};

/** What a refused connection is called, and why it was refused, from the body: Jetty's JSON around the broker's own. */
const refusal = async (response: IncomingMessage): Promise<readonly [code: FailureCode, reason: string]> => {
  const status = response.statusCode ?? 0;
  let body = "";
  try {
    for await (const chunk of response) if (body.length < 65_536) body += chunk;
  } catch {
    // What was read until then is better than nothing.
  }
  const text = unescaped(messageIn(body)).slice(0, 4000);
  const inner = /"errorMsg":"(.*?)","reqId"/s.exec(text)?.[1] ?? text.replace(/^Failed to create [\w/]+: /, "");
  const plain = inner.replace(/ caused by .*$/s, "").replace(/^((org|java)\.[\w.$]+(Exception|Error): )+/, "");
  const reason = plain.trim() || `HTTP status ${status}`;
  // A 404 in other words comes from a server that is about to start, or is none of Pulsar's.
  if (status === 404 && !text.startsWith("Failed to create")) return ["ConnectError", `HTTP status 404: ${reason}`];
  return [
    codes[status] ?? codeOfReason(text) ?? (status === 502 || status === 503 ? "ConnectError" : "UnknownError"),
    reason,
  ];
};

const messageIn = (body: string): string => {
  try {
    return String((JSON.parse(body) as { readonly message?: unknown }).message ?? body);
  } catch {
    // A proxy's page.
    return body;
  }
};

const entities: { readonly [entity: string]: string } = { quot: '"', apos: "'", lt: "<", gt: ">", amp: "&" };

const unescaped = (text: string): string =>
  text.replace(/&(quot|apos|lt|gt|amp);/g, (_, name: string) => entities[name] ?? "");

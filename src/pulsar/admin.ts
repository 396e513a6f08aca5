import { adminError, isAdminError, pulsarReason, reasonOf, unreachableReason } from "./admin-error.js";
import type { HttpAnswer, HttpRequest, Tls } from "./http.js";
import { createHttp } from "./http.js";

/** Where the admin REST API of a broker or a proxy is, and how to log in. */
export interface AdminConnection {
  /** http://host:8080 or https://host:8443; a path in front of /admin/v2 may follow. */
  readonly url: string;
  readonly token?: string;
  readonly tls?: Tls;
  /** Milliseconds until a call without an answer is given up; 30,000 when not said. */
  readonly timeout?: number;
  /** How often a call is made that found nobody, or a broker in trouble; 4 when not said. */
  readonly attempts?: number;
}

interface CallOptions {
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** When it is not application/json. */
  readonly contentType?: string;
  /** Statuses that are answers and no errors. */
  readonly accept?: readonly number[];
  /** False where asking twice does harm. */
  readonly retry?: boolean;
}

interface Answer {
  readonly status: number;
  /** The JSON of the body; undefined when there was none, and where the status is one of those accepted. */
  readonly value: unknown;
  /** Why, on one line, where the status is one of those accepted; empty otherwise. */
  readonly reason: string;
  /** The body as it came. */
  readonly text: string;
}

/** The admin API, at most 32 calls at once. All calls throw an `AdminError` when they do not get what was asked for. */
export interface Admin {
  /** Without a slash at its end. */
  readonly url: string;
  /** `path` is relative to /admin/v2 and made by `adminPath`. */
  readonly call: (method: "GET" | "PUT" | "POST" | "DELETE", path: string, options?: CallOptions) => Promise<Answer>;
  /** What is there. */
  readonly get: <T>(path: string, query?: CallOptions["query"]) => Promise<T>;
  /** What is there, or undefined when the broker says that it is not. */
  readonly find: <T>(path: string, query?: CallOptions["query"]) => Promise<T | undefined>;
  /** Text that is no JSON: brokers/version. */
  readonly text: (path: string) => Promise<string>;
  /** A header of an answer whose body is not for us; undefined when the broker says that there is nothing. */
  readonly header: (path: string, name: string) => Promise<string | undefined>;
  readonly close: () => void;
}

/** How many calls are made at once. */
export const callsAtOnce = 32;

export const createAdmin = (connection: AdminConnection): Admin => {
  const { timeout = 30_000, attempts = 4, token, tls } = connection;
  const base = connection.url.replace(/\/+$/, "");
  const http = createHttp({ ...(tls === undefined ? {} : { tls }), milliseconds: timeout, sockets: callsAtOnce });
  const gate = createGate(callsAtOnce);

  /** The answer, whatever it is, of a broker that is not in trouble. */
  const ask = async (request: HttpRequest, retry: boolean): Promise<HttpAnswer> => {
    for (let attempt = 1; ; attempt++) {
      const last = !retry || attempt >= attempts;
      try {
        const answer = await gate(() => http.send(request));
        if (last || !isTrouble(answer)) return answer;
        await wait(Math.max(backoff(attempt), retryAfter(answer)));
      } catch (thrown) {
        if (last || !passes(thrown))
          throw adminError({
            kind: "unreachable",
            method: request.method,
            url: shown(request.url),
            reason: unreachableReason(thrown, timeout / 1000),
          });
        await wait(backoff(attempt));
      }
    }
  };

  const send = async (method: string, path: string, options: CallOptions = {}) => {
    const url = new URL(`${base}/admin/v2/${path}`);
    for (const [name, value] of Object.entries(options.query ?? {})) url.searchParams.set(name, `${value}`);
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const headers = {
      // Jetty's errors are pages of HTML otherwise.
      accept: "application/json, text/plain;q=0.9",
      ...(body === undefined ? {} : { "content-type": options.contentType ?? "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const request = { method, url, headers, ...(body === undefined ? {} : { body }) };
    const answer = await ask(request, options.retry ?? true);
    const about = { method, url: shown(url), status: answer.status };
    if (answer.status >= 200 && answer.status < 300) return { answer, about, refused: undefined };
    const said = reasonOf(answer.text, answer.statusText);
    if (answer.status >= 300 && answer.status < 400) {
      const reason = `it redirects to ${answer.header("location") ?? "nowhere"}, which is not followed.`;
      throw adminError({ kind: "foreign", ...about, reason });
    }
    if (options.accept?.includes(answer.status) === true) return { answer, about, refused: said };
    // A 404 of Pulsar's says in its own form what is missing; another one means that nobody knows such a path.
    if (answer.status === 404 && pulsarReason(answer.text) === undefined)
      throw adminError({ kind: "foreign", ...about, reason: `it does not know this path (404 ${said}).` });
    throw adminError({ kind: "refused", ...about, reason: said });
  };

  const call: Admin["call"] = async (method, path, options = {}) => {
    const { answer, about, refused } = await send(method, path, options);
    const { status, text } = answer;
    if (refused !== undefined) return { status, value: undefined, reason: refused, text };
    if (text === "") return { status, value: undefined, reason: "", text };
    try {
      return { status, value: JSON.parse(text), reason: "", text };
    } catch {
      const start = reasonOf(answer.text, "").slice(0, 80);
      throw adminError({ kind: "foreign", ...about, reason: `the answer is no JSON: "${start}".` });
    }
  };

  return {
    url: base,
    call,
    get: async <T>(path: string, query = {}) => (await call("GET", path, { query })).value as T,
    find: async <T>(path: string, query = {}) => {
      try {
        return (await call("GET", path, { query })).value as T;
      } catch (thrown) {
        if (isMissing(thrown)) return undefined;
        throw thrown;
      }
    },
    text: async (path) => (await send("GET", path)).answer.text.trim(),
    header: async (path, name) => {
      const { answer, refused } = await send("GET", path, { accept: [404] });
      return refused === undefined ? answer.header(name) : undefined;
    },
    close: http.close,
  };
};

/** Puts names into a path, each as one part of it: adminPath`namespaces/${tenant}/${namespace}/retention`. */
export const adminPath = (parts: TemplateStringsArray, ...names: readonly (string | number)[]): string =>
  parts.reduce((path, part, index) => `${path}${encodeURIComponent(`${names[index - 1]}`)}${part}`);

const isMissing = (thrown: unknown): boolean =>
  isAdminError(thrown) && thrown.admin.kind === "refused" && thrown.admin.status === 404;

/** A URL as it may be shown: nothing in front of the host. */
const shown = (url: URL): string => {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  return copy.href;
};

/** A broker that starts, stops, moves or has too much to do; a 500 about a schema is how it says no to one. */
const isTrouble = ({ status, text }: HttpAnswer): boolean =>
  status === 429 || (status >= 500 && status !== 501 && !saysIncompatible(text));

/** Whether a body says that a schema is not compatible, which Pulsar does with a status of 500. */
export const saysIncompatible = (text: string): boolean => text.includes("IncompatibleSchemaException");

/** Whether what went wrong may go by itself. */
const passes = (thrown: unknown): boolean => {
  const error = thrown instanceof AggregateError ? (thrown.errors[0] as unknown) : thrown;
  return passing.has((error as NodeJS.ErrnoException).code ?? "");
};

const passing: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "TIMEOUT",
]);

/** Milliseconds: 0.2, 0.4, 0.8 seconds …, each up to a half longer, so that many do not come back at once. */
const backoff = (attempt: number): number => 200 * 2 ** (attempt - 1) * (1 + Math.random() / 2);

const retryAfter = (answer: HttpAnswer): number => {
  const seconds = Number(answer.header("retry-after") ?? "0");
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 10) * 1000 : 0;
};

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Lets so many through at once; the others wait in the order in which they came. */
const createGate = (places: number) => {
  let free = places;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
};

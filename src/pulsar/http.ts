import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";

/** What TLS takes, as PEM texts. */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Whether any certificate of the server will do. */
  readonly insecure?: boolean;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
}

export interface Http {
  /** Throws what node's sockets throw, and an error of code TIMEOUT when the whole answer was not there in time. */
  readonly send: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly close: () => void;
}

/**
 * HTTP over connections that are kept open: node's own `fetch` takes no authority of certificates. Follows redirects
 * with method and body, as brokers that do not own a topic send them.
 */
export const createHttp = (options: {
  readonly tls?: Tls;
  readonly milliseconds: number;
  readonly sockets: number;
}): Http => {
  const { tls = {}, milliseconds, sockets } = options;
  const plain = new HttpAgent({ keepAlive: true, maxSockets: sockets });
  const secure = new HttpsAgent({
    keepAlive: true,
    maxSockets: sockets,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    rejectUnauthorized: tls.insecure !== true,
  });

  const once = ({ method, url, headers, body }: HttpRequest): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const settings = { method, headers: { ...headers, ...lengthOf(method, body) } };
      const answered = (response: IncomingMessage): void => {
        response.on("error", fail);
        readText(response).then((text) => {
          clearTimeout(timer);
          resolve({
            status: response.statusCode ?? 0,
            statusText: response.statusMessage ?? "",
            header: (name) => (Array.isArray(response.headers[name]) ? undefined : response.headers[name]?.toString()),
            text,
          });
        }, fail);
      };
      const fail = (error: unknown): void => {
        clearTimeout(timer);
        reject(error);
      };
      const sent =
        url.protocol === "https:"
          ? requestHttps(url, { ...settings, agent: secure }, answered)
          : requestHttp(url, { ...settings, agent: plain }, answered);
      const timer = setTimeout(
        () => sent.destroy(Object.assign(new Error("time-out"), { code: "TIMEOUT" })),
        milliseconds,
      );
      sent.on("error", fail);
      sent.end(body);
    });

  const follow = async (request: HttpRequest, left: number): Promise<HttpAnswer> => {
    const answer = await once(request);
    const location = answer.header("location");
    if (answer.status < 300 || answer.status > 399 || location === undefined || left === 0) return answer;
    const next = redirected(request, answer.status, location);
    return next === undefined ? answer : follow(next, left - 1);
  };

  return {
    send: (request) => follow(request, 5),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
};

/** Node would send the body of a PUT in chunks otherwise, and some servers want to know that there is none. */
const lengthOf = (method: string, body: string | undefined): Readonly<Record<string, string>> =>
  method === "GET" ? {} : { "content-length": `${body === undefined ? 0 : Buffer.byteLength(body)}` };

const readText = async (response: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
};

/**
 * The request that a redirect asks for, or undefined where it is not followed. Credentials go along only where the same
 * thing is asked of another host (that is how brokers redirect), and never from https to http.
 */
const redirected = (request: HttpRequest, status: number, location: string): HttpRequest | undefined => {
  const keeps = status === 307 || status === 308;
  if (!keeps && request.method !== "GET") return undefined;
  if (!URL.canParse(location, request.url.href)) return undefined;
  const url = new URL(location, request.url);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  const downgraded = request.url.protocol === "https:" && url.protocol === "http:";
  const asBrokersDo = keeps && !downgraded && url.pathname === request.url.pathname;
  if (url.origin === request.url.origin || asBrokersDo) return { ...request, url };
  // Without its credentials the call would only be refused; that it was sent elsewhere is the better answer.
  return request.headers["authorization"] === undefined && !downgraded ? { ...request, url } : undefined;
};

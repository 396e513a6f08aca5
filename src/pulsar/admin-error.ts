import { visible } from "../diagnostics/visible.js";

/** A call of the admin API that did not do what was asked; its message is complete, and made for who runs evgen. */
export interface AdminError extends Error {
  readonly admin: AdminFailure;
}

export interface AdminFailure {
  /**
   * `unreachable`: no answer. `refused`: the broker said no, with `status` and `reason`. `foreign`: whoever answered is
   * no admin API of Pulsar.
   */
  readonly kind: "unreachable" | "refused" | "foreign";
  readonly method: string;
  /** Without credentials. */
  readonly url: string;
  readonly status?: number;
  /** What the broker said, on one line; empty when it said nothing. */
  readonly reason: string;
}

export const isAdminError = (thrown: unknown): thrown is AdminError =>
  thrown instanceof Error && "admin" in thrown && typeof thrown.admin === "object";

export const adminError = (failure: AdminFailure): AdminError =>
  Object.assign(new Error(messageOf(failure)), { admin: failure });

const messageOf = ({ kind, method, url, status, reason }: AdminFailure): string => {
  const call = `${method} ${visible(url)}`;
  switch (kind) {
    case "unreachable":
      return `${call}: ${reason}`;
    case "foreign":
      return `${call}: ${reason} Is this the admin URL of a Pulsar broker (http://host:8080, https://host:8443)?`;
    case "refused": {
      const hint = hints.get(knownButNotAllowed.test(reason) ? 403 : (status ?? 0));
      return `${call}: the broker says ${status}${reason === "" ? "." : `: ${sentence(reason)}`}${hint === undefined ? "" : ` ${hint}`}`;
    }
  }
};

const hints: ReadonlyMap<number, string> = new Map([
  [401, "Give a token or a client certificate that the broker knows."],
  [403, "The role that was used may not do this: grant it, or use another one."],
  [429, "It was asked too much at once, also after waiting."],
]);

/** Pulsar answers 401 to a role that it knows, too. */
const knownButNotAllowed = /^Unauthorized to validate\w+Operation|^Don't have permission to /;

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/**
 * What a body says of why, on one line: the `reason` of Pulsar's JSON, the `message` of Jetty's, the text of a page of
 * HTML. Stacks are left out.
 */
export const reasonOf = (text: string, statusText: string): string => {
  const said = fromJson(text) ?? (/^\s*</.test(text) ? fromHtml(text) : text);
  const plain = (said.trim() === "" ? statusText : said)
    .replace(/^[\s\S]*?\n\nMessage: /, "")
    .replace(/\n\n(?:Stacktrace|Reason):[\s\S]*$/, "")
    .replace(/^(?:[\w$]+\.)+[\w$]+(?:Exception|Error): /, "")
    .replace(/\s+/g, " ")
    .trim();
  return visible(plain.length > longest ? `${plain.slice(0, longest)} …` : plain);
};

/** A schema that is refused is quoted in full, and more than once. */
const longest = 1500;

/** What Pulsar says in its own words, or undefined when an answer is not in Pulsar's form. */
export const pulsarReason = (text: string): string | undefined => {
  const value = parsed(text);
  return value !== undefined && typeof value["reason"] === "string" ? value["reason"] : undefined;
};

const fromJson = (text: string): string | undefined => {
  const value = parsed(text);
  if (value === undefined) return undefined;
  if (typeof value["reason"] === "string") return value["reason"];
  return typeof value["message"] === "string" ? unescapeHtml(value["message"]) : undefined;
};

const parsed = (text: string): { readonly [key: string]: unknown } | undefined => {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Of Jetty's pages the message, of others the title or the text. */
const fromHtml = (page: string): string => {
  const found =
    /MESSAGE:<\/th>\s*<td>([\s\S]*?)<\/td>/.exec(page) ??
    /<title>([\s\S]*?)<\/title>/i.exec(page) ??
    /<body[^>]*>([\s\S]*)/i.exec(page);
  const text = (found?.[1] ?? page).replace(/<(?:script|style)[\s\S]*?<\/(?:script|style)>/gi, " ");
  return unescapeHtml(text.replace(/<[^>]*>/g, " "));
};

const unescapeHtml = (text: string): string =>
  text.replace(/&(lt|gt|quot|amp|apos|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (whole, name: string, decimal, hex) => {
    const code = decimal === undefined ? (hex === undefined ? undefined : Number.parseInt(hex, 16)) : Number(decimal);
    if (code !== undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    return entities.get(name.toLowerCase()) ?? whole;
  });

const entities: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["amp", "&"],
]);

/** Why there was no answer, in plain words. */
export const unreachableReason = (thrown: unknown, seconds: number): string => {
  const error = thrown instanceof AggregateError ? (thrown.errors[0] as unknown) : thrown;
  const { code = "", message = String(error) } = error as NodeJS.ErrnoException;
  if (code === "TIMEOUT") return `there was no answer within ${seconds} seconds.`;
  return `${causes.get(code) ?? visible(message)} (${code === "" ? "no code" : code}).`;
};

const causes: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "nothing listens there"],
  ["ECONNRESET", "the connection was cut"],
  ["EPIPE", "the connection was cut"],
  ["ENOTFOUND", "there is no host of this name"],
  ["EAI_AGAIN", "the name of the host could not be looked up"],
  ["EHOSTUNREACH", "there is no way to this host"],
  ["ENETUNREACH", "there is no way to this network"],
  ["ETIMEDOUT", "the connection timed out"],
  ["HPE_INVALID_CONSTANT", "what answers does not speak HTTP"],
  ["EPROTO", "what answers does not speak TLS as it should; is the URL's https right?"],
  ["CERT_HAS_EXPIRED", "the certificate has expired"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "the certificate is signed by itself; name its authority with a CA file"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "the certificate is of an authority that is not known; name it with a CA file"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "the certificate is of an authority that is not known; name it with a CA file"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "the certificate is of an authority that is not known; name it with a CA file"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "the certificate is for another host"],
]);

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { visible } from "../diagnostics/visible.js";
import type { Environment } from "../model/model.js";
import type { AdminConnection } from "../pulsar/admin.js";
import type { Tls } from "../pulsar/http.js";
import { asFailure, environmentFailed, wrongUse } from "./failure.js";

/** How a command is told where a broker is, and how to log in. Secrets are in files or variables, never in arguments. */
export interface ConnectionOptions {
  readonly adminUrl?: string;
  readonly tokenEnv?: string;
  readonly tokenFile?: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsInsecure?: boolean;
}

/** All of them, for a command in which they do not always have a meaning. */
export const connectionNames: readonly (keyof ConnectionOptions)[] = [
  ...(["adminUrl", "tokenEnv", "tokenFile", "tlsCa", "tlsCert", "tlsKey", "tlsInsecure"] as const),
];

/** Gives a command the options of a connection. */
export const withConnection = (command: Command): Command =>
  command
    .option("--admin-url <url>", "the broker's admin API, http://host:8080 (default: $PULSAR_ADMIN_URL)")
    .addOption(new Option("--token-env <name>", "log in with the token in this variable").conflicts("tokenFile"))
    .option("--token-file <file>", "log in with the token in this file")
    .option("--tls-ca <file>", "trust the certificates of this authority (PEM)")
    .option("--tls-cert <file>", "log in with this certificate (PEM)")
    .option("--tls-key <file>", "the key of the certificate (PEM)")
    .option("--tls-insecure", "take any certificate of the broker");

/**
 * Where to connect: as the options say, or else an environment of the model, whose files are relative to `folder`, or
 * else a variable. Wrong use when nobody says where, a failure of the environment when a secret is not there.
 */
export const connectionOf = (given: ConnectionOptions, environment?: Environment, folder = "."): AdminConnection => {
  const { tokenEnv, tokenFile, ...others } = environment === undefined ? {} : optionsOf(environment, folder);
  const hasToken = given.tokenEnv !== undefined || given.tokenFile !== undefined;
  const token = tokenOf(hasToken ? given : { tokenEnv, tokenFile });
  const options = { ...others, ...given };
  const url = options.adminUrl ?? process.env["PULSAR_ADMIN_URL"];
  if (environment !== undefined && options.adminUrl === undefined)
    throw wrongUse(`The environment ${environment.name} has no adminUrl. Say --admin-url http://host:8080.`);
  if (url === undefined || url === "")
    throw wrongUse("Which broker? Say --admin-url http://host:8080, or set PULSAR_ADMIN_URL.");
  const tls = tlsOf(options);
  return {
    url: checkedUrl(url),
    ...(token === undefined ? {} : { token }),
    ...(tls === undefined ? {} : { tls }),
  };
};

/** A token that is named on the command line replaces the one of the environment, wherever either is. */
const optionsOf = ({ adminUrl, token, tls = { insecure: false } }: Environment, folder: string): ConnectionOptions => {
  const at = (file: string): string => resolve(folder, file);
  return {
    ...(adminUrl === undefined ? {} : { adminUrl }),
    ...(token?.kind === "env" ? { tokenEnv: token.name } : {}),
    ...(token?.kind === "file" ? { tokenFile: at(token.name) } : {}),
    ...(tls.ca === undefined ? {} : { tlsCa: at(tls.ca) }),
    ...(tls.cert === undefined ? {} : { tlsCert: at(tls.cert) }),
    ...(tls.key === undefined ? {} : { tlsKey: at(tls.key) }),
    ...(tls.insecure ? { tlsInsecure: true } : {}),
  };
};

const checkedUrl = (url: string): string => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "http:" && parsed?.protocol !== "https:")
    throw wrongUse(
      `${visible(url)} is no admin URL. It is the one of HTTP: http://host:8080 or https://host:8443, not the pulsar:// one.`,
    );
  if (parsed.username !== "" || parsed.password !== "" || parsed.search !== "" || parsed.hash !== "")
    throw wrongUse("The admin URL holds more than scheme, host, port and path. A token is given with --token-file.");
  return parsed.href.replace(/\/(?:admin(?:\/v2)?\/?)?$/, "");
};

interface TokenOptions {
  readonly tokenEnv?: string | undefined;
  readonly tokenFile?: string | undefined;
}

const tokenOf = ({ tokenEnv, tokenFile }: TokenOptions): string | undefined => {
  if (tokenFile !== undefined) return tokenIn(readSecret(tokenFile), `The file ${visible(tokenFile)}`);
  if (tokenEnv === undefined) return undefined;
  const token = process.env[tokenEnv];
  if (token === undefined)
    throw environmentFailed(`The variable ${visible(tokenEnv)}, which holds the token, is not set.`);
  return tokenIn(token, `The variable ${visible(tokenEnv)}`);
};

/** A token as it goes into a header; never shown, whatever is wrong with it. */
const tokenIn = (text: string, where: string): string => {
  const token = text.trim();
  if (token === "") throw environmentFailed(`${where} holds no token: it is empty.`);
  if (!/^[\x21-\x7e]+$/.test(token)) throw environmentFailed(`${where} holds something else than one token.`);
  return token;
};

const tlsOf = ({ tlsCa, tlsCert, tlsKey, tlsInsecure }: ConnectionOptions): Tls | undefined => {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw wrongUse("A client certificate and its key go together: --tls-cert and --tls-key.");
  if (tlsCa === undefined && tlsCert === undefined && tlsInsecure !== true) return undefined;
  return {
    ...(tlsCa === undefined ? {} : { ca: pem(tlsCa) }),
    ...(tlsCert === undefined ? {} : { cert: pem(tlsCert) }),
    ...(tlsKey === undefined ? {} : { key: pem(tlsKey) }),
    ...(tlsInsecure === true ? { insecure: true } : {}),
  };
};

const pem = (file: string): string => {
  const text = readSecret(file);
  if (!text.includes("-----BEGIN ")) throw environmentFailed(`${visible(file)} is not in the PEM format.`);
  return text;
};

const readSecret = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (thrown) {
    throw asFailure(thrown) ?? thrown;
  }
};

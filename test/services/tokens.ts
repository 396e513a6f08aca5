import { createHmac, randomBytes } from "node:crypto";

const secret = randomBytes(32);
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A JSON Web Token of a role, as Pulsar's own tool makes it; `expires` is in seconds since 1970. */
export const tokenOf = (role: string, expires?: number): string => {
  const claims = { sub: role, ...(expires === undefined ? {} : { exp: expires }) };
  const content = `${encoded({ alg: "HS256" })}.${encoded(claims)}`;
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
};

/** Of the superuser. */
export const adminToken = tokenOf("admin");

/** Of a broker that asks for them, and lets a role do what it has permissions for. */
export const tokenSettings: Readonly<Record<string, string>> = {
  authenticationEnabled: "true",
  authorizationEnabled: "true",
  authenticationProviders: "org.apache.pulsar.broker.authentication.AuthenticationProviderToken",
  tokenSecretKey: `data:;base64,${secret.toString("base64")}`,
  superUserRoles: "admin",
  brokerClientAuthenticationPlugin: "org.apache.pulsar.client.impl.auth.AuthenticationToken",
  brokerClientAuthenticationParameters: `token:${adminToken}`,
};

import { Command } from "commander";
import { afterEach, expect, test, vi } from "vitest";
import { type ConnectionOptions, connectionOf, withConnection } from "../../src/cli/connection.js";
import { workspace } from "./evgen.js";

afterEach(() => vi.unstubAllEnvs());

const from = (...args: readonly string[]) => {
  const command = withConnection(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return connectionOf(command.parse(args, { from: "user" }).opts<ConnectionOptions>());
};

test("the URL is an option, or else a variable; what follows its path is ours", () => {
  vi.stubEnv("PULSAR_ADMIN_URL", "https://pulsar.example:8443/admin/v2/");
  expect(from()).toEqual({ url: "https://pulsar.example:8443" });
  expect(from("--admin-url", "http://one:8080/proxy/")).toEqual({ url: "http://one:8080/proxy" });
  vi.stubEnv("PULSAR_ADMIN_URL", "");
  expect(() => from()).toThrow("Which broker? Say --admin-url http://host:8080, or set PULSAR_ADMIN_URL.");
  expect(() => from("--admin-url", "pulsar://one:6650")).toThrow("pulsar://one:6650 is no admin URL.");
  expect(() => from("--admin-url", "one:8080")).toThrow("is no admin URL");
  expect(() => from("--admin-url", "http://me:secret@one")).toThrow(/^The admin URL holds more than(?!.*secret)/);
});

test("secrets are in files and variables, and never shown", () => {
  const work = workspace();
  work.write("token", "abc.def\n");
  work.write("two", "one two");
  work.write("ca.pem", "-----BEGIN CERTIFICATE-----");
  const at = ["--admin-url", "https://one"];
  expect(from(...at, "--token-file", work.path("token"))).toEqual({ url: "https://one", token: "abc.def" });
  vi.stubEnv("SHOP_TOKEN", "xyz");
  expect(from(...at, "--token-env", "SHOP_TOKEN")).toMatchObject({ token: "xyz" });
  expect(from(...at, "--tls-ca", work.path("ca.pem"), "--tls-insecure")).toMatchObject({
    tls: { ca: "-----BEGIN CERTIFICATE-----", insecure: true },
  });
  expect(() => from(...at, "--token-env", "NOT_SET")).toThrow("NOT_SET, which holds the token, is not set.");
  expect(() => from(...at, "--token-file", work.path("two"))).toThrow(/holds something else than one token\.$/);
  expect(() => from(...at, "--token-file", work.path("none"))).toThrow("there is no such file or folder");
  expect(() => from(...at, "--tls-ca", work.path("token"))).toThrow("is not in the PEM format");
  expect(() => from(...at, "--tls-cert", work.path("ca.pem"))).toThrow("--tls-cert and --tls-key");
  expect(() => from(...at, "--token-env", "A", "--token-file", "b")).toThrow();
});

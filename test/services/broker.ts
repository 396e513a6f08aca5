import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";
import { freePorts } from "./free-ports.js";

const here = fileURLToPath(new URL(".", import.meta.url));
/** Where what was fetched is kept. */
export const kept = process.env["EVGEN_SERVICES"] ?? fileURLToPath(new URL("../../.services", import.meta.url));
const run = promisify(execFile);

export interface Broker {
  /** pulsar://… */
  readonly serviceUrl: string;
  /** http://… without a slash at its end. */
  readonly adminUrl: string;
  /** ws://… without a slash at its end. */
  readonly webSocketUrl: string;
  /** Ends it as a crash would; its data stay. */
  readonly kill: () => Promise<void>;
  /** Ends it gracefully; its data stay. */
  readonly stop: () => Promise<void>;
  /** Starts it again, on the same ports, and waits until it is healthy. */
  readonly start: () => Promise<void>;
  /** Whether it is this test's own, and so may be killed; one at PULSAR_ADMIN_URL may not. */
  readonly isOwn: boolean;
  /** What the real pulsar-admin needs to find the broker; PULSAR_ADMIN names the command. */
  readonly env: Readonly<Record<string, string>>;
  /** A call of the admin REST API, whose answer is JSON or nothing; throws when it is refused. */
  readonly rest: (method: string, path: string, body?: unknown) => Promise<unknown>;
}

/** How a broker of a test differs from others. */
export interface BrokerOptions {
  /** Settings of standalone.conf, of which one may be a port that is free. Such a broker is always the test's own. */
  readonly settings?: (port: number) => Readonly<Record<string, string>>;
  /** Another release than the pom's, in a folder of its own. Such a broker is always the test's own, too. */
  readonly version?: string | undefined;
  /** What its admin API wants to see. */
  readonly headers?: () => Readonly<Record<string, string>>;
}

/**
 * A real broker for the tests of a file: the one at PULSAR_ADMIN_URL, PULSAR_SERVICE_URL and PULSAR_WEB_SOCKET_URL, or one
 * that is started from Maven artifacts on free ports and stopped afterwards. What was fetched is kept in .services/ (or
 * EVGEN_SERVICES).
 */
export const useBroker = ({ settings, headers, version }: BrokerOptions = {}): Broker => {
  const folder = join(kept, version === undefined ? "pulsar" : `pulsar-${version}`);
  const script = join(here, "pulsar", "start.sh");
  const given = settings === undefined && version === undefined ? process.env["PULSAR_ADMIN_URL"] : undefined;
  let ports: readonly number[] = [];
  const control = async (command: "start" | "stop" | "kill") => {
    if (given !== undefined) throw new Error(`the broker at ${given} is not this test's to ${command}`);
    const config = join(folder, "settings.conf");
    const release = version === undefined ? {} : { PULSAR_VERSION: version };
    const configured = settings === undefined ? {} : { CONFIG: config, ...healthOf(headers?.()) };
    const env = { ...process.env, ...release, ...configured };
    if (settings !== undefined && command === "start") {
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        config,
        Object.entries(settings(ports[2] ?? 0))
          .map(([name, value]) => `${name}=${value}\n`)
          .join(""),
      );
    }
    await run("bash", [script, command, folder, ...ports.slice(0, 2).map(String)], { env });
  };
  const broker = {
    ...{ serviceUrl: "", adminUrl: "", webSocketUrl: "", env: {} as Record<string, string>, rest },
    isOwn: given === undefined,
    kill: () => control("kill"),
    stop: () => control("stop"),
    start: () => control("start"),
  };

  beforeAll(async () => {
    if (given === undefined) {
      ports = await freePorts(3);
      const [port, adminPort] = ports;
      await control("start");
      broker.serviceUrl = `pulsar://127.0.0.1:${port}`;
      broker.adminUrl = `http://127.0.0.1:${adminPort}`;
      broker.webSocketUrl = `ws://127.0.0.1:${adminPort}`;
    } else {
      broker.adminUrl = given.replace(/\/$/, "");
      broker.serviceUrl = process.env["PULSAR_SERVICE_URL"] ?? missing("PULSAR_SERVICE_URL");
      broker.webSocketUrl =
        process.env["PULSAR_WEB_SOCKET_URL"]?.replace(/\/$/, "") ?? missing("PULSAR_WEB_SOCKET_URL");
    }
    broker.env = {
      PULSAR_ADMIN: join(here, "pulsar-admin", "pulsar-admin"),
      PULSAR_ADMIN_URL: broker.adminUrl,
      PULSAR_ADMIN_HOME: join(kept, "pulsar-admin"),
    };
  });
  // Its data go with it: the next run shall not find what this one has left.
  afterAll(async () => {
    if (given !== undefined) return;
    await control("stop");
    await run("rm", ["-rf", join(folder, "data")]);
  });

  async function rest(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${broker.adminUrl}/admin/v2/${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers?.() },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }
  return broker;
};

export interface Python {
  readonly executable: string;
  /** What a script of test/services/python prints. */
  readonly run: (script: string, ...options: readonly string[]) => Promise<string>;
  /** Starts a script that prints a line when it is ready, and ends when its input does. */
  readonly start: (
    script: string,
    ...options: readonly string[]
  ) => { readonly line: Promise<void>; readonly stop: () => Promise<void> };
}

/** A Python with the official Pulsar client and fastavro, in an environment of its own. */
export const usePython = (): Python => {
  const folder = join(kept, "python");
  const python = join(folder, "bin", "python");
  beforeAll(() => {
    if (existsSync(join(folder, "prepared"))) return;
    mkdirSync(kept, { recursive: true });
    execFileSync("python3", ["-m", "venv", folder]);
    execFileSync(python, ["-m", "pip", "install", "--quiet", "pulsar-client[avro]==3.*", "fastavro==1.*"]);
    writeFileSync(join(folder, "prepared"), "");
  });
  return {
    executable: python,
    run: async (script, ...options) => {
      const { stdout } = await run(python, [join(here, "python", script), ...options], { maxBuffer: 2 ** 26 });
      return stdout;
    },
    start: (script, ...options) => {
      const child = spawn(python, [join(here, "python", script), ...options], { stdio: ["pipe", "pipe", "inherit"] });
      const line = new Promise<void>((resolve, reject) => {
        child.stdout.once("data", () => resolve());
        child.once("exit", (code) => reject(new Error(`${script} ended with ${code}`)));
      });
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      return {
        line,
        stop: async () => {
          child.stdin.end();
          await ended;
        },
      };
    },
  };
};

/** How start.sh may ask whether the broker is healthy. */
const healthOf = (headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => {
  const [header] = Object.entries(headers);
  return header === undefined ? {} : { HEALTH_HEADER: header.join(": ") };
};

const missing = (name: string): never => {
  throw new Error(`PULSAR_ADMIN_URL is set, so ${name} has to be set too`);
};

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";
import { freePorts } from "./free-ports.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const kept = process.env["EVGEN_SERVICES"] ?? fileURLToPath(new URL("../../.services", import.meta.url));
const run = promisify(execFile);

/** A database or search server of the tests of a file. */
export interface Server {
  /** Known once the tests run: postgres://…, redis://… or http://…, without a slash at its end. */
  readonly url: string;
  /** Ends it as a crash would; its data stay. */
  readonly kill: () => Promise<void>;
  /** Ends it gracefully; its data stay. */
  readonly stop: () => Promise<void>;
  /** Starts it again, on the same port, and waits until it answers. */
  readonly start: () => Promise<void>;
  /** Whether it is this test's own, and so may be killed; one that a variable points at may not. */
  readonly isOwn: boolean;
}

/** Further settings, as the server's own file has them. Such a server is always the test's own. */
export type Settings = Readonly<Record<string, string>>;

/** A PostgreSQL: the one at POSTGRES_URL, or one of Debian's package on a free port. */
export const usePostgres = (settings?: Settings): Server =>
  useServer("postgres", {
    given: process.env["POSTGRES_URL"],
    urlOf: (port) => `postgres://evgen@127.0.0.1:${port}/postgres`,
    settings: settings && lines(settings, " = "),
  });

/** A Redis or Valkey: the one at REDIS_URL, or one of Debian's package on a free port. */
export const useRedis = (settings?: Settings): Server =>
  useServer("redis", {
    given: process.env["REDIS_URL"],
    urlOf: (port) => `redis://127.0.0.1:${port}`,
    settings: settings && lines(settings, " "),
  });

/** A search server: the one at OPENSEARCH_URL or ELASTICSEARCH_URL, or one from Maven artifacts on a free port. */
export const useSearch = (engine: "opensearch" | "elasticsearch", settings?: Settings): Server =>
  useServer("search", {
    given: process.env[`${engine.toUpperCase()}_URL`],
    urlOf: (port) => `http://127.0.0.1:${port}`,
    settings: settings && lines(settings, ": "),
    engine,
  });

const lines = (settings: Settings, between: string): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}${between}${value}\n`)
    .join("");

interface Kind {
  readonly given: string | undefined;
  readonly urlOf: (port: number | undefined) => string;
  readonly settings: string | undefined;
  readonly engine?: string;
}

/** Started before the tests of a file by the script of its kind, stopped after them, whatever became of them. */
const useServer = (kind: string, { given, urlOf, settings, engine }: Kind): Server => {
  const url = settings === undefined ? given?.replace(/\/$/, "") : undefined;
  let folder = join(kept, engine ?? kind);
  let port: number | undefined;
  const control = async (command: "start" | "stop" | "kill") => {
    if (url !== undefined) throw new Error(`the server at ${url} is not this test's to ${command}`);
    const config = join(folder, "settings.conf");
    const env = { ...process.env, ...(engine === undefined ? {} : { ENGINE: engine }) };
    if (settings !== undefined && command === "start") writeFileSync(config, settings);
    await run("bash", [join(here, kind, "start.sh"), command, folder, `${port}`], {
      env: settings === undefined ? env : { ...env, CONFIG: config },
    });
  };
  const server = {
    url: url ?? "",
    isOwn: url === undefined,
    kill: () => control("kill"),
    stop: () => control("stop"),
    start: () => control("start"),
  };

  beforeAll(async () => {
    if (url !== undefined) return;
    if (!(await othersReach(folder))) folder = mkdtempSync(join(tmpdir(), `evgen-${engine ?? kind}-`));
    // What a run has left that was ended by force.
    await control("kill");
    rmSync(join(folder, "data"), { recursive: true, force: true });
    [port] = await freePorts(1);
    server.url = urlOf(port);
    await control("start");
  });
  // Its data go with it: the next run shall not find what this one has left.
  afterAll(async () => {
    if (url !== undefined) return;
    await control("stop");
    rmSync(folder.startsWith(kept) ? join(folder, "data") : folder, { recursive: true, force: true });
  });
  return server;
};

/** Servers that refuse to run as root run as nobody, whom a home of root's is closed to. */
const othersReach = async (folder: string): Promise<boolean> => {
  mkdirSync(folder, { recursive: true });
  if (process.getuid?.() !== 0) return true;
  const asNobody = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"];
  return run("setpriv", [...asNobody, "test", "-x", folder]).then(
    () => true,
    () => false,
  );
};

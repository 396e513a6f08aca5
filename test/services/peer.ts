import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";
import { type Broker, kept, usePython } from "./broker.js";

const here = fileURLToPath(new URL(".", import.meta.url));

/** A message as an official client reads it; values in it look as in python/wire.py. */
export interface Read {
  readonly key: string;
  readonly partition: number;
  /** Milliseconds. */
  readonly eventTime: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly event: Readonly<Record<string, unknown>>;
}

/** A topic, and the schema of it that is registered. */
export interface Registered {
  readonly topic: string;
  readonly type: "AVRO" | "JSON";
  readonly definition: string;
}

/** An official client, in a process that does one thing after another. */
export interface Peer {
  /** The partition to which it sends each key. */
  readonly partitions: (topic: string, keys: readonly string[]) => Promise<readonly number[]>;
  /** Encodes events with its own library, or sends payloads as they are (base64), by the schema that is registered. */
  readonly write: (
    to: Registered,
    messages: readonly ({ readonly key: string } & ({ readonly event: unknown } | { readonly payload: string }))[],
  ) => Promise<void>;
  /** With the definition, or without, as far as it can find that itself. */
  readonly read: (
    from: Omit<Registered, "definition"> & Partial<Registered>,
    subscription: string,
    count: number,
  ) => Promise<readonly Read[]>;
}

/** The Python client, from PyPI. */
export const usePythonPeer = (broker: Broker): Peer => {
  const { executable } = usePython();
  const script = join(here, "python", "exchange.py");
  return usePeer(() => spawn(executable, [script, broker.serviceUrl], { env: { ...process.env, PYTHONUTF8: "1" } }));
};

/** The Java client, out of the broker's own libraries. */
export const useJavaPeer = (broker: Broker): Peer => {
  const libraries = join(kept, "pulsar", "lib", "*");
  // They are there already when the broker is the tests' own.
  beforeAll(() => void execFileSync("bash", [join(here, "pulsar", "start.sh"), "prepare", join(kept, "pulsar")]));
  const program = join(here, "java", "Exchange.java");
  const flags = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", libraries];
  return usePeer(() => spawn("java", [...flags, program, broker.serviceUrl]));
};

const usePeer = (start: () => ChildProcess): Peer => {
  let child: ChildProcess | undefined;
  let said = "";
  const waiting: { resolve: (answer: never) => void; reject: (error: Error) => void }[] = [];
  const end = (reason: string) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`${reason}\n${said}`));
  };
  beforeAll(() => {
    const one = start();
    child = one;
    one.stderr?.on("data", (text: Buffer) => {
      said = `${said}${text}`.slice(-10_000);
    });
    one.on("error", (error) => end(`the client could not be started: ${error.message}`));
    one.on("exit", (code) => end(`the client ended with ${code}`));
    // It may be gone when something is asked.
    one.stdin?.on("error", () => {});
    if (one.stdout === null) throw new Error("the client has no output");
    createInterface(one.stdout).on("line", (line) => {
      if (line.startsWith("> ")) waiting.shift()?.resolve(JSON.parse(line.slice(2)) as never);
      else if (line.startsWith("! ")) waiting.shift()?.reject(new Error(`${JSON.parse(line.slice(2))}\n${said}`));
      else said = `${said}${line}\n`.slice(-10_000);
    });
  });
  afterAll(async () => {
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child?.once("exit", resolve));
    child.stdin?.end();
    await ended;
  });
  const ask = <Answer>(command: string, more: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (child === undefined || child.exitCode !== null) return reject(new Error(`the client is not there\n${said}`));
      waiting.push({ resolve, reject });
      child.stdin?.write(`${JSON.stringify({ command, ...more })}\n`);
    });
  return {
    partitions: (topic, keys) => ask("partitions", { topic, keys }),
    write: (to, messages) => ask("write", { ...to, messages }),
    read: (from, subscription, count) => ask("read", { ...from, subscription, count }),
  };
};

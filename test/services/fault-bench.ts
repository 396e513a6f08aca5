import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AggregateDefinition, createProducer, type EventDefinition } from "../../src/runtime/index.js";
import { createWebSocketClient } from "../../src/runtime/websocket/index.js";
import type { Broker } from "./broker.js";

const child = fileURLToPath(new URL("fault-child.mjs", import.meta.url));

interface Model {
  readonly counter: (versions: number, at: string) => AggregateDefinition;
}

/** How a process of the consumer is started; see fault-child.mjs. */
export interface ChildOptions {
  readonly type?: "failover" | "key_shared" | "exclusive";
  /** The step at which it is killed. */
  readonly kill?: string;
  readonly knows?: 1 | 2;
  /** Milliseconds that its clock is off. */
  readonly offset?: number;
  readonly sync?: boolean;
  readonly mended?: boolean;
  readonly serviceUrl?: string;
}

/** A topic, processes that consume it, a file that holds their effects, and what was published. */
export const createBench = async (broker: Broker, namespace: string) => {
  const folder = mkdtempSync(join(tmpdir(), "evgen-faults-"));
  for (const file of ["effects", "notices"]) writeFileSync(join(folder, file), "");
  const name = randomUUID();
  const topic = `persistent://${namespace}/${name}`;
  await broker.rest("PUT", `persistent/${namespace}/${name}/partitions`, 4);
  const client = createWebSocketClient({ serviceUrl: broker.webSocketUrl, adminUrl: broker.adminUrl });
  const { counter } = (await import("./fault-model.mjs" as string)) as Model;
  const published = new Map<string, number>();
  const children = new Set<ChildProcess>();
  const opened: { close(): Promise<void> }[] = [];
  let supervising = true;
  let deaths = 0;

  const producerOf = async (version: 1 | 2) => {
    const aggregate = counter(version, topic);
    const renamed = aggregate.events[0] as EventDefinition<"Renamed", { name: string }>;
    const producer = await createProducer(client, aggregate, { renamed }, { sendTimeout: 120_000, telemetry: false });
    opened.push(producer);
    return producer;
  };

  const start = (options: ChildOptions = {}): ChildProcess => {
    const { webSocketUrl: serviceUrl, adminUrl } = broker;
    const all = { serviceUrl, adminUrl, ...options, folder };
    const one = spawn(process.execPath, [child, JSON.stringify(all)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, FAULT_TOPIC: topic },
    });
    children.add(one);
    one.once("exit", () => children.delete(one));
    return one;
  };

  const effects = (): readonly string[] => readFileSync(join(folder, "effects"), "utf8").split("\n").slice(0, -1);

  return {
    topic,
    folder,
    start,
    effects,
    get deaths() {
      return deaths;
    },
    /** Kills one of the processes. */
    killOne: () => [...children].at(0)?.kill("SIGKILL"),
    /** Ends the processes gracefully, and starts none any more. */
    stopSupervising: async () => {
      supervising = false;
      const gone = [...children].map((one) => new Promise((resolve) => one.once("exit", resolve)));
      for (const one of children) one.kill("SIGTERM");
      await Promise.all(gone);
    },
    /** Starts a process, and another one whenever it has ended by a signal. */
    supervise: (options: ChildOptions = {}): void => {
      const again = () => {
        start(options).once("exit", (_code, signal) => {
          if (signal === "SIGKILL" && supervising) deaths++;
          if (supervising) again();
        });
      };
      again();
    },
    ready: (one: ChildProcess) => new Promise<void>((resolve) => one.once("message", () => resolve())),
    /** Asks a process for a redrive. */
    redrive: (one: ChildProcess, keys: readonly string[] | "all" = "all") =>
      new Promise<{ resolved: number; failed: number }>((resolve) => {
        one.once("message", (done) => resolve(done as { resolved: number; failed: number }));
        one.send(keys as never);
      }),
    end: (one: ChildProcess, signal: NodeJS.Signals = "SIGTERM") =>
      new Promise<number | NodeJS.Signals | null>((resolve) => {
        one.once("exit", (code, by) => resolve(code ?? by));
        one.kill(signal);
      }),
    /** Publishes events of keys, with their numbers; `text` says what is in them. */
    publisher: async (version: 1 | 2 = 1) => {
      const producer = await producerOf(version);
      return async (key: string, text = "") => {
        const sequence = (published.get(key) ?? 0) + 1;
        published.set(key, sequence);
        await producer.renamed(key, { name: text }, { id: `${key}.${sequence}`, sequence });
      };
    },
    published,
    /** Resolves when there are so many effects. */
    until: async (count: number | (() => boolean), seconds = 120): Promise<void> => {
      const reached = typeof count === "number" ? () => effects().length >= count : count;
      for (let i = 0; i < seconds * 10 && !reached(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
      if (reached()) return;
      const notices = readFileSync(join(folder, "notices"), "utf8").slice(-2000);
      throw new Error(`it did not come to be within ${seconds} s: ${effects().length} effects\n${notices}`);
    },
    wasKilled: (step: string) => existsSync(join(folder, `killed-${step}`)),
    /** Resolves when so many events are parked and nothing else is left to do on the dead-letter topic. */
    untilParked: async (count: number): Promise<void> => {
      let seen: number | undefined;
      // Marks come and go: what is said a few times in a row stays.
      for (let i = 0, times = 0; i < 600; i++) {
        const stats = (await broker.rest("GET", `persistent/${namespace}/${name}-s-dlq/stats`)) as {
          subscriptions: { [name: string]: { msgBacklog: number } };
        };
        seen = stats.subscriptions["evgen-dlq"]?.msgBacklog;
        times = seen === count ? times + 1 : 0;
        if (times === 5) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`${seen} messages are left on the dead-letter topic, not ${count}`);
    },
    /** Unloads the topic, as a broker does that shares its load. */
    unload: () => broker.rest("PUT", `persistent/${namespace}/${name}/unload`),
    close: async () => {
      supervising = false;
      const gone = [...children].map((one) => new Promise((resolve) => one.once("exit", resolve)));
      for (const one of children) one.kill("SIGKILL");
      await Promise.all(gone);
      await Promise.allSettled(opened.map((one) => one.close()));
      await client.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export type Bench = Awaited<ReturnType<typeof createBench>>;

/** What came of what was published: each event once, each key in order; else what differs. */
export const account = ({ effects, published }: Bench) => {
  const seen = new Map<string, number>();
  let twice = 0;
  let disordered = 0;
  for (const line of effects()) {
    const [key = "", sequence] = line.split(" ");
    const before = seen.get(key) ?? 0;
    if (Number(sequence) <= before) twice++;
    else if (Number(sequence) > before + 1) disordered++;
    seen.set(key, Math.max(before, Number(sequence)));
  }
  let lost = 0;
  for (const [key, count] of published) lost += count - (seen.get(key) ?? 0);
  return { effects: effects().length, twice, disordered, lost };
};

/** A proxy that cuts what goes through it, in the middle of a message. */
export const createProxy = async (port: number) => {
  const sockets = new Set<Socket>();
  let cut = Number.POSITIVE_INFINITY;
  let cuts = 0;
  const server: Server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const one of [near, far]) {
      sockets.add(one);
      one.on("error", () => {});
      one.once("close", () => {
        sockets.delete(one);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.on("data", (data) => {
      cut -= data.length;
      if (cut > 0) {
        near.write(data);
        return;
      }
      // Half of what came still goes through.
      cuts++;
      cut = Number.POSITIVE_INFINITY;
      near.write(data.subarray(0, Math.floor(data.length / 2)), () => {
        for (const one of sockets) one.destroy();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" ? (address?.port ?? 0) : 0,
    /** All connections are cut when so many more bytes have come from the broker. */
    cutAfter: (bytes: number) => {
      cut = bytes;
    },
    get cuts() {
      return cuts;
    },
    close: () => {
      for (const one of sockets) one.destroy();
      server.close();
    },
  };
};

// A consumer as somebody would run it, which ends itself where it is told to. Its effects are lines of a file that has a
// lock: a database with one table, whose constraint is that a stream has no number twice and leaves none out.
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createConsumer, stopOnSignals } from "evgen/runtime";
import { createWebSocketClient } from "evgen/websocket";
import { counter, deadLetterTopic, topic } from "./fault-model.mjs";

const options = JSON.parse(process.argv[2]);
const { folder, serviceUrl, adminUrl, type = "failover", knows = 1, offset = 0, sync = true, mended = false } = options;
const table = `${folder}/effects`;

/** Ends the process, once for each step. */
const die = (step) => {
  if (options.kill !== step || existsSync(`${folder}/killed-${step}`)) return;
  writeFileSync(`${folder}/killed-${step}`, "");
  process.kill(process.pid, "SIGKILL");
  // The signal takes its time, and nothing may happen in it.
  for (;;);
};

const locked = (action) => {
  const lock = `${folder}/lock`;
  for (;;) {
    try {
      // A link says whose it is from its first moment on.
      symlinkSync(String(process.pid), lock);
      break;
    } catch {
      // One that died has left it.
      try {
        process.kill(Number(readlinkSync(lock)), 0);
      } catch (error) {
        if (error.code === "ESRCH") rmSync(lock, { force: true });
      }
    }
  }
  try {
    return action();
  } finally {
    rmSync(lock, { force: true });
  }
};

const last = new Map();
let read = 0;
/** What this process and all others have written. */
const refresh = () => {
  const text = readFileSync(table, "utf8");
  for (const line of text.slice(read).split("\n").slice(0, -1)) {
    const [key, sequence] = line.split(" ");
    last.set(key, Number(sequence));
  }
  read = text.lastIndexOf("\n") + 1;
};
const append = (mark) =>
  locked(() => {
    const key = mark.stream.split(" ")[1];
    refresh();
    const before = last.get(key) ?? 0;
    if (mark.sequence <= before) return;
    if (mark.sequence > before + 1) throw new Error(`${before + 1} of ${key} is missing`);
    const file = openSync(table, "a");
    writeSync(file, `${key} ${mark.sequence} ${mark.id}\n`);
    if (sync) fsyncSync(file);
    closeSync(file);
  });

const guard = {
  read: async ({ stream }) => {
    locked(refresh);
    return { last: last.get(stream.split(" ")[1]), seen: false };
  },
  write: async (mark) => {
    die("before-guard");
    append(mark);
    die("after-guard");
  },
};

const plain = createWebSocketClient({ serviceUrl, adminUrl, pingInterval: 1000 });
const bound = (target, replaced) =>
  new Proxy(target, {
    get: (_, name) => {
      if (name in replaced) return replaced[name];
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
/** The real client, with a knife between its steps. */
const client = bound(plain, {
  subscribe: async (config) => {
    const consumer = await plain.subscribe(config);
    if (config.topic !== topic.url) return consumer;
    let acknowledged = 0;
    return bound(consumer, {
      receive: async () => {
        const message = await consumer.receive();
        if (acknowledged > 20) die("received");
        return message;
      },
      acknowledge: async (message) => {
        if (++acknowledged > 20) die("before-acknowledge");
        await consumer.acknowledge(message);
        if (acknowledged > 20) die("after-acknowledge");
        return null;
      },
    });
  },
  createProducer: async (config) => {
    const producer = await plain.createProducer(config);
    return bound(producer, {
      send: async (message) => {
        const kind = message.properties.evgen_mark ?? "parked";
        die(`before-${kind}`);
        const id = await producer.send(message);
        die(`after-${kind}`);
        return id;
      },
    });
  },
});

const consumer = await createConsumer(client, [counter(knows)], {
  subscription: "s",
  deadLetterTopic,
  type,
  guard,
  retry: { attempts: 2, minBackoff: 50, maxBackoff: 50 },
  maxParkedKeys: 1000,
  onNotice: ({ kind, header, reason, error }) => {
    if (kind === "handled" || kind === "duplicate") return;
    appendFileSync(`${folder}/notices`, `${process.pid} ${kind} ${header?.id} ${reason ?? ""} ${error ?? ""}\n`);
  },
  clock: {
    now: () => Date.now() + offset,
    after: (milliseconds, callback) => {
      const timer = setTimeout(callback, milliseconds);
      return () => clearTimeout(timer);
    },
  },
  handlers: {
    async Renamed(event, { mark }) {
      if (event.sequence > 5) die("before-effect");
      if (event.data.name === "slow") await new Promise((resolve) => setTimeout(resolve, 100));
      if (event.data.name === "poison" && !mended) throw new Error("poison");
      if (event.data.name === "deadly" && !mended) process.kill(process.pid, "SIGKILL");
      append(mark);
      if (event.sequence > 5) die("after-effect");
    },
  },
});
stopOnSignals(consumer, { close: () => plain.close() });
process.on("message", (keys) => {
  consumer.redrive(keys === "all" ? {} : { keys }).then((done) => process.send(done));
});
process.send?.("ready");

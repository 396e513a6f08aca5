import { sleep } from "./clock.js";
import type { Decoded } from "./codec.js";
import type { Engine } from "./engine-state.js";
import { handleDecoded, markOf, notify, patiently } from "./handling.js";
import { type Entry, markProperties, parkedId, parkingProperties, type RedriveRequest, topicOf } from "./logbook.js";
import { createSlots } from "./slots.js";
import type { Source } from "./sources.js";
import { nextOf, openReader } from "./tail.js";
import type { ConsumerClient, Message, MessageId, TransportConsumer } from "./transport.js";

/** The subscription of every dead-letter topic: what it has not acknowledged is parked, or asked for. */
const deadLetterSubscription = "evgen-dlq";

/**
 * Does what is asked for in the dead-letter topic. Of all processes of a consumer one does, the active one of a failover
 * subscription; when it ends, the next one goes on where it was. It acknowledges there what is over.
 */
export const startRedriver = (engine: Engine, client: ConsumerClient): void => {
  void (async () => {
    const { signal } = engine.abort;
    for (let failures = 0; !signal.aborted; failures++) {
      let transport: TransportConsumer | undefined;
      try {
        transport = await client.subscribe({
          topic: engine.options.subscription.deadLetterTopic,
          subscription: deadLetterSubscription,
          subscriptionType: "Failover",
          subscriptionInitialPosition: "Earliest",
          receiverQueueSize: 1000,
        });
        const close = transport.close.bind(transport);
        const ended = () => void close().catch(() => null);
        if (signal.aborted) return ended();
        signal.addEventListener("abort", ended, { once: true });
        for (const lead = leader(engine, client, transport); ; failures = 0) await lead(await transport.receive());
      } catch (error) {
        if (signal.aborted) return;
        await transport?.close().catch(() => null);
        notify(engine, { kind: "dead-letter-topic-lost", while: "subscribing", error });
        await sleep(engine.clock, Math.min(60_000, 1000 * 2 ** failures), signal).catch(() => {});
      }
    }
  })();
};

/** What the active one does with each message of the dead-letter topic. */
const leader = (engine: Engine, client: ConsumerClient, transport: TransportConsumer) => {
  const { parking, options } = engine;
  /** Every copy of what is parked. */
  const copies = new Map<string, MessageId[]>();
  let busy: Promise<void> = Promise.resolve();
  const over = async (id: string) => {
    for (const copy of copies.get(id) ?? []) await transport.acknowledgeId(copy);
    copies.delete(id);
  };
  const sweep = async () => {
    for (const id of copies.keys()) if (!parking.logbook.has(id)) await over(id);
  };

  return async (message: Message): Promise<void> => {
    const properties = message.getProperties();
    const owner = properties[markProperties.consumer];
    const kind = properties[markProperties.mark];
    if (owner !== undefined && owner !== options.name) return;
    if (kind === undefined) {
      const id = parkedId(message, properties);
      copies.set(id, [...(copies.get(id) ?? []), message.getMessageId()]);
      return;
    }
    if (kind === "redrive") {
      const request = properties[markProperties.request] ?? "";
      busy = busy
        .then(async () => {
          if (!(await serve(engine, client, request))) return;
          await sweep();
          await transport.acknowledgeId(message.getMessageId());
        })
        .catch((error) => {
          if (!engine.abort.signal.aborted) notify(engine, { kind: "dead-letter-topic-lost", while: "reading", error });
        });
      return;
    }
    if (kind === "resolved") await over(properties[markProperties.parked] ?? "");
    await transport.acknowledgeId(message.getMessageId());
  };
};

/** Does what a request asks for; whether it is done. */
const serve = async (engine: Engine, client: ConsumerClient, id: string): Promise<boolean> => {
  const { parking, crashes } = engine;
  const { logbook } = parking;
  const take = () => parking.catchUp("taken", { request: id, run: crashes.run });
  const progress: Progress = { finished: new Set(), stuck: new Set(), resolved: 0 };
  await take();
  const request = logbook.requests.get(id);
  // One that is done is forgotten.
  if (request === undefined) return true;
  for (let pass = choose(engine, request, progress); pass.size > 0; pass = choose(engine, request, progress)) {
    const found = await collect(engine, client, pass);
    const lanes = createSlots(Math.min(32, engine.options.settings.maxInFlight ?? 256));
    await Promise.all(
      [...found].map(async ([lane, messages]) => {
        if (!lanes.take()) await lanes.wait();
        try {
          await redriveLane(engine, request, lane, messages, progress);
        } finally {
          lanes.free();
        }
      }),
    );
    if (engine.abort.signal.aborted) return false;
    // Until what was parked in the meantime is known too: the key goes on only when nothing of it is left.
    await take();
  }
  const { resolved, stuck } = progress;
  await parking.mark("redriven", {
    request: id,
    run: crashes.run,
    resolved: String(resolved),
    failed: String(stuck.size),
  });
  notify(engine, { kind: "redriven", resolved, failed: stuck.size });
  return true;
};

interface Progress {
  readonly finished: Set<string>;
  /** Lanes that go no further. */
  readonly stuck: Set<string>;
  resolved: number;
}

/** How many messages are held in memory at a time; a key that has more is held as a whole. */
const mostHeld = 10_000;

const choose = (engine: Engine, request: RedriveRequest, { finished, stuck }: Progress): Map<string, Entry> => {
  const chosen = new Map<string, Entry>();
  for (const [lane, entries] of engine.parking.logbook.lanes) {
    if (stuck.has(lane)) continue;
    if (chosen.size > 0 && chosen.size + entries.size > mostHeld) break;
    for (const entry of entries.values()) {
      if (finished.has(entry.id) || request.keys?.has(entry.key) === false) continue;
      chosen.set(entry.id, entry);
    }
  }
  return chosen;
};

/** Reads parked messages, by their lanes. */
const collect = async (
  engine: Engine,
  client: ConsumerClient,
  wanted: ReadonlyMap<string, Entry>,
): Promise<Map<string, Message[]>> => {
  let first: Entry | undefined;
  for (const entry of wanted.values()) if (first === undefined || entry.order < first.order) first = entry;
  const found = new Map<string, Message[]>();
  const missing = new Map(wanted);
  const reader = await openReader(client, engine.options.subscription.deadLetterTopic, first?.before);
  const stop = () => void reader.close().catch(() => null);
  engine.abort.signal.addEventListener("abort", stop, { once: true });
  try {
    while (missing.size > 0) {
      const message = await nextOf(client, reader, engine.clock, engine.abort.signal);
      if (message === undefined) break;
      const entry = missing.get(parkedId(message));
      if (entry === undefined || message.getProperties()[markProperties.mark] !== undefined) continue;
      missing.delete(entry.id);
      const lane = found.get(entry.lane);
      if (lane === undefined) found.set(entry.lane, [message]);
      else lane.push(message);
    }
  } finally {
    engine.abort.signal.removeEventListener("abort", stop);
    if (!engine.abort.signal.aborted) await reader.close().catch(() => null);
  }
  return found;
};

/** Handles the events of a key again, in their order, up to the first that fails. */
const redriveLane = async (
  engine: Engine,
  request: RedriveRequest,
  lane: string,
  messages: readonly Message[],
  progress: Progress,
): Promise<void> => {
  const { parking, crashes, abort } = engine;
  // One that was taken up before was not finished: perhaps an event of it ends the process.
  const careful = request.takenBy.size > 1;
  const { run } = crashes;
  for (const { message, source, decoded } of inOrder(engine, messages)) {
    if (abort.signal.aborted) return;
    const parked = parkedId(message);
    const fail = async (error: string) => {
      progress.stuck.add(lane);
      await parking.mark("failed", { request: request.id, run, parked, error: error.slice(0, 1000) });
    };
    if (source === undefined) return fail(`this process does not consume ${topicOf(message.getProperties())}`);
    if (careful) {
      if (request.tried.has(parked)) return fail("the process has ended while it was handled again");
      await parking.mark("trying", { request: request.id, run, parked });
    }
    const trial = { source, message, first: 1, redelivers: false, pause: patiently(engine) };
    const outcome = await handleDecoded(engine, decoded, trial);
    if (outcome.kind === "unable") return fail(outcome.error);
    if (outcome.kind !== "done") return;
    await parking.mark("resolved", { request: request.id, run, parked, ...handledOf(engine, decoded, source) });
    progress.finished.add(parked);
    progress.resolved++;
  }
};

/** What all processes of the consumer are to remember. */
const handledOf = (engine: Engine, { header }: Decoded, source: Source) => {
  if (header === undefined) return {};
  const { stream, id, sequence } = markOf(engine, header, source);
  return { stream, event: id, ...(sequence === undefined ? {} : { sequence: String(sequence) }) };
};

interface Again {
  readonly message: Message;
  readonly source: Source | undefined;
  readonly decoded: Decoded;
}

/** As they were parked; by sequence where one was parked since others were missing before it. */
const inOrder = (engine: Engine, messages: readonly Message[]): readonly Again[] => {
  const all = messages.map((message) => {
    const topic = topicOf(message.getProperties());
    const source = engine.sources.find((one) => one.topic === topic) ?? (topic === "" ? engine.sources[0] : undefined);
    const decoded = source?.codec.decode(message) ?? nothing;
    return { message, source, decoded };
  });
  if (!messages.some((message) => message.getProperties()[parkingProperties.reason] === "gap")) return all;
  return all.toSorted((a, b) => (a.decoded.header?.sequence ?? 0) - (b.decoded.header?.sequence ?? 0));
};

const nothing: Decoded = { kind: "invalid", header: undefined, reason: "", problems: [] };

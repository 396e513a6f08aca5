import { sleep } from "./clock.js";
import type { Decoded } from "./codec.js";
import type { Consumer, ConsumerNotice } from "./consumer.js";
import type { Event, EventHeader } from "./definitions.js";
import { createEngine, type Engine, type EngineOptions, type Job } from "./engine-state.js";
import { AlreadyClosed, ConsumerHalted, messageOf } from "./errors.js";
import type { ParkingReason } from "./parking.js";
import type { Source } from "./sources.js";
import type { ConsumerClient, Message } from "./transport.js";

/**
 * Subscribes and handles: in order per key, several keys at once. A failing event is retried, then parked with all later
 * ones of its key; other keys go on. On a `shared` subscription, which has no order, the broker redelivers and parks.
 */
export const startEngine = async (client: ConsumerClient, options: EngineOptions): Promise<Consumer> => {
  const engine = await createEngine(client, options, work, done);
  for (const source of engine.sources) void receive(engine, source);
  return consumerOf(engine);
};

const consumerOf = (engine: Engine): Consumer => ({
  name: engine.options.name,
  close: () => stop(engine, undefined),
  closed: engine.ended.promise,
  whenCaughtUp: ({ quiet = 1000 } = {}) => whenCaughtUp(engine, quiet),
  parkedKeys: engine.parkedKeys,
  get counts() {
    return { ...engine.counts, inFlight: engine.jobs };
  },
});

const receive = async (engine: Engine, source: Source): Promise<void> => {
  let failures = 0;
  while (engine.stopping === undefined) {
    try {
      const message = await source.transport.receive();
      failures = 0;
      engine.arrived = engine.clock.now();
      // Only now: a topic where nothing comes must not keep a slot from the others.
      if (!engine.slots.take()) await engine.slots.wait();
      // What arrives while it stops is left for the next consumer.
      if (engine.stopping === undefined) enqueue(engine, source, message);
      else engine.slots.free();
    } catch (error) {
      if (engine.stopping !== undefined) return;
      if (++failures > 5 || messageOf(error).includes("AlreadyClosed")) {
        return halt(engine, `messages cannot be received: ${messageOf(error)}`, error);
      }
      await sleep(engine.clock, 100 * 2 ** failures, engine.abort.signal).catch(() => {});
    }
  }
};

const done = (engine: Engine): void => {
  engine.jobs--;
  engine.slots.free();
  if (engine.jobs === 0) for (const callback of engine.idle.splice(0)) callback();
};

let unordered = 0;

const enqueue = (engine: Engine, source: Source, message: Message): void => {
  const key = message.getPartitionKey();
  // Without order each message is a lane of its own; so is one without a key, which follows nothing.
  const lane = engine.ordered && key !== "" ? `${source.topic} ${key}` : `${unordered++}`;
  engine.jobs++;
  engine.lanes.add(lane, { source, message, key, lane });
};

const work = async (engine: Engine, job: Job): Promise<void> => {
  try {
    if (engine.stopping === undefined) await handle(engine, job);
  } catch (error) {
    if (engine.stopping === undefined) halt(engine, messageOf(error), error);
  } finally {
    done(engine);
  }
};

const handle = async (engine: Engine, job: Job): Promise<void> => {
  const decoded = job.source.codec.decode(job.message);
  if (decoded.kind === "other-aggregate") return acknowledge(engine, job, decoded.header);
  if (decoded.kind === "unwanted") return handleEvents(engine, job, decoded.header, [], false);
  if (engine.parkedLanes.has(job.lane)) {
    return park(engine, job, decoded.header, "blocked", "an earlier event of this key is parked");
  }
  switch (decoded.kind) {
    case "unknown-type":
    case "newer-version":
      return newer(engine, job, decoded);
    case "invalid":
      return parkKey(engine, job, decoded.header, "invalid", decoded.reason, 1);
    case "events":
      return handleEvents(engine, job, decoded.header, decoded.events, decoded.upcast);
  }
};

const newer = (
  engine: Engine,
  job: Job,
  decoded: Extract<Decoded, { kind: "unknown-type" | "newer-version" }>,
): Promise<void> => {
  const { header, kind, reason } = decoded;
  switch (engine.options.subscription.newer) {
    case "skip":
      engine.counts.skipped++;
      notify(engine, { kind: "skipped", header, reason });
      return acknowledge(engine, job, header);
    case "halt":
      halt(engine, reason);
      return Promise.resolve();
    case "park":
      return parkKey(engine, job, header, kind, reason, 1);
  }
};

const handleEvents = async (
  engine: Engine,
  job: Job,
  header: EventHeader,
  parts: readonly Event[],
  upcast: boolean,
): Promise<void> => {
  const stream = `${engine.aggregateOf.get(header.type)} ${header.aggregateId}`;
  const verdict = engine.guard.judge(stream, header);
  if (verdict === "duplicate") return duplicate(engine, job, header);
  if (verdict === "gap") {
    engine.counts.gaps++;
    notify(engine, { kind: "gap", header });
  }
  if (parts.length === 0) {
    engine.counts.skipped++;
  } else if (!(await attempts(engine, job, parts, header))) {
    return;
  } else if (upcast) {
    engine.counts.upcasts++;
  }
  engine.guard.remember(stream, header);
  await acknowledge(engine, job, header);
};

const duplicate = (engine: Engine, job: Job, header: EventHeader): Promise<void> => {
  engine.counts.duplicates++;
  notify(engine, { kind: "duplicate", header });
  return acknowledge(engine, job, header);
};

/** Whether the event was handled; else it has been parked, given back, or left for later. */
const attempts = async (engine: Engine, job: Job, parts: readonly Event[], header: EventHeader): Promise<boolean> => {
  const { retry } = engine.options.subscription;
  const { signal } = engine.abort;
  const first = engine.ordered ? 1 : job.message.getRedeliveryCount() + 1;
  for (let attempt = first; ; attempt++) {
    let outcome: "duplicate" | undefined;
    try {
      outcome = await engine.options.handle(parts, header, { signal, attempt });
    } catch (error) {
      // A handler that gives up because it is told to stop has not failed.
      if (signal.aborted) return false;
      engine.counts.failed++;
      notify(engine, { kind: "failed", header, attempt, error });
      // A broker redelivers at least once, which is too often where one attempt is all there is.
      if (!engine.ordered && retry.attempts > 1) {
        job.source.transport.negativeAcknowledge(job.message);
        return false;
      }
      if (attempt >= retry.attempts) {
        await parkKey(engine, job, header, "failed", messageOf(error), attempt);
        return false;
      }
      const backoff = Math.min(retry.maxBackoff, retry.minBackoff * 2 ** (attempt - 1));
      await sleep(engine.clock, backoff, signal).catch(() => {});
      if (signal.aborted) return false;
      continue;
    }
    if (outcome === "duplicate") engine.counts.duplicates++;
    else engine.counts.handled++;
    notify(engine, outcome === "duplicate" ? { kind: "duplicate", header } : { kind: "handled", header, attempt });
    return true;
  }
};

/** Parks an event, and from now on all later ones of its key: a stream with a hole in it is worse than one that waits. */
const parkKey = async (
  engine: Engine,
  job: Job,
  header: EventHeader | undefined,
  reason: ParkingReason,
  error: string,
  attempt: number,
): Promise<void> => {
  const most = engine.options.settings.maxParkedKeys ?? 100;
  if (engine.ordered && job.key !== "") {
    if (!engine.parkedLanes.has(job.lane) && engine.parkedLanes.size >= most) {
      return halt(engine, `more than ${most} keys would be parked; the last one, "${job.key}": ${error}`);
    }
    engine.parkedLanes.add(job.lane);
    engine.parkedKeys.add(job.key);
  }
  await park(engine, job, header, reason, error, attempt);
};

const park = async (
  engine: Engine,
  job: Job,
  header: EventHeader | undefined,
  reason: ParkingReason,
  error: string,
  attempt = 0,
): Promise<void> => {
  try {
    await engine.parking.park(job.message, reason, error, attempt);
  } catch (failure) {
    const { deadLetterTopic } = engine.options.subscription;
    return halt(engine, `an event cannot be parked in ${deadLetterTopic}: ${messageOf(failure)}`, failure);
  }
  engine.counts.parked++;
  notify(engine, { kind: "parked", header, key: job.key, reason, error });
  await acknowledge(engine, job, header);
};

const acknowledge = async (engine: Engine, job: Job, header: EventHeader | undefined): Promise<void> => {
  try {
    await job.source.transport.acknowledge(job.message);
  } catch (error) {
    // It will be delivered again, and be noticed as a duplicate.
    notify(engine, { kind: "acknowledgement-failed", header, error });
  }
};

const notify = (engine: Engine, notice: ConsumerNotice): void => engine.options.settings.onNotice?.(notice);

const halt = (engine: Engine, reason: string, cause?: unknown): void => {
  // Its outcome is that of `closed`, where it is looked for.
  void stop(engine, new ConsumerHalted(engine.options.name, reason, cause));
};

const stop = (engine: Engine, failure: ConsumerHalted | undefined): Promise<void> => {
  engine.stopping ??= (async () => {
    // Later, so that `stopping` is set before anything that looks at it runs.
    await Promise.resolve();
    engine.abort.abort(failure ?? new AlreadyClosed(`${engine.options.name} was closed`));
    engine.lanes.clear();
    await whenIdle(engine, engine.options.settings.closeTimeout ?? 30_000);
    await Promise.allSettled(engine.sources.map(({ transport }) => transport.close()));
    await engine.parking.close().catch(() => {});
    for (const end of [engine.ended, engine.over]) {
      if (failure === undefined) end.resolve();
      else end.reject(failure);
    }
  })();
  return engine.stopping;
};

/** When no handler runs, or after the time. */
const whenIdle = async (engine: Engine, timeout: number): Promise<void> => {
  if (engine.jobs === 0) return;
  await new Promise<void>((resolve) => {
    const cancel = engine.clock.after(timeout, resolve);
    engine.idle.push(() => {
      cancel();
      resolve();
    });
  });
};

const whenCaughtUp = async (engine: Engine, quiet: number): Promise<void> => {
  const caughtUp = async () => {
    for (const { transport } of engine.sources) await (transport.whenDrained?.() ?? whenQuiet(engine, quiet));
    if (engine.jobs > 0) await new Promise<void>((resolve) => engine.idle.push(resolve));
  };
  // When it stops, how it ended is the answer.
  const { signal } = engine.abort;
  await Promise.race([
    caughtUp().catch((error) => (signal.aborted ? engine.over.promise : Promise.reject(error))),
    engine.over.promise,
  ]);
};

const whenQuiet = async (engine: Engine, quiet: number): Promise<void> => {
  for (;;) {
    const since = engine.clock.now() - engine.arrived;
    if (engine.jobs === 0 && since >= quiet) return;
    await sleep(engine.clock, engine.jobs > 0 ? quiet : quiet - since, engine.abort.signal);
  }
};

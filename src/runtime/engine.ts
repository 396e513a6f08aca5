import { sleep } from "./clock.js";
import type { Consumer, Redriven } from "./consumer.js";
import { acknowledge, halt, stop, whenCaughtUp } from "./engine-end.js";
import { createEngine, type Engine, type EngineOptions, type Job } from "./engine-state.js";
import { messageOf } from "./errors.js";
import { handleDecoded, notify, type Outcome, patiently, type Trial } from "./handling.js";
import { newId } from "./ids.js";
import { laneOf, originOf, type ParkingReason } from "./logbook.js";
import { startRedriver } from "./redrive.js";
import type { Source } from "./sources.js";
import type { ConsumerClient, Message } from "./transport.js";

/**
 * Subscribes and handles: in order per key, several keys at once. A failing event is retried, then parked with all later
 * ones of its key; other keys go on. On a `shared` subscription, which has no order, the broker redelivers and parks.
 */
export const startEngine = async (client: ConsumerClient, options: EngineOptions): Promise<Consumer> => {
  const engine = await createEngine(client, options, work, done);
  for (const source of engine.sources) void receive(engine, source);
  startRedriver(engine, client);
  return consumerOf(engine);
};

const consumerOf = (engine: Engine): Consumer => ({
  name: engine.options.name,
  close: () => stop(engine, undefined),
  closed: engine.ended.promise,
  whenCaughtUp: ({ quiet = 1000 } = {}) => whenCaughtUp(engine, quiet),
  redrive: ({ keys } = {}) => redrive(engine, keys),
  parkedKeys: engine.parking.logbook.keys,
  get counts() {
    return { ...engine.counts, inFlight: engine.jobs };
  },
});

const redrive = async (engine: Engine, keys: readonly string[] | undefined): Promise<Redriven> => {
  const request = newId();
  const redriven = new Promise<Redriven>((resolve) => {
    engine.redrives.set(request, ({ resolved, failed }) => {
      resolve({ resolved: Number(resolved), failed: Number(failed) });
    });
  });
  try {
    await engine.parking.mark("redrive", { request, ...(keys === undefined ? {} : { keys: JSON.stringify(keys) }) });
    await Promise.race([redriven, engine.over.promise]);
    return await redriven;
  } finally {
    engine.redrives.delete(request);
  }
};

const receive = async (engine: Engine, source: Source): Promise<void> => {
  let failures = 0;
  while (engine.stopping === undefined) {
    try {
      const message = await source.transport.receive();
      failures = 0;
      engine.arrived = engine.clock.now();
      const job = jobOf(engine, source, message);
      // Only now: a topic where nothing comes must not keep a slot from the others.
      if (!joinSleeper(engine, job)) {
        if (!engine.slots.take()) await engine.slots.wait();
        job.slot = true;
      }
      engine.jobs++;
      // What arrives while it stops is left for the next consumer.
      if (engine.stopping === undefined) engine.lanes.add(job.lane, job);
      else done(engine, job);
    } catch (error) {
      if (engine.stopping !== undefined) return;
      if (++failures > 5 || messageOf(error).includes("AlreadyClosed")) {
        return halt(engine, `messages cannot be received: ${messageOf(error)}`, error);
      }
      await sleep(engine.clock, 100 * 2 ** failures, engine.abort.signal).catch(() => {});
    }
  }
};

let unordered = 0;

const jobOf = (engine: Engine, source: Source, message: Message): Job => {
  const key = message.getPartitionKey();
  // Without order each message is a lane of its own; so is one without a key, which follows nothing.
  const lane = engine.ordered && key !== "" ? laneOf(source.topic, key) : `${unordered++}`;
  return { source, message, key, lane, slot: false };
};

/** Whether a message waits behind one that pauses: then it keeps no slot from the messages of other keys. */
const joinSleeper = (engine: Engine, job: Job): boolean => {
  const sleeper = engine.asleep.get(job.lane);
  const most = engine.options.settings.maxWaitingPerKey ?? 1000;
  if (sleeper === undefined || engine.waiting >= 10 * most) return false;
  sleeper.behind++;
  engine.waiting++;
  if (sleeper.behind > most) sleeper.giveUp();
  return true;
};

const done = (engine: Engine, job: Job): void => {
  engine.jobs--;
  if (job.slot) engine.slots.free();
  else engine.waiting--;
  if (engine.jobs === 0) for (const callback of engine.idle.splice(0)) callback();
};

const work = async (engine: Engine, job: Job): Promise<void> => {
  try {
    engine.newest = job.message;
    if (engine.stopping === undefined) await handle(engine, job);
  } catch (error) {
    if (engine.stopping === undefined) halt(engine, messageOf(error), error);
  } finally {
    done(engine, job);
  }
};

const handle = async (engine: Engine, job: Job): Promise<void> => {
  // Mostly so; then the id of the message, which a transport may have to decode first, need not be asked for.
  if (engine.parking.knowsNone() && engine.crashes.isCalm()) return handleInTurn(engine, job, noTurn);
  const id = originOf(job.message);
  // It was parked, and the process ended before it could be acknowledged.
  if (engine.parking.knows(id)) return acknowledge(engine, job, undefined);
  const crashes = engine.crashes.crashesOf(id);
  if (crashes >= (engine.options.settings.maxCrashes ?? 2)) {
    const error = `the process has ended ${crashes} times while it was handled`;
    return parkKey(engine, job, undefined, "crashed", error, crashes);
  }
  const leave = await engine.crashes.enter(id);
  try {
    if (engine.stopping === undefined) await handleInTurn(engine, job, leave);
  } finally {
    leave();
  }
};

const noTurn = (): void => {};

const handleInTurn = async (engine: Engine, job: Job, leave: () => void): Promise<void> => {
  const decoded = job.source.codec.decode(job.message);
  const { header } = decoded;
  if (decoded.kind === "other-aggregate") return acknowledge(engine, job, header);
  // What nobody wants is passed over, unless the stream would have a hole when the ones before it are redriven.
  const passed = decoded.kind === "unwanted" && decoded.header.sequence === undefined;
  if (!passed && engine.parking.isParked(job.lane)) {
    return park(engine, job, header, "blocked", "an earlier event of this key is parked", 0);
  }
  if (decoded.kind === "unknown-type" || decoded.kind === "newer-version") {
    const { newer } = engine.options.subscription;
    if (newer === "halt") return halt(engine, decoded.reason);
    if (newer === "skip") {
      notify(engine, { kind: "skipped", header: decoded.header, reason: decoded.reason });
      const skipped = { kind: "unwanted", header: decoded.header } as const;
      await handleDecoded(engine, skipped, trialOf(engine, job, leave));
      return acknowledge(engine, job, header);
    }
  }
  const outcome = await handleDecoded(engine, decoded, trialOf(engine, job, leave));
  return settle(engine, job, header, outcome);
};

const settle = (
  engine: Engine,
  job: Job,
  header: ReturnType<Source["codec"]["decode"]>["header"],
  outcome: Outcome,
): Promise<void> | void => {
  switch (outcome.kind) {
    case "done":
      return acknowledge(engine, job, header);
    case "again":
      return job.source.transport.negativeAcknowledge(job.message);
    case "stopped":
      return;
    case "unable":
      return parkKey(engine, job, header, outcome.reason, outcome.error, outcome.attempts);
  }
};

const trialOf = (engine: Engine, job: Job, leave: () => void): Trial => ({
  source: job.source,
  message: job.message,
  first: engine.ordered ? 1 : job.message.getRedeliveryCount() + 1,
  redelivers: !engine.ordered,
  pause: (milliseconds) => {
    leave();
    return engine.ordered && job.key !== "" ? fallAsleep(engine, job, milliseconds) : patiently(engine)(milliseconds);
  },
});

/** Pauses; what waits behind gives its slots to other keys meanwhile. */
const fallAsleep = async (engine: Engine, job: Job, milliseconds: number): Promise<"go on" | "over"> => {
  const crowded = new AbortController();
  const stop = () => crowded.abort();
  engine.abort.signal.addEventListener("abort", stop, { once: true });
  const behind = engine.lanes.waiting(job.lane);
  const most = engine.options.settings.maxWaitingPerKey ?? 1000;
  for (const other of behind) {
    if (!other.slot || engine.waiting >= 10 * most) continue;
    other.slot = false;
    engine.waiting++;
    engine.slots.free();
  }
  engine.asleep.set(job.lane, { behind: behind.length, giveUp: stop });
  if (behind.length <= most) await sleep(engine.clock, milliseconds, crowded.signal).catch(() => {});
  engine.asleep.delete(job.lane);
  engine.abort.signal.removeEventListener("abort", stop);
  return crowded.signal.aborted || behind.length > most ? "over" : "go on";
};

/** Parks an event, and from now on all later ones of its key: a stream with a hole in it is worse than one that waits. */
const parkKey = async (
  engine: Engine,
  job: Job,
  header: ReturnType<Source["codec"]["decode"]>["header"],
  reason: ParkingReason,
  error: string,
  attempt: number,
): Promise<void> => {
  const most = engine.options.settings.maxParkedKeys ?? 100;
  if (engine.ordered && job.key !== "") {
    const { parking } = engine;
    if (!parking.isParked(job.lane) && parking.parkedLanes >= most) {
      return halt(engine, `more than ${most} keys would be parked; the last one, "${job.key}": ${error}`);
    }
  }
  await park(engine, job, header, reason, error, attempt);
};

const park = async (
  engine: Engine,
  job: Job,
  header: ReturnType<Source["codec"]["decode"]>["header"],
  reason: ParkingReason,
  error: string,
  attempts: number,
): Promise<void> => {
  const { parking, options } = engine;
  const most = options.settings.maxParkedEvents ?? 100_000;
  if (parking.logbook.size >= most) return halt(engine, `more than ${most} events would be parked`);
  try {
    await parking.park({ message: job.message, topic: job.source.topic, lane: job.lane, reason, error, attempts });
  } catch (failure) {
    const { deadLetterTopic } = options.subscription;
    return halt(engine, `an event cannot be parked in ${deadLetterTopic}: ${messageOf(failure)}`, failure);
  }
  engine.counts.parked++;
  notify(engine, { kind: "parked", header, key: job.key, reason, error });
  await acknowledge(engine, job, header);
};

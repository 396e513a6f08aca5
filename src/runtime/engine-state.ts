import { setMaxListeners } from "node:events";
import { type Clock, systemClock } from "./clock.js";
import type { ConsumerCounts, ConsumerSettings } from "./consumer.js";
import { type CrashWatch, createCrashWatch } from "./crash-watch.js";
import type {
  AggregateDefinition,
  Event,
  EventHeader,
  Functions,
  HandlerContext,
  SubscriptionDefinition,
} from "./definitions.js";
import { createGuard, type Guard } from "./guard.js";
import { createLanes, type Lanes } from "./lanes.js";
import type { MarkFields, Said } from "./logbook.js";
import { schemaOf } from "./open-producer.js";
import { openParkingLot, type ParkingLot } from "./parking.js";
import { createSlots, type Slots } from "./slots.js";
import { openSources, type Source } from "./sources.js";
import { type ConsumerTelemetry, telemetryOf } from "./telemetry.js";
import type { ConsumerClient, Message } from "./transport.js";

/** What runs under a consumer or a projection. */
export interface EngineOptions {
  readonly name: string;
  readonly aggregates: readonly AggregateDefinition[];
  readonly subscription: SubscriptionDefinition;
  readonly functions?: Functions | undefined;
  readonly settings: ConsumerSettings;
  /** Whether the events are wanted at all. */
  readonly wants: (type: string) => boolean;
  /** Handles the parts of one stored event; a duplicate is said by a projection whose store knows. */
  readonly handle: (
    parts: readonly Event[],
    header: EventHeader,
    context: HandlerContext,
  ) => Promise<"duplicate" | undefined> | "duplicate" | undefined;
}

/** A consumer that runs, as its parts see it. */
export interface Engine {
  readonly options: EngineOptions;
  readonly clock: Clock;
  readonly ordered: boolean;
  readonly sources: readonly Source[];
  readonly lanes: Lanes<Job>;
  readonly slots: Slots;
  readonly guard: Guard;
  readonly parking: ParkingLot;
  readonly crashes: CrashWatch;
  /** The lanes whose first event waits to be tried again. */
  readonly asleep: Map<string, Sleeper>;
  /** Messages in hand that wait behind those, beside the ones that have a slot. */
  waiting: number;
  /** Those who wait for what they asked for, by the id of the request. */
  readonly redrives: Map<string, (fields: MarkFields) => void>;
  readonly aggregateOf: ReadonlyMap<string, string>;
  readonly counts: { -readonly [Count in keyof Omit<ConsumerCounts, "inFlight">]: number };
  readonly abort: AbortController;
  /** When the last message arrived, by the clock. */
  arrived: number;
  /** Messages in hand. */
  jobs: number;
  /** The message that was taken up last. */
  newest: Message | undefined;
  readonly telemetry: ConsumerTelemetry | undefined;
  /** Called when there are none. */
  readonly idle: (() => void)[];
  stopping: Promise<void> | undefined;
  readonly ended: Ending;
  /** The same for the engine itself: looking at `ended` would make a halt look as if somebody had noticed it. */
  readonly over: Ending;
}

/** A lane that pauses between two attempts. */
interface Sleeper {
  /** Messages behind it. */
  behind: number;
  /** No more attempts: too many wait. */
  readonly giveUp: () => void;
}

/** How it ends. */
interface Ending {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A message in hand. */
export interface Job {
  readonly source: Source;
  readonly message: Message;
  readonly key: string;
  /** Jobs of one lane follow each other. */
  readonly lane: string;
  /** Whether it holds one of the slots. */
  slot: boolean;
}

/** Opens what an engine needs; `work` does one job after the other in each lane, `done` is told of those that are dropped. */
export const createEngine = async (
  client: ConsumerClient,
  options: EngineOptions,
  work: (engine: Engine, job: Job) => Promise<void>,
  done: (engine: Engine, job: Job) => void,
): Promise<Engine> => {
  const { settings, subscription, aggregates } = options;
  const clock = settings.clock ?? systemClock;
  const ordered = subscription.type !== "shared";
  const topics = [...new Set(aggregates.map((aggregate) => aggregate.topic))];
  const [first] = topics;
  if (first === undefined) throw new TypeError(`${options.name} has no aggregate to consume`);
  const guard = createGuard(ordered, settings.rememberedStreams ?? 100_000, settings.rememberedIds ?? 10_000);
  const redrives: Engine["redrives"] = new Map();
  let open = false;
  const telemetry = await telemetryOf(settings.telemetry);
  const parking = await openParkingLot(client, {
    topic: subscription.deadLetterTopic,
    consumer: options.name,
    ordered,
    schema: schemaOf(first),
    clock,
    said: (said) => {
      // What was said before says nothing about what will be delivered: the subscription may have been moved back.
      if (open) heard(said, guard, redrives);
    },
    lost: (error) => settings.onNotice?.({ kind: "dead-letter-topic-lost", while: "reading", error }),
  });
  const maxInFlight = settings.maxInFlight ?? 256;
  const crashes = createCrashWatch({ parking, clock, suspects: 2 * maxInFlight, idle: () => engine.jobs === 0 });
  const sources = await openSources(client, topics, options).catch(async (error) => {
    await parking.close();
    throw error;
  });
  const engine: Engine = {
    options,
    clock,
    ordered,
    sources,
    lanes: createLanes<Job>(
      (job) => work(engine, job),
      (job) => done(engine, job),
    ),
    slots: createSlots(maxInFlight),
    guard,
    parking,
    crashes,
    asleep: new Map(),
    waiting: 0,
    redrives,
    aggregateOf: new Map(aggregates.flatMap((one) => one.events.map((event) => [event.type, one.name] as const))),
    counts: { handled: 0, failed: 0, parked: 0, duplicates: 0, gaps: 0, upcasts: 0, skipped: 0 },
    abort: new AbortController(),
    arrived: clock.now(),
    jobs: 0,
    newest: undefined,
    telemetry: telemetry?.consumer({
      name: options.name,
      subscription: subscription.name,
      topics: topics.map(({ url }) => url),
      counts: () => ({ ...engine.counts, inFlight: engine.jobs }),
      parkedKeys: () => parking.logbook.keys.size,
      parkedEvents: () => parking.logbook.size,
      lagSeconds: () => {
        const published = engine.jobs === 0 ? undefined : engine.newest?.getPublishTimestamp();
        return published === undefined ? 0 : Math.max(0, clock.now() - published) / 1000;
      },
      lagEvents: () => backlogOf(sources),
    }),
    idle: [],
    stopping: undefined,
    ended: ending(),
    over: ending(),
  };
  // Every key that pauses between attempts listens: many are no leak.
  setMaxListeners(0, engine.abort.signal);
  engine.over.promise.catch(() => {});
  try {
    // After the subscription, so that all that others have parked before it gave its keys away is known.
    await crashes.open();
  } catch (error) {
    await Promise.allSettled([...sources.map(({ transport }) => transport.close()), parking.close()]);
    throw error;
  }
  open = true;
  return engine;
};

const backlogOf = async (sources: readonly Source[]): Promise<number | undefined> => {
  let sum = 0;
  for (const { transport } of sources) {
    // One that cannot be asked now says nothing, and must not spoil the other metrics.
    const backlog = await transport.backlog?.().catch(() => undefined);
    if (backlog === undefined) return undefined;
    sum += backlog;
  }
  return sum;
};

/** What another process has handled again is a duplicate here too, and no gap before the next. */
const heard = (said: Said, guard: Guard, redrives: Engine["redrives"]): void => {
  if (said.kind === "resolved") {
    const { stream, event = "", sequence } = said.fields;
    const number = sequence === undefined ? undefined : Number(sequence);
    if (stream !== undefined) guard.remember(stream, { id: event, sequence: number });
  } else if (said.kind === "redriven") {
    redrives.get(said.fields.request ?? "")?.(said.fields);
  }
};

const ending = (): Ending => {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onEnd, onHalt) => {
    resolve = onEnd;
    reject = onHalt;
  });
  return { promise, resolve, reject };
};

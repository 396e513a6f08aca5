import { sleep } from "./clock.js";
import type { Decoded } from "./codec.js";
import type { ConsumerNotice } from "./consumer.js";
import type { Event, EventHeader } from "./definitions.js";
import type { Engine } from "./engine-state.js";
import { messageOf } from "./errors.js";
import { type GuardMark, judgeDurably, type Verdict } from "./guard.js";
import type { ParkingReason } from "./logbook.js";
import type { Source } from "./sources.js";
import type { Message } from "./transport.js";

/** What became of an event. */
export type Outcome =
  /** Handled, handled before, or not wanted. */
  | { readonly kind: "done" }
  /** Left for the next process, since this one stops. */
  | { readonly kind: "stopped" }
  /** To be redelivered by the broker. */
  | { readonly kind: "again" }
  | {
      readonly kind: "unable";
      readonly reason: Exclude<ParkingReason, "blocked">;
      readonly error: string;
      readonly attempts: number;
    };

/** How events are tried: live ones, and those that are redriven. */
export interface Trial {
  readonly source: Source;
  /** Undefined when it comes from the event store. */
  readonly message: Message | undefined;
  /** The number of the first attempt. */
  readonly first: number;
  /** Whether the broker redelivers what fails. */
  readonly redelivers: boolean;
  /** Waits between two attempts; `over` says that no more attempts shall be made. */
  readonly pause: (milliseconds: number) => Promise<"go on" | "over">;
}

/** Handles what a payload was found to be, once, unless it was handled before. */
export const handleDecoded = (engine: Engine, decoded: Decoded, trial: Trial): Outcome | Promise<Outcome> => {
  switch (decoded.kind) {
    case "other-aggregate":
      return done;
    case "unwanted":
      return handleEvents(engine, decoded.header, [], false, trial);
    case "unknown-type":
    case "newer-version":
      return unable(decoded.kind, decoded.reason, 1);
    case "invalid":
      return unable("invalid", decoded.reason, 1);
    case "events":
      return handleEvents(engine, decoded.header, decoded.events, decoded.upcast, trial);
  }
};

const done: Outcome = { kind: "done" };

const unable = (reason: Exclude<ParkingReason, "blocked">, error: string, attempts: number): Outcome => ({
  kind: "unable",
  reason,
  error,
  attempts,
});

const handleEvents = async (
  engine: Engine,
  header: EventHeader,
  parts: readonly Event[],
  upcast: boolean,
  trial: Trial,
): Promise<Outcome> => {
  const mark = markOf(engine, header, trial.source);
  // Here and below: waiting for what is there already would cost as much as the rest.
  const judged = judge(engine, mark);
  let verdict = typeof judged === "string" ? judged : await judged;
  if (verdict === "gap") {
    engine.counts.gaps++;
    notify(engine, { kind: "gap", header });
    const filled = await fillGap(engine, header, mark, trial);
    if (filled !== undefined) return filled;
    verdict = await judge(engine, mark);
  }
  if (verdict === "duplicate") {
    engine.counts.duplicates++;
    notify(engine, { kind: "duplicate", header });
    return done;
  }
  if (parts.length === 0) {
    engine.counts.skipped++;
  } else {
    const outcome = await attempts(engine, { parts, header, mark, upcast }, trial);
    if (outcome.kind !== "done") return outcome;
  }
  const { guard: store } = engine.options.settings;
  if (store !== undefined) await store.write(mark);
  engine.guard.remember(mark.stream, mark);
  return done;
};

/** Whose sequence an event is counted in. */
export const markOf = (engine: Engine, header: EventHeader, source: Source): GuardMark => ({
  consumer: engine.options.name,
  stream: `${engine.aggregateOf.get(header.type) ?? source.aggregate} ${header.aggregateId}`,
  id: header.id,
  sequence: header.sequence,
});

const judge = (engine: Engine, mark: GuardMark): Verdict | Promise<Verdict> => {
  const { guard: store } = engine.options.settings;
  return store === undefined
    ? engine.guard.judge(mark.stream, mark)
    : judgeDurably(engine.guard, store, engine.ordered, mark);
};

/**
 * Handles what is missing before an event, as the event store has it. Undefined when the event itself may be handled:
 * nothing is missing any more, or nobody can tell what is. In memory alone a gap cannot be told from a key that another
 * process had in between, so then it is only reported.
 */
const fillGap = async (
  engine: Engine,
  header: EventHeader,
  mark: GuardMark,
  trial: Trial,
): Promise<Outcome | undefined> => {
  const { guard: store, readStream } = engine.options.settings;
  const { sequence = 0 } = header;
  if (readStream === undefined && store === undefined) return undefined;
  const last = (await store?.read(mark))?.last ?? engine.guard.last(mark.stream) ?? 0;
  const missing = `events ${last + 1} to ${sequence - 1} of the stream are missing`;
  if (readStream === undefined) return unable("gap", missing, 0);
  let payloads: readonly Buffer[];
  try {
    const { topic } = trial.source;
    const aggregate = mark.stream.slice(0, mark.stream.indexOf(" "));
    payloads = await readStream({
      topic,
      aggregate,
      aggregateId: header.aggregateId,
      from: last + 1,
      to: sequence - 1,
    });
  } catch (error) {
    return unable("gap", `${missing}, and cannot be read: ${messageOf(error)}`, 1);
  }
  for (const payload of payloads) {
    const decoded = trial.source.codec.decode(payload);
    const outcome = await handleDecoded(engine, decoded, { ...trial, message: undefined });
    if (outcome.kind === "unable") return { ...outcome, error: `event before it: ${outcome.error}` };
    if (outcome.kind !== "done") return outcome;
  }
  // Judged once more, so that what the event store did not have either is still missing.
  return (await judge(engine, mark)) === "gap" ? unable("gap", `${missing}, also in the event store`, 1) : undefined;
};

const attempts = async (
  engine: Engine,
  { parts, header, mark, upcast }: Handled,
  { source, message, first, redelivers, pause }: Trial,
): Promise<Outcome> => {
  const { retry } = engine.options.subscription;
  const { signal } = engine.abort;
  for (let attempt = first; ; attempt++) {
    let outcome: "duplicate" | undefined;
    try {
      const run = () => engine.options.handle(parts, header, { signal, attempt, mark });
      const handling =
        engine.telemetry === undefined
          ? run()
          : engine.telemetry.handle(measuredOf(source, message, header, attempt), async () => run());
      outcome = typeof handling === "object" ? await handling : handling;
    } catch (error) {
      // A handler that gives up because it is told to stop has not failed.
      if (signal.aborted) return { kind: "stopped" };
      engine.counts.failed++;
      notify(engine, { kind: "failed", header, attempt, error });
      // A broker redelivers at least once, which is too often where one attempt is all there is.
      if (redelivers && retry.attempts > 1) return { kind: "again" };
      if (attempt >= retry.attempts) return unable("failed", messageOf(error), attempt);
      const backoff = Math.min(retry.maxBackoff, retry.minBackoff * 2 ** (attempt - 1));
      const next = await pause(backoff);
      if (signal.aborted) return { kind: "stopped" };
      if (next === "over") return unable("failed", messageOf(error), attempt);
      continue;
    }
    if (outcome === "duplicate") engine.counts.duplicates++;
    else engine.counts.handled++;
    if (outcome === undefined && upcast) engine.counts.upcasts++;
    notify(
      engine,
      outcome === "duplicate" ? { kind: "duplicate", header } : { kind: "handled", header, attempt, upcast },
    );
    return done;
  }
};

interface Handled {
  readonly parts: readonly Event[];
  readonly header: EventHeader;
  readonly mark: GuardMark;
  readonly upcast: boolean;
}

const measuredOf = (source: Source, message: Message | undefined, header: EventHeader, attempt: number) => ({
  header,
  topic: source.topic,
  properties: message?.getProperties() ?? {},
  messageId: message?.getMessageId().toString(),
  attempt,
});

/** Waits as long as it is told, or until the consumer stops. */
export const patiently =
  (engine: Engine) =>
  async (milliseconds: number): Promise<"go on"> => {
    await sleep(engine.clock, milliseconds, engine.abort.signal).catch(() => {});
    return "go on";
  };

/** Tells whoever listens. */
export const notify = (engine: Engine, notice: ConsumerNotice): void => {
  engine.telemetry?.notice(notice);
  engine.options.settings.onNotice?.(notice);
};

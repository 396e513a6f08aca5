import { sleep } from "./clock.js";
import type { EventHeader } from "./definitions.js";
import type { Engine, Job } from "./engine-state.js";
import { AlreadyClosed, ConsumerHalted } from "./errors.js";
import { notify } from "./handling.js";

/** Stops by itself, with the reason. */
export const halt = (engine: Engine, reason: string, cause?: unknown): void => {
  // Its outcome is that of `closed`, where it is looked for.
  void stop(engine, new ConsumerHalted(engine.options.name, reason, cause));
};

/** Stops: what runs ends, what is not acknowledged comes back. */
export const stop = (engine: Engine, failure: ConsumerHalted | undefined): Promise<void> => {
  engine.stopping ??= (async () => {
    // Later, so that `stopping` is set before anything that looks at it runs.
    await Promise.resolve();
    const timeout = engine.options.settings.closeTimeout ?? 30_000;
    engine.abort.abort(failure ?? new AlreadyClosed(`${engine.options.name} was closed`));
    engine.lanes.clear();
    await whenIdle(engine, timeout);
    await atMost(engine, timeout, engine.crashes.close());
    await Promise.allSettled(engine.sources.map(({ transport }) => transport.close()));
    await atMost(engine, timeout, engine.parking.close());
    engine.telemetry?.close();
    for (const end of [engine.ended, engine.over]) {
      if (failure === undefined) end.resolve();
      else end.reject(failure);
    }
  })();
  return engine.stopping;
};

/** When no handler runs, or after the time. */
const whenIdle = (engine: Engine, timeout: number): Promise<void> =>
  engine.jobs === 0
    ? Promise.resolve()
    : atMost(engine, timeout, new Promise<void>((resolve) => engine.idle.push(resolve)));

/** A broker that is gone must not keep a process from ending. */
const atMost = async (engine: Engine, timeout: number, task: Promise<unknown>): Promise<void> => {
  await new Promise<void>((resolve) => {
    const cancel = engine.clock.after(timeout, resolve);
    const end = () => {
      cancel();
      resolve();
    };
    task.then(end, end);
  });
};

/** Never again to be delivered. */
export const acknowledge = async (engine: Engine, job: Job, header: EventHeader | undefined): Promise<void> => {
  try {
    await job.source.transport.acknowledge(job.message);
  } catch (error) {
    // It will be delivered again, and be noticed as a duplicate.
    notify(engine, { kind: "acknowledgement-failed", header, error });
  }
};

/** When all that was published is handled or parked, or nothing came for so many milliseconds. */
export const whenCaughtUp = async (engine: Engine, quiet: number): Promise<void> => {
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

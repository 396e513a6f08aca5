/** The time, and waiting for it; a test brings its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back after so many milliseconds, unless cancelled. Does not keep the process alive. */
  after(milliseconds: number, callback: () => void): Cancel;
}

/** Calls off what was planned. */
export type Cancel = () => void;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves it on, and runs what falls due, in order. */
  advance(milliseconds: number): Promise<void>;
  /** How many callbacks wait. */
  readonly waiting: number;
}

/** A clock for tests; it starts at the given time. */
export const createManualClock = (start = Date.UTC(2026, 0, 5, 10)): ManualClock => {
  let now = start;
  let order = 0;
  const plans = new Set<{ at: number; order: number; callback: () => void }>();
  const next = (until: number) =>
    [...plans].filter((plan) => plan.at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];
  return {
    now: () => now,
    after(milliseconds, callback) {
      const plan = { at: now + milliseconds, order: order++, callback };
      plans.add(plan);
      return () => plans.delete(plan);
    },
    async advance(milliseconds) {
      const until = now + milliseconds;
      await settle();
      for (let plan = next(until); plan !== undefined; plan = next(until)) {
        plans.delete(plan);
        now = Math.max(now, plan.at);
        plan.callback();
        await settle();
      }
      now = until;
    },
    get waiting() {
      return plans.size;
    },
  };
};

/** Lets everything that is ready run: promises first, then what they queued. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits; rejects with the signal's reason when aborted. */
export const sleep = (clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(milliseconds, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    signal?.addEventListener("abort", abort, { once: true });
  });

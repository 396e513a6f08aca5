import { type Clock, sleep, systemClock } from "./clock.js";

/** Something that a store tries again, since nothing is wrong with what it was asked. */
export interface StoreRetry {
  readonly target: string;
  readonly error: unknown;
  /** A server that cannot do anything now, or somebody else who was quicker. */
  readonly hindrance: "server" | "somebody";
  /** How often it has failed. */
  readonly attempts: number;
  /** Milliseconds until the next attempt. */
  readonly wait: number;
}

export interface RetryOptions {
  /** Called before something is tried again: the server cannot be reached, cannot write, or another one was in the way. */
  readonly onRetry?: (retry: StoreRetry) => void;
  readonly clock?: Clock;
}

/** What kept something from being done: a server that cannot do anything, somebody else, or what was asked itself. */
export type Hindrance = "server" | "somebody" | undefined;

export type Retrying = <T>(run: () => Promise<T>) => Promise<T>;

/** Tries again for as long as the server cannot do it, and up to ten times where somebody else was in the way. */
export const retryingFor =
  (
    target: string,
    hindranceOf: (error: unknown) => Hindrance,
    { clock = systemClock, onRetry }: RetryOptions,
  ): Retrying =>
  async (run) => {
    for (let attempts = 1; ; attempts++) {
      try {
        return await run();
      } catch (error) {
        const hindrance = hindranceOf(error);
        if (hindrance === undefined || (hindrance === "somebody" && attempts >= 10)) throw error;
        const wait =
          hindrance === "server" ? Math.min(5000, 50 * 2 ** Math.min(attempts, 10)) : Math.random() * 10 * attempts;
        onRetry?.({ target, error, hindrance, attempts, wait });
        await sleep(clock, wait);
      }
    }
  };

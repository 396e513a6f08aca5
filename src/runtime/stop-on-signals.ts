import { messageOf } from "./errors.js";

/** What can be stopped: consumers, producers, clients. */
export interface Stoppable {
  close(): Promise<unknown>;
  /** Rejects when it has stopped by itself. */
  readonly closed?: Promise<void>;
}

/**
 * Ends the process as it should end: on SIGTERM or SIGINT everything is closed, one after the other in the order given, so
 * that what is in flight ends and what is not acknowledged comes back; then with exit status 0. When one of them stops by
 * itself the rest is closed, the reason goes to stderr, and the status is 1. A second signal ends it at once, with 128 and
 * the number of the signal.
 */
export const stopOnSignals = (...stoppables: readonly Stoppable[]): void => {
  let stopping = false;
  const stop = async (failure: unknown, failed: boolean): Promise<void> => {
    if (stopping) return;
    stopping = true;
    let status = failed ? 1 : 0;
    if (failed) process.stderr.write(`${messageOf(failure)}\n`);
    for (const one of stoppables) {
      try {
        await one.close();
      } catch (error) {
        if (!messageOf(error).includes("AlreadyClosed")) {
          process.stderr.write(`${messageOf(error)}\n`);
          status = 1;
        }
      }
    }
    process.exit(status);
  };
  const numbers = { SIGINT: 2, SIGTERM: 15 } as const;
  for (const [signal, number] of Object.entries(numbers)) {
    process.on(signal, () => {
      if (stopping) process.exit(128 + number);
      void stop(undefined, false);
    });
  }
  for (const { closed } of stoppables) closed?.catch((error: unknown) => stop(error, true));
};

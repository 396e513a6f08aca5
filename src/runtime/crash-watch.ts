import { hostname } from "node:os";
import type { Cancel, Clock } from "./clock.js";
import { newId } from "./ids.js";
import { type Logbook, surelyOver } from "./logbook.js";
import type { ParkingLot } from "./parking.js";
import { createSlots } from "./slots.js";

/**
 * Finds the event that ends the process. When processes before this one have ended without a word soon after they began,
 * the first messages are handled one at a time, each written down before: what was last written down by process after
 * process is what ends them.
 */
export interface CrashWatch {
  readonly run: string;
  /** How many processes have ended while they handled a message. */
  readonly crashesOf: (id: string) => number;
  /** Whether there is no reason to take care, and no message has ended a process. */
  readonly isCalm: () => boolean;
  /** Waits for a message's turn, when there is reason to take care; what it resolves with is called when it is done. */
  readonly enter: (id: string) => Promise<() => void>;
  /** Begins to watch; resolves when the logbook is up to date. */
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
}

interface WatchOptions {
  readonly parking: ParkingLot;
  readonly clock: Clock;
  /** How many messages the process before may have had in hand. */
  readonly suspects: number;
  /** Whether nothing is in hand. */
  readonly idle: () => boolean;
}

/** A process that goes on for so long, in milliseconds, has survived its beginning. */
const steadyAfter = 30_000;

/** Watches over a process; its marks are in the dead-letter topic. */
export const createCrashWatch = ({ parking, clock, suspects, idle }: WatchOptions): CrashWatch => {
  const run = newId(clock.now());
  const host = hostname();
  const turn = createSlots(1);
  let careful = 0;
  let steady = false;
  let stopped = false;
  let timer: Cancel = () => {};

  const watch = (): void => {
    timer = clock.after(steadyAfter, () => {
      if (stopped) return;
      if (careful > 0) {
        if (idle()) careful = 0;
        return watch();
      }
      steady = true;
      parking.mark("steady", { run }).catch(() => {
        // It is then taken for one that ended early, which costs the next one some care.
        steady = false;
      });
    });
  };

  return {
    run,
    crashesOf: (id) => {
      let count = 0;
      for (const other of parking.logbook.runs.values()) if (other.id !== run && other.lastStarted === id) count++;
      return count;
    },
    isCalm() {
      if (careful > 0) return false;
      for (const { id, lastStarted } of parking.logbook.runs.values()) {
        if (id !== run && lastStarted !== undefined) return false;
      }
      return true;
    },
    async enter(id) {
      if (careful <= 0) return () => {};
      if (!turn.take()) await turn.wait();
      try {
        if (!stopped) await parking.mark("started", { run, parked: id });
      } catch (error) {
        turn.free();
        throw error;
      }
      let left = false;
      return () => {
        if (left) return;
        left = true;
        careful--;
        turn.free();
      };
    },
    async open() {
      await parking.catchUp("opened", { run, host });
      // What was handled before this process began says nothing about what it is given: it may be a replay.
      parking.forgetResolved();
      careful = endedEarly(parking.logbook, run, host) ? suspects : 0;
      watch();
    },
    async close() {
      stopped = true;
      timer();
      if (!steady) await parking.mark("closed", { run }).catch(() => {});
    },
  };
};

/** Whether a process has: surely one of this machine, else one that had its time. */
const endedEarly = ({ runs }: Logbook, run: string, host: string): boolean => {
  const own = runs.get(run);
  for (const other of runs.values()) {
    if (other.id === run || own === undefined) continue;
    if (other.host === host || own.openedAt - other.openedAt > surelyOver) return true;
  }
  return false;
};

import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { visible } from "../diagnostics/visible.js";
import { environmentFailed } from "./failure.js";

/** Milliseconds that a build waits for another one to finish writing. */
const patience = 30_000;
/** Milliseconds after which a lock is taken for forgotten: writing takes seconds. */
const forgottenAfter = 10 * 60_000;

/**
 * Runs something while no other evgen writes to the same folder. A lock whose process is gone is taken over; one that
 * is held for half a minute is an environment failure that names the file.
 */
export const withLock = async <T>(file: string, run: () => T): Promise<T> => {
  const content = `${process.pid} ${hostname()} ${process.hrtime.bigint()}\n`;
  const end = Date.now() + patience;
  while (!tryToTake(file, content)) {
    const held = readLock(file);
    if (held !== undefined && isForgotten(file, held)) takeAway(file, held);
    else if (Date.now() > end)
      throw environmentFailed(
        `${visible(file)}: another evgen is writing (process ${visible(held?.trim() ?? "unknown")}). If there is none, remove the file.`,
      );
    else await new Promise((resolve) => setTimeout(resolve, 20));
  }
  try {
    return run();
  } finally {
    rmSync(file, { force: true });
  }
};

const tryToTake = (file: string, content: string): boolean => {
  let descriptor: number;
  try {
    descriptor = openSync(file, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  try {
    writeSync(descriptor, content);
    return true;
  } catch (error) {
    rmSync(file, { force: true });
    throw error instanceof Error ? Object.assign(error, { path: file }) : error;
  } finally {
    closeSync(descriptor);
  }
};

const readLock = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
};

const isForgotten = (file: string, held: string): boolean => {
  const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY);
  if (age > forgottenAfter) return true;
  const [pid, host] = held.split(" ");
  // Its owner was stopped between making the file and writing to it, or is about to.
  if (pid === undefined || host === undefined) return age > 2_000;
  // A lock of this very process id that it does not hold: an earlier process had the same, as in containers.
  if (host !== hostname()) return false;
  return Number(pid) === process.pid || !isAlive(Number(pid));
};

const isAlive = (pid: number): boolean => {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** Renames before removing: of two that find the same forgotten lock, only one moves it away. */
const takeAway = (file: string, held: string): void => {
  const away = `${file}-${process.pid}`;
  try {
    renameSync(file, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  // Someone else was faster and this is their new one: give it back.
  if (readLock(away) !== held) renameSync(away, file);
  else rmSync(away, { force: true });
};

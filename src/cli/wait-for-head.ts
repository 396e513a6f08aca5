import type { Admin } from "../pulsar/admin.js";
import { isAdminError } from "../pulsar/admin-error.js";
import { type PartitionReplay, type Progress, readProgress } from "../pulsar/replay.js";
import { duration } from "./duration.js";
import { environmentFailed } from "./failure.js";
import type { Report } from "./report.js";

/**
 * Says how far a subscription has come, with an estimate, until it has read all that was there when it was reset. A broker
 * that is away is waited for, since to begin again would be to replay again.
 */
export const waitForHead = async (
  admin: Admin,
  subscription: string,
  partitions: readonly PartitionReplay[],
  report: Report,
): Promise<void> => {
  const total = partitions.reduce((sum, { toRead }) => sum + toRead, 0);
  const began = Date.now();
  for (let last = "", said = 0; ; ) {
    const progress = await look(admin, subscription, partitions);
    const line = typeof progress === "string" ? progress : progressLine(progress, total, Date.now() - began);
    const isRead = typeof progress !== "string" && progress.left === 0;
    if (line !== last && (isRead || Date.now() - said >= quiet)) {
      report.note(`${subscription}: ${line}\n`);
      [last, said] = [line, Date.now()];
    }
    if (isRead) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
};

/** Milliseconds between two lines. */
const quiet = 5000;

/** How far it is; a sentence when the broker cannot say it now. */
const look = async (
  admin: Admin,
  subscription: string,
  partitions: readonly PartitionReplay[],
): Promise<Progress | string> => {
  try {
    const progress = await readProgress(admin, subscription, partitions);
    if (typeof progress === "string") throw environmentFailed(progress);
    return progress;
  } catch (thrown) {
    if (!isAdminError(thrown)) throw thrown;
    const { kind, status = 0 } = thrown.admin;
    if (kind === "unreachable" || status >= 500) return `${thrown.message} Waiting.`;
    throw thrown;
  }
};

/** With an estimate at the pace until now; without one as long as there is none. */
export const progressLine = ({ left, consumers }: Progress, total: number, milliseconds: number): string => {
  if (left === 0) return `all ${total} read again`;
  const done = Math.max(0, total - left);
  const part = `${done} of ${total} read again`;
  if (consumers === 0) return `${part}; no consumer is connected. Waiting.`;
  if (done === 0) return part;
  const pace = Math.round((done * 1000) / milliseconds);
  return `${part}, ${pace} a second, about ${duration(Math.ceil((left * milliseconds) / done / 1000))} left`;
};

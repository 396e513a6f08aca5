import type { Admin } from "./admin.js";
import { adminPath } from "./admin.js";

/** Where a message is in a partition: its ledger, and its place there from 0 on. A batch is one entry. */
export interface Position {
  readonly ledger: number;
  readonly entry: number;
}

export const showPosition = ({ ledger, entry }: Position): string => `${ledger}:${entry}`;

/** The place behind a message. */
export const after = ({ ledger, entry }: Position): Position => ({ ledger, entry: entry + 1 });

/** The first message of a partition that was published at a time (milliseconds) or later; behind the last one when there is none. */
export const positionAt = async (admin: Admin, partition: string, time: number): Promise<Position> => {
  const found = await admin.get<{ readonly ledgerId: number; readonly entryId: number }>(
    `${partition}/messageid/${Math.max(0, Math.floor(time))}`,
  );
  return { ledger: found.ledgerId, entry: found.entryId };
};

/** When the message at a position was published, in milliseconds; undefined when there is none. */
export const publishTime = async (
  admin: Admin,
  partition: string,
  { ledger, entry }: Position,
): Promise<number | undefined> => {
  const text = await admin.header(`${partition}/ledger/${ledger}/entry/${entry}`, "x-pulsar-publish-time");
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : time;
};

/** Puts the cursor of a subscription on a partition so that this message is the next one. */
export const resetTo = async (admin: Admin, partition: string, name: string, at: Position): Promise<void> => {
  const body = { ledgerId: at.ledger, entryId: at.entry, partitionIndex: -1, batchIndex: -1, excluded: false };
  const path = `${partition}/subscription/${adminPath`${name}`}/resetcursor`;
  for (let attempt = 1; ; attempt++) {
    // The broker does one reset at a time, and says so with this status.
    const answer = await admin.call("POST", path, { body, accept: attempt === 5 ? [] : [412] });
    if (answer.status !== 412) return;
    await new Promise((resolve) => setTimeout(resolve, 250 * attempt));
  }
};

/** What is kept of a partition, and where its subscriptions stand. */
export interface PartitionLog {
  /** From the oldest on. */
  readonly ledgers: readonly { readonly id: number; readonly entries: number }[];
  /** The last message. */
  readonly last: Position;
  /** Of a subscription; undefined when there is none. */
  readonly cursor: (subscription: string) => Cursor | undefined;
}

export interface Cursor {
  /** All up to here is acknowledged. */
  readonly acknowledged: Position;
  readonly next: Position;
  /** Whether more behind it is acknowledged. */
  readonly holes: boolean;
}

export const readLog = async (admin: Admin, partition: string): Promise<PartitionLog> => {
  const stats = await admin.get<InternalStats>(`${partition}/internalStats`);
  return {
    ledgers: stats.ledgers.map(({ ledgerId, entries }) => ({ id: ledgerId, entries })),
    last: positionOf(stats.lastConfirmedEntry),
    cursor: (subscription) => {
      const cursor = Object.hasOwn(stats.cursors, subscription) ? stats.cursors[subscription] : undefined;
      if (cursor === undefined) return undefined;
      return {
        acknowledged: positionOf(cursor.markDeletePosition),
        next: positionOf(cursor.readPosition),
        holes: cursor.individuallyDeletedMessages !== "[]",
      };
    },
  };
};

interface InternalStats {
  readonly ledgers: readonly { readonly ledgerId: number; readonly entries: number }[];
  readonly lastConfirmedEntry: string;
  readonly cursors: {
    readonly [name: string]: {
      readonly markDeletePosition: string;
      readonly readPosition: string;
      readonly individuallyDeletedMessages: string;
    };
  };
}

const positionOf = (text: string): Position => {
  const [ledger, entry] = text.split(":");
  return { ledger: Number(ledger), entry: Number(entry) };
};

/** Whether a message is kept in this partition: numbers of ledgers are unique in a cluster. */
export const holds = (log: PartitionLog, { ledger, entry }: Position): boolean =>
  log.ledgers.some(({ id }) => id === ledger) && entry < lengthOf(log, ledger);

/** How many entries there are from a place on, up to another one and without it. */
export const entriesBetween = (log: PartitionLog, from: Position, to: Position): number => {
  let count = 0;
  for (const { id } of log.ledgers) {
    if (id < from.ledger || id > to.ledger) continue;
    const begin = id === from.ledger ? from.entry : 0;
    const end = id === to.ledger ? Math.min(to.entry, lengthOf(log, id)) : lengthOf(log, id);
    count += Math.max(0, end - Math.max(0, begin));
  }
  return count;
};

/** The broker counts the entries of a ledger when it closes it. */
const lengthOf = ({ ledgers, last }: PartitionLog, ledger: number): number =>
  ledger === last.ledger ? last.entry + 1 : (ledgers.find(({ id }) => id === ledger)?.entries ?? 0);

/** Whether a cursor stands where it was put: nothing from there on is acknowledged, or was read. */
export const standsAt = ({ acknowledged, next, holes }: Cursor, at: Position): boolean =>
  isBefore(acknowledged, at) && !holes && (showPosition(next) === showPosition(at) || next.ledger > at.ledger);

const isBefore = (a: Position, b: Position): boolean =>
  a.ledger < b.ledger || (a.ledger === b.ledger && a.entry < b.entry);

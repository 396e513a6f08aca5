import type { MessageId } from "../transport.js";

/** The id of a message in memory; its text has the form of Pulsar's. */
export class MemoryMessageId implements MessageId {
  readonly ledger: number;
  readonly entry: number;
  /** -1 in a topic without partitions. */
  readonly partition: number;

  constructor(ledger: number, entry: number, partition: number) {
    this.ledger = ledger;
    this.entry = entry;
    this.partition = partition;
  }

  /** Before the first message. */
  static earliest(): MemoryMessageId {
    return new MemoryMessageId(-1, -1, -1);
  }

  /** After the last message. */
  static latest(): MemoryMessageId {
    return new MemoryMessageId(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, -1);
  }

  static deserialize(data: Buffer): MemoryMessageId {
    return positionOf({ toString: () => data.toString("utf8"), serialize: () => data });
  }

  serialize(): Buffer {
    return Buffer.from(this.toString(), "utf8");
  }

  toString(): string {
    return `(${this.ledger},${this.entry},${this.partition},-1)`;
  }
}

/** What a send that was dropped as a duplicate resolves with. */
export const noMessageId = (): MemoryMessageId => new MemoryMessageId(-1, -1, -1);

/** Any client's message id by its text: the official client's earliest and latest work in memory too. */
export const positionOf = (id: MessageId): MemoryMessageId => {
  if (id instanceof MemoryMessageId) return id;
  const match = /^\((-?\d+),(-?\d+),(-?\d+),(-?\d+)\)$/.exec(id.toString());
  if (match === null) throw new Error(`"${id}" is not a message id`);
  const [ledger = 0, entry = 0, partition = 0] = match.slice(1).map(Number);
  return new MemoryMessageId(ledger, entry, partition);
};

/** Whether an id stands for a place before or after all messages. */
export const isEarliest = (id: MemoryMessageId): boolean => id.ledger < 0;
export const isLatest = (id: MemoryMessageId): boolean => id.ledger >= Number.MAX_SAFE_INTEGER;

import type { MessageId } from "./transport.js";

/** A message id of Pulsar: as bytes that all clients understand, and as text that people do. Every transport takes it. */
export class PulsarMessageId implements MessageId {
  readonly ledger: bigint;
  readonly entry: bigint;
  /** -1 in a topic without partitions. */
  readonly partition: number;
  /** -1 unless the producer sent batches. */
  readonly batchIndex: number;
  readonly #bytes: Buffer;

  private constructor(ledger: bigint, entry: bigint, partition: number, batchIndex: number, bytes?: Buffer) {
    this.ledger = ledger;
    this.entry = entry;
    this.partition = partition;
    this.batchIndex = batchIndex;
    this.#bytes = bytes ?? encode([ledger, entry, BigInt(partition), BigInt(batchIndex)]);
  }

  /** Before the first message. */
  static earliest(): PulsarMessageId {
    return new PulsarMessageId(-1n, -1n, -1, -1);
  }

  /** After the last message. */
  static latest(): PulsarMessageId {
    return new PulsarMessageId(2n ** 63n - 1n, 2n ** 63n - 1n, -1, -1);
  }

  /** Of what `serialize()` gave, here or in another client of Pulsar. Throws a TypeError for other bytes. */
  static deserialize(bytes: Buffer): PulsarMessageId {
    const [ledger, entry, partition = -1n, batchIndex = -1n] = decode(bytes);
    if (ledger === undefined || entry === undefined) throw new TypeError("these bytes are not a message id");
    return new PulsarMessageId(ledger, entry, Number(partition), Number(batchIndex), bytes);
  }

  /** Any client's message id. */
  static from(id: MessageId): PulsarMessageId {
    if (id instanceof PulsarMessageId) return id;
    const match = /^\((-?\d+),(-?\d+),(-?\d+),(-?\d+)\)$/.exec(id.toString());
    if (match === null) throw new TypeError(`"${id}" is not a message id`);
    const [ledger = 0n, entry = 0n, partition = 0n, batchIndex = 0n] = match.slice(1).map(BigInt);
    return new PulsarMessageId(ledger, entry, Number(partition), Number(batchIndex));
  }

  get isEarliest(): boolean {
    return this.ledger < 0n;
  }

  get isLatest(): boolean {
    return this.ledger >= BigInt(Number.MAX_SAFE_INTEGER);
  }

  /** Whether this comes after another one of the same partition. */
  isAfter(other: PulsarMessageId): boolean {
    if (this.ledger !== other.ledger) return this.ledger > other.ledger;
    if (this.entry !== other.entry) return this.entry > other.entry;
    return this.batchIndex > other.batchIndex;
  }

  serialize(): Buffer {
    return Buffer.from(this.#bytes);
  }

  toString(): string {
    return `(${this.ledger},${this.entry},${this.partition},${this.batchIndex})`;
  }
}

/** The broker's answer to a send that it dropped as a duplicate. */
export const isDropped = (id: PulsarMessageId): boolean => id.ledger < 0n;

/** A partition as a topic of its own; the topic may be that already. */
export const partitionName = (topic: string, partition: number): string =>
  /-partition-\d+$/.test(topic) ? topic : `${topic}-partition-${partition}`;

/** Protobuf of Pulsar's MessageIdData: ledger, entry, partition, batch index; negative partitions are left out. */
const encode = ([ledger, entry, partition, batchIndex]: readonly [bigint, bigint, bigint, bigint]): Buffer => {
  const bytes: number[] = [];
  const field = (number: number, value: bigint) => {
    bytes.push(number << 3);
    let rest = BigInt.asUintN(64, value);
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
  };
  field(1, ledger);
  field(2, entry);
  if (partition >= 0n) field(3, partition);
  if (batchIndex >= 0n) field(4, batchIndex);
  return Buffer.from(bytes);
};

/** Its varints from field 1 on; of what else there is, it only knows the length. */
const decode = (bytes: Buffer): readonly (bigint | undefined)[] => {
  const fields: (bigint | undefined)[] = [];
  let at = 0;
  const byte = (): number => {
    const next = bytes[at++];
    if (next === undefined) throw new TypeError("these bytes are not a message id");
    return next;
  };
  const varint = (): bigint => {
    // Almost all are small enough for a number, which is much faster.
    let small = 0;
    for (let factor = 1; factor < 2 ** 49; factor *= 128) {
      const next = byte();
      small += (next & 127) * factor;
      if (next < 128) return BigInt(small);
    }
    let value = BigInt(small);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const next = byte();
      value |= BigInt(next & 127) << shift;
      if (next < 128) return BigInt.asIntN(64, value);
    }
    throw new TypeError("these bytes are not a message id");
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const value = varint();
    if ((tag & 7) === 0) fields[(tag >> 3) - 1] = value;
    else if ((tag & 7) === 2) at += Number(value);
    else throw new TypeError("these bytes are not a message id");
  }
  return fields;
};

import { murmur3 } from "../murmur.js";
import { MemoryMessageId } from "./message-id.js";

/** A message as the broker keeps it. Nobody writes into it. */
export interface StoredMessage {
  readonly id: MemoryMessageId;
  readonly topic: string;
  readonly data: Buffer;
  readonly properties: { readonly [key: string]: string };
  readonly key: string;
  readonly publishTime: number;
  readonly eventTime: number;
  readonly producer: string;
  /** Of its key, within 2^16: what Key_Shared distributes by. */
  readonly hash: number;
}

/** The messages of one partition, by ascending entry. */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly dispatchers = new Set<{ readonly floor: number; dispatch(): void }>();
  readonly followers = new Set<() => void>();
  #messages: StoredMessage[] = [];
  /** The entry of the first one in `#messages`, which may be trimmed already. */
  #base = 0;
  #start = 0;
  #visible = 0;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get start(): number {
    return this.#start;
  }

  /** The entry that the next message gets. */
  get end(): number {
    return this.#base + this.#messages.length;
  }

  /** Readers see what is below; what is stored later than that is held back by a fault. */
  get visible(): number {
    return this.#visible;
  }

  at(entry: number): StoredMessage | undefined {
    return entry < this.#start ? undefined : this.#messages[entry - this.#base];
  }

  append(message: Omit<StoredMessage, "id" | "topic" | "hash">): StoredMessage {
    const stored: StoredMessage = {
      id: new MemoryMessageId(1, this.end, this.partition),
      topic: this.topic,
      data: message.data,
      properties: message.properties,
      key: message.key,
      publishTime: message.publishTime,
      eventTime: message.eventTime,
      producer: message.producer,
      hash: murmur3(message.key) & 0xffff,
    };
    this.#messages.push(stored);
    return stored;
  }

  /** Shows what was appended, up to an entry, to those who read. */
  announce(end: number): void {
    this.#visible = Math.max(this.#visible, end);
    for (const dispatcher of this.dispatchers) dispatcher.dispatch();
    for (const follow of this.followers) follow();
  }

  /** Forgets what every subscription has acknowledged; all of it when there is none. */
  trim(): void {
    let floor = this.#visible;
    for (const dispatcher of this.dispatchers) floor = Math.min(floor, dispatcher.floor);
    if (floor <= this.#start) return;
    this.#start = floor;
    const dead = this.#start - this.#base;
    if (dead < 1024 || dead * 2 < this.#messages.length) return;
    this.#messages = this.#messages.slice(dead);
    this.#base = this.#start;
  }

  /** The first entry that was published then or later. */
  entryAt(time: number): number {
    let low = this.#start;
    let high = this.#visible;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.at(middle)?.publishTime ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

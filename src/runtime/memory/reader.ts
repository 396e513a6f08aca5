import type { Cancel } from "../clock.js";
import type { Message, MessageId, TransportReader } from "../transport.js";
import type { Broker } from "./broker.js";
import { MemoryMessage } from "./consumer.js";
import { isEarliest, isLatest, positionOf } from "./message-id.js";
import { failed } from "./producer.js";
import type { Topic } from "./topic.js";

/** A reader in memory: it sees all partitions, the oldest message first, and leaves no trace. */
export class MemoryReader implements TransportReader {
  readonly #broker: Broker;
  readonly #topic: Topic;
  readonly #next: number[];
  #receivers: { resolve: (message: Message) => void; reject: (error: Error) => void; cancel: Cancel }[] = [];
  #closed = false;

  constructor(broker: Broker, topic: Topic, start: MessageId) {
    this.#broker = broker;
    this.#topic = topic;
    this.#next = topic.logs.map((log) => log.start);
    this.#move(start);
    for (const log of topic.logs) log.followers.add(this.#serve);
  }

  hasNext(): boolean {
    return this.#topic.logs.some((log, index) => Math.max(this.#next[index] ?? 0, log.start) < log.visible);
  }

  readNext(timeout?: number): Promise<Message> {
    if (this.#closed) return Promise.reject(failed("read next message", "AlreadyClosed"));
    const message = this.#take();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve, reject) => {
      const receiver = { resolve, reject, cancel: () => {} };
      if (timeout !== undefined && timeout > 0) {
        // The official client takes the process down here.
        receiver.cancel = this.#broker.clock.after(timeout, () => {
          this.#receivers = this.#receivers.filter((one) => one !== receiver);
          reject(failed("read next message", "TimeOut"));
        });
      }
      this.#receivers.push(receiver);
    });
  }

  async seek(messageId: MessageId): Promise<null> {
    this.#move(messageId);
    this.#serve();
    return null;
  }

  async seekTimestamp(timestamp: number): Promise<null> {
    this.#topic.logs.forEach((log, index) => {
      this.#next[index] = log.entryAt(timestamp);
    });
    this.#serve();
    return null;
  }

  isConnected(): boolean {
    return !this.#closed;
  }

  async close(): Promise<null> {
    if (this.#closed) throw failed("close reader", "AlreadyClosed");
    this.drop();
    for (const { reject, cancel } of this.#receivers.splice(0)) {
      cancel();
      reject(failed("read next message", "AlreadyClosed"));
    }
    return null;
  }

  drop(): void {
    this.#closed = true;
    for (const log of this.#topic.logs) log.followers.delete(this.#serve);
  }

  #move(start: MessageId): void {
    const id = positionOf(start);
    this.#topic.logs.forEach((log, index) => {
      if (isLatest(id)) this.#next[index] = log.end;
      else if (isEarliest(id) || log.partition !== id.partition) this.#next[index] = log.start;
      else this.#next[index] = id.entry + 1;
    });
  }

  #take(): Message | undefined {
    let oldest: { index: number; publishTime: number } | undefined;
    this.#topic.logs.forEach((log, index) => {
      const next = Math.max(this.#next[index] ?? 0, log.start);
      this.#next[index] = next;
      const message = next < log.visible ? log.at(next) : undefined;
      if (message !== undefined && (oldest === undefined || message.publishTime < oldest.publishTime)) {
        oldest = { index, publishTime: message.publishTime };
      }
    });
    if (oldest === undefined) return undefined;
    const { index } = oldest;
    const message = this.#topic.logs[index]?.at(this.#next[index] ?? 0);
    this.#next[index] = (this.#next[index] ?? 0) + 1;
    return message === undefined ? undefined : new MemoryMessage(message, 0);
  }

  readonly #serve = (): void => {
    while (this.#receivers.length > 0) {
      const message = this.#take();
      if (message === undefined) return;
      const receiver = this.#receivers.shift();
      receiver?.cancel();
      receiver?.resolve(message);
    }
  };
}

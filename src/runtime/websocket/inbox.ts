import { Deque } from "../deque.js";
import { TransportFailed } from "../errors.js";

/** What has arrived and those who wait for it. */
export class Inbox<T> {
  readonly #what: string;
  readonly #onTaken: (item: T) => void;
  readonly #items = new Deque<T>();
  readonly #receivers = new Deque<Receiver<T>>();

  /** `onTaken` is told of each item that somebody gets. */
  constructor(what: string, onTaken: (item: T) => void) {
    this.#what = what;
    this.#onTaken = onTaken;
  }

  get length(): number {
    return this.#items.length;
  }

  push(item: T): void {
    for (let receiver = this.#receivers.shift(); receiver !== undefined; receiver = this.#receivers.shift()) {
      if (receiver.gone) continue;
      clearTimeout(receiver.timer);
      this.#onTaken(item);
      receiver.resolve(item);
      return;
    }
    this.#items.push(item);
  }

  /** What is there, without waiting. */
  take(): T | undefined {
    const item = this.#items.shift();
    if (item !== undefined) this.#onTaken(item);
    return item;
  }

  /** Waits for the next; so many milliseconds, where they are given. */
  receive(timeout?: number): Promise<T> {
    const item = this.take();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve, reject) => {
      const receiver: Receiver<T> = { resolve, reject, gone: false, timer: undefined };
      if (timeout !== undefined && timeout > 0) {
        receiver.timer = setTimeout(() => {
          receiver.gone = true;
          reject(new TransportFailed(this.#what, "TimeOut"));
        }, timeout);
      }
      this.#receivers.push(receiver);
    });
  }

  /** Forgets what nobody has taken. */
  clear(): void {
    this.#items.clear();
  }

  /** Those who wait are told that nothing will come. */
  fail(error: Error): void {
    for (let receiver = this.#receivers.shift(); receiver !== undefined; receiver = this.#receivers.shift()) {
      clearTimeout(receiver.timer);
      receiver.reject(error);
    }
  }
}

interface Receiver<T> {
  readonly resolve: (item: T) => void;
  readonly reject: (error: Error) => void;
  gone: boolean;
  timer: NodeJS.Timeout | undefined;
}

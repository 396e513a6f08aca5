import { Deque } from "../deque.js";
import { TransportFailed } from "../errors.js";
import { isDropped, PulsarMessageId } from "../message-id.js";
import type { MessageId, OutgoingMessage } from "../transport.js";
import { Link } from "./link.js";
import type { Settings } from "./settings.js";
import { codeOfReason } from "./socket.js";

/** What an outbox sends for. */
export interface OutboxOptions {
  /** `persistent/tenant/namespace/topic`, of one partition where partitions are known. */
  readonly path: string;
  readonly topic: string;
  readonly producerName: string;
  /** The id before the first one that is given to messages without one of their own. */
  readonly initialSequenceId: number;
  /** Ids that nobody has chosen are new to the broker: one that it drops is not a duplicate. */
  readonly freshIds: boolean;
  readonly sendTimeout: number;
}

interface Pending {
  /** By which the broker's answer is told. */
  readonly context: number;
  readonly sequenceId: number;
  readonly frame: string;
  readonly deadline: number;
  readonly resolve: (id: MessageId) => void;
  readonly reject: (error: Error) => void;
  /** Whether it has a number that its sender has chosen, who may have used it before. */
  readonly chosen: boolean;
  /** Whether the broker may have it already. */
  tried: boolean;
  /** Whether its sender knows how it ended; with the broker it may still be on its way. */
  settled: boolean;
}

/**
 * Sends messages over one connection, in order. The broker numbers what comes over a connection from the id with which
 * it was opened; so what was not confirmed when a connection broke gets the same ids over the next one, and the broker
 * drops what it has. For ids with gaps a new connection is opened, since they cannot be said otherwise.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #link: Link;
  readonly #maxFrameSize: number;
  #waiting = new Deque<Pending>();
  readonly #sent = new Map<number, Pending>();
  /** Messages whose sender waits. */
  #open = 0;
  #context = 0;
  #lastSequenceId: number;
  /** The id that the broker gives to what comes next over this connection. */
  #next = 0;
  #watch: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];
  #lastFailure: string | undefined;

  constructor(settings: Settings, options: OutboxOptions) {
    this.#options = options;
    this.#maxFrameSize = settings.maxFrameSize;
    this.#lastSequenceId = options.initialSequenceId;
    this.#link = new Link(settings, {
      what: "create producer",
      of: `producer of ${options.topic}`,
      path: () => this.#path(),
      onOpen: () => this.#pump(),
      onText: (text) => this.#answered(text),
      onDown: (error, permanent) => this.#down(error, permanent),
    });
  }

  get isConnected(): boolean {
    return this.#link.isOpen;
  }

  /** Messages that are neither confirmed nor have failed. */
  get size(): number {
    return this.#open;
  }

  open(): Promise<void> {
    return this.#link.open();
  }

  send(message: OutgoingMessage): Promise<MessageId> {
    return new Promise((resolve, reject) => {
      const context = this.#context++;
      const frame = frameOf(message, context);
      if (frame.length > this.#maxFrameSize / 3 && Buffer.byteLength(frame) > this.#maxFrameSize) {
        const most = `a frame of ${Buffer.byteLength(frame)} bytes, in base64, is more than the ${this.#maxFrameSize} of webSocketMaxTextFrameSize`;
        return reject(new TransportFailed("send message", "MessageTooBig", most));
      }
      const sequenceId = message.sequenceId ?? this.#lastSequenceId + 1;
      this.#lastSequenceId = sequenceId;
      const deadline = Date.now() + this.#options.sendTimeout;
      this.#open++;
      const chosen = message.sequenceId !== undefined;
      this.#waiting.push({
        context,
        sequenceId,
        frame,
        deadline,
        resolve,
        reject,
        chosen,
        tried: false,
        settled: false,
      });
      this.#watch ??= setTimeout(() => this.#expire(), this.#options.sendTimeout);
      if (this.#link.isOpen) this.#pump();
      else this.#link.start();
    });
  }

  /** Resolves when everything before has been confirmed or has failed. */
  whenIdle(): Promise<void> {
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  async close(): Promise<void> {
    this.#failAll(new TransportFailed("send message", "AlreadyClosed"));
    await this.#link.close();
  }

  #path(): string {
    const { path, producerName } = this.#options;
    const initialSequenceId = (this.#waiting.at(0)?.sequenceId ?? this.#lastSequenceId + 1) - 1;
    this.#next = initialSequenceId + 1;
    const query = new URLSearchParams({
      producerName,
      initialSequenceId: String(initialSequenceId),
      hashingScheme: "Murmur3_32Hash",
      messageRoutingMode: "RoundRobinPartition",
      // The broker would batch without regard to keys, which breaks Key_Shared, and would deduplicate whole batches only.
      batchingEnabled: "false",
      // It is this side that gives up, since only it knows.
      sendTimeoutMillis: "0",
    });
    return `producer/${path}?${query}`;
  }

  #pump(): void {
    for (let one = this.#waiting.at(0); one !== undefined && this.#link.isOpen; one = this.#waiting.at(0)) {
      if (one.sequenceId !== this.#next) {
        // What is on its way is confirmed first.
        for (const sent of this.#sent.values()) if (!sent.settled) return;
        this.#sent.clear();
        this.#link.restart();
        return;
      }
      this.#waiting.shift();
      this.#next++;
      this.#sent.set(one.context, one);
      this.#link.send(one.frame);
    }
  }

  #answered(text: string): void {
    const answer = JSON.parse(text) as Answer;
    const context = Number(answer.context);
    const pending = this.#sent.get(context);
    // Without a context it is an answer to something that this outbox did not send.
    if (pending === undefined) return;
    this.#sent.delete(context);
    if (answer.result === "ok" && answer.messageId !== undefined) this.#confirmed(pending, answer.messageId);
    else {
      const reason = answer.errorMsg ?? answer.result ?? "";
      this.#fail(pending, new TransportFailed("send message", codeOfReason(reason) ?? "UnknownError", reason));
      // Whether it has been counted is not known: begin anew with a number that is.
      this.#next = Number.NaN;
    }
    this.#tidy();
    this.#pump();
  }

  #confirmed(pending: Pending, messageId: string): void {
    const id = PulsarMessageId.deserialize(Buffer.from(messageId, "base64"));
    if (isDropped(id) && !pending.chosen && !pending.tried && this.#options.freshIds) {
      const reason =
        `the broker dropped it, since "${this.#options.producerName}" has sent a higher sequence id before: ` +
        "give a sequenceId to all messages of a producer name or to none";
      this.#fail(pending, new TransportFailed("send message", "UnknownError", reason));
    } else {
      this.#settle(pending, () => pending.resolve(id));
    }
  }

  #down(error: TransportFailed, permanent: boolean): void {
    this.#lastFailure = error.reason ?? error.message;
    const again = [...this.#sent.values()].filter((one) => !one.settled);
    this.#sent.clear();
    for (const one of again) one.tried = true;
    if (error.code === "MessageTooBig") this.#failLongest(again, error);
    const all = new Deque<Pending>();
    for (const one of again) if (!one.settled) all.push(one);
    for (let one = this.#waiting.shift(); one !== undefined; one = this.#waiting.shift()) all.push(one);
    this.#waiting = all;
    if (permanent) this.#failAll(error);
    this.#tidy();
  }

  /** The broker closes the connection at a frame that is too long, and does not say which: the longest is. */
  #failLongest(sent: readonly Pending[], { reason }: TransportFailed): void {
    const longest = Math.max(...sent.map((one) => one.frame.length));
    const one = sent.find(({ frame }) => frame.length === longest);
    if (one !== undefined) this.#fail(one, new TransportFailed("send message", "MessageTooBig", reason));
  }

  /** The oldest come first: in both, each follows those that were sent before. */
  #expire(): void {
    this.#watch = undefined;
    const now = Date.now();
    const detail = this.#link.isOpen
      ? "the broker has not confirmed it"
      : `not connected: ${this.#lastFailure ?? "connecting"}`;
    const fail = (one: Pending) => this.#fail(one, new TransportFailed("send message", "TimeOut", detail));
    let next: Pending | undefined;
    for (const one of this.#sent.values()) {
      if (one.settled) continue;
      next = one;
      if (one.deadline > now) break;
      // It keeps its place: those after it are counted from it.
      fail(one);
      next = undefined;
    }
    for (let one = this.#waiting.at(0); one !== undefined && one.deadline <= now; one = this.#waiting.at(0)) {
      this.#waiting.shift();
      fail(one);
    }
    this.#tidy();
    next ??= this.#waiting.at(0);
    if (next !== undefined) this.#watch = setTimeout(() => this.#expire(), Math.max(1, next.deadline - now));
  }

  #failAll(error: Error): void {
    for (const one of this.#sent.values()) this.#fail(one, error);
    this.#sent.clear();
    for (let one = this.#waiting.shift(); one !== undefined; one = this.#waiting.shift()) this.#fail(one, error);
    this.#tidy();
  }

  #fail(one: Pending, error: Error): void {
    this.#settle(one, () => one.reject(error));
  }

  #settle(one: Pending, tell: () => void): void {
    if (one.settled) return;
    one.settled = true;
    this.#open--;
    tell();
  }

  #tidy(): void {
    if (this.#open > 0) return;
    clearTimeout(this.#watch);
    this.#watch = undefined;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

interface Answer {
  readonly result?: string;
  readonly messageId?: string;
  readonly context?: string;
  readonly errorMsg?: string;
}

const frameOf = (
  { data, partitionKey = "", properties, eventTimestamp = 0 }: OutgoingMessage,
  context: number,
): string =>
  // JSON by hand: there is nothing to escape in base64.
  `{"payload":"${data.toString("base64")}","context":"${context}"` +
  (partitionKey === "" ? "" : `,"key":${JSON.stringify(partitionKey)}`) +
  (properties === undefined ? "" : `,"properties":${JSON.stringify(properties)}`) +
  (eventTimestamp === 0 ? "}" : `,"eventTime":"${new Date(eventTimestamp).toISOString()}"}`);

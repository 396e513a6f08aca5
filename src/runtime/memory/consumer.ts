import type { Cancel } from "../clock.js";
import { Deque } from "../deque.js";
import type { Message, MessageId, TransportConsumer, TransportConsumerConfig } from "../transport.js";
import type { Broker } from "./broker.js";
import type { Attachment, Dispatcher } from "./dispatcher.js";
import type { StoredMessage } from "./log.js";
import { isEarliest, isLatest, type MemoryMessageId, positionOf } from "./message-id.js";
import { failed } from "./producer.js";
import type { Subscription, Topic } from "./topic.js";

/** A consumer in memory. */
export class MemoryConsumer implements TransportConsumer {
  readonly #broker: Broker;
  readonly #topic: Topic;
  readonly #subscription: Subscription;
  readonly #config: TransportConsumerConfig;
  readonly #seats: readonly Seat[];
  readonly #queue = new Deque<Delivery>();
  readonly #receivers = new Deque<Receiver>();
  /** When each message was handed out, oldest first; for the acknowledgement timeout. */
  readonly #handedOut = new Map<string, { at: number; seat: Seat; entry: number }>();
  readonly #timers = new Set<Cancel>();
  #watch: Cancel | undefined;
  #closed = false;

  constructor(broker: Broker, topic: Topic, subscription: Subscription, config: TransportConsumerConfig) {
    this.#broker = broker;
    this.#topic = topic;
    this.#subscription = subscription;
    this.#config = config;
    const name = config.consumerName ?? broker.consumerName();
    const size = Math.max(1, config.receiverQueueSize ?? 1000);
    this.#seats = subscription.dispatchers.map((dispatcher) => {
      const seat: Seat = {
        dispatcher,
        size,
        taken: 0,
        attachment: {
          name,
          permits: size,
          epoch: 0,
          waiting: new Set(),
          deliver: (message, redeliveries) => this.#deliver(seat, message, redeliveries),
        },
      };
      return seat;
    });
    for (const { dispatcher, attachment } of this.#seats) dispatcher.attach(attachment);
  }

  receive(timeout?: number): Promise<Message> {
    if (this.#closed) return Promise.reject(failed("receive message", "AlreadyClosed"));
    const message = this.#take();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve, reject) => {
      const receiver: Receiver = { resolve, reject, gone: false, cancel: () => {} };
      if (timeout !== undefined && timeout > 0) {
        receiver.cancel = this.#broker.clock.after(timeout, () => {
          receiver.gone = true;
          reject(failed("receive message", "TimeOut"));
        });
      }
      this.#receivers.push(receiver);
    });
  }

  async batchReceive(): Promise<Message[]> {
    const messages: Message[] = [];
    try {
      // A tenth of a second, and then whatever there is: the client's own policy.
      messages.push(await this.receive(100));
    } catch (error) {
      if (this.#closed || !String(error).includes("TimeOut")) throw error;
    }
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      messages.push(next);
      if (messages.length === 1000) break;
    }
    return messages;
  }

  acknowledge(message: Message): Promise<null> {
    return this.acknowledgeId(message.getMessageId());
  }

  async acknowledgeId(messageId: MessageId): Promise<null> {
    if (this.#closed) throw failed("acknowledge message", "AlreadyClosed");
    const { partition, entry } = positionOf(messageId);
    this.#handedOut.delete(`${partition},${entry}`);
    if (!this.#broker.faults.dropsAcknowledgement()) this.#seat(partition)?.dispatcher.acknowledge(entry);
    return null;
  }

  negativeAcknowledge(message: Message): void {
    const { partition, entry } = positionOf(message.getMessageId());
    const seat = this.#seat(partition);
    if (this.#closed || seat === undefined) return;
    this.#handedOut.delete(`${partition},${entry}`);
    const cancel = this.#broker.clock.after(this.#config.nAckRedeliverTimeoutMs ?? 60_000, () => {
      this.#timers.delete(cancel);
      this.#redeliver(seat, entry);
    });
    this.#timers.add(cancel);
  }

  async seek(messageId: MessageId): Promise<null> {
    const id = positionOf(messageId);
    this.#reposition(({ log }) => {
      if (isEarliest(id)) return log.start;
      if (isLatest(id)) return log.end;
      return log.partition === id.partition ? id.entry + 1 : undefined;
    });
    return null;
  }

  async seekTimestamp(timestamp: number): Promise<null> {
    this.#reposition(({ log }) => log.entryAt(timestamp));
    return null;
  }

  isConnected(): boolean {
    return !this.#closed;
  }

  async close(): Promise<null> {
    if (this.#closed) throw failed("close consumer", "AlreadyClosed");
    this.drop();
    for (let next = this.#receivers.shift(); next !== undefined; next = this.#receivers.shift()) {
      next.cancel();
      next.reject(failed("receive message", "AlreadyClosed"));
    }
    return null;
  }

  whenDrained(): Promise<void> {
    if (this.#closed) return Promise.reject(failed("wait for messages", "AlreadyClosed"));
    return this.#subscription.whenDrained();
  }

  async backlog(): Promise<number> {
    return this.#subscription.backlog;
  }

  /** Leaves the subscription, as a process that died: what it had comes back, its receivers wait for ever. */
  drop(): void {
    this.#closed = true;
    this.#watch?.();
    for (const cancel of this.#timers) cancel();
    this.#queue.clear();
    this.#subscription.consumers--;
    for (const { dispatcher, attachment } of this.#seats) dispatcher.detach(attachment);
  }

  /** Loses its connection and finds it again. */
  reconnect(): void {
    this.#queue.clear();
    this.#handedOut.clear();
    for (const seat of this.#seats) {
      seat.dispatcher.giveBack(seat.attachment);
      seat.taken = 0;
      seat.attachment.permits = 0;
    }
    for (const { dispatcher, attachment, size } of this.#seats) dispatcher.flow(attachment, size);
  }

  #seat(partition: number): Seat | undefined {
    return this.#seats[Math.max(0, partition)];
  }

  #reposition(position: (dispatcher: Dispatcher) => number | undefined): void {
    if (this.#closed) throw failed("seek", "AlreadyClosed");
    for (const dispatcher of this.#subscription.dispatchers) {
      const entry = position(dispatcher);
      if (entry !== undefined) dispatcher.seek(entry);
    }
  }

  #deliver(seat: Seat, message: StoredMessage, redeliveries: number): void {
    const delivery = { seat, epoch: seat.attachment.epoch, message, redeliveries };
    this.#queue.push(delivery);
    if (this.#broker.faults.duplicates()) this.#queue.push({ ...delivery, again: true });
    this.#serve();
  }

  #serve(): void {
    while (this.#receivers.length > 0) {
      if (this.#receivers.at(0)?.gone) {
        this.#receivers.shift();
        continue;
      }
      const message = this.#take();
      if (message === undefined) return;
      const receiver = this.#receivers.shift();
      receiver?.cancel();
      receiver?.resolve(message);
    }
  }

  #take(): Message | undefined {
    for (;;) {
      const delivery = this.#queue.removeAt(this.#choose());
      if (delivery === undefined) return undefined;
      const { seat, epoch, message, redeliveries } = delivery;
      if (!delivery.again) this.#makeRoom(seat);
      // What was delivered before a seek or a reconnection is delivered anew.
      if (epoch !== seat.attachment.epoch) continue;
      this.#watchFor(seat, message);
      return new MemoryMessage(message, redeliveries);
    }
  }

  /** The next in the queue, or under a fault another one that is the first of its key. */
  #choose(): number {
    const chosen = this.#broker.faults.choose(Math.min(16, this.#queue.length));
    const key = this.#queue.at(chosen)?.message.key;
    for (let index = 0; index < chosen; index++) if (this.#queue.at(index)?.message.key === key) return index;
    return chosen;
  }

  /** Permits go back by the half queue, as the client does it. */
  #makeRoom(seat: Seat): void {
    seat.taken++;
    if (seat.taken * 2 < seat.size) return;
    const { taken } = seat;
    seat.taken = 0;
    seat.dispatcher.flow(seat.attachment, taken);
  }

  #watchFor(seat: Seat, { id }: StoredMessage): void {
    const { ackTimeoutMs = 0 } = this.#config;
    if (ackTimeoutMs === 0) return;
    const { clock } = this.#broker;
    this.#handedOut.set(`${id.partition},${id.entry}`, { at: clock.now(), seat, entry: id.entry });
    this.#watch ??= clock.after(ackTimeoutMs, () => this.#expire(ackTimeoutMs));
  }

  #expire(timeout: number): void {
    const { clock } = this.#broker;
    this.#watch = undefined;
    for (const [key, { at, seat, entry }] of this.#handedOut) {
      if (at + timeout > clock.now()) {
        this.#watch = clock.after(at + timeout - clock.now(), () => this.#expire(timeout));
        return;
      }
      this.#handedOut.delete(key);
      this.#redeliver(seat, entry);
    }
  }

  #redeliver(seat: Seat, entry: number): void {
    const policy = this.#config.deadLetterPolicy;
    const after = policy?.maxRedeliverCount ?? 0;
    seat.dispatcher.redeliver(
      entry,
      seat.attachment,
      policy === undefined || after === 0
        ? undefined
        : { after, send: (message) => this.#broker.deadLetter(message, policy, this.#topic, this.#subscription) },
    );
  }
}

interface Seat {
  readonly dispatcher: Dispatcher;
  readonly attachment: Attachment;
  readonly size: number;
  /** Handed on since permits were last given back. */
  taken: number;
}

interface Delivery {
  readonly seat: Seat;
  readonly epoch: number;
  readonly message: StoredMessage;
  readonly redeliveries: number;
  /** The second of a delivery that a fault has doubled. */
  readonly again?: boolean;
}

interface Receiver {
  readonly resolve: (message: Message) => void;
  readonly reject: (error: Error) => void;
  gone: boolean;
  cancel: Cancel;
}

/** A message as it is handed out. */
export class MemoryMessage implements Message {
  readonly #stored: StoredMessage;
  readonly #redeliveries: number;

  constructor(stored: StoredMessage, redeliveries: number) {
    this.#stored = stored;
    this.#redeliveries = redeliveries;
  }

  getTopicName(): string {
    return this.#stored.topic;
  }
  getProperties(): { [key: string]: string } {
    return { ...this.#stored.properties };
  }
  /** A copy: others read the same message. */
  getData(): Buffer {
    return Buffer.from(this.#stored.data);
  }
  getMessageId(): MemoryMessageId {
    return this.#stored.id;
  }
  getPublishTimestamp(): number {
    return this.#stored.publishTime;
  }
  getEventTimestamp(): number {
    return this.#stored.eventTime;
  }
  getRedeliveryCount(): number {
    return this.#redeliveries;
  }
  getPartitionKey(): string {
    return this.#stored.key;
  }
  getProducerName(): string {
    return this.#stored.producer;
  }
}

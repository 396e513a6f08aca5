import { Deque } from "../deque.js";
import type { SubscriptionType } from "../transport.js";
import { KeyRanges } from "./key-ranges.js";
import type { PartitionLog, StoredMessage } from "./log.js";

/** A consumer's place at one partition. */
export interface Attachment {
  readonly name: string;
  /** How many messages it takes before it has handed some on. */
  permits: number;
  /** Grows when what was sent before no longer counts. */
  epoch: number;
  /** Hashes of keys that wait for its permits. */
  readonly waiting: Set<number>;
  deliver(message: StoredMessage, redeliveries: number): void;
}

/** What a subscription does with messages that were redelivered too often. */
export type DeadLetter = (message: StoredMessage) => void;

/** How many messages may wait for their keys before the log is not read on. */
const mostHeld = 2000;

/** The cursor of a subscription in one partition, and who gets its messages. */
export class Dispatcher {
  readonly log: PartitionLog;
  type: SubscriptionType;
  /** Called after each acknowledgement. */
  onAcknowledged: () => void = () => {};
  readonly #attachments: Attachment[] = [];
  readonly #pending = new Map<number, Attachment>();
  readonly #redeliveries = new Map<number, number>();
  /** All below are acknowledged. */
  #floor: number;
  /** Acknowledged ones above the floor. */
  readonly #acknowledged = new Set<number>();
  #next: number;
  /** Entries that wait to be delivered again, ascending. Shared only. */
  #again: number[] = [];
  #turn = 0;
  #active: Attachment | undefined;
  readonly #ranges = new KeyRanges<Attachment>();
  readonly #keys = new Map<number, KeyState>();
  #held = 0;
  #dispatching = false;

  constructor(log: PartitionLog, type: SubscriptionType, position: number) {
    this.log = log;
    this.type = type;
    this.#floor = position;
    this.#next = position;
    log.dispatchers.add(this);
  }

  get floor(): number {
    return this.#floor;
  }

  get drained(): boolean {
    return this.#floor >= this.log.end;
  }

  /** Messages that are not acknowledged. */
  get backlog(): number {
    return this.log.end - this.#floor - this.#acknowledged.size;
  }

  attach(attachment: Attachment): void {
    this.#attachments.push(attachment);
    this.#attachments.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    this.#ranges.add(attachment);
    this.#chooseActive();
    this.#reviewKeys();
    this.dispatch();
  }

  detach(attachment: Attachment): void {
    const index = this.#attachments.indexOf(attachment);
    if (index < 0) return;
    this.#attachments.splice(index, 1);
    this.#ranges.remove(attachment);
    this.giveBack(attachment);
    this.#chooseActive();
    this.#reviewKeys();
    this.dispatch();
  }

  /** What the consumer has not acknowledged is delivered again, to whoever it belongs to now. */
  giveBack(attachment: Attachment): void {
    attachment.epoch++;
    if (this.#single()) {
      if (attachment === this.#active) this.#rewind();
      return;
    }
    const entries = [...this.#pending].filter(([, owner]) => owner === attachment).map(([entry]) => entry);
    for (const entry of entries) this.#pending.delete(entry);
    this.#repeat(entries);
  }

  /** Gives the consumer room for more. */
  flow(attachment: Attachment, permits: number): void {
    attachment.permits += permits;
    for (const hash of attachment.waiting) {
      if (attachment.permits <= 0) break;
      attachment.waiting.delete(hash);
      this.#deliverHeld(hash);
    }
    this.dispatch();
  }

  acknowledge(entry: number): void {
    if (entry < this.#floor || entry >= this.log.end || this.#acknowledged.has(entry)) return;
    this.#acknowledged.add(entry);
    while (this.#acknowledged.delete(this.#floor)) this.#floor++;
    this.#redeliveries.delete(entry);
    if (this.#pending.delete(entry)) this.#settleKey(entry);
    this.onAcknowledged();
  }

  /** Delivers again what a consumer could not handle. In subscriptions with an order that is all it has not acknowledged. */
  redeliver(entry: number, attachment: Attachment, deadLetter: { after: number; send: DeadLetter } | undefined): void {
    if (this.#pending.get(entry) !== attachment) return;
    if (this.#single()) {
      attachment.epoch++;
      this.#rewind();
      this.dispatch();
      return;
    }
    const count = (this.#redeliveries.get(entry) ?? 0) + 1;
    const message = this.log.at(entry);
    if (deadLetter !== undefined && count > deadLetter.after && message !== undefined) {
      deadLetter.send(message);
      this.acknowledge(entry);
      return;
    }
    this.#redeliveries.set(entry, count);
    this.#pending.delete(entry);
    this.#repeat([entry]);
    this.dispatch();
  }

  /** Moves the cursor: what comes from there on is delivered, acknowledged or not. */
  seek(entry: number): void {
    this.#floor = Math.max(entry, this.log.start);
    this.#next = this.#floor;
    this.#acknowledged.clear();
    this.#pending.clear();
    this.#redeliveries.clear();
    this.#again = [];
    this.#keys.clear();
    this.#held = 0;
    for (const attachment of this.#attachments) {
      attachment.epoch++;
      attachment.waiting.clear();
    }
    this.dispatch();
  }

  /** Hands out what can be handed out. */
  dispatch(): void {
    // A delivery may run into this again; the loop that runs already goes on with it.
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      if (this.#single()) this.#dispatchToActive();
      else if (this.type === "Shared") this.#dispatchToAll();
      else this.#dispatchByKey();
    } finally {
      this.#dispatching = false;
    }
  }

  #single(): boolean {
    return this.type === "Exclusive" || this.type === "Failover";
  }

  #chooseActive(): void {
    if (!this.#single()) return;
    const turn = Math.max(0, this.log.partition) % Math.max(1, this.#attachments.length);
    const chosen = this.#attachments[turn];
    if (chosen === this.#active) return;
    if (this.#active !== undefined) this.#active.epoch++;
    this.#active = chosen;
    this.#rewind();
  }

  #rewind(): void {
    this.#pending.clear();
    this.#next = this.#floor;
  }

  #deliver(message: StoredMessage, attachment: Attachment): void {
    attachment.permits--;
    this.#pending.set(message.id.entry, attachment);
    attachment.deliver(message, this.#redeliveries.get(message.id.entry) ?? 0);
  }

  /** The next message that was never delivered, or undefined. */
  #read(): StoredMessage | undefined {
    this.#next = Math.max(this.#next, this.log.start);
    while (this.#next < this.log.visible) {
      const entry = this.#next++;
      if (!this.#acknowledged.has(entry)) return this.log.at(entry);
    }
    return undefined;
  }

  #dispatchToActive(): void {
    while (this.#active !== undefined && this.#active.permits > 0) {
      const message = this.#read();
      if (message === undefined) return;
      this.#deliver(message, this.#active);
    }
  }

  #dispatchToAll(): void {
    for (let target = this.#nextInTurn(); target !== undefined; target = this.#nextInTurn()) {
      const again = this.#again.shift();
      const message = again === undefined ? this.#read() : this.log.at(again);
      if (message === undefined) {
        if (again === undefined) return;
        continue;
      }
      this.#turn = this.#attachments.indexOf(target) + 1;
      this.#deliver(message, target);
    }
  }

  #nextInTurn(): Attachment | undefined {
    for (let tried = 0; tried < this.#attachments.length; tried++) {
      const attachment = this.#attachments[(this.#turn + tried) % this.#attachments.length];
      if (attachment !== undefined && attachment.permits > 0) return attachment;
    }
    return undefined;
  }

  #dispatchByKey(): void {
    while (this.#attachments.length > 0 && this.#held < mostHeld) {
      const message = this.#read();
      if (message === undefined) return;
      const state = this.#keyState(message.hash);
      state.held.push(message.id.entry);
      this.#held++;
      if (state.held.length === 1) this.#deliverHeld(message.hash);
    }
  }

  #keyState(hash: number): KeyState {
    let state = this.#keys.get(hash);
    if (state === undefined) {
      state = { owner: undefined, unacknowledged: 0, held: new Deque() };
      this.#keys.set(hash, state);
    }
    return state;
  }

  /** In order, and never to a new owner while the old one still has messages of the key. */
  #deliverHeld(hash: number): void {
    const state = this.#keys.get(hash);
    const owner = this.#ranges.of(hash);
    if (state === undefined || owner === undefined) return;
    while (state.held.length > 0) {
      if (state.unacknowledged > 0 && state.owner !== owner) return;
      if (owner.permits <= 0) {
        owner.waiting.add(hash);
        return;
      }
      const entry = state.held.shift() as number;
      this.#held--;
      const message = this.log.at(entry);
      if (message === undefined || this.#acknowledged.has(entry) || entry < this.#floor) continue;
      state.owner = owner;
      state.unacknowledged++;
      this.#deliver(message, owner);
    }
    if (state.unacknowledged === 0) this.#keys.delete(hash);
  }

  #settleKey(entry: number): void {
    const message = this.type === "KeyShared" ? this.log.at(entry) : undefined;
    const state = message === undefined ? undefined : this.#keys.get(message.hash);
    if (message === undefined || state === undefined) return;
    state.unacknowledged--;
    if (state.unacknowledged > 0) return;
    if (state.held.length === 0) this.#keys.delete(message.hash);
    else this.#deliverHeld(message.hash);
    this.dispatch();
  }

  #reviewKeys(): void {
    for (const attachment of this.#attachments) attachment.waiting.clear();
    for (const hash of [...this.#keys.keys()]) this.#deliverHeld(hash);
  }

  #repeat(entries: readonly number[]): void {
    const open = entries.filter((entry) => entry >= this.#floor && !this.#acknowledged.has(entry));
    if (this.type !== "KeyShared") {
      this.#again = [...this.#again, ...open].sort((a, b) => a - b);
      return;
    }
    const byHash = new Map<number, number[]>();
    for (const entry of open) {
      const hash = this.log.at(entry)?.hash ?? 0;
      const list = byHash.get(hash);
      if (list === undefined) byHash.set(hash, [entry]);
      else list.push(entry);
    }
    for (const [hash, list] of byHash) this.#hold(hash, list);
  }

  /** Back to the others of the key that wait, in the order of the log. */
  #hold(hash: number, entries: number[]): void {
    const state = this.#keyState(hash);
    state.unacknowledged = Math.max(0, state.unacknowledged - entries.length);
    this.#held += entries.length;
    while (state.held.length > 0) entries.push(state.held.shift() as number);
    for (const entry of entries.sort((a, b) => a - b)) state.held.push(entry);
    this.#deliverHeld(hash);
  }
}

interface KeyState {
  owner: Attachment | undefined;
  /** Delivered to the owner and not acknowledged. */
  unacknowledged: number;
  readonly held: Deque<number>;
}

import type { FailureCode } from "../errors.js";

/** What a broker in memory does wrong, on request: to see that nothing is lost. */
export interface Faults {
  /** The next sends fail; `stored`: only their confirmation is lost. */
  failSends(count: number, options?: { readonly stored?: boolean; readonly error?: FailureCode }): void;
  /** The next acknowledgements are lost, though they are confirmed. */
  dropAcknowledgements(count: number): void;
  /** The next messages are delivered twice. */
  duplicateDeliveries(count: number): void;
  /** Messages are seen so many milliseconds after they were stored; 0 ends it. */
  delayDeliveries(milliseconds: number): void;
  /** Messages of different keys are handed out in another order, those of one key are not; undefined ends it. */
  shuffleKeys(seed: number | undefined): void;
  /** Every consumer loses its connection for a moment: what it has not acknowledged comes back. */
  disconnect(): void;
}

/** The state of the faults, as the broker asks for it. */
export class FaultState {
  #failures: { stored: boolean; error: FailureCode }[] = [];
  #acknowledgements = 0;
  #duplicates = 0;
  #random: (() => number) | undefined;
  delay = 0;

  failSends(
    count: number,
    { stored = false, error = "TimeOut" }: { stored?: boolean; error?: FailureCode } = {},
  ): void {
    for (let i = 0; i < count; i++) this.#failures.push({ stored, error });
  }

  dropAcknowledgements(count: number): void {
    this.#acknowledgements += count;
  }

  duplicateDeliveries(count: number): void {
    this.#duplicates += count;
  }

  shuffleKeys(seed: number | undefined): void {
    this.#random = seed === undefined ? undefined : random(seed);
  }

  nextSend(): { readonly stored: boolean; readonly error: FailureCode } | undefined {
    return this.#failures.shift();
  }

  dropsAcknowledgement(): boolean {
    return this.#acknowledgements > 0 && this.#acknowledgements-- > 0;
  }

  duplicates(): boolean {
    return this.#duplicates > 0 && this.#duplicates-- > 0;
  }

  /** Which of so many to take next. */
  choose(count: number): number {
    return this.#random === undefined ? 0 : Math.floor(this.#random() * count);
  }
}

/** Mulberry32: small, and the same everywhere. */
const random = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
};

/** A number of things that may go on at a time; the others wait in the order they came. */
export interface Slots {
  /** Takes a slot when one is free and nobody waits. */
  take(): boolean;
  /** Waits for a slot, and takes it. */
  wait(): Promise<void>;
  free(): void;
}

/** So many slots. */
export const createSlots = (limit: number): Slots => {
  let used = 0;
  let waiting: (() => void)[] = [];
  let head = 0;
  const next = (): (() => void) | undefined => {
    const one = waiting[head];
    if (one === undefined) return undefined;
    head++;
    // Cut off now and then, since shift() moves all the others.
    if (head > 1000 && head * 2 > waiting.length) {
      waiting = waiting.slice(head);
      head = 0;
    }
    return one;
  };
  return {
    take() {
      if (used >= limit || head < waiting.length) return false;
      used++;
      return true;
    },
    wait: () => new Promise((resolve) => waiting.push(resolve)),
    free() {
      const one = next();
      if (one !== undefined) one();
      else used--;
    },
  };
};

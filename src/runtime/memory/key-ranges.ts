/** Which consumer gets which hashes of keys, as Pulsar splits 2^16 of them: a new one halves the largest range. */
export class KeyRanges<Consumer> {
  /** Ascending; each range ends before `end`, and starts where the one before ends. */
  #ranges: { end: number; readonly consumer: Consumer }[] = [];

  add(consumer: Consumer): void {
    if (this.#ranges.length === 0) {
      this.#ranges.push({ end: 0x10000, consumer });
      return;
    }
    let largest = 0;
    const size = (index: number) => (this.#ranges[index]?.end ?? 0) - (this.#ranges[index - 1]?.end ?? 0);
    for (let index = 1; index < this.#ranges.length; index++) if (size(index) > size(largest)) largest = index;
    const from = this.#ranges[largest - 1]?.end ?? 0;
    this.#ranges.splice(largest, 0, { end: from + (size(largest) >> 1), consumer });
  }

  remove(consumer: Consumer): void {
    const index = this.#ranges.findIndex((range) => range.consumer === consumer);
    if (index < 0) return;
    const [removed] = this.#ranges.splice(index, 1);
    // The range above grows down by itself; the last one has none above it.
    const last = this.#ranges.at(-1);
    if (removed !== undefined && index === this.#ranges.length && last !== undefined) last.end = removed.end;
  }

  of(hash: number): Consumer | undefined {
    return this.#ranges.find((range) => hash < range.end)?.consumer;
  }
}

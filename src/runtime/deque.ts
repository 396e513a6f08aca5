/** A queue whose ends are both cheap; reading by index too. */
export class Deque<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    return this.removeAt(0);
  }

  at(index: number): T | undefined {
    return this.#items[this.#head + index];
  }

  /** Cheap near the front. */
  removeAt(index: number): T | undefined {
    if (index >= this.length) return undefined;
    const at = this.#head + index;
    const item = this.#items[at];
    for (let i = at; i > this.#head; i--) this.#items[i] = this.#items[i - 1];
    this.#items[this.#head++] = undefined;
    this.#compact();
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }

  #compact(): void {
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}

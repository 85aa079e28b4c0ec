/** The order in which the keys of a state changed, from which a reader goes on where it is. */

/** Changes that later ones of their keys followed are forgotten together, when there are many. */
const spare = 1_000;

export class ChangeOrder {
  /** Rising; `#keys` has the key of each. */
  #offsets: number[] = [];
  #keys: string[] = [];

  get length(): number {
    return this.#offsets.length;
  }

  clear(): void {
    this.#offsets = [];
    this.#keys = [];
  }

  /** @param offset higher than any before. */
  push(key: string, offset: number): void {
    this.#offsets.push(offset);
    this.#keys.push(key);
  }

  /** All that changed after an offset; what changed again may stand there more than once. */
  *after(offset: number): Iterable<{ readonly key: string; readonly offset: number }> {
    for (let i = this.#firstAfter(offset); i < this.#offsets.length; i++) {
      yield { key: this.#keys[i] ?? "", offset: this.#offsets[i] ?? 0 };
    }
  }

  /**
   * Forgets changes that others followed, when they are the most part.
   * @param keys how many there are.
   * @param isLatest whether the key has not changed again.
   */
  tidy(keys: number, isLatest: (key: string, offset: number) => boolean): void {
    if (this.length <= 2 * keys + spare) return;
    const all = [...this.after(-1)];
    this.clear();
    for (const { key, offset } of all) if (isLatest(key, offset)) this.push(key, offset);
  }

  #firstAfter(offset: number): number {
    let low = 0;
    for (let high = this.#offsets.length; low < high;) {
      const middle = (low + high) >>> 1;
      if ((this.#offsets[middle] ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

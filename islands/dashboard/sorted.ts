/** Items by their keys, in order: a change costs little, however many there are. */
export class SortedList<Item> {
  readonly #compare: (a: Item, b: Item) => number;
  readonly #byKey = new Map<string, Item>();
  #items: Item[] = [];

  /** @param compare 0 for one and the same key alone */
  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  get(key: string): Item | undefined {
    return this.#byKey.get(key);
  }

  /** As they are now: later changes are not seen in it. */
  toArray(): readonly Item[] {
    return this.#items.slice();
  }

  reset(entries: Iterable<readonly [string, Item]>): void {
    this.#byKey.clear();
    for (const [key, item] of entries) this.#byKey.set(key, item);
    this.#items = [...this.#byKey.values()].sort(this.#compare);
  }

  set(key: string, item: Item): void {
    const before = this.#byKey.get(key);
    this.#byKey.set(key, item);
    if (before !== undefined) {
      const place = this.#placeOf(before);
      if (this.#compare(before, item) === 0) {
        this.#items[place] = item;
        return;
      }
      this.#items.splice(place, 1);
    }
    this.#items.splice(this.#placeOf(item), 0, item);
  }

  delete(key: string): void {
    const item = this.#byKey.get(key);
    if (item === undefined) return;
    this.#byKey.delete(key);
    this.#items.splice(this.#placeOf(item), 1);
  }

  /** Where it is, or would be. */
  #placeOf(item: Item): number {
    let first = 0;
    let end = this.#items.length;
    while (first < end) {
      const middle = (first + end) >> 1;
      const other = this.#items[middle];
      if (other !== undefined && this.#compare(other, item) < 0) first = middle + 1;
      else end = middle;
    }
    return first;
  }
}

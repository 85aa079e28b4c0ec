/** One of the dashboard's lists: kept up to date at once, shown when there is time for it. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { SortedList } from "./sorted.ts";

export class Listing<Item> {
  readonly #sorted: SortedList<Item>;
  readonly #keyOf: (item: Item) => string;
  readonly #items;
  readonly #count;
  #total: number | null;
  #isShown = true;

  /** @param known what the server read, at most `room`: it may be a part of more */
  constructor(
    compare: (a: Item, b: Item) => number,
    keyOf: (item: Item) => string,
    known: readonly Item[] | undefined,
    room: number,
  ) {
    this.#sorted = new SortedList(compare);
    this.#keyOf = keyOf;
    if (known !== undefined) this.#sorted.reset(known.map((item) => [keyOf(item), item]));
    this.#total = known === undefined || known.length >= room ? null : known.length;
    this.#items = signal(known === undefined ? null : this.#sorted.toArray());
    this.#count = signal(this.#total);
  }

  /** In order; null: not known yet. */
  get items(): ReadonlySignal<readonly Item[] | null> {
    return this.#items;
  }

  /** How many there are in all; null: not known. */
  get count(): ReadonlySignal<number | null> {
    return this.#count;
  }

  /** As it is, shown or not. */
  get(key: string): Item | undefined {
    return this.#sorted.get(key);
  }

  readonly keyOf = (item: Item): string => this.#keyOf(item);

  reset(entries: ReadonlyMap<string, Item>, total: number): void {
    this.#sorted.reset(entries);
    this.#changed(total);
  }

  set(item: Item, total: number): void {
    this.#sorted.set(this.#keyOf(item), item);
    this.#changed(total);
  }

  delete(key: string, total?: number): void {
    this.#sorted.delete(key);
    this.#changed(total);
  }

  show(): void {
    if (this.#isShown) return;
    this.#isShown = true;
    this.#items.value = this.#sorted.toArray();
    this.#count.value = this.#total;
  }

  #changed(total: number | null = this.#total): void {
    this.#total = total;
    this.#isShown = false;
  }
}

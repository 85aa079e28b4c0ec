/** The keys of one channel that somebody follows in this isolate. Their data is bounded in all. */
import { maxStateLength } from "../channels.ts";
import { type Entry, unknown, type Value } from "./entry.ts";

export class KeyTable {
  readonly #entries = new Map<string, Entry>();
  readonly #maxLength: number;
  /** UTF-16 units of what is known. */
  #length = 0;

  constructor(maxLength = maxStateLength) {
    this.#maxLength = maxLength;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  /** The entry of a key, made where there is none. */
  open(key: string): Entry {
    const before = this.#entries.get(key);
    if (before !== undefined) return before;
    const entry: Entry = { key, trackers: new Set(), value: unknown, published: null };
    this.#entries.set(key, entry);
    return entry;
  }

  /** Whether there was room for it. */
  set(entry: Entry, value: Value): boolean {
    const length = this.#length - lengthOf(entry.value) + lengthOf(value);
    if (length > this.#maxLength && length > this.#length) return false;
    this.#length = length;
    entry.value = value;
    return true;
  }

  drop({ key }: Entry): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#length -= lengthOf(entry.value);
  }
}

/** The text is in the push once more. */
function lengthOf(value: Value): number {
  return value.kind === "known" ? value.text.length + value.push.length : 0;
}

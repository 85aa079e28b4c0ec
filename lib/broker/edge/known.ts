/** What an isolate knows of channels since its last commit to them, or read of them. */
import type { Head } from "./head.ts";
import type { StoredEntry } from "./state_row.ts";

const maxHeads = 20_000;
/** Of entries, those with tags counting for more. */
const maxWeight = 100_000;

/** A head, and what is known of the channel's keys at that very head. */
export interface Known {
  readonly head: Head;
  readonly entries: KnownEntries;
}

export class KnownEntries {
  /** null: the key is not there. */
  readonly #entries = new Map<string, StoredEntry | null>();
  #weight = 0;
  #there = 0;

  get weight(): number {
    return this.#weight;
  }

  /** How many of the keys that are there it knows. */
  get there(): number {
    return this.#there;
  }

  /** undefined: nothing is known of it. */
  get(key: string): StoredEntry | null | undefined {
    return this.#entries.get(key);
  }

  set(key: string, entry: StoredEntry | null): void {
    const before = this.#entries.get(key);
    this.#weight += weightOf(entry) - weightOf(before);
    this.#there += (entry === null ? 0 : 1) - (before ? 1 : 0);
    this.#entries.set(key, entry);
  }
}

/** Forgets first what was longest not used. */
export class KnownChannels {
  readonly #channels = new Map<string, Known & { readonly weight: number }>();
  #weight = 0;

  get(channel: string): Known | undefined {
    return this.#channels.get(channel);
  }

  set(channel: string, { head, entries }: Known): void {
    this.delete(channel);
    const { weight } = entries;
    this.#channels.set(channel, { head, entries, weight });
    this.#weight += weight;
    for (const [oldest] of this.#channels) {
      if (this.#channels.size <= maxHeads && this.#weight <= maxWeight) return;
      this.delete(oldest);
    }
  }

  delete(channel: string): void {
    this.#weight -= this.#channels.get(channel)?.weight ?? 0;
    this.#channels.delete(channel);
  }
}

function weightOf(entry: StoredEntry | null | undefined): number {
  if (entry === undefined) return 0;
  return entry?.tags === undefined ? 1 : 2 + Object.keys(entry.tags).length * 2;
}

/**
 * The state of a keyed channel as its subscribers in this isolate have been given it: the latest
 * publication of each key. What somebody missed is read from here as the latest of each key changed
 * since, which is all that a reader of state needs of it.
 */
import type { Publication, Tags } from "../protocol/publication.ts";
import { ChangeOrder } from "./change_order.ts";
import type { Before, Replaced } from "./filtered.ts";

/** Removals that are remembered, so that those who were away can be told of them. */
const maxRemovals = 10_000;

export class Mirror {
  /** In the order of their offsets: what changes moves to the end. */
  readonly #entries = new Map<string, Publication>();
  readonly #removals = new Map<string, Publication>();
  /** Of the keys of both. */
  readonly #order = new ChangeOrder();
  /**
   * The offset since when each key, there or removed, has had the tags it has; of one that is not in
   * here, that of its entry.
   */
  readonly #taggedSince = new Map<string, number>();
  /** Removals up to this offset may be forgotten. */
  #horizon = 0;
  /** What a key that changes up to this offset had before is unknown where it is not in here. */
  #wholeFrom = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Publication | undefined {
    return this.#entries.get(key);
  }

  /** In the order of their offsets. */
  entries(): Iterable<Publication> {
    return this.#entries.values();
  }

  /** The entry that has not changed for the longest time. */
  oldest(): Publication | undefined {
    const [oldest] = this.#entries.values();
    return oldest;
  }

  /**
   * Starts over with the state at `offset`.
   * @param until keys that changed after it and up to here may be missing.
   */
  load(entries: readonly Publication[], offset: number, until = offset): void {
    this.#entries.clear();
    this.#removals.clear();
    this.#taggedSince.clear();
    this.#order.clear();
    this.#horizon = offset;
    this.#wholeFrom = until;
    for (const entry of entries.toSorted((a, b) => offsetOf(a) - offsetOf(b))) {
      if (entry.key === undefined) continue;
      this.#entries.set(entry.key, entry);
      this.#order.push(entry.key, offsetOf(entry));
    }
  }

  /** @param publications follow those it has. Returns what each took the place of. */
  apply(publications: readonly Publication[]): Replaced {
    const replaced = publications.map((publication) => this.#apply(publication));
    for (const [key, removal] of this.#removals) {
      if (this.#removals.size <= maxRemovals) break;
      this.#removals.delete(key);
      this.#taggedSince.delete(key);
      this.#horizon = offsetOf(removal);
    }
    const keys = this.#entries.size + this.#removals.size;
    this.#order.tidy(keys, (key, offset) => this.#changedAt(key, offset) !== undefined);
    return replaced;
  }

  /** Whether it still knows all that changed after an offset. */
  reaches(offset: number): boolean {
    return offset >= this.#horizon;
  }

  /**
   * The latest of each key that changed after an offset, in the order of their offsets, at most
   * `limit`; undefined when it may have forgotten a removal since.
   */
  changesSince(since: number, limit = Infinity): Publication[] | undefined {
    if (!this.reaches(since)) return undefined;
    const changes: Publication[] = [];
    for (const { key, offset } of this.#order.after(since)) {
      if (changes.length >= limit) break;
      const latest = this.#changedAt(key, offset);
      if (latest !== undefined) changes.push(latest);
    }
    return changes;
  }

  /**
   * Whether a key may have had other tags than now at any offset from the given one on. One that was
   * not there before has not.
   */
  mayHaveChangedTags(key: string, offset: number): boolean {
    const held = this.#entries.get(key) ?? this.#removals.get(key);
    if (held === undefined) return true;
    return (this.#taggedSince.get(key) ?? offsetOf(held)) > offset;
  }

  #apply(publication: Publication): Before {
    const { key } = publication;
    if (key === undefined || publication.position === null) return null;
    const before = this.#entries.get(key);
    const held = before ?? this.#removals.get(key);
    const missing = held === undefined && publication.position.offset <= this.#wholeFrom;
    this.#noteTags(key, publication, missing ? "unknown" : held);
    this.#entries.delete(key);
    this.#removals.delete(key);
    (publication.removed ? this.#removals : this.#entries).set(key, publication);
    this.#order.push(key, publication.position.offset);
    return missing ? "unknown" : before ?? null;
  }

  /** The key's latest, if that has this offset. */
  #changedAt(key: string, offset: number): Publication | undefined {
    const latest = this.#entries.get(key) ?? this.#removals.get(key);
    return latest !== undefined && offsetOf(latest) === offset ? latest : undefined;
  }

  #noteTags(
    key: string,
    publication: Publication,
    before: Publication | "unknown" | undefined,
  ): void {
    if (before === undefined) this.#taggedSince.set(key, this.#horizon);
    else if (before === "unknown" || !sameTags(before.tags, publication.tags)) {
      this.#taggedSince.set(key, offsetOf(publication));
    } else if (!this.#taggedSince.has(key)) this.#taggedSince.set(key, offsetOf(before));
  }
}

function sameTags(a: Tags = {}, b: Tags = {}): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** The last of each key, in order. */
export function latestOfEach(publications: readonly Publication[]): Publication[] {
  const latest = new Map<string | undefined, Publication>();
  for (const publication of publications) {
    latest.delete(publication.key);
    latest.set(publication.key, publication);
  }
  return [...latest.values()];
}

function offsetOf({ position }: Publication): number {
  return position?.offset ?? 0;
}

/**
 * The last publications of a channel in this isolate, bounded in number and size: whoever comes
 * back after a short absence is served from here, not by a read of the log.
 */
import type { Publication } from "../protocol/publication.ts";

export class Ring {
  readonly #maxCount: number;
  readonly #maxLength: number;
  #kept: Publication[] = [];
  /** Index of the oldest one still counted; what is before it, half at most, waits to be cut off. */
  #first = 0;
  #length = 0;

  /** @param maxLength of all bodies together, in UTF-16 units. */
  constructor(maxCount: number, maxLength: number) {
    this.#maxCount = maxCount;
    this.#maxLength = maxLength;
  }

  /** @param publications follow those that are in it; those without a position are left out. */
  push(publications: readonly Publication[]): void {
    for (const publication of publications) {
      if (publication.position === null) continue;
      this.#kept.push(publication);
      this.#length += publication.body.length;
    }
    while (
      this.#kept.length - this.#first > this.#maxCount ||
      (this.#length > this.#maxLength && this.#kept.length > this.#first)
    ) {
      this.#length -= this.#kept[this.#first]?.body.length ?? 0;
      this.#first++;
    }
    if (this.#first * 2 > this.#kept.length) {
      this.#kept = this.#kept.slice(this.#first);
      this.#first = 0;
    }
  }

  clear(): void {
    this.#kept = [];
    this.#first = 0;
    this.#length = 0;
  }

  /**
   * At most `limit` publications after an offset, or undefined when it does not reach back so far.
   * The epoch is the caller's to compare.
   */
  after(offset: number, limit: number): Publication[] | undefined {
    const oldest = this.#kept[this.#first]?.position?.offset;
    if (oldest === undefined || offset < oldest - 1) return undefined;
    const start = this.#first + (offset - oldest + 1);
    return this.#kept.slice(start, start + limit);
  }
}

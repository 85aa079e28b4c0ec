/** What is in order and waits for a channel's next flush. */
import type { Publication } from "../protocol/publication.ts";

/** What one flush carries at most, in UTF-16 units of bodies: every subscriber gets a copy of it. */
export const maxFlushLength = 256 * 1024;

export class Pending {
  #publications: Publication[] = [];
  #length = 0;

  get count(): number {
    return this.#publications.length;
  }

  /** UTF-16 units of all bodies. */
  get length(): number {
    return this.#length;
  }

  push(publication: Publication): void {
    this.#publications.push(publication);
    this.#length += publication.body.length;
  }

  /** As many as one flush carries, one at least. */
  take(): Publication[] {
    const all = this.#publications;
    if (this.#length <= maxFlushLength) {
      this.clear();
      return all;
    }
    let length = 0;
    let count = 0;
    for (const { body } of all) {
      if (count > 0 && length + body.length > maxFlushLength) break;
      length += body.length;
      count++;
    }
    this.#length -= length;
    return all.splice(0, count);
  }

  clear(): void {
    this.#publications = [];
    this.#length = 0;
  }
}

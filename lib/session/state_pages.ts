/** Hands out a snapshot to one WebSocket client, page after page, as it asks. */
import type { Snapshot } from "../hub/snapshot.ts";
import type { Filter } from "../protocol/filter.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { StreamPosition } from "../protocol/publication.ts";

/** Entries in a page: what the client may ask for, and what it gets when it does not say. */
const pageEntries = { least: 100, most: 1_000 };
/** UTF-16 units in a page; one chunk of the snapshot always fits. */
const maxPageLength = 256 * 1024;
/** Who does not ask on for so long begins again. */
const patienceMs = 60_000;

export interface StatePage {
  /** The items of a JSON list, without its brackets. */
  readonly bodies: string;
  /** What the next page is asked for with; null: this was the last one. */
  readonly cursor: string | null;
}

function entriesOf(limit: number): number {
  if (limit <= 0) return pageEntries.most;
  return Math.max(pageEntries.least, Math.min(limit, pageEntries.most));
}

export class StatePages {
  readonly #snapshot: Snapshot;
  readonly #filter: Filter | null;
  #next = 0;
  #cursor = "";
  #asked = performance.now();

  constructor(snapshot: Snapshot, filter: Filter | null) {
    this.#snapshot = snapshot;
    this.#filter = filter;
  }

  /** The stream goes on after it. */
  get position(): StreamPosition {
    return this.#snapshot.position;
  }

  get isStale(): boolean {
    return performance.now() - this.#asked > patienceMs;
  }

  /**
   * @param cursor of the page before; "" for the first.
   * @param limit entries; 0: as many as the server likes.
   * @throws ProtocolError 107 for the cursor of another page or channel.
   */
  next(cursor: string, limit: number): StatePage {
    if (cursor !== this.#cursor) {
      throw new ProtocolError("badRequest", "cursor is not that of the page before");
    }
    this.#asked = performance.now();
    const { chunks } = this.#snapshot;
    const wanted = entriesOf(limit);
    const texts: string[] = [];
    let entries = 0;
    let length = 0;
    for (; this.#next < chunks.length; this.#next++) {
      const chunk = chunks[this.#next];
      if (chunk === undefined) break;
      const text = this.#filter === null ? chunk.bodies : chunk.filtered(this.#filter);
      entries += chunk.entries.length;
      length += text.length;
      const full = entries > wanted || length > maxPageLength;
      if (full && texts.length > 0) break;
      texts.push(text);
      this.#cursor = chunk.entries.at(-1)?.key ?? "";
    }
    const last = this.#next >= chunks.length;
    return {
      bodies: texts.filter((text) => text !== "").join(","),
      cursor: last ? null : this.#cursor,
    };
  }
}

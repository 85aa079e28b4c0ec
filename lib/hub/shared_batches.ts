/** What several who catch up are given at one position of a stream, encoded once. */
import type { Filter } from "../protocol/filter.ts";
import type { Publication } from "../protocol/publication.ts";
import { Batch } from "./batch.ts";

const maxShared = 16;

export class SharedBatches {
  readonly #channel: string;
  readonly #channelId: number;
  readonly #shared = new Map<string, Batch>();

  constructor(channel: string, channelId: number) {
    this.#channel = channel;
    this.#channelId = channelId;
  }

  /**
   * @param publications of the stream, or the latest of some of its keys; not empty.
   * @param through what the filter leaves of them where the reader may know of what was from `base` on.
   */
  batch(
    publications: readonly Publication[],
    base: number,
    filter: Filter | null,
    through: () => readonly Publication[],
  ): Batch {
    const first = publications[0]?.position?.offset;
    const last = publications.at(-1)?.position ?? null;
    const filtered = filter === null ? "" : `${base} ${filter.text}`;
    const key = `${first} ${last?.offset} ${publications.length} ${filtered}`;
    const shared = this.#shared.get(key);
    if (shared !== undefined) return shared;
    const batch = new Batch(this.#channel, this.#channelId, through(), last);
    if (this.#shared.size >= maxShared) this.#shared.clear();
    this.#shared.set(key, batch);
    return batch;
  }

  /** The position has moved. */
  clear(): void {
    this.#shared.clear();
  }
}

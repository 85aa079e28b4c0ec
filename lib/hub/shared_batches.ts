/** What several who catch up are given at one position of a stream, encoded once. */
import type { Filter } from "../protocol/filter.ts";
import type { Publication, StreamPosition } from "../protocol/publication.ts";
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
   * @param publications what was read after `since`.
   * @param through what a filter leaves of them.
   */
  batch(
    publications: readonly Publication[],
    since: StreamPosition,
    filter: Filter | null,
    through: () => readonly Publication[],
  ): Batch {
    const last = publications.at(-1)?.position ?? since;
    const key = `${since.offset} ${last.offset} ${publications.length} ${filter?.text ?? ""}`;
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

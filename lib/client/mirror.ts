/** One state channel as it is known here: the latest data of each key, at one position. */
import type { StreamPosition } from "../protocol/publication.ts";
import type { Start, WirePublication } from "./link.ts";

/** What a publication did to a key; `undefined` stands for a key that is not there. */
export interface KeyChange {
  readonly key: string;
  readonly data: unknown;
  readonly before: unknown;
}

type Entries = Map<string, unknown>;

/**
 * Whole but for the time in which the pages of a snapshot come: then the entries are those of
 * before, and there is no position to go on from.
 */
type Progress =
  | { readonly name: "unknown" }
  | { readonly name: "paging"; readonly position: StreamPosition; readonly entries: Entries }
  | { readonly name: "whole"; readonly position: StreamPosition };

export class Mirror {
  #entries: Entries | undefined;
  #progress: Progress = { name: "unknown" };

  /** undefined before the first snapshot is complete. */
  get entries(): ReadonlyMap<string, unknown> | undefined {
    return this.#entries;
  }

  get position(): StreamPosition | undefined {
    return this.#progress.name === "whole" ? this.#progress.position : undefined;
  }

  /** The server goes on from what is known here, or with the pages of a snapshot. */
  start({ position, recovered }: Start): void {
    if (position === null) return;
    this.#progress = recovered && this.#progress.name === "whole"
      ? { name: "whole", position }
      : { name: "paging", position, entries: new Map() };
  }

  /** Takes a page of a snapshot. True after the last one: all entries are new. */
  add(page: readonly WirePublication[], more: boolean): boolean {
    if (this.#progress.name !== "paging") return false;
    const { position, entries } = this.#progress;
    for (const { key, data } of page) {
      if (key !== undefined) entries.set(key, data);
    }
    if (more) return false;
    this.#entries = entries;
    this.#progress = { name: "whole", position };
    return true;
  }

  /**
   * Offsets need not follow one another: who is slow is given the latest of each key alone. "hole":
   * it does not belong to what is known, and the channel has to be recovered.
   */
  take({ key, data, removed, offset, epoch }: WirePublication): KeyChange | "old" | "hole" {
    if (this.#progress.name !== "whole" || this.#entries === undefined) return "hole";
    const { position } = this.#progress;
    if (offset === undefined || key === undefined) return "hole";
    if (epoch !== undefined && epoch !== position.epoch) return "hole";
    if (offset <= position.offset) return "old";
    this.#progress = { name: "whole", position: { epoch: position.epoch, offset } };
    const before = this.#entries.get(key);
    if (!removed) this.#entries.set(key, data);
    else if (!this.#entries.delete(key)) return "old";
    return { key, data: removed ? undefined : data, before };
  }
}

/// <reference lib="dom" />
/**
 * How long changes take to the screen, for one way: from the time that the server has put into an item
 * to the first animation frame in which the page shows it.
 */
import type { CompareItem } from "../../lib/compare/item.ts";

export interface ShownOptions {
  /** Puts the number of the latest change on the page. */
  readonly show: (n: number) => void;
  /** The number that the page shows. */
  readonly shown: () => number;
  /** Milliseconds from a time by the server's clock to now. */
  readonly since: (serverTime: number) => number;
  /** Calls back in the next frame; not while the page is hidden. */
  readonly nextFrame: (run: () => void) => void;
  readonly onDelay: (ms: number) => void;
}

export class Shown {
  readonly #options: ShownOptions;
  /** The latest change of each item. */
  readonly #known = new Map<string, number>();
  readonly #pending: CompareItem[] = [];
  /** The change with which this way began: what came before took part of its opening. */
  #begunAt: number | undefined;
  #latest = 0;

  constructor(options: ShownOptions) {
    this.#options = options;
  }

  /** @param made changes of the feed so far */
  madeSince(made: number): number {
    return this.#begunAt === undefined ? 0 : Math.max(0, made - this.#begunAt);
  }

  changed(items: readonly CompareItem[]): void {
    const news = items.filter(({ id, n }) => n > (this.#known.get(id) ?? -1));
    for (const { id, n } of news) {
      this.#known.set(id, n);
      this.#latest = Math.max(this.#latest, n);
    }
    if (this.#begunAt === undefined) this.#begunAt = this.#latest;
    else this.#pending.push(...news);
    this.#options.show(this.#latest);
    if (this.#pending.length > 0) this.#options.nextFrame(() => this.#frame());
  }

  #frame(): void {
    const { shown, since, nextFrame, onDelay } = this.#options;
    const upTo = shown();
    const waiting = this.#pending.splice(0);
    for (const item of waiting) {
      if (item.n > upTo) this.#pending.push(item);
      else onDelay(since(item.changedAt));
    }
    if (this.#pending.length > 0) nextFrame(() => this.#frame());
  }
}

/** What the page of a state channel shows: made once, on the server and in the browser. */
import { batch, signal } from "@preact/signals";
import type { SourceStatus } from "../../lib/bridge/status.ts";
import { Page } from "../page.ts";
import { type Columns, Fields, noColumns } from "./fields.ts";
import type { LivePageState } from "./page.ts";
import { type LiveTexts, liveTexts } from "./texts.ts";

export interface Row {
  readonly key: string;
  readonly data: unknown;
  readonly before: unknown;
  /** Counts the changes that one has seen; 0: it was there from the beginning. */
  readonly changes: number;
}

/** More rows than this help nobody. */
export const mostRows = 500;

export class LiveView {
  readonly page: Page;
  readonly channel: string;
  readonly texts: LiveTexts;
  /** How the bridge's polling goes; null: not known, or nobody polls. */
  readonly source = signal<SourceStatus | null>(null);
  readonly rows = signal<readonly Row[]>([]);
  readonly columns = signal<Columns>(noColumns);
  readonly count = signal(0);
  readonly isLoaded = signal(false);
  /** By this machine's clock; null: none that one has seen. */
  readonly changedAt = signal<number | null>(null);
  readonly #all = new Map<string, Row>();
  /** The keys of all rows, as they are listed. */
  #order: string[] = [];
  #fields = new Fields();
  readonly #compare: (a: string, b: string) => number;

  constructor(state: LivePageState) {
    this.page = new Page(state);
    this.channel = state.channel;
    this.texts = liveTexts[state.language];
    this.#compare = new Intl.Collator(state.language, { numeric: true }).compare;
  }

  reset(entries: ReadonlyMap<string, unknown>): void {
    const known = new Map(this.#all);
    this.#all.clear();
    this.#fields = new Fields();
    for (const [key, data] of entries) {
      const changes = known.get(key)?.changes ?? 0;
      this.#all.set(key, { key, data, before: data, changes });
      this.#fields.add(key, data);
    }
    this.#order = [...this.#all.keys()].sort(this.#compare);
    this.isLoaded.value = true;
  }

  /** @param data undefined: the key is gone. */
  change(key: string, data: unknown, now: number): void {
    const row = this.#all.get(key);
    const at = this.#place(key);
    if (data === undefined) {
      this.#all.delete(key);
      if (this.#order[at] === key) this.#order.splice(at, 1);
    } else {
      // Who has just come does not see the first poll as so much news.
      const isNews = this.source.value?.state !== "starting";
      const changes = (row?.changes ?? 0) + (isNews ? 1 : 0);
      this.#all.set(key, { key, data, before: isNews ? row?.data : data, changes });
      if (row === undefined) this.#order.splice(at, 0, key);
      this.#fields.add(key, data);
    }
    this.changedAt.value = now;
  }

  /** Shows what has changed; as often as the page can be drawn is often enough. */
  show(): void {
    batch(() => {
      const shown = this.#order.slice(0, mostRows);
      this.rows.value = shown.flatMap((key) => this.#all.get(key) ?? []);
      this.count.value = this.#all.size;
      this.columns.value = this.#fields.columns();
    });
  }

  /** Where the key is in the order, or would be. */
  #place(key: string): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = this.#compare(this.#order[middle] ?? "", key);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    // Keys that differ may be the same to the language.
    while (low < this.#order.length && this.#order[low] !== key) {
      if (this.#compare(this.#order[low] ?? "", key) !== 0) break;
      low++;
    }
    return low;
  }
}

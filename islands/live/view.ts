/** What the page of a state channel shows: made once, on the server and in the browser. */
import { batch, signal } from "@preact/signals";
import type { SourceStatus } from "../../lib/bridge/status.ts";
import { Page } from "../page.ts";
import { cellText, type Columns, Fields, noColumns } from "./fields.ts";
import type { LivePageState } from "./page.ts";
import { type LiveTexts, liveTexts } from "./texts.ts";

export interface Row {
  readonly key: string;
  readonly data: unknown;
  readonly before: unknown;
  /** Counts the changes that one has seen; 0: it was there from the beginning. */
  readonly changes: number;
}

/** Rows that are shown at first, and that each wish for more adds. */
export const rowsAtOnce = 50;

export class LiveView {
  readonly page: Page;
  readonly channel: string;
  readonly texts: LiveTexts;
  /** How the bridge's polling goes; null: not known, or nobody polls. */
  readonly source = signal<SourceStatus | null>(null);
  readonly rows = signal<readonly Row[]>([]);
  readonly columns = signal<Columns>(noColumns);
  readonly count = signal(0);
  /** What a row has to have in it, in its key or its data; "": nothing. */
  readonly filter = signal("");
  /** Rows that have that in them, shown or not. */
  readonly matches = signal(0);
  readonly isLoaded = signal(false);
  /** By this machine's clock; null: none that one has seen. */
  readonly changedAt = signal<number | null>(null);
  readonly #all = new Map<string, Row>();
  /** The keys of all rows, as they are listed. */
  #order: string[] = [];
  #fields = new Fields();
  #most = rowsAtOnce;
  /** What is looked for in, made when it is first needed. */
  readonly #texts = new WeakMap<Row, string>();
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
      const rows = this.#order.flatMap((key) => this.#all.get(key) ?? []);
      const wanted = this.filter.value.trim().toLowerCase();
      const matching = wanted === "" ? rows : rows.filter((row) => this.#has(row, wanted));
      this.rows.value = matching.slice(0, this.#most);
      this.matches.value = matching.length;
      this.count.value = this.#all.size;
      this.columns.value = this.#fields.columns();
    });
  }

  /** Shows from the first on what has this in it. */
  look(filter: string): void {
    this.filter.value = filter;
    this.#most = rowsAtOnce;
    this.#forgetNews();
    this.show();
  }

  showMore(): void {
    this.#most += rowsAtOnce;
    this.#forgetNews();
    this.show();
  }

  /** A row that comes into view has not changed by that. */
  #forgetNews(): void {
    for (const [key, row] of this.#all) {
      if (row.before !== row.data) this.#all.set(key, { ...row, before: row.data });
    }
  }

  #has(row: Row, wanted: string): boolean {
    const text = this.#texts.get(row) ??
      `${row.key} ${cellText(row.data, Infinity)}`.toLowerCase();
    this.#texts.set(row, text);
    return text.includes(wanted);
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

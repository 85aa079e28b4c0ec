/** Reads of one channel's log, one for all who ask for the same page at the same time. */
import type { HistoryPage, HistoryReader } from "../broker/broker.ts";
import type { Retention } from "../channels.ts";
import type { StreamPosition } from "../protocol/publication.ts";

/** What one read for somebody who catches up brings, in UTF-16 units of bodies. */
const maxPageLength = 512 * 1024;

export class LogReader {
  readonly #channel: string;
  readonly #retention: Retention;
  readonly #history: HistoryReader;
  /** Under way. */
  readonly #pages = new Map<string, Promise<HistoryPage>>();

  constructor(channel: string, retention: Retention, history: HistoryReader) {
    this.#channel = channel;
    this.#retention = retention;
    this.#history = history;
  }

  async head(): Promise<StreamPosition> {
    const query = { retention: this.#retention, limit: 0 };
    const { position } = await this.#history.history(this.#channel, query);
    return position;
  }

  page(since: StreamPosition, limit: number): Promise<HistoryPage> {
    const key = `${since.offset} ${limit} ${since.epoch}`;
    const under = this.#pages.get(key);
    if (under !== undefined) return under;
    const query = { retention: this.#retention, since, limit, maxLength: maxPageLength };
    const page = this.#history.history(this.#channel, query)
      .finally(() => this.#pages.delete(key));
    this.#pages.set(key, page);
    return page;
  }
}

/**
 * Looks up the heads of the subscribed channels in the log, round after round, and reports them:
 * the one way by which a lost announcement is noticed for certain.
 */
import type { StreamPosition } from "../../protocol/publication.ts";
import { type HeadRow, keepUnusedHead, positionOf, unusedHeadMs } from "./head.ts";
import { keys } from "./keys.ts";

/** Keys of one read, the store's limit. */
const keysPerRead = 10;
/** After so many reads in a row a pause: at most 2,000 channels a second, a few per cent of a core. */
const readsInARow = 10;
const pauseMs = 50;

export interface HeadCheckOptions {
  readonly kv: Deno.Kv;
  /** Pause between the end of a round and the next one. */
  readonly everyMs: number;
  readonly onHead: (channel: string, position: StreamPosition) => void;
  readonly onError: (error: unknown) => void;
}

export class HeadCheck {
  readonly #options: HeadCheckOptions;
  /** When each was added, or its unused head was last kept. */
  readonly #channels = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(options: HeadCheckOptions) {
    this.#options = options;
  }

  add(channel: string): void {
    if (!this.#channels.has(channel)) this.#channels.set(channel, performance.now());
    this.#schedule();
  }

  remove(channel: string): void {
    this.#channels.delete(channel);
  }

  /** Starts a round now, or another one after the one under way. */
  checkNow(): void {
    if (this.#closed) return;
    if (this.#round !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#round = this.#run().catch(this.#options.onError).finally(() => {
      this.#round = undefined;
      if (this.#again) {
        this.#again = false;
        this.checkNow();
      } else this.#schedule();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#again = false;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #schedule(): void {
    if (this.#closed || this.#timer !== undefined || this.#round !== undefined) return;
    if (this.#channels.size === 0) return;
    this.#timer = setTimeout(() => this.checkNow(), this.#options.everyMs);
  }

  /** Somebody listens to it, so it must not come back as another stream. */
  async #keep(channel: string, entry: Deno.KvEntry<HeadRow>): Promise<void> {
    const now = performance.now();
    if (now - (this.#channels.get(channel) ?? now) < unusedHeadMs / 3) return;
    this.#channels.set(channel, now);
    await keepUnusedHead(this.#options.kv, entry);
  }

  async #run(): Promise<void> {
    const channels = [...this.#channels.keys()];
    for (let at = 0, reads = 0; at < channels.length; at += keysPerRead, reads++) {
      if (this.#closed) return;
      if (reads % readsInARow === readsInARow - 1) await pause();
      const some = channels.slice(at, at + keysPerRead);
      const entries = await this.#options.kv.getMany<HeadRow[]>(some.map(keys.head));
      for (const [i, entry] of entries.entries()) {
        const channel = some[i];
        if (entry.value === null || channel === undefined || !this.#channels.has(channel)) continue;
        this.#options.onHead(channel, positionOf(entry.value));
        if (entry.value.offset === 0) await this.#keep(channel, entry);
      }
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMs));
}

/**
 * Ends keys whose time is over, by a removal that goes through the stream like any other change.
 * Every isolate that has the channel open tries; the removal holds only for the very publication
 * that is overdue, so the first one does it.
 */
import type { Publication } from "../protocol/publication.ts";
import type { Mirror } from "./mirror.ts";

export interface ExpiryOptions {
  readonly ttlMs: number;
  readonly mirror: Mirror;
  /** Rejects when it could not be done; it is tried again. */
  readonly remove: (entry: Publication) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly now?: () => number;
}

/** Removals under way at a time. */
const maxAtOnce = 200;
/** Isolates do not all try in the same moment. */
const spreadMs = 250;
const retryMs = 1_000;
/** Timers take no more. */
const maxTimerMs = 2 ** 31 - 1;

export class Expiry {
  readonly #options: ExpiryOptions;
  readonly #now: () => number;
  #state: "waiting" | "resting" | "due" | "removing" | "closed" = "waiting";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ExpiryOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Removes what is overdue, then each key in its time. Never rejects. */
  async start(): Promise<void> {
    if (this.#state === "waiting") await this.#sweep();
  }

  /** The mirror has changed. */
  schedule(): void {
    if (this.#state !== "resting") return;
    const oldest = this.#options.mirror.oldest();
    if (oldest === undefined) return;
    const due = oldest.time + this.#options.ttlMs - this.#now();
    this.#sweepIn(Math.max(0, due) + Math.random() * spreadMs);
  }

  close(): void {
    this.#state = "closed";
    clearTimeout(this.#timer);
  }

  #sweepIn(ms: number): void {
    this.#state = "due";
    this.#timer = setTimeout(() => this.#sweep(), Math.min(ms, maxTimerMs));
  }

  async #sweep(): Promise<void> {
    this.#state = "removing";
    const done = await Promise.allSettled(this.#overdue().map(this.#options.remove));
    if (this.#isClosed()) return;
    const failed = done.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") {
      this.#options.onError(failed.reason);
      return this.#sweepIn(retryMs);
    }
    // What was removed leaves the mirror a moment later, with the stream.
    if (done.length > 0) return this.#sweepIn(spreadMs);
    this.#state = "resting";
    this.schedule();
  }

  #overdue(): Publication[] {
    const before = this.#now() - this.#options.ttlMs;
    const overdue: Publication[] = [];
    for (const entry of this.#options.mirror.entries()) {
      if (entry.time > before || overdue.length >= maxAtOnce) break;
      overdue.push(entry);
    }
    return overdue;
  }

  #isClosed(): boolean {
    return this.#state === "closed";
  }
}

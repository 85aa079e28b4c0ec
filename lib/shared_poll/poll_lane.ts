/**
 * When a channel's back end is asked: about all keys in each interval, and about single keys in
 * between as soon as somebody needs them. One request at a time. While the back end fails it is
 * asked less and less often, and about all keys only.
 */
import { type Clock, wait } from "../clock.ts";
import { PollError } from "../bridge/poll_error.ts";
import { pollDelay } from "../bridge/poll_loop.ts";

export interface PollLaneOptions {
  readonly everyMs: number;
  /** Keys in one request. */
  readonly batchSize: number;
  readonly clock: Clock;
  /** Those that are followed now. */
  readonly keys: () => Iterable<string>;
  readonly isFollowed: (key: string) => boolean;
  /**
   * One request.
   * @param anew whatever is known of the keys is to be told again.
   * @throws PollError; what the signal was aborted with, when it was.
   */
  readonly ask: (keys: readonly string[], anew: boolean, signal: AbortSignal) => Promise<void>;
  /** null: the back end has answered. */
  readonly onAsked: (failure: PollError | null) => void;
  readonly onError: (error: unknown, stage: string) => void;
}

/** Those who come in the same moment share a request. */
const gatherMs = 5;
/** Who needs keys again and again has the back end asked no more often than this, but for a few. */
const pace = { everyMs: 100, atOnce: 10 };

export class PollLane {
  readonly #options: PollLaneOptions;
  readonly #needed = new Set<string>();
  #stop: AbortController | null = null;
  #wake = () => {};
  /** Needed keys may be asked for `atOnce` times before this, and then again every so often. */
  #paidUntil = -Infinity;

  constructor(options: PollLaneOptions) {
    this.#options = options;
  }

  /** Whether a key is needed and has not been asked for since. */
  needs(key: string): boolean {
    return this.#needed.has(key);
  }

  /** Asks for a key as soon as the back end can be asked. */
  need(key: string): void {
    this.#needed.add(key);
    this.#wake();
  }

  /** Returns what ends when the lane has stopped; undefined: it is running already. */
  start(): Promise<void> | undefined {
    if (this.#stop !== null) return undefined;
    const stop = new AbortController();
    this.#stop = stop;
    return this.#run(stop.signal).catch((error) => this.#options.onError(error, "shared poll"));
  }

  stop(): void {
    this.#stop?.abort(new Error("nobody follows a key"));
    this.#stop = null;
    this.#needed.clear();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { everyMs, clock } = this.#options;
    let failures = 0;
    for (let due = clock.now() + pollDelay(0, everyMs, clock); !signal.aborted;) {
      if (failures > 0) await wait(clock, due - clock.now(), signal);
      else await this.#rest(due - clock.now(), signal);
      if (signal.aborted) return;
      const since = clock.now();
      const all = since >= due;
      const failure = await this.#round(all, signal);
      if (signal.aborted) return;
      failures = failure === null ? 0 : failures + 1;
      // What is needed is asked for with all the others, when it is time.
      if (failure !== null) this.#needed.clear();
      if (all || failure !== null) due = since + pollDelay(failures, everyMs, clock);
    }
  }

  /** Until it is time, or a key is needed. */
  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#needed.size === 0) {
      const woken = new AbortController();
      const end = () => woken.abort();
      this.#wake = end;
      signal.addEventListener("abort", end, { once: true });
      await wait(this.#options.clock, ms, woken.signal);
      signal.removeEventListener("abort", end);
      if (this.#wake === end) this.#wake = () => {};
    }
    if (this.#needed.size === 0) return;
    const { clock } = this.#options;
    const dueMs = this.#paidUntil - pace.atOnce * pace.everyMs - clock.now();
    await wait(clock, Math.max(gatherMs, dueMs), signal);
    this.#paidUntil = Math.max(this.#paidUntil, clock.now()) + pace.everyMs;
  }

  /** Request after request until nothing is left to be asked; resolves with why one failed. */
  async #round(all: boolean, signal: AbortSignal): Promise<PollError | null> {
    const { keys, ask, onAsked } = this.#options;
    const left = all ? [...keys()] : [];
    while (!signal.aborted) {
      const needed = this.#next(this.#needed);
      for (const key of needed) this.#needed.delete(key);
      const batch = needed.length > 0 ? needed : this.#splice(left);
      if (batch.length === 0) return null;
      try {
        await ask(batch, needed.length > 0, signal);
        if (!signal.aborted) onAsked(null);
      } catch (error) {
        if (signal.aborted) return null;
        const failure = this.#failureOf(error);
        onAsked(failure);
        return failure;
      }
    }
    return null;
  }

  #next(keys: Iterable<string>): string[] {
    const { batchSize, isFollowed } = this.#options;
    const batch: string[] = [];
    for (const key of keys) {
      if (batch.length === batchSize) break;
      if (isFollowed(key)) batch.push(key);
    }
    return batch;
  }

  #splice(left: string[]): string[] {
    while (left.length > 0) {
      const batch = this.#next(left.splice(0, this.#options.batchSize));
      if (batch.length > 0) return batch;
    }
    return [];
  }

  #failureOf(error: unknown): PollError {
    if (error instanceof PollError) return error;
    this.#options.onError(error, "shared poll");
    return new PollError("internal", "a fault of the server's");
  }
}

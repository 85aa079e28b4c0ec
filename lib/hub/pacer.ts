/**
 * Self-clocked coalescing. At rest a flush happens at once. After a flush the pacer waits until it
 * has really been written (most of a small sample of the subscribers has no backlog), then leaves
 * the loop as much time again for whatever else wants it, publishers' requests above all; what came
 * meanwhile goes out in the next flush. Under load one write so carries many publications.
 *
 * Neither the time that `send` took nor `setTimeout(0)` tells when bytes are written: Deno queues
 * them and writes when the loop turns.
 */
import { setImmediate } from "node:timers";
import type { Subscriber } from "./subscriber.ts";

/** Something that can be flushed: a channel with publications pending. */
export interface Flushable {
  /** Hands its pending publications to its subscribers; adds some of those to the sample. */
  flush(sample: Sample): void;
}

/** Up to `size` of the subscribers that a flush wrote to. */
export class Sample {
  readonly size: number;
  #members: Subscriber[] = [];

  constructor(size = 8) {
    this.size = size;
  }

  add(subscriber: Subscriber): void {
    if (this.#members.length < this.size) this.#members.push(subscriber);
  }

  clear(): void {
    this.#members = [];
  }

  /** Whether at least three quarters of it have nothing left to write. */
  get drained(): boolean {
    let waiting = 0;
    for (const one of this.#members) if (one.backlog > 0) waiting++;
    return waiting * 4 <= this.#members.length;
  }
}

export interface PacerOptions {
  /** Flush again after this long even if the sample is not drained: those are slow ones. */
  readonly maxDrainMs?: number;
  /** Upper bound of the pause that follows the drain. */
  readonly maxPauseMs?: number;
  readonly now?: () => number;
  readonly onError?: (error: unknown, stage: string) => void;
  /** Runs a function on a later turn of the loop, after at least `ms`. */
  readonly later?: (run: () => void, ms: number) => void;
}

type State =
  | { readonly name: "idle" }
  | { readonly name: "due" }
  | { readonly name: "draining"; readonly since: number }
  | { readonly name: "pausing" };

const idle: State = { name: "idle" };
const due: State = { name: "due" };
const pausing: State = { name: "pausing" };

export class Pacer {
  readonly #maxDrainMs: number;
  readonly #maxPauseMs: number;
  readonly #now: () => number;
  readonly #onError: (error: unknown, stage: string) => void;
  readonly #later: (run: () => void, ms: number) => void;
  readonly #sample = new Sample();
  #dirty = new Set<Flushable>();
  #state: State = idle;
  /** Who waits for the next flush, and then for its being written. */
  #forFlush: (() => void)[] = [];
  #forDrain: (() => void)[] = [];

  constructor(options: PacerOptions = {}) {
    this.#maxDrainMs = options.maxDrainMs ?? 100;
    this.#maxPauseMs = options.maxPauseMs ?? 20;
    this.#now = options.now ?? (() => performance.now());
    this.#onError = options.onError ?? (() => {});
    this.#later = options.later ?? onLaterTurn;
  }

  /** Has it flushed: on the next turn when idle, else with the next flush. */
  schedule(flushable: Flushable): void {
    this.#dirty.add(flushable);
    if (this.#state.name !== "idle") return;
    this.#state = due;
    this.#later(() => this.#flush(), 0);
  }

  /** Resolves when all that was scheduled before has been flushed and written. */
  settled(): Promise<void> {
    if (this.#dirty.size > 0) return new Promise((wake) => this.#forFlush.push(wake));
    if (this.#state.name !== "draining") return Promise.resolve();
    return new Promise((wake) => this.#forDrain.push(wake));
  }

  #flush(): void {
    const since = this.#now();
    const dirty = this.#dirty;
    this.#dirty = new Set();
    this.#forDrain = this.#forFlush;
    this.#forFlush = [];
    this.#sample.clear();
    for (const flushable of dirty) this.#flushOne(flushable);
    this.#state = { name: "draining", since };
    // Nothing is written before the loop has turned.
    this.#later(() => this.#drain(), 1);
  }

  /** One that fails must not silence the others, nor the flushes that follow. */
  #flushOne(flushable: Flushable): void {
    try {
      flushable.flush(this.#sample);
    } catch (error) {
      this.#onError(error, "flush");
    }
  }

  #drain(): void {
    if (this.#state.name !== "draining") return;
    const took = this.#now() - this.#state.since;
    if (!this.#sample.drained && took < this.#maxDrainMs) {
      this.#later(() => this.#drain(), 1);
      return;
    }
    this.#sample.clear();
    for (const wake of this.#forDrain.splice(0)) wake();
    this.#state = pausing;
    const pause = Math.min(took, this.#maxPauseMs);
    if (pause < 1) this.#resume();
    else this.#later(() => this.#resume(), pause);
  }

  #resume(): void {
    if (this.#dirty.size > 0) this.#flush();
    else this.#state = idle;
  }
}

/** `setTimeout(0)` takes 2 ms on Deno; `setImmediate` runs when what is ready has had its turn. */
function onLaterTurn(run: () => void, ms: number): void {
  if (ms === 0) setImmediate(run);
  else setTimeout(run, ms);
}

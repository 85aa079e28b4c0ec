/** New orders shown for a moment: on one line, whatever comes meanwhile, and never in the way. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { OrderSummary } from "../../lib/store/events.ts";

export interface Toast {
  readonly latest: OrderSummary;
  /** Of all that it tells of, the latest among them. */
  readonly count: number;
}

/** As `setTimeout`; @returns what cancels it. */
export type After = (ms: number, job: () => void) => () => void;

const shownMs = 6_000;
/** Orders that come this close together are shown together. */
const gatherMs = 150;

const realAfter: After = (ms, job) => {
  const timer = setTimeout(job, ms);
  return () => clearTimeout(timer);
};

export class Toasts {
  readonly #shown = signal<Toast | null>(null);
  readonly #after: After;
  #end: () => void = () => {};
  #gathered: OrderSummary[] = [];
  #paused = false;

  constructor(after: After = realAfter) {
    this.#after = after;
  }

  /** The one that is shown, which those that follow join; null: none is. */
  get shown(): ReadonlySignal<Toast | null> {
    return this.#shown;
  }

  add(order: OrderSummary): void {
    this.#gathered.push(order);
    if (this.#gathered.length === 1) this.#after(gatherMs, () => this.#show());
  }

  dismiss(): void {
    this.#end();
    this.#shown.value = null;
    // What is gone can be neither left nor blurred.
    this.#paused = false;
  }

  /** It does not go while the reader is at it. */
  pause(): void {
    this.#paused = true;
    this.#end();
  }

  /** It has its whole time again. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#shown.value !== null) this.#endLater();
  }

  #show(): void {
    const orders = this.#gathered;
    this.#gathered = [];
    const latest = orders.at(-1);
    if (latest === undefined) return;
    this.#shown.value = { latest, count: (this.#shown.value?.count ?? 0) + orders.length };
    this.#endLater();
  }

  #endLater(): void {
    this.#end();
    if (!this.#paused) this.#end = this.#after(shownMs, () => this.dismiss());
  }
}

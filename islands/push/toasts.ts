/** New orders shown for a moment: few at a time, and never in the way. */
import { signal } from "@preact/signals";
import type { OrderSummary } from "../../lib/store/events.ts";

export interface Toast {
  readonly id: number;
  readonly latest: OrderSummary;
  readonly count: number;
}

/** As `setTimeout`; @returns what cancels it. */
export type After = (ms: number, job: () => void) => () => void;

const most = 3;
const shownMs = 6_000;
/** Orders that come this close together share a toast. */
const gatherMs = 150;

const realAfter: After = (ms, job) => {
  const timer = setTimeout(job, ms);
  return () => clearTimeout(timer);
};

export class Toasts {
  /** Oldest first. */
  readonly shown = signal<readonly Toast[]>([]);
  readonly #after: After;
  readonly #ends = new Map<number, () => void>();
  #gathered: OrderSummary[] = [];
  #paused = false;
  #lastId = 0;

  constructor(after: After = realAfter) {
    this.#after = after;
  }

  add(order: OrderSummary): void {
    this.#gathered.push(order);
    if (this.#gathered.length === 1) this.#after(gatherMs, () => this.#show());
  }

  dismiss(id: number): void {
    this.#ends.get(id)?.();
    this.#ends.delete(id);
    this.shown.value = this.shown.value.filter((one) => one.id !== id);
    // What is gone can be neither left nor blurred.
    if (this.shown.value.length === 0) this.#paused = false;
  }

  /** Nothing goes while the reader is at it. */
  pause(): void {
    this.#paused = true;
    for (const end of this.#ends.values()) end();
    this.#ends.clear();
  }

  /** All that are shown have their whole time again. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    for (const { id } of this.shown.value) this.#endLater(id);
  }

  #show(): void {
    const orders = this.#gathered;
    this.#gathered = [];
    const latest = orders.at(-1);
    if (latest === undefined) return;
    const before = this.shown.value;
    const last = before.at(-1);
    const isFull = before.length >= most;
    const toast = isFull && last !== undefined
      ? { id: last.id, latest, count: last.count + orders.length }
      : { id: ++this.#lastId, latest, count: orders.length };
    this.shown.value = [...isFull ? before.slice(0, -1) : before, toast];
    this.#endLater(toast.id);
  }

  #endLater(id: number): void {
    this.#ends.get(id)?.();
    this.#ends.delete(id);
    if (!this.#paused) this.#ends.set(id, this.#after(shownMs, () => this.dismiss(id)));
  }
}

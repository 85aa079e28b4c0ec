/** New orders as they are told to who cannot see them: those that come together are told together. */
import { type Signal, signal } from "@preact/signals";
import type { OrderSummary } from "../../lib/store/events.ts";

/** They are told once in so many milliseconds at most. */
const gatherMs = 3_000;

export class OrderSpeech {
  readonly said: Signal<string> = signal("");
  readonly #textOf: (count: number, latest: OrderSummary) => string;
  #count = 0;
  #latest: OrderSummary | undefined;

  constructor(textOf: (count: number, latest: OrderSummary) => string) {
    this.#textOf = textOf;
  }

  /** Costs next to nothing: many may come in a moment. */
  add(order: OrderSummary): void {
    this.#latest = order;
    if (++this.#count === 1) setTimeout(() => this.#speak(), gatherMs);
  }

  #speak(): void {
    if (this.#latest !== undefined) this.said.value = this.#textOf(this.#count, this.#latest);
    this.#count = 0;
    this.#latest = undefined;
  }
}

/** Wants a sign of life sent now and then. */
export interface Beating {
  /** Time to send a sign of life. */
  beat(): void;
  /** The grace period after a beat is over. */
  graceOver(): void;
}

/** Those who beat with one period, spread evenly over its seconds. */
export class Wheel {
  readonly #slots: Set<Beating>[];
  readonly #graceSeconds: number;
  #now = 0;
  #next = 0;

  /** Both in whole seconds; the grace period is the shorter one. */
  constructor(periodSeconds: number, graceSeconds: number) {
    this.#slots = Array.from({ length: periodSeconds }, () => new Set<Beating>());
    this.#graceSeconds = graceSeconds;
  }

  /** Returns what takes it away again, and tells whether it was there. */
  add(beating: Beating): () => boolean {
    const slot = this.#slots[this.#next];
    this.#next = (this.#next + 1) % this.#slots.length;
    if (slot === undefined) throw new Error("a wheel has at least one slot");
    slot.add(beating);
    return () => slot.delete(beating);
  }

  /** One second has passed. @param onError told what somebody threw: it stops nobody else's heart. */
  tick(onError: (error: unknown) => void): void {
    const period = this.#slots.length;
    this.#now = (this.#now + 1) % period;
    const due = this.#slots[this.#now] ?? [];
    const over = this.#slots[(this.#now - this.#graceSeconds + period) % period] ?? [];
    each(due, (one) => one.beat(), onError);
    each(over, (one) => one.graceOver(), onError);
  }
}

function each(
  some: Iterable<Beating>,
  act: (one: Beating) => void,
  onError: (error: unknown) => void,
): void {
  for (const one of [...some]) {
    try {
      act(one);
    } catch (error) {
      onError(error);
    }
  }
}

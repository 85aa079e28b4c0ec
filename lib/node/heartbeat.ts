/**
 * One timer for the heartbeats of all sessions of an isolate, spread evenly over the period, so
 * that thousands of them cost no timer each and do not all speak in the same moment.
 */
export interface Beating {
  /** Time to send a sign of life. */
  beat(): void;
  /** The grace period after a beat is over. */
  graceOver(): void;
}

const tickMs = 1_000;

export class Heartbeat {
  readonly #slots: Set<Beating>[];
  readonly #grace: number;
  readonly #onError: (error: unknown, stage: string) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #now = 0;
  #next = 0;
  #count = 0;

  /** Both in whole seconds; the grace period is the shorter one. */
  constructor(
    periodSeconds: number,
    graceSeconds: number,
    onError: (error: unknown, stage: string) => void = () => {},
  ) {
    this.#onError = onError;
    this.#slots = Array.from({ length: periodSeconds }, () => new Set<Beating>());
    this.#grace = graceSeconds;
  }

  /** Beats within the period, then once a period, until the returned function is called. */
  add(beating: Beating): () => void {
    const slot = this.#slots[this.#next];
    this.#next = (this.#next + 1) % this.#slots.length;
    if (slot === undefined) throw new Error("a heartbeat has at least one slot");
    slot.add(beating);
    this.#count++;
    this.#timer ??= setInterval(() => this.tick(), tickMs);
    return () => {
      if (!slot.delete(beating)) return;
      if (--this.#count > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** One second has passed. */
  tick(): void {
    const period = this.#slots.length;
    this.#now = (this.#now + 1) % period;
    this.#each(this.#now, (one) => one.beat());
    this.#each((this.#now - this.#grace + period) % period, (one) => one.graceOver());
  }

  /** One that fails must not stop the others' hearts. */
  #each(slot: number, act: (one: Beating) => void): void {
    for (const one of [...this.#slots[slot] ?? []]) {
      try {
        act(one);
      } catch (error) {
        this.#onError(error, "heartbeat");
      }
    }
  }
}

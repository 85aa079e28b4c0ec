/**
 * Moments that many share: those of one window are woken together, when the clock comes to the next
 * multiple of it. There is one timer for each window that somebody waits for, and none besides.
 */
import { type Clock, systemClock } from "../clock.ts";

export interface Woken {
  wake(): void;
}

interface Moment {
  readonly waiting: Set<Woken>;
  readonly cancel: () => void;
}

export class Grid {
  readonly #onError: (error: unknown, stage: string) => void;
  readonly #clock: Clock;
  readonly #moments = new Map<number, Moment>();

  constructor(onError: (error: unknown, stage: string) => void, clock: Clock = systemClock) {
    this.#onError = onError;
    this.#clock = clock;
  }

  /** Wakes it once, at the window's next moment. @param windowMs above 0. */
  add(windowMs: number, one: Woken): void {
    let moment = this.#moments.get(windowMs);
    if (moment === undefined) {
      const waitMs = windowMs - this.#clock.now() % windowMs;
      const cancel = this.#clock.after(waitMs, () => this.#wakeAll(windowMs));
      moment = { waiting: new Set(), cancel };
      this.#moments.set(windowMs, moment);
    }
    moment.waiting.add(one);
  }

  delete(windowMs: number, one: Woken): void {
    const moment = this.#moments.get(windowMs);
    if (moment === undefined || !moment.waiting.delete(one) || moment.waiting.size > 0) return;
    moment.cancel();
    this.#moments.delete(windowMs);
  }

  #wakeAll(windowMs: number): void {
    const moment = this.#moments.get(windowMs);
    this.#moments.delete(windowMs);
    for (const one of moment?.waiting ?? []) {
      try {
        one.wake();
      } catch (error) {
        this.#onError(error, "batch");
      }
    }
  }
}

import type { Clock } from "./clock.ts";

/** What several wait for: until it rings, or for so long at most. */
export class Bell {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  wait(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        callOff();
        resolve();
      };
      this.#waiting.add(wake);
      const callOff = ms === undefined ? () => {} : this.#clock.after(ms, wake);
    });
  }
}

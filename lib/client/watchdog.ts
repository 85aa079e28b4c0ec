/**
 * Calls `onSilence` once nothing has been heard for so long. By the wall clock: after a sleep of the
 * device it looks at once.
 */
export class Watchdog {
  readonly #onSilence: () => void;
  #ms: number;
  #heard = Date.now();
  #timer: ReturnType<typeof setTimeout>;

  constructor(ms: number, onSilence: () => void) {
    this.#ms = ms;
    this.#onSilence = onSilence;
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  /** Cheap, for it is called with every message: the timer runs on. @param ms silence from now on */
  heard(ms = this.#ms): void {
    this.#heard = Date.now();
    if (ms < this.#ms) this.#restart(ms);
    this.#ms = ms;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const left = this.#heard + this.#ms - Date.now();
    // The clock may have been set back.
    if (left <= 0 || left > this.#ms) this.#onSilence();
    else this.#restart(left);
  }

  #restart(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), ms);
  }
}

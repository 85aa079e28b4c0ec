/**
 * Calls `onSilence` once nothing has been heard for so long. By the wall clock: after a sleep of the
 * device it looks at once.
 */
export class Watchdog {
  readonly #onSilence: () => void;
  #ms: number;
  #heard = Date.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, onSilence: () => void) {
    this.#ms = ms;
    this.#onSilence = onSilence;
    this.#look();
  }

  /** Cheap, for it is called with every message: the timer runs on. @param ms silence from now on */
  heard(ms = this.#ms): void {
    const isSooner = ms < this.#ms;
    this.#heard = Date.now();
    this.#ms = ms;
    if (isSooner) this.#look();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    this.stop();
    const left = this.#heard + this.#ms - Date.now();
    // The clock may have been set back.
    if (left <= 0 || left > this.#ms) this.#onSilence();
    else this.#timer = setTimeout(() => this.#look(), left);
  }
}

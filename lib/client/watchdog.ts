/** Calls `onSilence` once nothing has been heard for `ms`. */
export class Watchdog {
  readonly #ms: number;
  readonly #onSilence: () => void;
  #heard = performance.now();
  #timer: ReturnType<typeof setTimeout>;

  constructor(ms: number, onSilence: () => void) {
    this.#ms = ms;
    this.#onSilence = onSilence;
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  /** Cheap, for it is called with every message: the timer runs on. */
  heard(): void {
    this.#heard = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const left = this.#heard + this.#ms - performance.now();
    if (left <= 0) this.#onSilence();
    else this.#timer = setTimeout(() => this.#look(), left);
  }
}

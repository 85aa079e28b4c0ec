/// <reference lib="dom" />
/** Asks for frames, and for no more of them than are worth drawing. */
export class Frames {
  readonly #draw: () => void;
  #frame: number | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #notBefore = 0;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  /** One frame, however often one asks until it comes. */
  request(): void {
    if (this.#frame !== null || this.#timer !== null) return;
    const wait = this.#notBefore - performance.now();
    if (wait <= 0) return this.#next();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#next();
    }, wait);
  }

  /** The frame after this one comes not before so many milliseconds. */
  rest(ms: number): void {
    this.#notBefore = performance.now() + ms;
  }

  stop(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#frame = this.#timer = null;
  }

  #next(): void {
    this.#frame = requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }
}

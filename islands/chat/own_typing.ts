/** Tells others that this user writes: seldom enough, and not for longer than it is so. */
export interface OwnTypingOptions {
  readonly begin: () => void;
  readonly end: () => void;
  readonly now?: () => number;
}

/** What was told holds for 5 s (the namespace `typing`); it is told again before that is over. */
const everyMs = 2_500;
const holdsMs = 5_000;

export class OwnTyping {
  readonly #options: OwnTypingOptions;
  #toldAt = -Infinity;

  constructor(options: OwnTypingOptions) {
    this.#options = options;
  }

  /** The text was changed by its writer. */
  wrote(text: string): void {
    if (text.trim() === "") return this.stopped();
    const now = this.#now();
    if (now - this.#toldAt < everyMs) return;
    this.#toldAt = now;
    this.#options.begin();
  }

  /** It was sent, or taken back. */
  stopped(): void {
    const isTold = this.#now() - this.#toldAt < holdsMs;
    this.#toldAt = -Infinity;
    if (isTold) this.#options.end();
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

/** How often each of many may do something: `most` at once, and one more each `everyMs`. */
export interface AllowanceOptions {
  readonly most: number;
  readonly everyMs: number;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** At most so many are remembered; whoever has the most left is forgotten first. */
const maxKnown = 10_000;

export class Allowance {
  readonly #options: AllowanceOptions;
  /** When each will have everything again, by name; the earliest is not first. */
  readonly #fullAt = new Map<string, number>();

  constructor(options: AllowanceOptions) {
    this.#options = options;
  }

  /** Takes one. @returns 0, or in how many milliseconds there will be one to take */
  take(name: string): number {
    const { most, everyMs, now = Date.now } = this.#options;
    const time = now();
    const fullAt = Math.max(time, this.#fullAt.get(name) ?? 0) + everyMs;
    const waitMs = fullAt - time - most * everyMs;
    if (waitMs > 0) return waitMs;
    if (this.#fullAt.size >= maxKnown && !this.#fullAt.has(name)) this.#forget(time);
    this.#fullAt.set(name, fullAt);
    return 0;
  }

  #forget(time: number): void {
    for (const [name, fullAt] of this.#fullAt) {
      if (fullAt <= time) this.#fullAt.delete(name);
    }
    if (this.#fullAt.size < maxKnown) return;
    const byTime = [...this.#fullAt].sort(([, a], [, b]) => a - b);
    for (const [name] of byTime.slice(0, maxKnown / 10)) this.#fullAt.delete(name);
  }
}

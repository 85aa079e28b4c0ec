/** Rates of counters that are only looked at, so that counting costs no more than it did. */
interface Sample {
  readonly at: number;
  readonly count: number;
  readonly rate: number | null;
}

/** Between these: looks that come sooner, from another viewer, are told the rate of the last one. */
const leastMs = 1_000;
const mostMs = 30_000;

export class RateSampler {
  readonly #samples = new WeakMap<object, Sample>();

  /**
   * How much a second since the last look; null at the first one and after a long time.
   * @param now milliseconds of a clock that never goes back.
   */
  sample(counter: { readonly given: number }, now: number): number | null {
    const before = this.#samples.get(counter);
    const count = counter.given;
    const elapsed = now - (before?.at ?? -Infinity);
    if (before !== undefined && elapsed < leastMs) return before.rate;
    const rate = before === undefined || elapsed > mostMs
      ? null
      : (count - before.count) / elapsed * 1_000;
    this.#samples.set(counter, { at: now, count, rate });
    return rate;
  }
}

/** Time and chance, so that a test can hold both in its hand. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** 0 ≤ x < 1 */
  random(): number;
  /** Runs `job` once, `ms` from now, unless the function it returns is called first. */
  after(ms: number, job: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, job) {
    const timer = setTimeout(job, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves `ms` from now. Not to be cut short: for waits of milliseconds. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

/**
 * How long to wait before try number `attempt + 1`: doubles from `minMs` to `maxMs`, less up to a
 * half at random, so that those who failed together do not come back together.
 */
export function backoff(
  attempt: number,
  { minMs, maxMs, random }: { minMs: number; maxMs: number; random: () => number },
): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30));
  return full * (1 - random() / 2);
}

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
    const timer = setTimeout(job, Math.min(ms, longestTimerMs));
    return () => clearTimeout(timer);
  },
};

/** Timers of more than this run at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Resolves `ms` from now, or as soon as the signal aborts. */
export function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener("abort", done, { once: true });
  });
}

/** Resolves `ms` from now. Not to be cut short: for waits of milliseconds. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

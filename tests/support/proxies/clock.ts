/** Time, so that a test can stand in for it. */
export interface Clock {
  /** Milliseconds from any beginning. */
  now(): number;
  /** Calls once; what is returned calls it off. */
  after(ms: number, run: () => void): () => void;
}

export const realClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

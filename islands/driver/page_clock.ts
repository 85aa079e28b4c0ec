/// <reference lib="dom" />
import type { Clock } from "../../lib/clock.ts";

/** The browser's own. */
export const pageClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, job) {
    const timer = setTimeout(job, ms);
    return () => clearTimeout(timer);
  },
};

/** What may be asked of a comparison. Milliseconds. */
export const runLimits = {
  /** From one change of the feed to the next, in the mean. */
  every: { least: 100, most: 60_000 },
  /** A feed ends after so long, whoever still reads it. */
  longestMs: 10 * 60_000,
  /** Feeds at a time in one isolate. */
  atOnce: 20,
  /** From one poll to the next. */
  interval: { least: 250, most: 60_000 },
} as const;

/** Where the feed is polled. */
export function feedPath(feed: string): string {
  return `/compare/api/feeds/${feed}`;
}

/** What the page offers; others may be in its address. */
export const offered = { interval: [2_000, 3_000, 5_000], every: [200, 1_000, 5_000, 30_000] };

/**
 * From the change `n` to the one after it: between half and one and a half times the mean, without a
 * pattern that polls could fall in with, and the same in every run. The golden ratio spreads the
 * fractions evenly.
 */
export function gapAfter(n: number, everyMs: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  return everyMs * (0.5 + ((n + 1) * golden) % 1);
}

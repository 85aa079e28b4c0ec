/** What may be asked of a comparison. Milliseconds. */
export const runLimits = {
  /** From one change of the feed to the next, in the mean. */
  every: { least: 100, most: 60_000 },
  /** A feed ends after so long, whoever still reads it. */
  longestMs: 10 * 60_000,
  /** Feeds at a time in one isolate. */
  atOnce: 20,
} as const;

/**
 * From the change `n` to the one after it: between half and one and a half times the mean, without a
 * pattern that polls could fall in with, and the same in every run. The golden ratio spreads the
 * fractions evenly.
 */
export function gapAfter(n: number, everyMs: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  return everyMs * (0.5 + ((n + 1) * golden) % 1);
}

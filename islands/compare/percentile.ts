/**
 * The smallest value that at least `share` of all values do not exceed (nearest rank): one that was
 * really measured. Of fewer than a hundred values the 99th percentile is the largest.
 * @param share above 0, at most 1
 * @returns null where there are no values
 */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? null;
}

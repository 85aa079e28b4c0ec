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

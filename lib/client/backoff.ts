import type { Backoff } from "./api.ts";

/**
 * Full jitter: anywhere from 0 to a bound that doubles with each failure, so that clients that
 * lost the same server do not come back in the same moment.
 *
 * @param failures 1 after the first
 * @param random from 0 to below 1
 */
export function backoffMs(failures: number, { minMs, maxMs }: Backoff, random: number): number {
  return random * Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 30));
}

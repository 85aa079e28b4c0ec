/**
 * Parts of a page that draw from time to time do so together: a frame for all of them costs little
 * more than one for each of them.
 */
const beatMs = 50;

/**
 * How long to wait, at least so many milliseconds, until the next beat.
 * @param now milliseconds by `performance.now()`
 */
export function untilBeat(atLeast: number, now = performance.now()): number {
  return Math.ceil((now + atLeast) / beatMs) * beatMs - now;
}

/** When an answer wants the request to be made again. */

/** A page is not left waiting for longer, whatever a proxy may say. */
const longestMs = 10 * 60_000;

/** From now on, in milliseconds. @param header seconds or a date; null, where it says neither */
export function retryAfterMs(header: string | null, now: number): number | null {
  const text = header?.trim() ?? "";
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : timeOf(text) - now;
  return Number.isNaN(ms) ? null : Math.min(longestMs, Math.max(0, ms));
}

/** Browsers take much else for a date. */
function timeOf(text: string): number {
  return text.endsWith("GMT") ? Date.parse(text) : NaN;
}

/** What the page offers; others may be in its address. Milliseconds. */
export const offered = {
  /** From poll to poll. */
  interval: [2_000, 3_000, 5_000],
  /** From change to change in the mean. */
  every: [200, 1_000, 5_000, 30_000],
};

/** From poll to poll, as the page's address may ask. */
export const intervalRange = { least: 250, most: 60_000 };

/** Where the feed is polled. */
export function feedPath(feed: string): string {
  return `/compare/api/feeds/${feed}`;
}

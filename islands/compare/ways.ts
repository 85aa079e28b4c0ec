/** The four ways in which a feed is brought to a page, in the order in which they are shown. */
export const ways = ["polling", "long_poll", "sse", "websocket"] as const;
export type Way = (typeof ways)[number];

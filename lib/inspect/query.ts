/** What an operator asks to see of channels and sessions. */
import { z } from "zod";

export const channelOrders = [
  "channel",
  "subscribers",
  "rate",
  "history",
  "offset",
  "keys",
] as const;
export const sessionOrders = ["user", "transport", "since", "lag", "queue", "channels"] as const;

/** Rows of one list, whatever there is. */
export const rowLimit = 1_000;

export type ChannelOrder = (typeof channelOrders)[number];
export type SessionOrder = (typeof sessionOrders)[number];

const common = {
  /** Part of what names a row, upper and lower case alike; "": all. */
  filter: z.string().max(255).default(""),
  descending: z.boolean().default(false),
  limit: z.int().min(1).max(rowLimit).default(200),
};

export const inspectionQuery = z.object({
  channels: z.object({ ...common, order: z.enum(channelOrders).default("channel") }),
  sessions: z.object({ ...common, order: z.enum(sessionOrders).default("user") }),
});

export type InspectionQuery = z.infer<typeof inspectionQuery>;

export interface Listing {
  readonly descending: boolean;
  readonly limit: number;
}

/** null: there is none, which comes last in any order. */
export type SortKey = string | number | null;

/** The first of them in the order asked for; equal ones by their name. */
export function firstOf<Item>(
  items: Iterable<Item>,
  { descending, limit }: Listing,
  keyOf: (item: Item) => SortKey,
  nameOf: (item: Item) => string,
): Item[] {
  const keyed = Array.from(items, (item) => ({ item, key: keyOf(item) }));
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === b.key) return nameOf(a.item) < nameOf(b.item) ? -1 : 1;
    if (a.key === null || b.key === null) return a.key === null ? 1 : -1;
    return a.key < b.key ? -sign : sign;
  });
  return keyed.slice(0, limit).map(({ item }) => item);
}

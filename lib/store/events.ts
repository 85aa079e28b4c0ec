/**
 * What the example shop publishes. Amounts are in the currency's minor unit (pence), times are Unix
 * milliseconds by the server's clock.
 */
import { z } from "zod";

export const orderStatus = z.enum(["placed", "packed", "shipped", "delivered", "cancelled"]);

/** An order without its lines: what a list shows. The lines are at `GET /store/orders/:id`. */
export const orderSummary = z.object({
  id: z.string(),
  status: orderStatus,
  country: z.string(),
  lineCount: z.int(),
  total: z.int(),
  currency: z.string(),
  placedAt: z.int(),
  updatedAt: z.int(),
  /** 1, 2, 3 …: a reader that has seen a later one ignores this. */
  version: z.int(),
});

export const stockItem = z.object({
  sku: z.string(),
  name: z.string(),
  quantity: z.int(),
  unitPrice: z.int(),
  /** Fewer than this many are low. */
  lowAt: z.int(),
  updatedAt: z.int(),
});

/** What a quarter of an hour has brought: orders by when they were placed. */
export const quarterFigures = z.object({
  /** When it began. */
  from: z.int(),
  /** Orders placed in each of its minutes, those cancelled since included. */
  minutes: z.array(z.int()).length(15),
  /** How many of these orders have been cancelled. */
  cancelled: z.int(),
  /** The total of those that have not. */
  revenue: z.int(),
});

export const vehiclePosition = z.object({
  id: z.string(),
  lat: z.number(),
  lon: z.number(),
  /** metres per second */
  speed: z.number(),
  route: z.string(),
  headsign: z.string(),
  at: z.int(),
});

export const chatMessage = z.object({
  /** Sorts as the messages came. */
  id: z.string(),
  room: z.string(),
  author: z.string(),
  text: z.string(),
  at: z.int(),
  /** The author's own name for it, by which it is stored once. */
  sentAs: z.string().optional(),
  /** The author's token said so. */
  isStaff: z.literal(true).optional(),
});

/** How far a user has read a room. */
export const readMark = z.object({
  user: z.string(),
  /** The id of the last message read. */
  upTo: z.string(),
  at: z.int(),
});

/** That its key's user writes something. */
export const chatSign = z.strictObject({});

export type OrderStatus = z.infer<typeof orderStatus>;
export type OrderSummary = z.infer<typeof orderSummary>;
export type StockItem = z.infer<typeof stockItem>;
export type QuarterFigures = z.infer<typeof quarterFigures>;
export type VehiclePosition = z.infer<typeof vehiclePosition>;
export type ChatMessage = z.infer<typeof chatMessage>;
export type ReadMark = z.infer<typeof readMark>;

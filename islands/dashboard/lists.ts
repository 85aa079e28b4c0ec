/** What the dashboard shows of what its channels hold: as much as the page has room for, in order. */
import type { OrderSummary, StockItem, VehiclePosition } from "../../lib/store/events.ts";

/** A list as far as it is shown. */
export interface List<Item> {
  readonly items: readonly Item[];
  /** How many there are in all; null: more than are shown. */
  readonly count: number | null;
}

export const room = { orders: 50, stock: 200, vehicles: 200 } as const;

/** What the server read to render the page; a full list may be a part of a longer one. */
export function firstList<Item>(items: readonly Item[], room: number): List<Item> {
  return { items, count: items.length < room ? items.length : null };
}

/** Newest first. */
export function newestOrders(orders: Iterable<OrderSummary>): OrderSummary[] {
  return [...orders].sort((a, b) => b.placedAt - a.placedAt || compare(b.id, a.id))
    .slice(0, room.orders);
}

/** By SKU. */
export function stockBySku(items: Iterable<StockItem>): StockItem[] {
  return [...items].sort((a, b) => compare(a.sku, b.sku)).slice(0, room.stock);
}

/** By id; when there are too many, those that reported last. */
export function latestVehicles(vehicles: Iterable<VehiclePosition>): VehiclePosition[] {
  return [...vehicles].sort((a, b) => b.at - a.at).slice(0, room.vehicles)
    .sort((a, b) => compare(a.id, b.id));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

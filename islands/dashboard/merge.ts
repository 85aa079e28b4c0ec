/**
 * Snapshots and events reach the page in any order and overlap: each merge keeps the newer of two
 * values, and as many as the page has room for.
 */
import type { OrderSummary, VehiclePosition } from "../../lib/store/events.ts";
import type { StockLevel } from "../page_state.ts";

export const room = { orders: 50, stock: 200, vehicles: 200 } as const;

/** Newest first. */
export function mergeOrders(
  known: readonly OrderSummary[],
  more: readonly OrderSummary[],
): readonly OrderSummary[] {
  const byId = new Map(known.map((order) => [order.id, order]));
  for (const order of more) {
    const before = byId.get(order.id);
    if (before === undefined || order.version > before.version) byId.set(order.id, order);
  }
  return [...byId.values()].sort((a, b) => b.placedAt - a.placedAt || (a.id < b.id ? 1 : -1))
    .slice(0, room.orders);
}

/** By SKU. Of two values of one moment the later to come is the newer: events are in order. */
export function mergeStock(
  known: readonly StockLevel[],
  more: readonly StockLevel[],
): readonly StockLevel[] {
  const bySku = new Map(known.map((level) => [level.sku, level]));
  for (const level of more) {
    const before = bySku.get(level.sku);
    if (before === undefined || level.updatedAt >= before.updatedAt) bySku.set(level.sku, level);
  }
  return [...bySku.values()].sort((a, b) => compare(a.sku, b.sku)).slice(0, room.stock);
}

/** By id; when there are too many, those that reported last. */
export function mergeVehicles(
  known: readonly VehiclePosition[],
  more: readonly VehiclePosition[],
): readonly VehiclePosition[] {
  const byId = new Map(known.map((vehicle) => [vehicle.id, vehicle]));
  for (const vehicle of more) {
    const before = byId.get(vehicle.id);
    if (before === undefined || vehicle.at >= before.at) byId.set(vehicle.id, vehicle);
  }
  const kept = byId.size <= room.vehicles
    ? [...byId.values()]
    : [...byId.values()].sort((a, b) => b.at - a.at).slice(0, room.vehicles);
  return kept.sort((a, b) => compare(a.id, b.id));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

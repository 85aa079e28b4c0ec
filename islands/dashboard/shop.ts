/** Reads the shop's state from its REST routes. */
import type { OrderSummary, VehiclePosition } from "../../lib/store/events.ts";
import type { Snapshot, StockLevel } from "../page_state.ts";
import { room } from "./merge.ts";

/** The token is not accepted. */
export class Refused extends Error {}

/** @throws Refused; Error for what may pass */
export async function loadShop(token: string): Promise<Snapshot> {
  const [{ orders }, { stock }, { vehicles }] = await Promise.all([
    read<{ orders: OrderSummary[] }>(`/store/orders?limit=${room.orders}`, token),
    read<{ stock: StockLevel[] }>(`/store/stock?limit=${room.stock}`, token),
    read<{ vehicles: VehiclePosition[] }>(`/store/vehicles?limit=${room.vehicles}`, token),
  ]);
  return { orders, stock, vehicles };
}

async function read<Answer>(path: string, token: string): Promise<Answer> {
  const response = await fetch(path, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status === 401 || response.status === 403) throw new Refused(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return await response.json();
}

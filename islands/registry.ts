/** The islands by the name that `data-island` gives. */
import { Badge } from "./dashboard/badge.tsx";
import { Gate } from "./dashboard/gate.tsx";
import type { Live } from "./dashboard/live.ts";
import { Orders } from "./dashboard/orders.tsx";
import { Stock } from "./dashboard/stock.tsx";
import { Vehicles } from "./dashboard/vehicles.tsx";
import type { ComponentType } from "preact";

export const islands = {
  badge: Badge,
  gate: Gate,
  orders: Orders,
  stock: Stock,
  vehicles: Vehicles,
} as const;

export type IslandName = keyof typeof islands;

/** What the server chooses for an island: plain JSON, carried by `data-props`. */
export type PropsOf<Name extends IslandName> = Omit<Parameters<(typeof islands)[Name]>[0], "live">;

/** The island as a component of what every island takes, its own properties being JSON. */
export function islandNamed(name: string): ComponentType<{ live: Live }> {
  if (!Object.hasOwn(islands, name)) throw new Error(`no island "${name}"`);
  return islands[name as IslandName] as ComponentType<{ live: Live }>;
}

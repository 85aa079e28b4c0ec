/** How the dashboard's lists are sorted and filtered. */
import type {
  OrderStatus,
  OrderSummary,
  StockItem,
  VehiclePosition,
} from "../../lib/store/events.ts";

/** What the page holds when it comes from the server: the rest follows from the channels. */
export const room = { orders: 50, stock: 200, vehicles: 200 } as const;

export type Level = "out" | "low" | "enough";

export function levelOf({ quantity, lowAt }: StockItem): Level {
  return quantity === 0 ? "out" : quantity < lowAt ? "low" : "enough";
}

const urgency: Readonly<Record<Level, number>> = { out: 0, low: 1, enough: 2 };

export function newestFirst(a: OrderSummary, b: OrderSummary): number {
  return b.placedAt - a.placedAt || compare(b.id, a.id);
}

/** What is out of stock, then what is low, then the rest; each by SKU. */
export function lowestFirst(a: StockItem, b: StockItem): number {
  return urgency[levelOf(a)] - urgency[levelOf(b)] || compare(a.sku, b.sku);
}

export function byId(a: VehiclePosition, b: VehiclePosition): number {
  return compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export interface OrderFilter {
  /** null: of any. */
  readonly status: OrderStatus | null;
  /** In the id or the country. */
  readonly text: string;
}

export function filterOrders(
  orders: readonly OrderSummary[],
  { status, text }: OrderFilter,
): readonly OrderSummary[] {
  const wanted = fold(text);
  if (status === null && wanted === "") return orders;
  return orders.filter((order) =>
    (status === null || order.status === status) &&
    (wanted === "" || folded(order, orderText).includes(wanted))
  );
}

export function filterStock(items: readonly StockItem[], text: string): readonly StockItem[] {
  return filterBy(items, stockText, text);
}

export function filterVehicles(
  vehicles: readonly VehiclePosition[],
  text: string,
): readonly VehiclePosition[] {
  return filterBy(vehicles, vehicleText, text);
}

function filterBy<Item extends object>(
  items: readonly Item[],
  textOf: (item: Item) => string,
  text: string,
): readonly Item[] {
  const wanted = fold(text);
  return wanted === "" ? items : items.filter((item) => folded(item, textOf).includes(wanted));
}

const orderText = ({ id, country }: OrderSummary) => `${id}\n${country}`;
const stockText = ({ sku, name }: StockItem) => `${sku}\n${name}`;
const vehicleText = ({ id, route = "" }: VehiclePosition) => `${id}\n${route}`;

const known = new WeakMap<object, string>();

function folded<Item extends object>(item: Item, textOf: (item: Item) => string): string {
  let text = known.get(item);
  if (text === undefined) {
    text = fold(textOf(item));
    known.set(item, text);
  }
  return text;
}

/** Without case and marks: who types "ca phe" finds "Cà phê". */
function fold(text: string): string {
  return text.trim().toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d");
}

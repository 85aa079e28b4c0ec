import { patiently } from "./change.ts";
import { keys, limits, type Page, type StoreContext } from "./context.ts";
import { StoreError } from "./errors.ts";
import type { OrderStatus, OrderSummary } from "./events.ts";
import { page, type PageRequest } from "./list.ts";
import type { StoreEvent } from "./outbox.ts";

export interface OrderLine {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  /** What one cost when the order was placed, in the currency's minor unit. */
  readonly unitPrice: number;
}

export interface Order extends OrderSummary {
  readonly lines: readonly OrderLine[];
}

/** An order as it is kept: `seq` is its place among all orders by time. */
export interface StoredOrder extends Order {
  readonly seq: string;
}

export const inWork = ["placed", "packed", "shipped"] as const satisfies readonly OrderStatus[];

function isInWork(status: OrderStatus): boolean {
  return (inWork as readonly OrderStatus[]).includes(status);
}

/** @throws StoreError 404 */
export async function getOrder({ kv, clock }: StoreContext, id: string): Promise<Order> {
  const entry = await patiently(clock, () => kv.get<StoredOrder>(keys.order(id)));
  if (entry.value === null) throw noOrder(id);
  return told(entry.value);
}

/** Newest first, all or those of one status. */
export function listOrders(
  context: StoreContext,
  { status, ...request }: PageRequest & { status?: OrderStatus | undefined },
): Promise<Page<OrderSummary>> {
  const prefix = status === undefined ? keys.ordersByTime : keys.ordersByStatus(status);
  return page(context, prefix, { ...request, newestFirst: true });
}

/** The newest orders that are neither delivered nor cancelled, newest first. */
export async function listInWork(context: StoreContext, limit: number): Promise<OrderSummary[]> {
  const lists = await Promise.all(inWork.map((status) => listOrders(context, { status, limit })));
  return lists.flatMap(({ items }) => items)
    .sort((a, b) => b.placedAt - a.placedAt || (a.id < b.id ? 1 : -1))
    .slice(0, limit);
}

/** How many orders are in work. */
export async function countInWork(kv: Deno.Kv): Promise<number> {
  const { value } = await kv.get<Deno.KvU64>(keys.ordersInWork);
  return Number(BigInt.asIntN(64, value?.value ?? 0n));
}

/** Writes an order and its places in the lists; `before` is the status that it leaves. */
export function writeOrder(
  write: Deno.AtomicOperation,
  order: StoredOrder,
  before?: OrderStatus,
): Deno.AtomicOperation {
  const isOpen = isInWork(order.status);
  const expiry = isOpen ? {} : { expireIn: limits.orderTtlMs };
  const summary = summaryOf(order);
  if (before !== undefined) write.delete(keys.orderByStatus(before, order.seq));
  // Added to without being read: buyers must not wait for each other because of a count.
  const more = Number(isOpen) - Number(before !== undefined && isInWork(before));
  if (more !== 0) write.sum([...keys.ordersInWork], BigInt.asUintN(64, BigInt(more)));
  return write
    .set(keys.order(order.id), order, expiry)
    .set(keys.orderByTime(order.seq), summary, expiry)
    .set(keys.orderByStatus(order.status, order.seq), summary, expiry);
}

/** What a change of it tells: one that is finished is shown as such, and goes. */
export function orderChanged(order: StoredOrder): StoreEvent[] {
  const change = orderEvent(summaryOf(order));
  if (isInWork(order.status)) return [change];
  return [change, { channel: "orders:all", key: order.id, removed: true }];
}

/** Of its tags none ever changes: a filter that has let an order through sees it to its end. */
export function orderEvent(order: OrderSummary): StoreEvent {
  const tags = { country: order.country };
  return { channel: "orders:all", key: order.id, data: order, tags };
}

export function noOrder(id: string): StoreError {
  return new StoreError(404, `no order "${id}"`);
}

/** Without what only the shop itself needs to know. */
export function told({ seq: _, ...order }: StoredOrder): Order {
  return order;
}

function summaryOf({ seq: _, lines: __, ...summary }: StoredOrder): OrderSummary {
  return summary;
}

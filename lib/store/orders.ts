import { patiently } from "./change.ts";
import { keys, limits, type Page, type StoreContext } from "./context.ts";
import { StoreError } from "./errors.ts";
import type { OrderEvent, OrderStatus, OrderSummary } from "./events.ts";
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

/** Writes an order and its places in the lists; `before` is the status that it leaves. */
export function writeOrder(
  write: Deno.AtomicOperation,
  order: StoredOrder,
  before?: OrderStatus,
): Deno.AtomicOperation {
  const expiry = { expireIn: limits.orderTtlMs };
  const summary = summaryOf(order);
  if (before !== undefined) write.delete(keys.orderByStatus(before, order.seq));
  return write
    .set(keys.order(order.id), order, expiry)
    .set(keys.orderByTime(order.seq), summary, expiry)
    .set(keys.orderByStatus(order.status, order.seq), summary, expiry);
}

export function orderChanged(type: OrderEvent["type"], order: StoredOrder): StoreEvent {
  return { channel: "orders:all", data: { type, order: summaryOf(order) } };
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

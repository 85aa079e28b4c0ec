import { followStock, type StockChange } from "./alerts_stock.ts";
import { type Change, change } from "./change.ts";
import { keys, type StoreContext } from "./context.ts";
import { StoreError } from "./errors.ts";
import type { OrderStatus } from "./events.ts";
import { countCancelled } from "./figures.ts";
import { noOrder, type Order, orderChanged, type StoredOrder, told, writeOrder } from "./orders.ts";
import { readStock, stockEvent, withQuantity } from "./stock.ts";

/** What may follow a status. */
const following: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  placed: ["packed", "cancelled"],
  packed: ["shipped", "cancelled"],
  shipped: ["delivered"],
  delivered: [],
  cancelled: [],
};

/**
 * Moves an order on; cancelling puts its goods back into the stock. An order that has the status
 * already stays as it is and nothing is told, so a request may be repeated.
 *
 * @throws StoreError 404 for an unknown order, 409 for a status that may not follow its own
 */
export async function setStatus(
  context: StoreContext,
  id: string,
  status: OrderStatus,
): Promise<Order> {
  const order = await change<Order>(context, async (kv) => {
    const entry = await kv.get<StoredOrder>(keys.order(id));
    const order = entry.value;
    if (order === null) throw noOrder(id);
    if (order.status === status) return { result: told(order) };
    if (!following[order.status].includes(status)) throw wrongStep(order, status);
    const now = context.clock.now();
    const changed = { ...order, status, updatedAt: now, version: order.version + 1 };
    const write = writeOrder(kv.atomic().check(entry), changed, order.status);
    return status === "cancelled"
      ? await putBack(context, write, changed)
      : { result: told(changed), write, events: orderChanged(changed) };
  });
  if (status === "cancelled") context.counted(order.placedAt);
  return order;
}

function wrongStep(order: StoredOrder, status: OrderStatus): StoreError {
  const allowed = following[order.status];
  const may = allowed.length === 0 ? "it stays so" : `it may become ${allowed.join(" or ")}`;
  return new StoreError(
    409,
    `order "${order.id}" is ${order.status} and cannot become ${status}; ${may}`,
    { reason: "wrong_step", orderStatus: order.status },
  );
}

async function putBack(
  context: StoreContext,
  write: Deno.AtomicOperation,
  order: StoredOrder,
): Promise<Change<Order>> {
  const stock = await readStock(context.kv, order.lines.map((line) => line.sku));
  const changes: StockChange[] = [];
  for (const [i, entry] of stock.entries()) {
    if (entry.value === null) continue;
    const item = withQuantity(context, entry.value, entry.value.quantity + quantityOf(order, i));
    write.check(entry).set(keys.stock(item.sku), item);
    changes.push({ before: entry.value, after: item });
  }
  const stockEvents = changes.map(({ after }) => stockEvent(after));
  const { events: alerts, dropped } = await followStock(context, write, changes);
  const events = [...orderChanged(order), ...stockEvents, ...alerts];
  countCancelled(write, order, context.clock.now());
  return { result: told(order), write, events, dropped };
}

function quantityOf(order: StoredOrder, line: number): number {
  return order.lines[line]?.quantity ?? 0;
}

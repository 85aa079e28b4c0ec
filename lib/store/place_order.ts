import { monotonicUlid } from "@std/ulid";
import { followStock } from "./alerts_stock.ts";
import { change } from "./change.ts";
import { keys, limits, type StoreContext } from "./context.ts";
import { StoreError } from "./errors.ts";
import type { StockItem } from "./events.ts";
import { countPlaced } from "./figures.ts";
import {
  countInWork,
  type Order,
  orderChanged,
  type StoredOrder,
  told,
  writeOrder,
} from "./orders.ts";
import { readStock, stockEvent, withQuantity } from "./stock.ts";

export interface OrderRequest {
  /** Chosen by the buyer, so that a request repeated after a lost answer orders once. */
  readonly id?: string | undefined;
  readonly country: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

export interface Placed {
  readonly order: Order;
  /** false: an order with this id and content was there already. */
  readonly created: boolean;
}

/** The shop sells in one currency. */
const currency = "GBP";

/**
 * Places an order if everything in it is in stock, and lowers the stock by it.
 *
 * @throws StoreError 404 for an unknown SKU; 409 if there is not enough of one, the id is taken by
 * another order, or too many orders are in work; 422 for too many lines or a SKU on two lines
 */
export async function placeOrder(context: StoreContext, request: OrderRequest): Promise<Placed> {
  checkLines(request);
  const id = request.id ?? monotonicUlid().toLowerCase();
  const placed = await change<Placed>(context, async (kv) => {
    const existing = await kv.get<StoredOrder>(keys.order(id));
    if (existing.value !== null) {
      if (!isSame(existing.value, request)) {
        throw new StoreError(409, `order "${id}" exists with another content`);
      }
      return { result: { order: told(existing.value), created: false } };
    }
    if (await countInWork(kv) >= limits.ordersInWork) {
      throw new StoreError(409, `${limits.ordersInWork} orders are in work, as many as may be`);
    }
    const stock = await readStock(kv, request.lines.map((line) => line.sku));
    const write = kv.atomic().check(existing);
    const items = takeFromStock(context, write, stock, request);
    const changes = items.map((after, i) => ({ before: stock[i]?.value ?? null, after }));
    const { events: alerts, dropped } = await followStock(context, write, changes);
    const order = newOrder(context, id, request, items);
    return {
      result: { order: told(order), created: true },
      write: countPlaced(writeOrder(write, order), order),
      events: [...orderChanged(order), ...items.map(stockEvent), ...alerts],
      dropped,
    };
  });
  if (placed.created) context.counted(placed.order.placedAt);
  return placed;
}

function checkLines({ lines }: OrderRequest): void {
  if (lines.length === 0) throw new StoreError(422, "an order has at least one line");
  if (lines.length > limits.orderLines) {
    throw new StoreError(
      422,
      `an order has at most ${limits.orderLines} lines, this one has ${lines.length}`,
    );
  }
  const seen = new Set<string>();
  for (const { sku } of lines) {
    if (seen.has(sku)) throw new StoreError(422, `SKU "${sku}" is on two lines; make it one`);
    seen.add(sku);
  }
}

function isSame(order: StoredOrder, { country, lines }: OrderRequest): boolean {
  return order.country === country && order.lines.length === lines.length &&
    order.lines.every(({ sku, quantity }, i) =>
      sku === lines[i]?.sku && quantity === lines[i]?.quantity
    );
}

/** What is left in stock of each line's article. */
function takeFromStock(
  context: StoreContext,
  write: Deno.AtomicOperation,
  stock: readonly Deno.KvEntryMaybe<StockItem>[],
  { lines }: OrderRequest,
): StockItem[] {
  return lines.map(({ sku, quantity }, i) => {
    const entry = stock[i];
    if (entry === undefined || entry.value === null) throw new StoreError(404, `no SKU "${sku}"`);
    const left = entry.value.quantity - quantity;
    if (left < 0) {
      throw new StoreError(
        409,
        `not enough of SKU "${sku}" in stock: ${quantity} ordered, ${entry.value.quantity} left`,
        { reason: "not_enough", sku, left: entry.value.quantity },
      );
    }
    const item = withQuantity(context, entry.value, left);
    write.check(entry).set(keys.stock(sku), item);
    return item;
  });
}

function newOrder(
  context: StoreContext,
  id: string,
  request: OrderRequest,
  items: readonly StockItem[],
): StoredOrder {
  const now = context.clock.now();
  const lines = items.map(({ sku, name, unitPrice }, i) => (
    { sku, name, quantity: request.lines[i]?.quantity ?? 0, unitPrice }
  ));
  return {
    id,
    status: "placed",
    country: request.country,
    lineCount: lines.length,
    total: lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0),
    currency,
    placedAt: now,
    updatedAt: now,
    version: 1,
    lines,
    seq: monotonicUlid(),
  };
}

import { change } from "./change.ts";
import { keys, limits, type Page, type StoreContext } from "./context.ts";
import { StoreError } from "./errors.ts";
import type { StockItem } from "./events.ts";
import { page, type PageRequest } from "./list.ts";
import type { StoreEvent } from "./outbox.ts";

/** Puts an article into the stock, or changes one. Nothing is told where nothing changes. */
export function putStock(
  context: StoreContext,
  sku: string,
  values: Pick<StockItem, "name" | "quantity" | "unitPrice">,
): Promise<StockItem> {
  return change(context, async (kv) => {
    const [entry, count] = await kv.getMany<[StockItem, number]>([
      keys.stock(sku),
      keys.stockCount,
    ]);
    if (entry.value !== null && isSame(entry.value, values)) return { result: entry.value };
    const item = { sku, ...values, updatedAt: context.clock.now() };
    const write = kv.atomic().check(entry).set(keys.stock(sku), item);
    if (entry.value === null) {
      const known = count.value ?? 0;
      if (known >= limits.skus) {
        throw new StoreError(422, `the shop holds ${limits.skus} SKUs at most`);
      }
      write.check(count).set([...keys.stockCount], known + 1);
    }
    return { result: item, write, events: [stockEvent(item)] };
  });
}

function isSame(item: StockItem, values: Pick<StockItem, "name" | "quantity" | "unitPrice">) {
  return item.name === values.name && item.quantity === values.quantity &&
    item.unitPrice === values.unitPrice;
}

interface Restocked {
  readonly sku: string;
  readonly quantity: number;
}

/**
 * Adds to what is in stock. Repeated under the same id it adds once.
 * @throws StoreError 404 for an unknown SKU, 422 for too many of it, 409 for an id that another
 * restock had
 */
export function restock(
  context: StoreContext,
  sku: string,
  quantity: number,
  id?: string,
): Promise<StockItem> {
  return change(context, async (kv) => {
    const entry = await kv.get<StockItem>(keys.stock(sku));
    if (entry.value === null) throw new StoreError(404, `no SKU "${sku}"`);
    const write = kv.atomic().check(entry);
    if (id !== undefined) {
      const done = await kv.get<Restocked>(keys.restocked(id));
      if (done.value !== null) {
        if (done.value.sku === sku && done.value.quantity === quantity) {
          return { result: entry.value };
        }
        throw new StoreError(409, `restock "${id}" was another one`);
      }
      const expireIn = limits.restockTtlMs;
      write.check(done).set(keys.restocked(id), { sku, quantity } as Restocked, { expireIn });
    }
    const item = withQuantity(context, entry.value, entry.value.quantity + quantity);
    write.set(keys.stock(sku), item);
    return { result: item, write, events: [stockEvent(item)] };
  });
}

/** By SKU. */
export function listStock(context: StoreContext, request: PageRequest): Promise<Page<StockItem>> {
  return page(context, keys.allStock, request);
}

/** The entries of these SKUs, in their order, those that are not there included. */
export async function readStock(
  kv: Deno.Kv,
  skus: readonly string[],
): Promise<Deno.KvEntryMaybe<StockItem>[]> {
  // One getMany reads ten keys at most.
  const parts: Promise<Deno.KvEntryMaybe<StockItem>[]>[] = [];
  for (let i = 0; i < skus.length; i += 10) {
    parts.push(kv.getMany<StockItem[]>(skus.slice(i, i + 10).map(keys.stock)));
  }
  return (await Promise.all(parts)).flat();
}

/** @throws StoreError 422 for more than the shop can count */
export function withQuantity(context: StoreContext, item: StockItem, quantity: number): StockItem {
  if (quantity > limits.quantity) {
    throw new StoreError(422, `of SKU "${item.sku}" the shop holds ${limits.quantity} at most`);
  }
  return { ...item, quantity, updatedAt: context.clock.now() };
}

export function stockEvent(item: StockItem): StoreEvent {
  return { channel: "stock:all", key: item.sku, data: item };
}

import { followStock } from "./alerts_stock.ts";
import { change } from "./change.ts";
import { keys, limits, type Page, type StoreContext } from "./context.ts";
import { StoreError } from "./errors.ts";
import type { StockItem } from "./events.ts";
import { page, type PageRequest } from "./list.ts";
import type { StoreEvent } from "./outbox.ts";

/** What a request says of an article. */
export interface StockValues extends Pick<StockItem, "name" | "quantity" | "unitPrice"> {
  /** Absent: `standardLowAt`. */
  readonly lowAt?: number | undefined;
}

const standardLowAt = 10;

/** Puts an article into the stock, or changes one. Nothing is told where nothing changes. */
export function putStock(
  context: StoreContext,
  sku: string,
  { name, quantity, unitPrice, lowAt = standardLowAt }: StockValues,
): Promise<StockItem> {
  return change(context, async (kv) => {
    const [entry, count] = await kv.getMany<[StockItem, number]>([
      keys.stock(sku),
      keys.stockCount,
    ]);
    const item = { sku, name, quantity, unitPrice, lowAt, updatedAt: context.clock.now() };
    if (entry.value !== null && isSame(entry.value, item)) return { result: entry.value };
    const write = kv.atomic().check(entry).set(keys.stock(sku), item);
    if (entry.value === null) {
      const known = count.value ?? 0;
      if (known >= limits.skus) {
        throw new StoreError(422, `the shop holds ${limits.skus} SKUs at most`);
      }
      write.check(count).set([...keys.stockCount], known + 1);
    }
    const change = { before: entry.value, after: item };
    const { events, dropped } = await followStock(context, write, [change]);
    return { result: item, write, events: [stockEvent(item), ...events], dropped };
  });
}

function isSame(a: StockItem, b: StockItem): boolean {
  return a.name === b.name && a.quantity === b.quantity && a.unitPrice === b.unitPrice &&
    a.lowAt === b.lowAt;
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
    const change = { before: entry.value, after: item };
    const { events, dropped } = await followStock(context, write, [change]);
    return { result: item, write, events: [stockEvent(item), ...events], dropped };
  });
}

/** By SKU. */
export async function listStock(
  context: StoreContext,
  request: PageRequest,
): Promise<Page<StockItem>> {
  const { items, next } = await page<StockItem>(context, keys.allStock, request);
  return { items: items.map(withLimit), next };
}

/** Articles kept since before there was one have the standard limit. */
function withLimit(item: StockItem): StockItem {
  return { ...item, lowAt: item.lowAt ?? standardLowAt };
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
  return { ...withLimit(item), quantity, updatedAt: context.clock.now() };
}

export function stockEvent(item: StockItem): StoreEvent {
  return { channel: "stock:all", key: item.sku, data: withLimit(item) };
}

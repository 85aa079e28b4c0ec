/** A morning that the shop has behind it, written into its database before its server starts. */
import { type Clock, systemClock } from "../../../lib/clock.ts";
import { openStore, type Store } from "../../../lib/store/mod.ts";
import { seeded } from "../../support/random.ts";
import { articles, conversations, counted } from "./goods.ts";

const minuteMs = 60_000;
const lastingMs = 4 * 60 * minuteMs;
const orderCount = 48;
/** The latest so many orders are still in work. */
const inWork = 14;
const course = ["packed", "shipped", "delivered"] as const;

/** The shop's own time, which is set; what waits, waits in real time. */
class PastClock implements Clock {
  #now = Date.now();
  readonly random = systemClock.random;
  readonly after = systemClock.after;

  now(): number {
    return this.#now;
  }

  set(time: number): void {
    this.#now = Math.min(Math.round(time), Date.now());
  }
}

/** @param path of a database that is not there yet */
export async function writePast(path: string): Promise<void> {
  const kv = await Deno.openKv(path);
  const faults: unknown[] = [];
  try {
    const clock = new PastClock();
    await using store = openStore({
      kv,
      clock,
      // Nobody is there yet; the server tells its channels what the shop holds.
      publish: () => Promise.resolve(null),
      epoch: () => Promise.resolve("past"),
      onError: (error) => faults.push(error),
    });
    await sell(store, clock);
    await talk(store, clock);
  } finally {
    kv.close();
  }
  if (faults.length > 0) throw new AggregateError(faults, "the past could not be written");
}

async function sell(store: Store, clock: PastClock): Promise<void> {
  const random = seeded(6);
  const below = (n: number) => Math.floor(random() * n);
  const countries = ["Việt Nam", "Singapore", "Việt Nam", "Nhật Bản", "France"];
  const end = Date.now();
  clock.set(end - lastingMs);
  for (const { sku, ...article } of articles) await store.putStock(sku, article);
  for (let n = 0; n < orderCount; n++) {
    // Busier and busier.
    clock.set(end - lastingMs * (1 - Math.sqrt((n + random()) / orderCount)));
    const goods = new Set(Array.from({ length: 1 + below(3) }, () => below(articles.length)));
    const id = `DH-${2_041 + n}`;
    const lines = articles.filter((_, i) => goods.has(i))
      .map(({ sku }) => ({ sku, quantity: 1 + below(3) }));
    await store.placeOrder({ id, country: countries[below(5)] ?? "", lines });
    const steps = n < orderCount - inWork ? 3 : below(3);
    if (n % 11 === 5) await store.setStatus(id, "cancelled");
    else for (const status of course.slice(0, steps)) await store.setStatus(id, status);
  }
  clock.set(end);
  for (const { sku, ...article } of counted) await store.putStock(sku, article);
}

async function talk(store: Store, clock: PastClock): Promise<void> {
  for (const [room, lines] of Object.entries(conversations)) {
    for (const { author, text, minutesAgo } of lines) {
      clock.set(Date.now() - minutesAgo * minuteMs);
      const isStaff = author === "lan";
      const { message } = await store.postMessage({ room, author, text, isStaff });
      await store.markRead({ room, user: isStaff ? "minh" : "lan", upTo: message.id });
    }
  }
}

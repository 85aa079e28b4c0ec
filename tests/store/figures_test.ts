import assert from "node:assert/strict";
import { keys, limits } from "../../lib/store/context.ts";
import type { QuarterFigures } from "../../lib/store/events.ts";
import { ManualClock, openTestStore, Recorder, refused, tempKv, turnsUntil } from "./support.ts";

const quarterMs = 15 * 60_000;

/** Keeps what is published as a state channel would: the highest version of each quarter. */
class Figures {
  readonly told = new Map<number, { figures: QuarterFigures; version: number }>();
  calls = 0;
  epoch = "first";
  before: () => void = () => {};

  readonly publish = (figures: QuarterFigures, version: number) => {
    this.calls++;
    this.before();
    const known = this.told.get(figures.from);
    if (known === undefined || known.version < version) {
      this.told.set(figures.from, { figures, version });
    }
    return Promise.resolve({ epoch: this.epoch, offset: this.calls });
  };

  get sums() {
    const all = [...this.told.values()].map(({ figures }) => figures);
    const sum = (of: (one: QuarterFigures) => number) => all.reduce((n, one) => n + of(one), 0);
    return {
      orders: sum(({ minutes }) => minutes.reduce((n, one) => n + one, 0)),
      cancelled: sum(({ cancelled }) => cancelled),
      revenue: sum(({ revenue }) => revenue),
    };
  }
}

async function openWithFigures() {
  const db = await tempKv();
  const clock = new ManualClock();
  const figures = new Figures();
  const open = (kv = db.kv) =>
    openTestStore(kv, new Recorder(), { clock, publishFigures: figures.publish });
  const store = open();
  await store.putStock("L", { name: "Lamp", quantity: 1_000, unitPrice: 100 });
  return {
    db,
    clock,
    figures,
    store,
    open,
    async [Symbol.asyncDispose]() {
      await store.close();
      await db[Symbol.asyncDispose]();
    },
  };
}

const order = (id: string, quantity = 1) => ({ id, country: "", lines: [{ sku: "L", quantity }] });

Deno.test("figures: orders count in their minute, cancelled ones are taken out of the revenue", async () => {
  await using shop = await openWithFigures();
  const { clock, figures, store } = shop;
  await store.placeOrder(order("a", 3));
  clock.advance(60_000);
  await store.placeOrder(order("b", 2));
  await store.placeOrder(order("b", 2));
  clock.advance(quarterMs);
  await store.placeOrder(order("c"));
  await store.setStatus("a", "cancelled");
  await store.setStatus("a", "cancelled");
  const isTold = () => {
    clock.advance(200);
    const { orders, cancelled } = figures.sums;
    return orders === 3 && cancelled === 1;
  };
  await turnsUntil(isTold);
  assert.deepEqual(figures.sums, { orders: 3, cancelled: 1, revenue: 300 });
  const quarters = (await store.snapshot()).figures;
  assert.deepEqual(quarters, [...figures.told.values()].map((one) => one.figures));
  assert.deepEqual(quarters.map(({ minutes }) => minutes.slice(0, 3)), [[1, 1, 0], [0, 1, 0]]);
});

Deno.test("figures: what several isolates count is told in full, however they overtake each other", async () => {
  await using shop = await openWithFigures();
  const { clock, figures, db } = shop;
  await using other = shop.open(await db.again());
  const stores = [shop.store, other];
  await Promise.all(
    Array.from({ length: 40 }, (_, i) => stores[i % 2]?.placeOrder(order(`o${i}`))),
  );
  await turnsUntil(() => {
    clock.advance(200);
    return figures.sums.orders === 40;
  });
  assert.equal(figures.sums.revenue, 4_000);
});

Deno.test("figures: they are told again after a failure, and to a stream that begins anew", async () => {
  await using shop = await openWithFigures();
  const { clock, figures, store } = shop;
  let failures = 0;
  figures.before = () => {
    if (failures++ < 2) throw new Error("the broker is away");
  };
  await store.placeOrder(order("a"));
  const advanceUntil = (is: () => boolean) =>
    turnsUntil(() => {
      clock.advance(1_000);
      return is();
    });
  await advanceUntil(() => figures.sums.orders === 1);
  clock.advance(quarterMs);
  figures.told.clear();
  figures.epoch = "second";
  await store.placeOrder(order("b"));
  await advanceUntil(() => figures.sums.orders === 2);
  assert.equal(figures.told.size, 2);
});

Deno.test("figures: old ones are forgotten, and no late cancellation begins them anew", async () => {
  await using shop = await openWithFigures();
  const { clock, store, db } = shop;
  await store.placeOrder(order("a"));
  clock.advance(limits.figuresTtlMs + quarterMs);
  await store.placeOrder(order("b"));
  await store.setStatus("a", "cancelled");
  const froms = async () => {
    const rows = await Array.fromAsync(db.kv.list({ prefix: [...keys.figures] }));
    return new Set(rows.map(({ key }) => key[2])).size;
  };
  await turnsUntil(async () => {
    clock.advance(200);
    return await froms() === 1;
  });
});

Deno.test("stock: a restock repeated under its id adds once; another one under that id is refused", async () => {
  await using shop = await openWithFigures();
  const { store } = shop;
  const quantities: number[] = [];
  for (const id of ["r1", "r1", "r2"]) quantities.push((await store.restock("L", 5, id)).quantity);
  assert.deepEqual(quantities, [1_005, 1_005, 1_010]);
  assert.equal((await refused(store.restock("L", 6, "r1"))).status, 409);
});

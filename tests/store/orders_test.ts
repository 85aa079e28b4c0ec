import assert from "node:assert/strict";
import { limits } from "../../lib/store/context.ts";
import type { OrderSummary, StockItem } from "../../lib/store/events.ts";
import { openTestStore, outboxSize, Recorder, refused, tempKv, turnsUntil } from "./support.ts";

const lamp = { name: "Lamp", quantity: 10, unitPrice: 255, lowAt: 0 };

Deno.test("an order lowers the stock and tells of both", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  await store.putStock("L1", lamp);
  await store.putStock("L2", { ...lamp, unitPrice: 100 });
  const { order, created } = await store.placeOrder({
    id: "A-1",
    country: "Norway",
    lines: [{ sku: "L1", quantity: 3 }, { sku: "L2", quantity: 2 }],
  });
  assert.equal(created, true);
  assert.deepEqual(
    [order.status, order.total, order.version, order.lineCount, order.currency],
    ["placed", 965, 1, 2, "GBP"],
  );
  assert.equal("seq" in order, false);
  assert.deepEqual((await store.listStock({ limit: 10 })).items.map((item) => item.quantity), [
    7,
    8,
  ]);
  await recorder.until(() => recorder.published.length === 5);
  const { lines: _, ...summary } = order;
  assert.deepEqual(recorder.allOn("orders:all"), [
    { channel: "orders:all", key: "A-1", data: summary, tags: { country: "Norway" } },
  ]);
  const { items } = await store.listStock({ limit: 10 });
  assert.deepEqual([...recorder.state("stock:all")], items.map((item) => [item.sku, item]));
  await turnsUntil(async () => await outboxSize(db.kv) === 0);
});

Deno.test("a change that fails changes nothing and tells nothing", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  await store.putStock("L1", lamp);
  await store.putStock("L2", { ...lamp, quantity: 1 });
  const place = (lines: { sku: string; quantity: number }[], id?: string) =>
    refused(store.placeOrder({ id, country: "", lines }));
  assert.deepEqual(await place([{ sku: "L1", quantity: 2 }, { sku: "L2", quantity: 2 }]), {
    status: 409,
    message: 'not enough of SKU "L2" in stock: 2 ordered, 1 left',
  });
  assert.equal((await place([{ sku: "L1", quantity: 1 }, { sku: "NO", quantity: 1 }])).status, 404);
  assert.equal((await place([])).status, 422);
  assert.equal((await place([{ sku: "L1", quantity: 1 }, { sku: "L1", quantity: 1 }])).status, 422);
  const many = Array.from({ length: 81 }, (_, i) => ({ sku: `S${i}`, quantity: 1 }));
  assert.match((await place(many)).message, /at most 80 lines, this one has 81/);
  assert.equal((await refused(store.setStatus("none", "packed"))).status, 404);
  assert.equal((await refused(store.restock("none", 1))).status, 404);
  assert.equal((await refused(store.getOrder("none"))).status, 404);
  await store.putStock("L3", lamp);
  await recorder.until(() => recorder.published.length === 3);
  await turnsUntil(async () => await outboxSize(db.kv) === 0);
  assert.equal(recorder.calls.length, 3);
  assert.deepEqual(recorder.on("orders:all"), []);
  const { stock, orders } = await store.snapshot();
  assert.deepEqual(stock.map((item) => item.quantity), [10, 1, 10]);
  assert.deepEqual(orders, []);
});

Deno.test("eighty lines fit into one transaction, and come back when it is cancelled", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  const name = "ễ".repeat(100);
  const lines = Array.from({ length: 80 }, (_, i) => ({ sku: `S${i}`, quantity: 2 }));
  for (const { sku } of lines) await store.putStock(sku, { ...lamp, name });
  const { order } = await store.placeOrder({ country: "", lines });
  assert.equal(order.lines.length, 80);
  assert.equal((await store.snapshot()).stock.every((item) => item.quantity === 8), true);
  await store.setStatus(order.id, "cancelled");
  assert.equal((await store.snapshot()).stock.every((item) => item.quantity === 10), true);
  await recorder.until(() => recorder.on("stock:all").length === 3 * 80);
  const told = [...recorder.state("stock:all").values()] as StockItem[];
  assert.equal(told.length, 80);
  assert.equal(told.every((item) => item.quantity === 10), true);
});

Deno.test("as many orders may be in work as the channel of them holds", async () => {
  await using db = await tempKv();
  await using store = openTestStore(db.kv, new Recorder());
  await store.putStock("L1", lamp);
  const place = (id: string) =>
    store.placeOrder({ id, country: "", lines: [{ sku: "L1", quantity: 1 }] });
  await place("one");
  await place("two");
  const added = BigInt(limits.ordersInWork - 2);
  await db.kv.atomic().sum(["store", "orders_in_work"], added).commit();
  assert.deepEqual(await refused(place("three")), {
    status: 409,
    message: "10000 orders are in work, as many as may be",
  });
  assert.equal((await place("one")).created, false);
  await store.setStatus("one", "cancelled");
  await place("three");
  assert.equal((await refused(place("four"))).status, 409);
  await store.setStatus("two", "packed");
  assert.equal((await refused(place("four"))).status, 409);
});

Deno.test("the status moves on step by step; cancelling gives the goods back", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  await store.putStock("L1", lamp);
  const lines = [{ sku: "L1", quantity: 4 }];
  await store.placeOrder({ id: "one", country: "", lines });
  await store.placeOrder({ id: "two", country: "", lines });
  assert.match(
    (await refused(store.setStatus("one", "shipped"))).message,
    /is placed and cannot become shipped; it may become packed or cancelled/,
  );
  for (const status of ["packed", "shipped", "delivered"] as const) {
    assert.equal((await store.setStatus("one", status)).status, status);
  }
  assert.equal((await refused(store.setStatus("one", "cancelled"))).status, 409);
  await store.setStatus("two", "packed");
  assert.equal((await store.setStatus("two", "cancelled")).version, 3);
  assert.equal((await store.setStatus("two", "cancelled")).version, 3, "once is enough");
  assert.equal((await store.snapshot()).stock[0]?.quantity, 6);
  await recorder.until(() => recorder.on("orders:all").length === 9);
  const told = recorder.allOn("orders:all").map(({ key, data, removed }) =>
    removed ? `${key} goes` : `${key} ${(data as OrderSummary).status}`
  );
  assert.deepEqual(told, [
    "one placed",
    "two placed",
    "one packed",
    "one shipped",
    "one delivered",
    "one goes",
    "two packed",
    "two cancelled",
    "two goes",
  ]);
  assert.deepEqual((await store.snapshot()).orders, []);
  assert.deepEqual((await store.listOrders({ limit: 9, status: "cancelled" })).items.length, 1);
  assert.deepEqual((await store.listOrders({ limit: 9, status: "packed" })).items, []);
});

Deno.test("the same order twice is one order; another under its id is refused", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  await store.putStock("L1", lamp);
  const request = { id: "A-1", country: "EIRE", lines: [{ sku: "L1", quantity: 2 }] };
  const answers = await Promise.all([1, 2, 3].map(() => store.placeOrder(request)));
  assert.deepEqual(answers.map((one) => one.created).sort(), [false, false, true]);
  assert.deepEqual(answers[0]?.order, answers[1]?.order);
  const other = { ...request, lines: [{ sku: "L1", quantity: 3 }] };
  assert.equal((await refused(store.placeOrder(other))).status, 409);
  assert.equal((await store.snapshot()).stock[0]?.quantity, 8);
  await store.putStock("L2", lamp);
  await recorder.until(() => recorder.on("stock:all").length === 3);
  assert.equal(recorder.on("orders:all").length, 1);
});

Deno.test("fifty buyers at once: the stock never goes below nothing", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using here = openTestStore(db.kv, recorder);
  await using there = openTestStore(await db.again(), recorder);
  await here.putStock("L1", { ...lamp, quantity: 30 });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, (_, i) =>
      (i % 2 === 0 ? here : there).placeOrder({
        id: `buyer-${i}`,
        country: "",
        lines: [{ sku: "L1", quantity: 1 }],
      })),
  );
  const refusals = outcomes.filter((one) => one.status === "rejected");
  assert.equal(refusals.length, 20);
  for (const { reason } of refusals) assert.match(reason.message, /1 ordered, 0 left/);
  assert.equal((await here.snapshot()).stock[0]?.quantity, 0);
  await recorder.until(() => recorder.published.length === 61);
  const levels = (recorder.on("stock:all") as StockItem[]).map((one) => one.quantity);
  assert.deepEqual(levels, Array.from({ length: 31 }, (_, i) => 30 - i), "in commit order");
  assert.equal(
    recorder.state("orders:all").size,
    30,
  );
});

Deno.test("orders are listed newest first, part by part", async () => {
  await using db = await tempKv();
  await using store = openTestStore(db.kv, new Recorder());
  await store.putStock("L1", lamp);
  for (let i = 0; i < 5; i++) {
    await store.placeOrder({ id: `o${i}`, country: "", lines: [{ sku: "L1", quantity: 1 }] });
  }
  const first = await store.listOrders({ limit: 2 });
  assert.deepEqual(first.items.map((one) => one.id), ["o4", "o3"]);
  const second = await store.listOrders({ limit: 3, from: first.next ?? "" });
  assert.deepEqual(second.items.map((one) => one.id), ["o2", "o1", "o0"]);
  assert.equal(second.next, null);
});

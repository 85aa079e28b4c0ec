/** What the dashboard is made of, without a browser. */
import assert from "node:assert/strict";
import { addLatency, type Latencies } from "../../islands/latencies.ts";
import { room } from "../../islands/dashboard/lists.ts";
import { Live } from "../../islands/dashboard/live.ts";
import { formatFor } from "../../islands/format.ts";
import { encodePageState } from "../../islands/page_state.ts";
import type { OrderStatus } from "../../lib/store/events.ts";
import { chooseLanguage } from "../../routes/pages/language.ts";
import { VirtualTime } from "../support/virtual_time.ts";

const order = (id: string, placedAt: number) => ({
  id,
  version: 1,
  placedAt,
  updatedAt: placedAt,
  status: "placed" as OrderStatus,
  country: "",
  lineCount: 1,
  total: 100,
  currency: "GBP",
});
const level = (sku: string, quantity: number) => (
  { sku, name: sku, quantity, unitPrice: 1, lowAt: 10, updatedAt: 0 }
);
const vehicle = (id: string, at: number) => ({
  id,
  at,
  lat: 0,
  lon: 0,
  speed: 0,
  route: "",
  headsign: "",
});

const byKey = <Item>(items: readonly Item[], key: (item: Item) => string) =>
  new Map(items.map((item) => [key(item), item]));
const numbers = Array.from({ length: 500 }, (_, i) => i);
const page = {
  language: "en",
  timeZone: "UTC",
  access: "needed",
  token: null,
  snapshot: null,
  charts: "/charts.js",
  now: 0,
} as const;
const idsOf = (live: Live) => live.shownOrders.value?.map(({ id }) => id);
/** @param size how many there are after it */
const change = (
  data: ReturnType<typeof order> | undefined,
  before: ReturnType<typeof order> | undefined,
  size: number,
) => ({
  key: data?.id ?? before?.id ?? "",
  data,
  before,
  entries: new Map(numbers.slice(0, size).map((i) => [`${i}`, order(`${i}`, i)])),
  offset: 1,
  time: 0,
  info: undefined,
  tags: undefined,
  latencyMs: 5,
});

Deno.test("the lists are in their orders: newest first, lowest first, by id", () => {
  const live = new Live(page);
  live.ordersSynced(byKey(numbers.map((i) => order(`o${i}`, i)), ({ id }) => id));
  live.stockSynced(
    byKey([level("a", 50), level("b", 9), level("c", 0), level("d", 3)], ({ sku }) => sku),
  );
  live.vehiclesSynced(byKey([vehicle("v2", 9), vehicle("v1", 1)], ({ id }) => id));
  assert.equal(live.orders.items.value, null);
  live.show();
  assert.deepEqual(idsOf(live)?.slice(0, 2), ["o499", "o498"]);
  assert.equal(live.orders.count.value, 500);
  assert.deepEqual(live.shownStock.value?.map(({ sku }) => sku), ["c", "b", "d", "a"]);
  assert.deepEqual(live.vehicles.items.value?.map(({ id }) => id), ["v1", "v2"]);
});

Deno.test("how many there are is said only where it is known", () => {
  const orders = numbers.slice(0, room.orders).map((i) => order(`o${i}`, i));
  const live = new Live({
    ...page,
    snapshot: { orders, stock: [level("a", 1)], vehicles: [], figures: [] },
  });
  assert.deepEqual(
    [live.orders, live.stock, live.vehicles].map(({ count }) => count.value),
    [null, 1, 0],
  );
});

Deno.test("a new order is announced, a finished one stays for a moment with how it ended", () => {
  using time = new VirtualTime(Date.now());
  const live = new Live(page);
  const news: string[] = [];
  live.onNews = ({ id }) => news.push(id);
  const placed = order("a", 1);
  const delivered = { ...placed, status: "delivered" as const };
  live.ordersSynced(new Map([["b", order("b", 0)]]));
  live.orderChanged(change(placed, undefined, 2));
  assert.deepEqual(news, ["a"]);
  live.orderChanged(change(delivered, placed, 2));
  assert.deepEqual(news, ["a"]);
  live.orderChanged(change(undefined, delivered, 1));
  live.show();
  assert.deepEqual(live.shownOrders.value?.map(({ id, status }) => `${id} ${status}`), [
    "a delivered",
    "b placed",
  ]);
  assert.equal(live.orders.count.value, 1);
  assert.equal(live.speech.said.value, "");
  time.step(3_000);
  assert.equal(live.speech.said.value, "New order a, £1.00");
  assert.equal(time.step(1_000), true);
  assert.deepEqual(idsOf(live), ["b"]);
});

Deno.test("an order that lingers stays so when all is told anew, and goes", () => {
  using time = new VirtualTime(Date.now());
  const live = new Live(page);
  const cancelled = { ...order("a", 1), status: "cancelled" as const };
  live.orderChanged(change(cancelled, order("a", 1), 1));
  live.orderChanged(change(undefined, cancelled, 0));
  live.ordersSynced(new Map());
  live.show();
  assert.deepEqual(idsOf(live), ["a"]);
  time.step(4_000);
  assert.deepEqual([idsOf(live), live.orders.count.value], [[], 0]);
});

Deno.test("orders are found by status, id and country, articles without their marks", () => {
  const live = new Live(page);
  const packed = { ...order("77-b", 2), status: "packed" as OrderStatus, country: "Đan Mạch" };
  live.ordersSynced(byKey([order("77-a", 1), packed, order("88", 3)], ({ id }) => id));
  live.stockSynced(byKey([{ ...level("s", 1), name: "Cà phê" }, level("t", 1)], (one) => one.sku));
  live.show();
  const found = (status: OrderStatus | null, text: string) => {
    live.orderFilter.value = { status, text };
    return idsOf(live);
  };
  assert.deepEqual(found(null, "77"), ["77-b", "77-a"]);
  assert.deepEqual(found("packed", " 77"), ["77-b"]);
  assert.deepEqual(found(null, "dan mach"), ["77-b"]);
  assert.deepEqual(found("shipped", ""), []);
  live.stockFilter.value = "ca phe";
  assert.deepEqual(live.shownStock.value?.map(({ sku }) => sku), ["s"]);
});

Deno.test("the latency shown is the last and the median of the last hundred", () => {
  let latencies: Latencies | null = null;
  for (let ms = 1; ms <= 200; ms++) latencies = addLatency(latencies, ms);
  assert.deepEqual([latencies?.last, latencies?.median, latencies?.samples.length], [
    200,
    151,
    100,
  ]);
});

Deno.test("amounts are in the currency's minor unit, whatever that is", () => {
  const spaces = (text: string) => text.replace(/\s/g, " ");
  assert.equal(formatFor("en", "UTC").money(123_456, "GBP"), "£1,234.56");
  assert.equal(spaces(formatFor("vi", "UTC").money(123_456, "VND")), "123.456 ₫");
  assert.equal(formatFor("vi", "Asia/Ho_Chi_Minh").clock(0), "08:00:00");
});

Deno.test("the page's language is the chosen one, else the preferred one, else English", () => {
  assert.equal(chooseLanguage("vi", "en"), "vi");
  assert.equal(chooseLanguage("xx", "vi;q=0.3, en;q=0.2"), "vi");
  assert.equal(chooseLanguage(undefined, "fr, en-GB;q=0.8, vi-VN;q=0.9"), "vi");
  assert.equal(chooseLanguage(undefined, "vi;q=0, en;q=0.1"), "en");
  assert.equal(chooseLanguage(undefined, "fr"), "en");
  assert.equal(chooseLanguage(undefined, undefined), "en");
});

Deno.test("nothing in the page's state can end its script element", () => {
  const text = "</script><script>alert(1)</script><!--";
  const state = {
    language: "en",
    timeZone: text,
    access: "needed",
    token: null,
    snapshot: null,
  } as const;
  const encoded = encodePageState(state);
  assert.ok(!encoded.includes("<"));
  assert.deepEqual(JSON.parse(encoded), state);
});

Deno.test("orders that come together are told together, and never in the same words twice", () => {
  using time = new VirtualTime(Date.now());
  const live = new Live(page);
  const come = (id: string) => live.orderChanged(change(order(id, 1), undefined, 1));
  const said: string[] = [];
  live.speech.said.subscribe((text) => said.push(text));
  for (const id of ["a", "b", "c"]) come(id);
  time.step(3_000);
  for (const id of ["d", "e", "f"]) come(id);
  time.step(2_999);
  come("g");
  time.step(3_001);
  assert.deepEqual(said, [
    "",
    "3 new orders, the latest c, £1.00",
    "4 new orders, the latest g, £1.00",
  ]);
});

Deno.test("marks of what is new do not fade where very much is", () => {
  using time = new VirtualTime(Date.now());
  const live = new Live(page);
  const come = (id: string) => live.orderChanged(change(order(id, 1), undefined, 1));
  for (const n of numbers.slice(0, 9)) come(`a${n}`);
  assert.deepEqual([live.isFresh("a0"), live.isBusy], [true, false]);
  come("a9");
  assert.deepEqual([live.isFresh("a9"), live.isBusy], [true, true]);
  time.step(1_999);
  time.step(1);
  assert.deepEqual([live.isFresh("a9"), live.isBusy], [false, false]);
});

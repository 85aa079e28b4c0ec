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
} as const;
const change = (
  data: ReturnType<typeof order> | undefined,
  before: ReturnType<typeof order> | undefined,
) => ({
  key: data?.id ?? before?.id ?? "",
  data,
  before,
  entries: new Map(),
  offset: 1,
  time: 0,
  info: undefined,
  tags: undefined,
  latencyMs: 5,
});

Deno.test("no list is longer than its room, and the latest stay; the count is of all", () => {
  const live = new Live(page);
  live.showOrders(byKey(numbers.map((i) => order(`o${i}`, i)), ({ id }) => id));
  assert.deepEqual(
    [live.orders.value?.items.length, live.orders.value?.items[0]?.id, live.orders.value?.count],
    [room.orders, "o499", 500],
  );
  live.showStock(byKey(numbers.map((i) => level(`s${i}`, i)), ({ sku }) => sku));
  assert.deepEqual(
    [live.stock.value?.items.length, live.stock.value?.items[1]?.sku],
    [room.stock, "s1"],
  );
  live.showVehicles(byKey(numbers.map((i) => vehicle(`v${i}`, i)), ({ id }) => id));
  const vehicles = live.vehicles.value?.items ?? [];
  assert.equal(vehicles.length, room.vehicles);
  assert.ok(vehicles.every(({ at }) => at >= 300));
});

Deno.test("how many there are is said only where it is known", () => {
  const orders = numbers.slice(0, room.orders).map((i) => order(`o${i}`, i));
  const snapshot = { orders, stock: [level("a", 1)], vehicles: [] };
  const live = new Live({ ...page, snapshot });
  assert.deepEqual(
    [live.orders, live.stock, live.vehicles].map(({ value }) => value?.count),
    [null, 1, 0],
  );
});

Deno.test("a new order is announced, a finished one stays for a moment with how it ended", () => {
  using time = new VirtualTime(Date.now());
  const live = new Live(page);
  const placed = order("a", 1);
  const delivered = { ...placed, status: "delivered" as const };
  live.orderChanged(change(placed, undefined));
  assert.deepEqual(live.announced.value, { count: 1, order: placed });
  live.orderChanged(change(delivered, placed));
  assert.equal(live.announced.value?.count, 1);
  live.orderChanged(change(undefined, delivered));
  live.showOrders(new Map([["b", order("b", 0)]]));
  assert.deepEqual(live.orders.value?.items.map(({ id, status }) => `${id} ${status}`), [
    "a delivered",
    "b placed",
  ]);
  assert.equal(live.orders.value?.count, 1);
  assert.equal(time.step(4_000), true);
  assert.deepEqual(live.orders.value?.items.map(({ id }) => id), ["b"]);
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

/** What the dashboard is made of, without a browser. */
import assert from "node:assert/strict";
import { addLatency, type Latencies } from "../../islands/dashboard/latencies.ts";
import { mergeOrders, mergeStock, mergeVehicles, room } from "../../islands/dashboard/merge.ts";
import { formatFor } from "../../islands/format.ts";
import { encodePageState } from "../../islands/page_state.ts";
import { chooseLanguage } from "../../routes/pages/language.ts";

const order = (id: string, version: number, placedAt = 0) => ({
  id,
  version,
  placedAt,
  updatedAt: placedAt,
  status: "placed" as const,
  country: "",
  lineCount: 1,
  total: 100,
  currency: "GBP",
});
const level = (sku: string, quantity: number, updatedAt: number) => ({
  sku,
  name: sku,
  quantity,
  updatedAt,
});
const vehicle = (id: string, at: number) => ({
  id,
  at,
  lat: 0,
  lon: 0,
  speed: 0,
  route: "",
  headsign: "",
});

Deno.test("an older value never takes the place of a newer one, whichever comes first", () => {
  const orders = [order("a", 2, 5), order("b", 1, 9)];
  assert.deepEqual(mergeOrders(mergeOrders([], orders), [order("a", 1, 5)]), [
    orders[1],
    orders[0],
  ]);
  assert.deepEqual(mergeOrders([order("a", 1, 5)], orders), [orders[1], orders[0]]);
  const levels = [level("a", 7, 20), level("b", 1, 10)];
  assert.deepEqual(mergeStock(levels, [level("a", 9, 19), level("b", 2, 10)]), [
    level("a", 7, 20),
    level("b", 2, 10),
  ]);
  const vehicles = [vehicle("a", 5), vehicle("b", 5)];
  assert.deepEqual(mergeVehicles(vehicles, [vehicle("b", 4), vehicle("a", 6)]), [
    vehicle("a", 6),
    vehicle("b", 5),
  ]);
});

Deno.test("no list grows without bound, and the latest stay", () => {
  const numbers = Array.from({ length: 500 }, (_, i) => i);
  const orders = mergeOrders([], numbers.map((i) => order(`o${i}`, 1, i)));
  assert.deepEqual([orders.length, orders[0]?.id], [room.orders, "o499"]);
  assert.equal(mergeStock([], numbers.map((i) => level(`s${i}`, 1, i))).length, room.stock);
  const vehicles = mergeVehicles([], numbers.map((i) => vehicle(`v${i}`, i)));
  assert.equal(vehicles.length, room.vehicles);
  assert.ok(vehicles.every(({ at }) => at >= 300));
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
  const state = { language: "en", timeZone: text, shop: true, grant: null } as const;
  const encoded = encodePageState(state);
  assert.ok(!encoded.includes("<"));
  assert.deepEqual(JSON.parse(encoded), state);
});

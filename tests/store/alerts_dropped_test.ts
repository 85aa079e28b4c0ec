/** Alerts that there is no room for: counted, said, and raised later where that is possible. */
import assert from "node:assert/strict";
import type { AlertKind } from "../../lib/store/alerts_shape.ts";
import { keys, limits } from "../../lib/store/context.ts";
import { droppedAlerts } from "../../lib/ops/dropped_alerts.ts";
import { eventually } from "../support/clients/eventually.ts";
import { metric } from "../support/clients/metrics.ts";
import { apiKey, startServer } from "../support/server.ts";
import { ManualClock, openTestStore, Recorder, tempKv, turnsUntil } from "./support.ts";

const lamp = { name: "Lamp", quantity: 12, unitPrice: 255 };
const minute = 60_000;

async function fullShop(clock = new ManualClock()) {
  const db = await tempKv();
  const dropped: AlertKind[] = [];
  const store = openTestStore(db.kv, new Recorder(), {
    clock,
    watchVehicles: true,
    onAlertDropped: (kind) => dropped.push(kind),
  });
  const room = (n: number) =>
    db.kv.set([...keys.openAlerts], new Deno.KvU64(BigInt(limits.alerts - n)));
  await room(0);
  const open = async () => (await store.listAlerts({ limit: 1_000 })).items.map(({ id }) => id);
  return {
    kv: db.kv,
    store,
    clock,
    dropped,
    room,
    open,
    async [Symbol.asyncDispose]() {
      await store.close();
      await db[Symbol.asyncDispose]();
    },
  };
}

Deno.test("dropped alerts: each article's is counted once its change is made", async () => {
  await using it = await fullShop();
  const { store, dropped } = it;
  for (const sku of ["L1", "L2"]) await store.putStock(sku, lamp);
  assert.deepEqual(dropped, []);
  const lines = ["L1", "L2"].map((sku) => ({ sku, quantity: 4 }));
  const { order } = await store.placeOrder({ country: "", lines });
  assert.deepEqual(dropped, ["stock_low", "stock_low"]);
  // Lower, but not newly low.
  await store.placeOrder({ country: "", lines: [{ sku: "L1", quantity: 1 }] });
  await store.setStatus(order.id, "cancelled");
  assert.equal(dropped.length, 2);
  await store.putStock("L3", { ...lamp, quantity: 1 });
  assert.equal(dropped.length, 3);
  assert.deepEqual(await it.open(), []);
  await it.room(1);
  await store.putStock("L4", { ...lamp, quantity: 1 });
  assert.deepEqual([await it.open(), dropped.length], [["stock:L4"], 3]);
});

Deno.test("dropped alerts: a change that others overtake is counted once", async () => {
  await using it = await fullShop();
  const { kv, store, dropped } = it;
  await store.putStock("L1", lamp);
  const get = kv.get;
  let overtaken = 0;
  // Another changes the article after it was read, three times.
  kv.get = async (key, options) => {
    const entry = await get.call(kv, key, options);
    if (`${key}` === `${keys.openAlerts}` && overtaken++ < 3) {
      const { value } = await get.call(kv, keys.stock("L1"));
      await kv.set(keys.stock("L1"), value);
    }
    return entry as never;
  };
  await store.placeOrder({ country: "", lines: [{ sku: "L1", quantity: 4 }] });
  assert.deepEqual([overtaken, dropped], [4, ["stock_low"]]);
});

Deno.test("dropped alerts: a source's is counted, a report's is not, for its author is told", async () => {
  await using it = await fullShop();
  const { store, dropped } = it;
  store.sourceChanged("sources:a", { state: "stale", since: 1, error: null });
  await turnsUntil(() => dropped.length === 1);
  await store.putStock("L1", lamp);
  await store.placeOrder({ id: "A-1", country: "", lines: [{ sku: "L1", quantity: 1 }] });
  const report = { order: "A-1", text: "?", severity: "info", by: null } as const;
  await assert.rejects(store.reportProblem(report), /1000 alerts are open/);
  assert.deepEqual(dropped, ["source_failing"]);
});

Deno.test("dropped alerts: a silent vehicle's is raised as soon as there is room", async () => {
  await using it = await fullShop();
  const { store, clock, dropped } = it;
  const pass = async (ms: number) => {
    for (let gone = 0; gone < ms; gone += 5_000) {
      // The relay's timer, and the watcher's.
      await turnsUntil(() => clock.waiting >= 2);
      clock.advance(5_000);
    }
    await turnsUntil(() => clock.waiting >= 2);
  };
  await pass(2 * minute);
  const where = { lat: 30.2, lon: -97.7, speed: 4, route: "4", headsign: "WEST" };
  await store.moveVehicle({ ...where, id: "bus-1" });
  await pass(4 * minute);
  assert.deepEqual(await it.open(), []);
  assert.ok(dropped.length > 0);
  assert.deepEqual(new Set(dropped), new Set(["vehicle_silent"]));
  await it.room(1);
  await pass(minute + 15_000);
  assert.deepEqual(await it.open(), ["vehicle:bus-1"]);
});

Deno.test("dropped alerts: the log is told of the first, then at most once a minute", () => {
  let now = 0;
  const counted: string[] = [];
  const said: unknown[] = [];
  const metrics = { alertDropped: (kind: string) => counted.push(kind) };
  const dropped = droppedAlerts(metrics, (...line) => said.push(line), () => now);
  const line = (fields: object) => [
    "warn",
    "alerts are not raised: as many as may be are open",
    fields,
  ];
  for (const kind of ["stock_low", "stock_low", "vehicle_silent"]) dropped(kind);
  now = 59_999;
  dropped("stock_low");
  assert.deepEqual(said, [line({ stock_low: 1 })]);
  now = 60_000;
  dropped("stock_low");
  dropped("stock_low");
  assert.deepEqual(said.slice(1), [line({ stock_low: 3, vehicle_silent: 1 })]);
  assert.equal(counted.length, 6);
});

Deno.test("dropped alerts: the server counts them in its metrics and says so in its log", async () => {
  await using server = await startServer();
  const put = async (i: number) => {
    const response = await fetch(`${server.url}/store/stock/S${i}`, {
      method: "PUT",
      headers: { "x-api-key": apiKey, "content-type": "application/json" },
      body: JSON.stringify({ ...lamp, quantity: 1 }),
    });
    assert.equal(response.status, 200, await response.text());
  };
  const kv = await Deno.openKv(`${server.folder}/kv.sqlite`);
  await kv.set([...keys.openAlerts], new Deno.KvU64(BigInt(limits.alerts)));
  kv.close();
  for (let i = 0; i < 3; i++) await put(i);
  const count = await metric(server.url, 'nhip_alerts_dropped_total{kind="stock_low"}');
  assert.equal(count, 3);
  const lines = () =>
    server.output().split("\n").filter((one) => one.includes("alerts are not raised"));
  await eventually(() => lines().length > 0, "a line in the log");
  assert.equal(lines().length, 1);
});

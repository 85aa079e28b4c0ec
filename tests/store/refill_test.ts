import assert from "node:assert/strict";
import type { Store } from "../../lib/store/mod.ts";
import { ManualClock, openTestStore, outboxSize, Recorder, tempKv, turnsUntil } from "./support.ts";

const lamp = { name: "Lamp", quantity: 10, unitPrice: 255, lowAt: 0 };
const channels = ["orders:all", "stock:all", "vehicles:all"];

/** What the channels should hold. */
async function held(store: Store): Promise<unknown[]> {
  const { orders, stock, vehicles } = await store.snapshot({ orders: 1_000 });
  return [
    new Map(orders.map((order) => [order.id, order])),
    new Map(stock.map((item) => [item.sku, item])),
    new Map(vehicles.map((vehicle) => [vehicle.id, vehicle])),
  ];
}

const told = (recorder: Recorder) => channels.map((channel) => recorder.state(channel));

/** Resolves when everything has been told to this life of the streams. */
async function settled(kv: Deno.Kv, epoch: string): Promise<void> {
  await turnsUntil(async () => {
    const marks = await Array.fromAsync(
      kv.list<{ epoch: string; after: string | null }>({ prefix: ["store", "refilled"] }),
    );
    return await outboxSize(kv) === 0 &&
      marks.every(({ value }) => value.epoch === epoch && value.after === null);
  });
}

async function trade(store: Store): Promise<void> {
  for (let i = 0; i < 50; i++) await store.putStock(`S${i}`, lamp);
  for (let i = 0; i < 9; i++) {
    const id = `o${i}`;
    await store.placeOrder({ id, country: "", lines: [{ sku: `S${i}`, quantity: 1 }] });
    const steps = (["packed", "shipped", "delivered"] as const).slice(0, i % 4);
    for (const status of steps) await store.setStatus(id, status);
  }
  const report = { lat: 30.2, lon: -97.7, speed: 4, route: "4", headsign: "WEST" };
  for (const id of ["bus-1", "bus-2"]) await store.moveVehicle({ ...report, id });
}

Deno.test("a stream that lives anew is told what the shop holds; the old one nothing twice", async () => {
  await using db = await tempKv();
  const first = new Recorder();
  {
    await using store = openTestStore(db.kv, first);
    await settled(db.kv, "first");
    await trade(store);
    await settled(db.kv, "first");
  }
  const before = first.calls.length;
  {
    await using store = openTestStore(db.kv, first);
    await settled(db.kv, "first");
    await store.restock("S0", 1);
    await settled(db.kv, "first");
    assert.equal(first.calls.length, before + 1);
  }
  const second = new Recorder();
  second.epoch = "second";
  await using store = openTestStore(db.kv, second);
  await second.until(() => second.published.length === 6 + 50 + 2 + 1);
  assert.deepEqual(told(second), await held(store));
});

Deno.test("a stream that was cleared is filled after the next change", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  await settled(db.kv, "first");
  await trade(store);
  await settled(db.kv, "first");
  recorder.epoch = "cleared";
  recorder.published.length = 0;
  await store.restock("S7", 1);
  await settled(db.kv, "cleared");
  assert.deepEqual(told(recorder), await held(store));
});

Deno.test("isolates share the work, and changes meanwhile are never overtaken", async () => {
  await using db = await tempKv();
  {
    await using store = openTestStore(db.kv, new Recorder());
    await trade(store);
    await settled(db.kv, "first");
  }
  const recorder = new Recorder();
  recorder.epoch = "second";
  await using here = openTestStore(db.kv, recorder, { sweepMs: 1 });
  await using there = openTestStore(await db.again(), recorder, { sweepMs: 1 });
  await Promise.all(
    Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? here : there).restock(`S${i}`, i)),
  );
  await here.setStatus("o0", "cancelled");
  await there.setStatus("o1", "shipped");
  await settled(db.kv, "second");
  assert.deepEqual(told(recorder), await held(here));
  await Promise.all([here.close(), there.close()]);
  await turnsUntil(() => recorder.underWay === 0);
});

Deno.test("a broker that is away is asked again, ever more rarely", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  const clock = new ManualClock();
  let asked = 0;
  const stages: string[] = [];
  await using _store = openTestStore(db.kv, recorder, {
    clock,
    sweepMs: 1_000_000,
    epoch: () => ++asked < 4 ? Promise.reject(new Error("away")) : Promise.resolve("second"),
    onError: (_, stage) => stages.push(stage),
  });
  const waits: number[] = [];
  for (let n = 1; n < 4; n++) {
    await turnsUntil(() => asked === n && clock.waiting === 2);
    waits.push(clock.dueIn);
    clock.next();
  }
  await settled(db.kv, "second");
  assert.deepEqual(waits, [500, 1_000, 2_000]);
  assert.deepEqual(stages, ["refill", "refill", "refill"]);
});

import assert from "node:assert/strict";
import { systemClock } from "../../lib/clock.ts";
import { change } from "../../lib/store/change.ts";
import { limits } from "../../lib/store/context.ts";
import { ManualClock, openTestStore, Recorder, refused, tempKv } from "./support.ts";

Deno.test("stock: what does not change is not told; what is too much is refused", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  const values = { name: "Lamp", quantity: 1, unitPrice: 5, lowAt: 0 };
  await store.putStock("L1", values);
  await store.putStock("L1", values);
  await store.restock("L1", 2);
  await store.putStock("L1", { ...values, quantity: limits.quantity });
  assert.equal((await refused(store.restock("L1", 1))).status, 422);
  await recorder.until(() => recorder.on("stock:all").length === 3);
  assert.equal(recorder.calls.length, 3);
});

Deno.test("stock: the number of SKUs is bounded", async () => {
  await using db = await tempKv();
  await using store = openTestStore(db.kv, new Recorder());
  await db.kv.set(["store", "stock_count"], limits.skus - 1);
  const values = { name: "Lamp", quantity: 1, unitPrice: 5, lowAt: 0 };
  await store.putStock("L1", values);
  assert.equal((await refused(store.putStock("L2", values))).status, 422);
  await store.putStock("L1", { ...values, quantity: 2 });
});

Deno.test("vehicles: only a newer position counts", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  const clock = new ManualClock();
  await using store = openTestStore(db.kv, recorder, { clock });
  const report = { id: "bus-1", lat: 30.2, lon: -97.7, speed: 4, route: "4", headsign: "WEST" };
  const at = clock.now() - 1000;
  assert.equal((await store.moveVehicle({ ...report, at })).applied, true);
  const stale = await store.moveVehicle({ ...report, lat: 1, at: at - 1 });
  assert.deepEqual(stale, { applied: false, position: { ...report, at } });
  assert.equal((await store.moveVehicle({ ...report, at })).applied, false);
  assert.equal((await store.moveVehicle(report)).position.at, clock.now());
  assert.equal((await store.moveVehicle(report)).position.at, clock.now() + 1);
  assert.equal(
    (await refused(store.moveVehicle({ ...report, at: clock.now() + 60_001 }))).status,
    422,
  );
  await store.moveVehicle({ ...report, id: "bus-2" });
  await recorder.until(() => recorder.published.length === 4);
  assert.deepEqual((await store.listVehicles({ limit: 1 })).items.map((one) => one.id), ["bus-1"]);
  const rest = await store.listVehicles({ limit: 1, from: "bus-1" });
  assert.deepEqual([rest.items.map((one) => one.id), rest.next], [["bus-2"], null]);
});

Deno.test("vehicles: on another route one is removed from the one before", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  const report = { id: "bus-1", lat: 30.2, lon: -97.7, speed: 4, headsign: "WEST" };
  for (const route of ["4", "4", "7"]) await store.moveVehicle({ ...report, route });
  await recorder.until(() => recorder.published.length === 4);
  const told = recorder.allOn("vehicles:all").map(({ removed, tags }) => removed ?? tags);
  assert.deepEqual(told, [{ route: "4" }, { route: "4" }, true, { route: "7" }]);
});

Deno.test("chat: newest first, each room its own", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  for (const text of ["one", "two", "three"]) {
    await store.postMessage({ room: "help", author: "An", text });
  }
  const { message: other } = await store.postMessage({ room: "other", author: "Bo", text: "hi" });
  const { items, next } = await store.listMessages("help", { limit: 2 });
  assert.deepEqual(items.map((one) => one.text), ["three", "two"]);
  const rest = await store.listMessages("help", { limit: 2, from: next ?? "" });
  assert.deepEqual(rest.items.map((one) => one.text), ["one"]);
  await recorder.until(() => recorder.published.length === 4);
  assert.deepEqual(recorder.on("chat:other"), [other]);
});

Deno.test("a change refuses while too many events wait, and gives up where others keep coming", async () => {
  await using db = await tempKv();
  const clock = { ...systemClock, random: () => 0 };
  const context = {
    kv: db.kv,
    clock,
    backlog: { rows: Number(limits.backlogRows) },
    wake: () => {},
    alertDropped: () => {},
  };
  const never = () => Promise.reject(new Error("not to be called"));
  assert.equal((await refused(change(context, never))).status, 503);
  context.backlog.rows = 0;
  let tries = 0;
  const overtaken = refused(change(context, (kv) => {
    tries++;
    const write = kv.atomic().check({ key: ["x"], versionstamp: "00000000000000010000" });
    return Promise.resolve({ result: null, write: write.set(["x"], 1) });
  }));
  assert.equal((await overtaken).status, 503);
  assert.equal(tries, 60);
});

/** Alerts in the shop: what raises them, what ends them, what their channel is told. */
import assert from "node:assert/strict";
import type { Alert } from "../../lib/store/alerts_shape.ts";
import { keys, limits } from "../../lib/store/context.ts";
import type { Store } from "../../lib/store/mod.ts";
import {
  ManualClock,
  openTestStore,
  outboxSize,
  Recorder,
  refused,
  tempKv,
  turnsUntil,
} from "./support.ts";

const lamp = { name: "Lamp", quantity: 12, unitPrice: 255 };
const open = async (store: Store) => (await store.listAlerts({ limit: 1_000 })).items;
const take = (store: Store, sku: string, quantity: number) =>
  store.placeOrder({ country: "", lines: [{ sku, quantity }] });
const told = (recorder: Recorder) => recorder.on("alerts:all") as (Alert | null)[];

/** Resolves when everything has been published. */
const settled = (kv: Deno.Kv) => turnsUntil(async () => await outboxSize(kv) === 0);

const essence = (
  { id, severity, count, text, acknowledgedBy }: Alert,
) => ({ id, severity, count, text, by: acknowledgedBy });

Deno.test("alerts: stock below its limit raises one, which follows it to nothing and is resolved", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  await store.putStock("L1", lamp);
  await take(store, "L1", 2);
  assert.deepEqual(await open(store), []);
  await take(store, "L1", 1);
  const low = { id: "stock:L1", severity: "warning", count: 1, by: null };
  const text = { name: "Lamp", quantity: 9, lowAt: 10 };
  assert.deepEqual((await open(store)).map(essence), [{ ...low, text }]);
  await store.acknowledgeAlert({ id: "stock:L1", by: "mai" });
  const { order } = await take(store, "L1", 4);
  assert.deepEqual((await open(store)).map(essence), [
    { ...low, text: { ...text, quantity: 5 }, by: "mai" },
  ]);
  await take(store, "L1", 5);
  assert.deepEqual((await open(store)).map(essence), [
    { ...low, severity: "critical", count: 2, text: { ...text, quantity: 0 } },
  ]);
  await store.setStatus(order.id, "cancelled");
  assert.equal((await open(store))[0]?.severity, "warning");
  await store.restock("L1", 6);
  assert.deepEqual(await open(store), []);
  await settled(db.kv);
  const last = recorder.allOn("alerts:all").slice(-2);
  assert.deepEqual((last[0]?.data as Alert).ended?.how, "resolved");
  assert.deepEqual([last[1]?.key, last[1]?.removed], ["stock:L1", true]);
  assert.equal(recorder.state("alerts:all").size, 0);
});

Deno.test("alerts: an article's own limit counts, and a change of it", async () => {
  await using db = await tempKv();
  await using store = openTestStore(db.kv, new Recorder());
  await store.putStock("L1", { ...lamp, quantity: 0, lowAt: 0 });
  assert.deepEqual(await open(store), []);
  await store.putStock("L1", { ...lamp, quantity: 40, lowAt: 50 });
  assert.deepEqual((await open(store)).map(({ id }) => id), ["stock:L1"]);
  assert.equal((await store.listStock({ limit: 1 })).items[0]?.lowAt, 50);
  await store.putStock("L1", { ...lamp, quantity: 40 });
  assert.deepEqual(await open(store), []);
  assert.equal((await store.listStock({ limit: 1 })).items[0]?.lowAt, 10);
});

Deno.test("alerts: an article kept since before it had a limit has the standard one", async () => {
  await using db = await tempKv();
  await using store = openTestStore(db.kv, new Recorder());
  await db.kv.set(keys.stock("OLD"), { sku: "OLD", ...lamp, updatedAt: 1 });
  assert.equal((await store.listStock({ limit: 1 })).items[0]?.lowAt, 10);
  await take(store, "OLD", 3);
  assert.deepEqual((await open(store)).map(({ id }) => id), ["stock:OLD"]);
});

Deno.test("alerts: one order may bring eighty articles below their limits", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  const skus = Array.from({ length: 80 }, (_, i) => `S${i}`);
  for (const sku of skus) await store.putStock(sku, { ...lamp, quantity: 10 });
  const lines = skus.map((sku) => ({ sku, quantity: 1 }));
  const { order } = await store.placeOrder({ country: "", lines });
  assert.equal((await open(store)).length, 80);
  await store.setStatus(order.id, "cancelled");
  assert.deepEqual(await open(store), []);
  const count = await db.kv.get<Deno.KvU64>(keys.openAlerts);
  assert.equal(BigInt.asIntN(64, count.value?.value ?? 1n), 0n);
});

Deno.test("alerts: who acknowledges while others buy is not forgotten", async () => {
  await using db = await tempKv();
  await using here = openTestStore(db.kv, new Recorder());
  await using there = openTestStore(await db.again(), new Recorder());
  await here.putStock("L1", { ...lamp, quantity: 40, lowAt: 50 });
  await Promise.all([
    ...Array.from({ length: 10 }, () => take(here, "L1", 1)),
    there.acknowledgeAlert({ id: "stock:L1", by: "mai" }),
  ]);
  const [alert] = await open(here);
  assert.equal(alert?.acknowledgedBy, "mai");
  assert.deepEqual(alert?.text, { name: "Lamp", quantity: 30, lowAt: 50 });
});

Deno.test("alerts: a closed one stays closed while the stock goes on falling, to nothing", async () => {
  await using db = await tempKv();
  await using store = openTestStore(db.kv, new Recorder());
  await store.putStock("L1", { ...lamp, quantity: 5 });
  await store.closeAlert({ id: "stock:L1", by: "mai" });
  await take(store, "L1", 1);
  assert.deepEqual(await open(store), []);
  await take(store, "L1", 4);
  assert.deepEqual((await open(store)).map(({ severity, count }) => [severity, count]), [
    ["critical", 1],
  ]);
});

Deno.test("alerts: reports of one delivery are one alert, counted; the graver severity stays", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  await store.putStock("L1", { ...lamp, lowAt: 0 });
  await store.placeOrder({ id: "A-1", country: "", lines: [{ sku: "L1", quantity: 1 }] });
  const report = { order: "A-1", text: "Nobody home", severity: "warning", by: "an" } as const;
  const first = await store.reportProblem(report);
  assert.deepEqual([first.created, first.alert.count], [true, 1]);
  const repeated = await store.reportProblem(report);
  assert.deepEqual([repeated.created, repeated.alert.count], [false, 1]);
  await store.acknowledgeAlert({ id: "delivery:A-1", by: "mai" });
  await store.reportProblem({ ...report, text: "Crashed", severity: "critical" });
  const third = await store.reportProblem({ ...report, text: "All well", severity: "info" });
  assert.deepEqual(essence(third.alert), {
    id: "delivery:A-1",
    severity: "critical",
    count: 3,
    text: { message: "All well", by: "an" },
    by: null,
  });
  assert.equal((await refused(store.reportProblem({ ...report, order: "A-2" }))).status, 404);
  await settled(db.kv);
  assert.equal(told(recorder).length, 4);
});

Deno.test("alerts: acknowledged by one, closed once, and what is not there is said precisely", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await using store = openTestStore(db.kv, recorder);
  await store.putStock("L1", { ...lamp, quantity: 1 });
  const id = "stock:L1";
  const seen = await store.acknowledgeAlert({ id, by: "mai" });
  assert.equal(seen.acknowledgedBy, "mai");
  assert.deepEqual(await store.acknowledgeAlert({ id, by: "mai" }), seen);
  assert.deepEqual(await refused(store.acknowledgeAlert({ id, by: "an" })), {
    status: 409,
    message: 'alert "stock:L1" was acknowledged by "mai"',
  });
  const closed = await store.closeAlert({ id, by: "an" });
  assert.deepEqual([closed.ended?.how, closed.ended?.by], ["closed", "an"]);
  assert.deepEqual(await store.closeAlert({ id, by: "mai" }), closed);
  assert.deepEqual(await refused(store.acknowledgeAlert({ id, by: "an" })), {
    status: 409,
    message: 'alert "stock:L1" is over: closed',
  });
  for (const job of [store.acknowledgeAlert, store.closeAlert]) {
    assert.equal((await refused(job({ id: "stock:NO", by: "an" }))).status, 404);
  }
  await settled(db.kv);
  assert.equal(recorder.allOn("alerts:all").length, 4);
});

Deno.test("alerts: no more than so many are open, and an order is placed all the same", async () => {
  await using db = await tempKv();
  await using store = openTestStore(db.kv, new Recorder());
  await store.putStock("L1", lamp);
  await store.placeOrder({ id: "A-1", country: "", lines: [{ sku: "L1", quantity: 1 }] });
  await db.kv.set([...keys.openAlerts], new Deno.KvU64(BigInt(limits.alerts)));
  await take(store, "L1", 11);
  assert.deepEqual(await open(store), []);
  const report = { order: "A-1", text: "?", severity: "info", by: null } as const;
  const { status, message } = await refused(store.reportProblem(report));
  assert.equal(status, 409);
  assert.match(message, /1000 alerts are open/);
});

Deno.test("alerts: a stream that lives anew is told of those that are open", async () => {
  await using db = await tempKv();
  {
    await using store = openTestStore(db.kv, new Recorder());
    await store.putStock("L1", { ...lamp, quantity: 1 });
    await settled(db.kv);
  }
  const second = new Recorder();
  second.epoch = "second";
  await using store = openTestStore(db.kv, second);
  await second.until(() => second.state("alerts:all").size === 1);
  assert.deepEqual([...second.state("alerts:all").values()], await open(store));
});

Deno.test("alerts: a source that fails raises one, for each failure, and resolves it when it answers", async () => {
  await using db = await tempKv();
  const clock = new ManualClock();
  const recorder = new Recorder();
  const isOpen = (channel: string) => channel === "sources:open";
  await using store = openTestStore(db.kv, recorder, { isOpen });
  const failing = { state: "stale", since: 1_000, error: "answered 503" } as const;
  const live = { state: "live", since: clock.now(), error: null } as const;
  const ids = async () => (await open(store)).map(({ id, count }) => `${id} ${count}`);
  const becomes = (wanted: string[]) => turnsUntil(async () => `${await ids()}` === `${wanted}`);
  store.sourceChanged("sources:open", failing);
  store.sourceChanged("sources:shut:a/b", failing);
  await becomes(["source:open 1", "source:shut:a/b 1"]);
  assert.deepEqual((await open(store)).map(({ text }) => text), [
    { since: 1_000, error: "answered 503" },
    { since: 1_000, error: null },
  ]);
  // Another reason is the same failure; another beginning is another.
  store.sourceChanged("sources:open", { ...failing, error: "no answer" });
  store.sourceChanged("sources:shut:a/b", { ...failing, since: 2_000 });
  await becomes(["source:open 1", "source:shut:a/b 2"]);
  await store.closeAlert({ id: "source:shut:a/b", by: null });
  store.sourceChanged("sources:shut:a/b", { ...failing, since: 2_000, error: "again" });
  store.sourceChanged("sources:open", { ...live, state: "starting" });
  store.sourceChanged("sources:open", live);
  await becomes([]);
  store.sourceChanged("sources:shut:a/b", { ...failing, since: 3_000 });
  await becomes(["source:shut:a/b 1"]);
});

Deno.test("alerts: those who choose a source's parameters leave room for other alerts", async () => {
  await using db = await tempKv();
  const dropped: string[] = [];
  await using store = openTestStore(db.kv, new Recorder(), {
    onAlertDropped: (kind) => dropped.push(kind),
  });
  const ids = async () => (await open(store)).map(({ id }) => id);
  const failing = { state: "stale", since: 1, error: null } as const;
  const most = limits.sourceAlerts;
  for (let i = 0; i < most + 5; i++) store.sourceChanged(`sources:a:${i}`, failing);
  await turnsUntil(() => dropped.length === 5);
  assert.equal((await ids()).length, most);
  // One that is open already changes, and others are others.
  const same = store.listAlerts({ limit: 1 }).then(({ items }) => items[0]?.subject);
  store.sourceChanged(`sources:${await same}`, { ...failing, since: 2 });
  for (const other of ["a", "ab:0", "a.b"]) store.sourceChanged(`sources:${other}`, failing);
  await turnsUntil(async () => (await ids()).length === most + 3);
  assert.equal((await open(store)).filter(({ count }) => count === 2).length, 1);
  assert.equal(dropped.length, 5);
  // Whoever it is asked for by has closed it.
  await store.closeAlert({
    id: (await ids()).find((id) => id.startsWith("source:a:")) ?? "",
    by: null,
  });
  store.sourceChanged("sources:a:new", failing);
  await turnsUntil(async () => (await ids()).includes("source:a:new"));
});

Deno.test("alerts: what of a source could not be written is tried again, and its latest news alone", async () => {
  await using db = await tempKv();
  const clock = new ManualClock();
  const stages: string[] = [];
  const failed = Promise.withResolvers<void>();
  await using store = openTestStore(db.kv, new Recorder(), {
    clock,
    onError: (_, stage) => {
      stages.push(stage);
      failed.resolve();
    },
  });
  const kv = db.kv;
  const getMany = kv.getMany;
  kv.getMany = () => Promise.reject(new Error("no database"));
  store.sourceChanged("sources:a", { state: "stale", since: 1, error: null });
  await failed.promise;
  kv.getMany = getMany;
  store.sourceChanged("sources:a", { state: "stale", since: 2, error: null });
  clock.advance(1_000);
  await turnsUntil(async () => (await open(store)).length === 1);
  assert.deepEqual((await open(store))[0]?.text, { since: 2, error: null });
  assert.deepEqual(stages, ["source alert"]);
});

/** Vehicles that go silent, watched by several isolates. */
import assert from "node:assert/strict";
import type { Alert } from "../../lib/store/alerts_shape.ts";
import { keys } from "../../lib/store/context.ts";
import type { Store } from "../../lib/store/mod.ts";
import { ManualClock, openTestStore, Recorder, tempKv, turnsUntil } from "./support.ts";

const report = { lat: 30.2, lon: -97.7, speed: 4, route: "4", headsign: "WEST" };
const minute = 60_000;
const open = async (store: Store) => (await store.listAlerts({ limit: 100 })).items;
const raisedBy = (recorder: Recorder) =>
  (recorder.on("alerts:all") as (Alert | null)[]).filter((one) => one?.ended === null);

interface Watching extends AsyncDisposable {
  readonly db: Awaited<ReturnType<typeof tempKv>>;
  readonly clock: ManualClock;
  readonly recorder: Recorder;
  readonly stores: readonly Store[];
  readonly first: Store;
  /** Moves time on in steps of five seconds, each until all watchers rest. */
  pass(ms: number): Promise<void>;
}

/** Isolates that watch the same shop, past the time they give vehicles after nobody watched. */
async function watching(count = 1): Promise<Watching> {
  const db = await tempKv();
  const clock = new ManualClock();
  const recorder = new Recorder();
  const stores: Store[] = [];
  for (let i = 0; i < count; i++) {
    const kv = i === 0 ? db.kv : await db.again();
    stores.push(openTestStore(kv, recorder, { clock, watchVehicles: true }));
  }
  const [first] = stores;
  if (first === undefined) throw new Error("no isolate");
  // Each isolate rests with two timers: its relay's and its watcher's.
  const rest = () => turnsUntil(() => clock.waiting >= 2 * count);
  const pass = async (ms: number) => {
    for (let gone = 0; gone < ms; gone += 5_000) {
      await rest();
      clock.advance(5_000);
    }
    await rest();
  };
  await pass(2 * minute);
  return {
    db,
    clock,
    recorder,
    stores,
    first,
    pass,
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store.close();
      await db[Symbol.asyncDispose]();
    },
  };
}

Deno.test("vehicles: one that is silent for two minutes is raised once by three isolates", async () => {
  await using it = await watching(3);
  await it.first.moveVehicle({ ...report, id: "bus-1" });
  const { at } = await it.first.moveVehicle({ ...report, id: "bus-2" }).then((m) => m.position);
  for (let i = 0; i < 11; i++) {
    await it.pass(10_000);
    await it.first.moveVehicle({ ...report, id: "bus-1" });
  }
  assert.deepEqual(await open(it.first), []);
  await it.pass(minute);
  await it.first.moveVehicle({ ...report, id: "bus-1" });
  const [alert, ...others] = await open(it.first);
  assert.deepEqual(others, []);
  assert.deepEqual([alert?.id, alert?.severity, alert?.count], ["vehicle:bus-2", "warning", 1]);
  assert.deepEqual(alert?.text, { lastAt: at, route: "4", headsign: "WEST" });
  assert.ok((alert?.raisedAt ?? 0) - at <= 2 * minute + 15_000, "late");
  await it.pass(minute);
  assert.equal(raisedBy(it.recorder).length, 1);
});

Deno.test("vehicles: one that reports again ends its alert; the next silence is another", async () => {
  await using it = await watching();
  const move = () => it.first.moveVehicle({ ...report, id: "bus-1" });
  await move();
  await it.pass(3 * minute);
  assert.equal((await open(it.first)).length, 1);
  // An old position says nothing of now.
  const at = it.clock.now() - 2 * minute - 1;
  await it.first.moveVehicle({ ...report, id: "bus-1", at });
  assert.equal((await open(it.first)).length, 1);
  await move();
  assert.deepEqual(await open(it.first), []);
  await it.recorder.until(() => it.recorder.state("alerts:all").size === 0);
  await it.pass(3 * minute);
  assert.deepEqual((await open(it.first)).map(({ count }) => count), [1]);
});

Deno.test("vehicles: one that is off duty is neither listed nor silent until it reports again", async () => {
  await using it = await watching();
  const move = () => it.first.moveVehicle({ ...report, id: "bus-1" });
  await move();
  await it.pass(3 * minute);
  assert.equal((await open(it.first)).length, 1);
  assert.equal(await it.first.withdrawVehicle("bus-1"), true);
  assert.equal(await it.first.withdrawVehicle("bus-1"), false);
  assert.deepEqual(await open(it.first), []);
  assert.deepEqual((await it.first.listVehicles({ limit: 1 })).items, []);
  await it.recorder.until(() =>
    it.recorder.state("vehicles:all").size === 0 && it.recorder.state("alerts:all").size === 0
  );
  await it.pass(5 * minute);
  assert.deepEqual(await open(it.first), []);
  await move();
  await it.pass(3 * minute);
  assert.equal((await open(it.first)).length, 1);
});

Deno.test("vehicles: one that reports in the moment in which its alert is raised ends it", async () => {
  await using it = await watching();
  const { kv } = it.db;
  const move = () => it.first.moveVehicle({ ...report, id: "bus-1" });
  await move();
  await it.pass(90_000);
  const get = kv.get;
  let isRaised = false;
  // After its position has looked for the alert, and before it is written.
  kv.get = async (key, options) => {
    const entry = await get.call(kv, key, options);
    if (`${key}` === `${keys.alert("vehicle:bus-1")}` && !isRaised) {
      isRaised = true;
      await it.pass(minute);
      assert.equal((await open(it.first)).length, 1);
    }
    return entry as never;
  };
  await move();
  assert.equal(isRaised, true);
  await turnsUntil(async () => (await open(it.first)).length === 0);
});

Deno.test("vehicles: an alert that was closed is not raised again for the same silence", async () => {
  await using it = await watching();
  await it.first.moveVehicle({ ...report, id: "bus-1" });
  await it.pass(3 * minute);
  await it.first.closeAlert({ id: "vehicle:bus-1", by: "mai" });
  await it.pass(3 * minute);
  assert.deepEqual(await open(it.first), []);
});

Deno.test("vehicles: where nobody watched for a while, they have time to report first", async () => {
  await using it = await watching();
  await it.first.moveVehicle({ ...report, id: "bus-1" });
  await it.first.close();
  it.clock.advance(5 * minute);
  await using later = openTestStore(await it.db.again(), it.recorder, {
    clock: it.clock,
    watchVehicles: true,
  });
  await it.pass(minute);
  assert.deepEqual(await open(later), []);
  await it.pass(2 * minute);
  assert.deepEqual((await open(later)).map(({ id }) => id), ["vehicle:bus-1"]);
});

Deno.test("vehicles: a watcher whose database fails tries again", async () => {
  await using db = await tempKv();
  const clock = new ManualClock();
  const stages: string[] = [];
  const { kv } = db;
  const get = kv.get;
  kv.get = (key, options) =>
    `${key}` === `${keys.vehicleWatch}`
      ? Promise.reject(new Error("no database"))
      : get.call(kv, key, options) as Promise<never>;
  await using _store = openTestStore(kv, new Recorder(), {
    clock,
    watchVehicles: true,
    onError: (_, stage) => stages.push(stage),
  });
  await turnsUntil(() => stages.length === 1);
  kv.get = get;
  await turnsUntil(() => clock.waiting >= 2);
  clock.advance(10_000);
  await turnsUntil(async () => (await kv.get(keys.vehicleWatch)).value !== null);
  assert.deepEqual(stages, ["watch vehicles"]);
});

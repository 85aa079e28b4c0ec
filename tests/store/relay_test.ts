import { turn } from "../broker/waiting.ts";
import assert from "node:assert/strict";
import { monotonicUlid } from "@std/ulid";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { addEvents, readOutbox } from "../../lib/store/outbox.ts";
import { ManualClock, openTestStore, outboxSize, Recorder, tempKv, turnsUntil } from "./support.ts";

const message = { room: "help", author: "An", text: "hello" };

Deno.test("a crash after the publish: the next relay repeats it under the same key", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  recorder.before = () => {};
  const crashing = new Recorder();
  const first = openTestStore(db.kv, crashing, {
    publish: async (...call) => {
      await recorder.publish(...call);
      await crashing.publish(...call);
      return await new Promise(() => {});
    },
  });
  await first.postMessage(message);
  await crashing.until(() => crashing.calls.length === 1);
  await first.close();
  assert.equal(await outboxSize(db.kv), 1);

  await using _second = openTestStore(db.kv, recorder);
  await recorder.until(() => recorder.calls.length === 2);
  assert.equal(recorder.calls[0], recorder.calls[1]);
  await turnsUntil(async () => await outboxSize(db.kv) === 0);
  assert.equal(recorder.published.length, 1);
});

Deno.test("a channel that fails is tried again ever more rarely; the others go on", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  const clock = new ManualClock();
  const stages: string[] = [];
  const sweepMs = 1_000_000;
  let down = true;
  let attempts = 0;
  recorder.before = (channel) => {
    if (channel !== "chat:down") return;
    attempts++;
    if (down) throw new Error("broker is away");
  };
  await using store = openTestStore(db.kv, recorder, {
    clock,
    sweepMs,
    // Beyond everything else, so that what is due before the sweep is the retry.
    publishTimeoutMs: 2 * sweepMs,
    onError: (_, stage) => stages.push(stage),
  });
  for (const text of ["1", "2", "3"]) await store.postMessage({ room: "down", author: "An", text });
  await recorder.until(() => attempts === 1);
  for (const text of ["1", "2"]) await store.postMessage({ room: "up", author: "An", text });
  await recorder.until(() => recorder.on("chat:up").length === 2);
  assert.equal(attempts, 1, "commits elsewhere do not hasten the retry");

  const waits: number[] = [];
  for (let n = 2; n <= 11; n++) {
    await turnsUntil(() => clock.waiting === 1 && clock.dueIn < sweepMs);
    const before = clock.now();
    clock.next();
    waits.push(clock.now() - before);
    await recorder.until(() => attempts === n);
  }
  assert.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000]);
  assert.deepEqual(new Set(stages), new Set(["publish"]));
  down = false;
  await turnsUntil(() => clock.waiting === 1 && clock.dueIn < sweepMs);
  clock.next();
  await recorder.until(() => recorder.on("chat:down").length === 3);
  const texts = recorder.on("chat:down").map((one) => (one as { text: string }).text);
  assert.deepEqual(texts, ["1", "2", "3"]);
  await turnsUntil(async () => await outboxSize(db.kv) === 0);
});

Deno.test("a publish that never answers counts as failed after a while", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  const clock = new ManualClock();
  const errors: string[] = [];
  recorder.before = (_, call) => call === 1 ? new Promise(() => {}) : undefined;
  await using store = openTestStore(db.kv, recorder, {
    clock,
    publishTimeoutMs: 5_000,
    onError: (error) => errors.push(String(error)),
  });
  await store.postMessage(message);
  await recorder.until(() => recorder.calls.length === 1);
  clock.advance(5_000);
  await turnsUntil(() => errors.length === 1);
  assert.match(errors[0] ?? "", /no answer within 5000 ms/);
  await turnsUntil(() => {
    clock.advance(100);
    return recorder.published.length === 1;
  });
  assert.equal(recorder.calls[0], recorder.calls[1]);
});

Deno.test("of a state channel different keys are published at once, one key's values in order", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  await db.kv.set(["store", "outbox_head"], "");
  const write = db.kv.atomic();
  const item = { name: "Lamp", unitPrice: 1, lowAt: 0, updatedAt: 1 };
  addEvents(
    write,
    ["a", "b", "c", "a", "d"].map((sku, quantity) => ({
      channel: "stock:all",
      key: sku,
      data: { ...item, sku, quantity },
    })),
  );
  await write.commit();
  const clock = new ManualClock();
  let most = 0;
  recorder.before = async (_, call) => {
    most = Math.max(most, recorder.underWay);
    await turn();
    if (call === 2) throw new Error("the broker is away");
  };
  await using _store = openTestStore(db.kv, recorder, { clock });
  await turnsUntil(() => recorder.published.length === 2 && clock.waiting === 1);
  assert.equal(most, 3);
  assert.deepEqual([...recorder.state("stock:all").keys()], ["a", "c"]);
  clock.next();
  await recorder.until(() => recorder.published.length === 5);
  assert.deepEqual(recorder.allOn("stock:all").map(({ key }) => key), ["a", "c", "b", "a", "d"]);
});

Deno.test("an event that can never be published is reported and keeps nobody back", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  const told: string[] = [];
  recorder.before = (_, call) => {
    if (call === 1) throw new ProtocolError("limitExceeded", "the channel is full");
  };
  const onError = (error: unknown, stage: string) => told.push(`${stage}: ${error}`);
  await using store = openTestStore(db.kv, recorder, { onError });
  await store.putStock("L1", { name: "Lamp", quantity: 1, unitPrice: 1, lowAt: 0 });
  await store.putStock("L2", { name: "Lamp", quantity: 1, unitPrice: 1, lowAt: 0 });
  await recorder.until(() => recorder.published.length === 1);
  assert.deepEqual([...recorder.state("stock:all").keys()], ["L2"]);
  assert.deepEqual(told, ["refused: ProtocolError: limit exceeded: the channel is full"]);
  await turnsUntil(async () => await outboxSize(db.kv) === 0);
});

Deno.test("two relays on one outbox: each event once, in commit order", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  const other = await db.again();
  // They answer at different paces, so that now one is ahead and now the other.
  recorder.before = async (_, call) => {
    for (let i = 0; i < call % 3; i++) await turn();
  };
  await using here = openTestStore(db.kv, recorder, { sweepMs: 1 });
  await using there = openTestStore(other, recorder, { sweepMs: 1 });
  await here.putStock("L1", { name: "Lamp", quantity: 1, unitPrice: 1, lowAt: 0 });
  await Promise.all(
    Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? here : there).restock("L1", 1)),
  );
  await recorder.until(() => recorder.published.length === 61);
  const levels = recorder.on("stock:all") as { quantity: number }[];
  assert.deepEqual(
    levels.map((one) => one.quantity),
    Array.from({ length: 61 }, (_, i) => i + 1),
  );
  await turnsUntil(async () => await outboxSize(db.kv) === 0);
  assert.equal(recorder.published.length, 61);
  await Promise.all([here.close(), there.close()]);
  await turnsUntil(() => recorder.underWay === 0);
});

Deno.test("what another isolate left is found by the sweep", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  const clock = new ManualClock();
  await using _store = openTestStore(db.kv, recorder, { clock });
  await turnsUntil(() => clock.waiting === 1);
  const write = db.kv.atomic();
  const data = { id: monotonicUlid(), ...message, at: 1 };
  addEvents(write, [{ channel: "chat:help", data }]);
  await write.commit();
  clock.advance(5_000);
  await recorder.until(() => recorder.published.length === 1);
  assert.deepEqual(recorder.on("chat:help"), [data]);
});

Deno.test("the outbox is read in commit order, not in the order of its keys", async () => {
  await using db = await tempKv();
  for (let i = 0; i < 30; i++) {
    await db.kv.atomic()
      .set(["outbox", String(99 - i)], { channel: i % 3 === 0 ? "a" : "b", data: String(i) })
      .set(["store", "outbox_head"], i)
      .commit();
  }
  await db.kv.set(["outbox", "00"], { channel: "a", data: "after the head" });
  const all = await readOutbox(db.kv, { limit: 4, wants: () => true });
  assert.deepEqual(all.rows.map((row) => row.data), ["0", "1", "2", "3"]);
  assert.deepEqual([all.size, all.more], [31, true]);
  const some = await readOutbox(db.kv, { limit: 20, wants: (channel) => channel === "a" });
  assert.deepEqual(some.rows.map((row) => Number(row.data)), [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
  assert.equal(some.more, false);
});

Deno.test("a store that closes while it publishes leaves nothing running", async () => {
  await using db = await tempKv();
  const recorder = new Recorder();
  const clock = new ManualClock();
  recorder.before = () => new Promise(() => {});
  const store = openTestStore(db.kv, recorder, { clock });
  await store.postMessage(message);
  await store.postMessage({ ...message, room: "other" });
  await recorder.until(() => recorder.calls.length === 2);
  await store.close();
  await store.close();
  assert.equal(clock.waiting, 0);
  store.wake();
  assert.equal(await outboxSize(db.kv), 2);
});

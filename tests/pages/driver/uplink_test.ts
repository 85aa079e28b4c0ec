import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { ServerClock } from "../../../islands/driver/server_clock.ts";
import { mostTogether, type Outcome, Uplink } from "../../../islands/driver/uplink.ts";
import { Waiting } from "../../../islands/driver/waiting.ts";
import { ManualClock } from "../../store/support.ts";
import { fixAt } from "./support.ts";

/** @param refuses whether the server can take this time */
function sending(outcomes: Outcome[], refuses: (time: number) => boolean = () => false) {
  const clock = new ManualClock();
  const waiting = new Waiting({ storage: null, vehicle: "van-1", now: () => clock.now() });
  const posted: number[][] = [];
  const taken: number[] = [];
  const refused: string[] = [];
  const began = clock.now();
  const uplink = new Uplink({
    waiting,
    clock,
    post: (reports) => {
      const times = reports.map(({ time }) => time - began);
      posted.push(times);
      const outcome = outcomes.shift() ??
        (times.some(refuses) ? { kind: "malformed" } : { kind: "taken", latencyMs: 5 });
      return Promise.resolve(outcome);
    },
    onTaken: ({ at }) => void taken.push(at - began),
    onRefused: (why) => void refused.push(why),
  });
  const add = (...times: readonly number[]) => {
    for (const time of times) waiting.add(fixAt(began + time));
  };
  /** Everything that is under way has come to rest. */
  const rest = () => new Promise<void>((resolve) => setImmediate(() => resolve()));
  return { clock, waiting, uplink, posted, taken, refused, add, rest };
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

Deno.test("uplink: what comes while a request is under way goes with the next, in order", async () => {
  const it = sending([]);
  it.add(1);
  it.uplink.added();
  it.add(2, 3);
  it.uplink.added();
  await it.rest();
  assert.deepEqual(it.posted, [[1], [2, 3]]);
  assert.deepEqual([it.waiting.count.value, it.uplink.link.value], [0, "up"]);
});

Deno.test("uplink: after a dead spot all are sent, several at a time, the oldest first", async () => {
  const it = sending([{ kind: "later" }]);
  it.add(...range(mostTogether * 2 + 1));
  it.uplink.added();
  await it.rest();
  assert.equal(it.uplink.link.value, "down");
  // News do not cut the wait short.
  it.uplink.added();
  await it.rest();
  assert.equal(it.posted.length, 1);
  it.uplink.wake();
  await it.rest();
  assert.deepEqual(it.posted.slice(1).map(({ length }) => length), [mostTogether, mostTogether, 1]);
  assert.deepEqual(it.posted.slice(1).flat(), range(mostTogether * 2 + 1));
  assert.deepEqual([it.waiting.count.value, it.uplink.link.value], [0, "up"]);
});

Deno.test("uplink: it waits longer and longer, and never for long", async () => {
  const it = sending(Array(7).fill({ kind: "later" }));
  it.add(1);
  it.uplink.added();
  const waits: number[] = [];
  for (let i = 0; i < 7; i++) {
    await it.rest();
    waits.push(it.clock.dueIn);
    it.clock.next();
  }
  await it.rest();
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 7_500, 7_500, 7_500]);
  assert.deepEqual([it.waiting.count.value, it.clock.waiting], [0, 0]);
});

Deno.test("uplink: it is held back for as long as the server says", async () => {
  const it = sending([{ kind: "later", afterMs: 3_000 }]);
  it.add(1);
  it.uplink.added();
  await it.rest();
  it.uplink.wake();
  await it.rest();
  assert.deepEqual([it.posted.length, it.clock.dueIn], [1, 3_000]);
  it.clock.next();
  await it.rest();
  assert.deepEqual(it.posted, [[1], [1]]);
});

Deno.test("uplink: a network that comes back says nothing of the server while something waits", async () => {
  const it = sending([{ kind: "later" }]);
  it.uplink.cut();
  assert.equal(it.uplink.link.value, "down");
  it.uplink.restored();
  assert.equal(it.uplink.link.value, "unknown");
  it.add(1);
  it.uplink.cut();
  it.uplink.restored();
  await it.rest();
  assert.equal(it.uplink.link.value, "down");
  it.uplink.restored();
  await it.rest();
  assert.deepEqual([it.posted, it.uplink.link.value], [[[1], [1]], "up"]);
});

Deno.test("uplink: one that the server cannot take is found and left, the others arrive", async () => {
  const it = sending([], (time) => time === 5);
  it.add(...range(20));
  it.uplink.added();
  await it.rest();
  const arrived = it.posted.filter((times) => !times.includes(5)).flat();
  assert.deepEqual(arrived, range(20).filter((time) => time !== 5));
  assert.equal(it.waiting.count.value, 0);
});

Deno.test("uplink: with a clock that was ahead it goes again, corrected", async () => {
  const it = sending([{ kind: "early" }]);
  it.add(1, 2);
  it.uplink.added();
  await it.rest();
  it.clock.next();
  await it.rest();
  assert.deepEqual([it.posted, it.waiting.count.value], [[[1, 2], [1, 2]], 0]);
});

Deno.test("uplink: without the right nothing more is sent, and everything stays", async () => {
  for (const kind of ["unauthorized", "forbidden"] as const) {
    const it = sending([{ kind }]);
    it.add(1);
    it.uplink.added();
    await it.rest();
    it.uplink.wake();
    await it.rest();
    assert.deepEqual([it.refused, it.posted.length, it.waiting.count.value], [[kind], 1, 1]);
    it.uplink.retry();
    await it.rest();
    assert.deepEqual([it.posted.length, it.waiting.count.value], [2, 0]);
  }
});

Deno.test("uplink: one that is closed waits for nothing", async () => {
  const it = sending([{ kind: "later" }]);
  it.add(1);
  it.uplink.added();
  await it.rest();
  it.uplink.close();
  assert.equal(it.clock.waiting, 0);
  it.uplink.wake();
  await it.rest();
  assert.equal(it.posted.length, 1);
});

Deno.test("the server's clock: followed when it differs for sure, and otherwise left", () => {
  const clock = new ServerClock();
  clock.learn(1_000_900, 1_000_000, 1_000_100);
  assert.equal(clock.aheadMs, 0);
  clock.learn(1_300_050, 1_000_000, 1_000_100);
  assert.equal(clock.aheadMs, 300_000);
  // It was somewhere within eight seconds.
  clock.learn(1_303_000, 1_000_000, 1_008_000);
  assert.equal(clock.aheadMs, 300_000);
  clock.learn(1_000_100, 1_000_000, 1_000_200);
  assert.equal(clock.aheadMs, 0);
});

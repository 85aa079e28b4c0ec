/** The arithmetic of long lists. */
import assert from "node:assert/strict";
import { SortedList } from "../../islands/dashboard/sorted.ts";
import { untilBeat } from "../../islands/beat.ts";
import { paced } from "../../islands/dashboard/paced.ts";
import { keepPlace, spanOf } from "../../islands/window.ts";
import { VirtualTime } from "../support/virtual_time.ts";

const view = (scrollTop: number) => ({ scrollTop, height: 300, rowHeight: 50 });
const rows = (first: number, end: number) =>
  Array.from({ length: end - first }, (_, i) => `${first + i}`);

Deno.test("window: what is in sight is there, with a little beyond either edge", () => {
  assert.deepEqual(spanOf(view(0), 10_000), { first: 0, end: 12 });
  assert.deepEqual(spanOf(view(5_025), 10_000), { first: 94, end: 113 });
  assert.deepEqual(spanOf(view(499_700), 10_000), { first: 9_988, end: 10_000 });
  assert.deepEqual(spanOf(view(0), 3), { first: 0, end: 3 });
  assert.deepEqual(spanOf(view(0), 0), { first: 0, end: 0 });
});

Deno.test("window: a list that has become shorter, or is pulled beyond its ends, shows its rows", () => {
  assert.deepEqual(spanOf(view(90_000), 20), { first: 8, end: 20 });
  assert.deepEqual(spanOf(view(-80), 20), { first: 0, end: 12 });
});

Deno.test("window: rows that come and go above move nothing that is in sight", () => {
  const before = rows(10, 30);
  const at = (after: readonly string[]) => keepPlace(view(225), before, after);
  assert.deepEqual(at(before), { scrollTop: 225, moved: 0 });
  assert.deepEqual(at(rows(7, 30)), { scrollTop: 375, moved: 3 });
  assert.deepEqual(at(rows(12, 30)), { scrollTop: 125, moved: -2 });
  // The first in sight is gone: the next one stays.
  assert.deepEqual(at(["9", ...before.filter((key) => key !== "14")]), {
    scrollTop: 225,
    moved: 0,
  });
  assert.deepEqual(at(rows(100, 120)), { scrollTop: 225, moved: 0 });
});

Deno.test("window: a row that is put elsewhere takes nobody along", () => {
  const before = rows(0, 30);
  // The first, at the top.
  const without = before.filter((key) => key !== "0");
  const last = [...without, "0"];
  assert.deepEqual(keepPlace(view(0), before, last), { scrollTop: 0, moved: -1 });
  // The first in sight, with rows above it.
  const far = before.filter((key) => key !== "4");
  far.splice(20, 0, "4");
  assert.deepEqual(keepPlace(view(225), before, far), { scrollTop: 175, moved: -1 });
  // One from below to the top.
  assert.deepEqual(keepPlace(view(225), before, ["29", ...rows(0, 29)]), {
    scrollTop: 275,
    moved: 1,
  });
});

Deno.test("sorted list: whatever is set and deleted, it is as if sorted anew", () => {
  type Item = { key: string; rank: number };
  const compare = (a: Item, b: Item) => a.rank - b.rank || (a.key < b.key ? -1 : 1);
  const same = (a: Item, b: Item) => a.key === b.key && a.rank === b.rank ? 0 : compare(a, b);
  const list = new SortedList<Item>(same);
  const expected = new Map<string, Item>();
  let seed = 7;
  const random = (n: number) => (seed = (seed * 48_271) % 0x7fffffff) % n;
  for (let i = 0; i < 3_000; i++) {
    const key = `k${random(60)}`;
    if (random(4) === 0) {
      list.delete(key);
      expected.delete(key);
    } else {
      const item = { key, rank: random(5) };
      list.set(key, item);
      expected.set(key, item);
    }
  }
  assert.deepEqual(list.toArray(), [...expected.values()].sort(same));
  assert.equal(list.size, expected.size);
  const kept = list.toArray();
  list.reset([]);
  assert.deepEqual([list.size, kept.length], [0, expected.size]);
});

Deno.test("paced: the first at once, those that follow together", () => {
  using time = new VirtualTime(0);
  let runs = 0;
  const ask = paced(() => runs++, () => 100, (run) => run());
  ask();
  assert.equal(runs, 1);
  for (let i = 0; i < 50; i++) ask();
  assert.equal(runs, 1);
  time.step(100);
  assert.equal(runs, 2);
  time.step(100);
  assert.equal(runs, 2);
  ask();
  assert.equal(runs, 3);
});

Deno.test("beat: who waits for different times wakes together", () => {
  const wakes = [[3, 40], [12, 34], [30, 1], [49, 1]].map(([now = 0, least = 0]) =>
    now + untilBeat(least, now)
  );
  assert.deepEqual(wakes, [50, 50, 50, 50]);
  assert.equal(untilBeat(80, 10), 90);
});

import assert from "node:assert/strict";
import { leastTelling } from "../../../islands/driver/thin.ts";
import { mostWaiting, Waiting } from "../../../islands/driver/waiting.ts";
import { FakeStorage, fixAt, step } from "./support.ts";

const now = () => 10_000_000_000;
const open = (storage: FakeStorage | null, vehicle = "van-1") =>
  new Waiting({ storage, vehicle, now });
const times = (waiting: Waiting) => waiting.first(10_000).map(({ time }) => time - now());

Deno.test("waiting: in order, and there again in the next page, for its vehicle alone", () => {
  const storage = new FakeStorage();
  const first = open(storage);
  for (const ms of [1, 2, 3]) first.add(fixAt(now() + ms, ms, { speed: 1.23456 }));
  open(storage, "van-2").add(fixAt(now() + 9));
  const next = open(storage);
  assert.deepEqual([times(next), next.count.value], [[1, 2, 3], 3]);
  assert.deepEqual(next.first(1), [
    { lat: 10.7701, lon: 106.7, speed: 1.23, time: now() + 1 },
  ]);
  next.remove(next.first(2));
  assert.deepEqual([times(next), next.count.value], [[3], 1]);
  next.remove(next.first(1));
  assert.deepEqual([...storage.rows.keys()], [`nhip-driver van-2 ${now() + 9}`]);
});

Deno.test("waiting: a clock that is set back does not change the order", () => {
  const waiting = open(new FakeStorage());
  for (const ms of [5, 3, 3, 9]) waiting.add(fixAt(now() + ms));
  assert.deepEqual(times(waiting), [5, 6, 7, 9]);
});

Deno.test("waiting: what cannot be kept waits all the same, and is said not to be kept", () => {
  for (const storage of [null, new FakeStorage()]) {
    if (storage !== null) storage.fails = true;
    const waiting = open(storage);
    waiting.add(fixAt(now()));
    assert.deepEqual([waiting.count.value, waiting.isKept.value], [1, false]);
    waiting.remove(waiting.first(1));
    assert.equal(waiting.count.value, 0);
  }
});

Deno.test("waiting: nothing strange and nothing old comes out of the storage", () => {
  const storage = new FakeStorage();
  const good = JSON.stringify({ lat: 1, lon: 2, speed: null });
  const rows: [string, string][] = [
    [`${now() - 13 * 3_600_000}`, good],
    ["x", good],
    ["-5", good],
    [`${now() + 1}`, "{"],
    [`${now() + 2}`, "null"],
    [`${now() + 3}`, JSON.stringify({ lat: 91, lon: 0 })],
    [`${now() + 4}`, JSON.stringify({ lat: "1", lon: 0 })],
    [`${now() + 5}`, JSON.stringify({ lat: 1, lon: 2, speed: -3, more: "x" })],
  ];
  for (const [time, text] of rows) storage.setItem(`nhip-driver van-1 ${time}`, text);
  storage.setItem("nhip-chat help an", "[]");
  assert.deepEqual(open(storage).first(9), [{ lat: 1, lon: 2, speed: null, time: now() + 5 }]);
  assert.equal(storage.rows.size, 2);
});

Deno.test("waiting: when it is full it thins, and keeps the way's shape, beginning and end", () => {
  const storage = new FakeStorage();
  const waiting = open(storage);
  // Straight to the north, then to the east, with a stop on either.
  const corner = 1_000;
  for (let s = 0; s < 2 * corner; s++) {
    const [north, east] = [Math.min(s, corner), Math.max(0, s - corner)];
    const stop = s >= 500 && s < 520 ? 500 : north;
    waiting.add(fixAt(now() + s * 1_000, stop, { lon: 106.7 + east * step }));
  }
  const all = waiting.first(10_000);
  assert.deepEqual([all.length, waiting.count.value], [mostWaiting, mostWaiting]);
  assert.equal(storage.rows.size, mostWaiting);
  assert.equal(all[0]?.time, now());
  assert.equal(all.at(-1)?.time, now() + 1_999_000);
  const kept = new Set(all.map(({ time }) => (time - now()) / 1_000));
  for (const telling of [500, 519, 520, corner]) assert.ok(kept.has(telling), `${telling}`);
  assert.deepEqual(times(open(storage)), times(waiting));
});

Deno.test("thinning: the one that is passed anyway goes first, in its time", () => {
  const at = (time: number, north: number) => ({ lat: north * step, lon: 0, time });
  assert.equal(leastTelling([at(0, 0), at(1, 5), at(2, 2), at(3, 3)]), 2);
  // It is on the straight line, and waits there.
  assert.equal(leastTelling([at(0, 0), at(1, 1), at(9, 1), at(10, 2), at(11, 3)]), 3);
  assert.equal(leastTelling([at(5, 0), at(5, 0), at(5, 0)]), 1);
});

/** The client's small parts, each on its own. */
import assert from "node:assert/strict";
import { backoffMs } from "../../lib/client/backoff.ts";
import { ServerClock } from "../../lib/client/clock.ts";
import { Mirror } from "../../lib/client/mirror.ts";
import { Positions } from "../../lib/client/positions.ts";
import { type ServerEvent, SseParser } from "../../lib/client/sse_parser.ts";

Deno.test("the wait is anywhere below a bound that doubles up to its limit", () => {
  const backoff = { minMs: 100, maxMs: 1_000 };
  const longest = [1, 2, 3, 4, 5, 1_000].map((failures) => backoffMs(failures, backoff, 1));
  assert.deepEqual(longest, [100, 200, 400, 800, 1_000, 1_000]);
  assert.equal(backoffMs(3, backoff, 0), 0);
  assert.equal(backoffMs(3, backoff, 0.5), 200);
});

Deno.test("the clock is bounded by every time the server tells, and told when one is set", () => {
  const clock = new ServerClock();
  assert.equal(clock.at(0), undefined);
  // Between 49 899 and 50 301 ahead.
  clock.sample(1_000, 1_400, 51_300);
  assert.equal(clock.at(0), 50_100);
  // A message nobody asked for was on its way for less than the half of that round trip.
  clock.sample(null, 1_400, 51_500);
  assert.equal(clock.at(0), 50_200);
  // A slower answer says nothing new, a faster one does.
  clock.sample(1_400, 1_900, 51_700);
  assert.equal(Math.round(clock.at(0) ?? 0), 50_200);
  clock.sample(1_900, 1_902, 52_121);
  assert.equal(Math.round(clock.at(0) ?? 0), 50_220);
  clock.sample(2_000, 2_002, 90_001);
  assert.equal(clock.at(0), 88_000);
});

Deno.test("what the clock has learned wears off", () => {
  const clock = new ServerClock();
  clock.sample(0, 2, 1_001);
  const hour = 3_600_000;
  // Two clocks drift apart by 180 ms an hour at most, as far as anybody knows.
  clock.sample(hour, hour + 2, hour + 1_101);
  assert.equal(clock.at(hour), hour + 1_100);
});

Deno.test("each publication is taken once, in order; a hole is noticed", () => {
  const positions = new Positions([["a", { epoch: "x", offset: 5 }]]);
  const take = (offset: number, epoch?: string) =>
    positions.take("a", { data: 0, offset, ...(epoch !== undefined && { epoch }) });
  assert.equal(take(5), "old");
  assert.equal(take(6), "next");
  assert.equal(take(6), "old");
  assert.equal(take(8), "hole");
  assert.equal(take(7), "next");
  assert.equal(take(1, "y"), "hole");
  assert.deepEqual(positions.get("a"), { epoch: "x", offset: 7 });
  assert.equal(positions.take("bench:b", { data: 0 }), "next");
});

Deno.test("a start that was not recovered moves on and is told", () => {
  const positions = new Positions([["a", { epoch: "x", offset: 5 }]]);
  assert.equal(
    positions.start("a", { position: { epoch: "x", offset: 5 }, recovered: true }),
    false,
  );
  assert.equal(
    positions.start("a", { position: { epoch: "y", offset: 9 }, recovered: false }),
    true,
  );
  assert.equal(positions.start("b", { position: { epoch: "z", offset: 1 } }), false);
  assert.deepEqual(positions.get("a"), { epoch: "y", offset: 9 });
  assert.deepEqual(positions.get("b"), { epoch: "z", offset: 1 });
});

const at = (offset: number) => ({ epoch: "x", offset });
const entry = (key: string, offset: number) => ({ key, data: offset, offset });

Deno.test("a mirror shows a snapshot once it is whole, then each change once", () => {
  const mirror = new Mirror();
  assert.equal(mirror.take(entry("a", 1)), "hole");
  mirror.start({ position: at(5) });
  assert.equal(mirror.add([entry("a", 1), entry("b", 5)], true), false);
  assert.deepEqual([mirror.position, mirror.entries], [undefined, undefined]);
  assert.equal(mirror.add([entry("c", 2)], false), true);
  assert.deepEqual(mirror.position, at(5));
  assert.equal(mirror.take(entry("b", 5)), "old");
  assert.deepEqual(mirror.take(entry("b", 7)), { key: "b", data: 7, before: 5 });
  assert.deepEqual(mirror.take({ key: "a", removed: true, offset: 8 }), {
    key: "a",
    data: undefined,
    before: 1,
  });
  assert.equal(mirror.take({ key: "none", removed: true, offset: 9 }), "old");
  assert.equal(mirror.take({ ...entry("a", 1), epoch: "y" }), "hole");
  assert.deepEqual(mirror.position, at(9));
  assert.deepEqual([...mirror.entries ?? []], [["b", 7], ["c", 2]]);
});

Deno.test("a mirror that was not recovered keeps what it has until the next snapshot is whole", () => {
  const mirror = new Mirror();
  mirror.start({ position: at(5) });
  mirror.add([entry("a", 1)], false);
  mirror.start({ position: at(6), recovered: true });
  assert.deepEqual(mirror.position, at(6));
  mirror.start({ position: { epoch: "y", offset: 3 }, recovered: false });
  mirror.add([entry("b", 1)], true);
  assert.equal(mirror.position, undefined);
  assert.deepEqual([...mirror.entries ?? []], [["a", 1]]);
  // Cut in the midst of it: what came of it is gone.
  mirror.start({ position: { epoch: "y", offset: 4 } });
  mirror.add([entry("c", 4)], false);
  assert.deepEqual([...mirror.entries ?? []], [["c", 4]]);
  assert.deepEqual(mirror.position, { epoch: "y", offset: 4 });
});

const stream = ": hello\r\nretry: 1000\nevent: subscribed\nid: 1~x\ndata: {\ndata: }\n\n" +
  "data:no space\rdata\r\r: \n\nevent: lonely\n\ndata: Nhịp ♥\r\n\r\nevent: cut";
const expected: ServerEvent[] = [
  { type: "subscribed", data: "{\n}" },
  { type: "message", data: "no space\n" },
  { type: "message", data: "Nhịp ♥" },
];

Deno.test("an event stream reads the same, however it is cut", () => {
  for (const size of [1, 2, 3, 7, 20, 1_000]) {
    const events: ServerEvent[] = [];
    const parser = new SseParser((event) => events.push(event));
    for (let i = 0; i < stream.length; i += size) parser.push(stream.slice(i, i + size));
    assert.deepEqual(events, expected, `chunks of ${size}`);
  }
});

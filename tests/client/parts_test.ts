/** The client's small parts, each on its own. */
import assert from "node:assert/strict";
import { backoffMs } from "../../lib/client/backoff.ts";
import { ServerClock } from "../../lib/client/clock.ts";
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
  assert.deepEqual(positions.entries(), { a: { epoch: "x", offset: 7 } });
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
  assert.deepEqual(positions.entries(), {
    a: { epoch: "y", offset: 9 },
    b: { epoch: "z", offset: 1 },
  });
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

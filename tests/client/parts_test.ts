/** The client's small parts, each on its own. */
import assert from "node:assert/strict";
import { backoffMs } from "../../lib/client/backoff.ts";
import { ServerClock } from "../../lib/client/clock.ts";
import { readEvents, type ServerEvent } from "../../lib/client/sse_parser.ts";
import { StateFeed } from "../../lib/client/state_feed.ts";
import { StreamFeed } from "../../lib/client/stream_feed.ts";

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

/** A stream, and the offsets that were told, `gap` between them. */
function stream(since?: { epoch: string; offset: number }) {
  const feed = new StreamFeed("a", since);
  const told: (number | undefined | "gap")[] = [];
  feed.listeners.add({ onNews: ({ offset }) => told.push(offset), onGap: () => told.push("gap") });
  const take = (offset: number, epoch?: string) =>
    feed.take({ data: 0, offset, ...(epoch !== undefined && { epoch }) }, undefined);
  return { feed, told, take };
}

const at = (offset: number, epoch = "x") => ({ epoch, offset });

Deno.test("each publication is told once, in order; a hole is noticed", () => {
  const { feed, told, take } = stream(at(5));
  assert.deepEqual([5, 6, 6, 8, 7].map((offset) => take(offset)), [true, true, true, false, true]);
  assert.equal(take(1, "y"), false);
  assert.deepEqual(feed.position, at(7));
  assert.deepEqual(told, [6, 7]);
  assert.equal(stream().take(1), true, "before it has started");
  assert.equal(stream().feed.take({ data: 0 }, undefined), true, "without history");
});

Deno.test("a start that was not recovered moves on and is told", () => {
  const { feed, told } = stream(at(5));
  assert.equal(feed.start({ position: at(5), recovered: true }, true), true);
  assert.deepEqual(told, []);
  assert.equal(feed.start({ position: at(9, "y"), recovered: false }, true), true);
  assert.deepEqual(told, ["gap"]);
  assert.deepEqual(feed.position, at(9, "y"));
});

Deno.test("a second connection that lost the position is not used, and nothing is told", () => {
  const { feed, told } = stream(at(5));
  assert.equal(feed.start({ position: at(9), recovered: false }, false), false);
  assert.equal(feed.start({ position: at(5), recovered: true }, false), true);
  assert.deepEqual(told, []);
  assert.deepEqual(feed.position, at(5));
});

Deno.test("of two connections that begin from now, the one that began later is not used", () => {
  const { feed, take } = stream();
  assert.equal(feed.start({ position: at(5) }, true), true);
  assert.equal(feed.start({ position: at(7) }, false), false);
  assert.equal(feed.start({ position: at(4) }, false), true);
  assert.deepEqual([5, 6].map((offset) => take(offset)), [true, true]);
});

const entry = (key: string, offset: number) => ({ key, data: offset, offset });

/** A state channel, and what was told of it. */
function state() {
  const feed = new StateFeed("m", () => {});
  const told: string[] = [];
  feed.listeners.add({
    onNews(news) {
      if (news instanceof Map) told.push(`sync ${[...news.keys()]}`);
      else if ("key" in news) told.push(`${news.key} ${news.before}>${news.data}`);
    },
  });
  return { feed, told, take: (one: Parameters<StateFeed["take"]>[0]) => feed.take(one, undefined) };
}

Deno.test("a state channel tells a snapshot, then each change once", () => {
  const { feed, told, take } = state();
  assert.equal(take(entry("a", 1)), true, "before it has started");
  feed.start({ position: at(5), entries: [entry("a", 1), entry("b", 5), entry("c", 2)] }, true);
  assert.equal(take(entry("b", 5)), true);
  assert.equal(take(entry("b", 7)), true);
  assert.equal(take({ key: "a", removed: true, offset: 8 }), true);
  assert.equal(take({ key: "none", removed: true, offset: 9 }), true);
  assert.equal(take({ ...entry("a", 1), epoch: "y" }), false);
  assert.deepEqual(feed.position, at(9));
  assert.deepEqual(told, ["sync a,b,c", "b 5>7", "a 1>undefined"]);
  assert.deepEqual([...feed.entries ?? []], [["b", 7], ["c", 2]]);
});

Deno.test("a snapshot that is older than what is known is passed over, unless it is all there is", () => {
  const { feed, told } = state();
  feed.start({ position: at(5), entries: [entry("a", 1)] }, true);
  feed.start({ position: at(6), recovered: true }, true);
  assert.deepEqual(feed.position, at(6));
  feed.start({ position: at(4), entries: [] }, false);
  assert.deepEqual(feed.position, at(6));
  feed.start({ position: at(8), entries: [entry("b", 8)] }, false);
  feed.start({ position: at(3, "y"), entries: [entry("c", 3)] }, true);
  assert.deepEqual(told, ["sync a", "sync b", "sync c"]);
});

const text = ": hello\nretry: 1000\nevent: subscribed\nid: 1~x\ndata: {}\n\n" +
  ": \n\nevent: lonely\n\nid: 2~x\n\ndata: Nhịp ♥\n\nevent: cut";
const expected: ServerEvent[] = [
  { type: "subscribed", data: "{}" },
  { type: "message", data: "Nhịp ♥" },
];

Deno.test("what other texts end a line with is data in an event stream", () => {
  const events: ServerEvent[] = [];
  const data = JSON.stringify({ text: "one\u2028event: disconnect\u2029data: two\u0085" });
  readEvents((event) => events.push(event))(`id: 1~x\ndata: ${data}\n\n`);
  assert.deepEqual(events, [{ type: "message", data }]);
});

Deno.test("an event stream reads the same, however it is cut", () => {
  for (const size of [1, 2, 3, 7, 20, 1_000]) {
    const events: ServerEvent[] = [];
    const push = readEvents((event) => events.push(event));
    for (let i = 0; i < text.length; i += size) push(text.slice(i, i + size));
    assert.deepEqual(events, expected, `chunks of ${size}`);
  }
});

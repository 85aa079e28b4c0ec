/** What is counted, and what is made of it. */
import assert from "node:assert/strict";
import { figuresOf } from "../../islands/compare/figures.ts";
import { compareItem, itemAt, itemCount } from "../../lib/compare/item.ts";
import { gapAfter } from "../../lib/compare/limits.ts";
import { percentile } from "../../islands/compare/percentile.ts";
import { Traffic } from "../../islands/compare/traffic.ts";
import {
  answerHeadBytes,
  chunkFraming,
  frameBytes,
  handshakeAnswerBytes,
  requestHeadBytes,
  textBytes,
} from "../../islands/compare/wire.ts";

Deno.test("percentile: by nearest rank, one of the values themselves", () => {
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
  assert.equal(percentile(hundred, 0.5), 50);
  assert.equal(percentile(hundred, 0.99), 99);
  assert.equal(percentile(hundred, 1), 100);
  assert.equal(percentile([3, 1, 2], 0.5), 2);
  assert.equal(percentile([3, 1, 2], 0.99), 3);
  assert.equal(percentile([7], 0.5), 7);
  assert.equal(percentile([], 0.5), null);
});

Deno.test("wire: heads are as long as their text", () => {
  const request = "GET /a?b=1 HTTP/1.1\r\nhost: x\r\naccept: */*\r\n\r\n";
  assert.equal(
    requestHeadBytes("GET", "/a?b=1", [["host", "x"], ["accept", "*/*"]]),
    request.length,
  );
  assert.equal(
    answerHeadBytes(304, "Not Modified", [["etag", '"1"']]),
    'HTTP/1.1 304 Not Modified\r\netag: "1"\r\n\r\n'.length,
  );
  const handshake = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n" +
    "connection: Upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
    "date: Mon, 23 Nov 2026 15:13:16 GMT\r\n\r\n";
  assert.equal(handshakeAnswerBytes, handshake.length);
});

Deno.test("wire: frames and chunks have the framing of their length", () => {
  // RFC 6455, 5.2: 7 bits, 16 bits or 64 bits of length, and four bytes of mask from a browser.
  assert.deepEqual(
    [0, 125, 126, 65_535, 65_536].map((length) => frameBytes(length, false) - length),
    [2, 2, 4, 4, 10],
  );
  assert.equal(frameBytes(10, true), 2 + 4 + 10);
  // "a\r\n" and "\r\n"; "10\r\n" and "\r\n".
  assert.deepEqual([10, 15, 16, 255, 256].map(chunkFraming), [5, 5, 6, 6, 7]);
  assert.equal(textBytes("xe tải"), 8);
});

Deno.test("traffic: adds up by direction, and keeps the times in order", () => {
  const traffic = new Traffic();
  traffic.requested(1_000, 0);
  traffic.sentMore(300);
  traffic.received(1_200, 500);
  traffic.sent(1_100, 20);
  traffic.corrected(-100);
  assert.deepEqual(traffic.totals, { requests: 1, up: 320, down: 400 });
  assert.deepEqual(traffic.times(1_000), [0, 100, 200]);
});

Deno.test("figures: of what was measured, and null of what was not", () => {
  const none = figuresOf({
    windowMs: 10_000,
    made: 3,
    delays: [],
    totals: { requests: 0, up: 0, down: 0 },
    times: [],
  });
  assert.deepEqual([none.p50, none.p99, none.shown, none.lteOn], [null, null, 0, 0]);
  const some = figuresOf({
    windowMs: 23_672.2,
    made: 3,
    delays: [30, 10, 20],
    totals: { requests: 2, up: 5, down: 6 },
    times: [0],
  });
  assert.deepEqual([some.p50, some.p99, some.shown, some.made], [20, 30, 3, 3]);
  assert.ok(Math.abs(some.lteOn - 0.5) < 1e-9);
});

Deno.test("feed: items are of their channel's type, and each changes in turn", () => {
  for (let n = 0; n <= 3 * itemCount; n++) compareItem.parse(itemAt(n, 1));
  const ids = Array.from({ length: 2 * itemCount }, (_, n) => itemAt(n, 1).id);
  assert.equal(new Set(ids).size, itemCount);
  assert.equal(ids[0], ids[itemCount]);
});

Deno.test("feed: gaps have the mean that was asked for, and no pattern that polls fall in with", () => {
  const gaps = Array.from({ length: 1_000 }, (_, n) => gapAfter(n, 5_000));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  assert.ok(Math.abs(mean - 5_000) < 25, `${mean}`);
  assert.ok(Math.min(...gaps) >= 2_500 && Math.max(...gaps) < 7_500);
  // When they come within a poll's two seconds: about as often in each tenth of it.
  const tenths = new Array(10).fill(0);
  let at = 0;
  for (const gap of gaps) tenths[Math.floor(((at += gap) % 2_000) / 200)]++;
  assert.ok(Math.min(...tenths) > 50 && Math.max(...tenths) < 200, `${tenths}`);
});

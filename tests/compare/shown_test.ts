/** How long changes take to the screen. */
import assert from "node:assert/strict";
import { Shown } from "../../islands/compare/shown.ts";
import { itemAt } from "../../lib/compare/item.ts";

function screen() {
  const frames: (() => void)[] = [];
  const delays: number[] = [];
  const state = { now: 0, brought: 0, painted: 0 };
  const shown = new Shown({
    show: (n) => {
      state.brought = n;
    },
    shown: () => state.painted,
    since: (serverTime) => state.now - serverTime,
    nextFrame: (run) => void frames.push(run),
    onDelay: (ms) => void delays.push(ms),
  });
  /** @param painted whether the page has taken over what was brought */
  const frame = (now: number, painted = true) => {
    state.now = now;
    if (painted) state.painted = state.brought;
    for (const run of frames.splice(0)) run();
  };
  return { shown, delays, frame, state };
}

Deno.test("shown: a delay ends with the frame that shows the change, not with its coming", () => {
  const { shown, delays, frame, state } = screen();
  shown.changed([itemAt(0, 0)]);
  state.now = 1_010;
  shown.changed([itemAt(1, 1_000)]);
  assert.deepEqual(delays, []);
  frame(1_020, false);
  assert.deepEqual(delays, [], "the frame came before the page was rendered");
  frame(1_036);
  assert.deepEqual(delays, [36]);
});

Deno.test("shown: several changes that come at once are several delays", () => {
  const { shown, delays, frame } = screen();
  shown.changed([itemAt(0, 0), itemAt(1, 0), itemAt(2, 0)]);
  shown.changed([itemAt(0, 0), itemAt(21, 500), itemAt(22, 1_500)]);
  frame(2_000);
  assert.deepEqual(delays, [1_500, 500]);
  assert.equal(shown.madeSince(22), 20);
});

Deno.test("shown: what was there at the beginning, and what is known already, is no news", () => {
  const { shown, delays, frame } = screen();
  assert.equal(shown.madeSince(5), 0, "it has not begun");
  shown.changed([itemAt(3, 100), itemAt(4, 200)]);
  shown.changed([itemAt(4, 200)]);
  frame(1_000);
  assert.deepEqual(delays, []);
  assert.equal(shown.madeSince(4), 0);
  shown.changed([itemAt(3, 100), itemAt(24, 900)]);
  frame(1_000);
  assert.deepEqual(delays, [100]);
});

/** The radio's model, against cases worked out by hand. */
import assert from "node:assert/strict";
import { lte, nr, type RadioModel, replay } from "../../islands/compare/radio.ts";

/** Round numbers, for heads. */
const model: RadioModel = {
  promotionMs: 100,
  tailMs: 1_000,
  power: { promotion: 2_000, tail: 1_000 },
};

Deno.test("radio: nothing sent, nothing on", () => {
  assert.deepEqual(replay(model, [], 5_000), { onMs: 0, promotions: 0, meanPower: 0 });
});

Deno.test("radio: one packet costs a promotion and a tail", () => {
  // 100 ms at 2,000 mW and 1,000 ms at 1,000 mW, of 4,000 ms.
  assert.deepEqual(replay(model, [500], 4_000), {
    onMs: 1_100,
    promotions: 1,
    meanPower: (100 * 2_000 + 1_000 * 1_000) / 4_000,
  });
});

Deno.test("radio: a packet in the tail begins the tail anew, without a promotion", () => {
  // On from 0 to 100 + 1,000, prolonged at 900 to 1,900.
  const { onMs, promotions } = replay(model, [0, 900], 10_000);
  assert.deepEqual({ onMs, promotions }, { onMs: 1_900, promotions: 1 });
});

Deno.test("radio: packets during the promotion are sent when it is over", () => {
  // Until 1,100 whether the second came or not: its own tail would end at 1,050.
  const { onMs, promotions } = replay(model, [0, 50, 50], 10_000);
  assert.deepEqual({ onMs, promotions }, { onMs: 1_100, promotions: 1 });
});

Deno.test("radio: a packet after the tail is another promotion", () => {
  const { onMs, promotions } = replay(model, [0, 1_100, 5_000], 10_000);
  // The second comes at the very end of the first tail.
  assert.deepEqual({ onMs, promotions }, { onMs: 3 * 1_100, promotions: 3 });
});

Deno.test("radio: what lies behind the window is cut off", () => {
  assert.equal(replay(model, [9_950], 10_000).onMs, 50);
  assert.equal(replay(model, [9_500], 10_000).onMs, 500);
  assert.equal(replay(model, [10_000, 12_000], 10_000).onMs, 0);
  const { onMs, meanPower } = replay(model, [9_950], 10_000);
  assert.equal(meanPower, (onMs * 2_000) / 10_000);
});

Deno.test("radio: polling every two seconds keeps LTE and 5G on, news every 30 s does not", () => {
  const minute = 60_000;
  const polls = Array.from({ length: 30 }, (_, n) => n * 2_000);
  for (const one of [lte, nr]) {
    assert.deepEqual(
      { ...replay(one, polls, minute), meanPower: null },
      { onMs: minute, promotions: 1, meanPower: null },
    );
  }
  // Two packets, each alone: (260.1 + 11,576) ms twice, of a minute.
  const { onMs, promotions, meanPower } = replay(lte, [0, 30_000], minute);
  assert.equal(promotions, 2);
  assert.ok(Math.abs(onMs - 23_672.2) < 1e-6);
  // (520.2 × 1,210.7 + 23,152 × 1,060) / 60,000
  assert.ok(Math.abs((meanPower ?? 0) - 419.515) < 0.001, `${meanPower}`);
  assert.equal(replay(nr, [0, 30_000], minute).onMs, 2 * (341 + 10_400));
  assert.equal(replay(nr, [0, 30_000], minute).meanPower, null);
});

import assert from "node:assert/strict";
import type { Fix } from "../../../islands/driver/fix.ts";
import { Reporter, standingMs } from "../../../islands/driver/reporter.ts";
import { ManualClock } from "../../store/support.ts";
import { fixAt } from "./support.ts";

function reporting() {
  const clock = new ManualClock();
  const reported: Fix[] = [];
  const asked: number[] = [];
  const began = clock.now();
  const reporter = new Reporter({
    clock,
    report: (fix) => void reported.push(fix),
    ask: () => void asked.push(clock.now() - began),
  });
  const saw = (north: number, rest: Partial<Fix> = {}) =>
    reporter.saw(fixAt(clock.now(), north, rest));
  /** How far north each was reported. */
  const norths = () => reported.map(({ lat }) => Math.round((lat - 10.77) * 10_000));
  return { clock, reporter, reported, asked, saw, norths };
}

Deno.test("reporter: at most one a second, and the last of each is not lost", () => {
  const it = reporting();
  for (let tenth = 0; tenth < 25; tenth++) {
    it.saw(tenth);
    it.clock.advance(100);
  }
  assert.deepEqual(it.norths(), [0, 9, 19]);
  it.clock.advance(500);
  assert.deepEqual(it.norths(), [0, 9, 19, 24]);
});

Deno.test("reporter: what trembles where it stands is not reported, nor what is within its accuracy", () => {
  const it = reporting();
  it.saw(0);
  for (const north of [0.3, -0.4, 0.5]) {
    it.clock.advance(2_000);
    it.saw(north);
  }
  it.clock.advance(2_000);
  it.saw(3, { accuracy: 80 });
  assert.deepEqual(it.norths(), [0]);
  it.saw(4, { accuracy: 80 });
  assert.deepEqual(it.norths(), [0, 4]);
});

Deno.test("reporter: a turn, a stop and a departure count, and small ways add up", () => {
  const it = reporting();
  const cases: [number, Partial<Fix>, boolean][] = [
    [0, { speed: 3, heading: 350 }, true],
    [0.5, { speed: 3, heading: 5 }, false],
    [0.5, { speed: 3, heading: 10 }, true],
    [0.6, { speed: 3, heading: 90 }, false],
    [0.6, { speed: 0.2 }, true],
    [0.7, { speed: 0.9 }, false],
    [0.7, { speed: 1.5 }, true],
    [1.2, { speed: 1.5 }, false],
    [1.7, { speed: 1.5 }, true],
  ];
  for (const [north, rest, isReported] of cases) {
    const before = it.reported.length;
    it.saw(north, rest);
    assert.equal(
      it.reported.length - before,
      isReported ? 1 : 0,
      `${north} ${JSON.stringify(rest)}`,
    );
    it.clock.advance(1_000);
  }
});

Deno.test("reporter: while it stands the device is asked, and whatever it says is reported", () => {
  const it = reporting();
  it.saw(0);
  it.clock.next();
  it.clock.next();
  assert.deepEqual(it.asked, [standingMs]);
  it.saw(0);
  assert.deepEqual(it.norths(), [0, 0]);
  it.clock.next();
  // It is asked again though it has not answered.
  it.clock.next();
  it.clock.next();
  assert.deepEqual(it.asked, [standingMs, 2 * standingMs, 3 * standingMs]);
  assert.deepEqual(it.norths(), [0, 0]);
});

Deno.test("reporter: a vague place is passed over while clear ones come, and taken when none do", () => {
  const it = reporting();
  it.saw(0);
  it.clock.advance(5_000);
  it.saw(90, { accuracy: 2_000 });
  it.clock.advance(5_000);
  it.saw(2);
  it.clock.advance(29_999);
  it.saw(90, { accuracy: 2_000 });
  assert.deepEqual(it.norths(), [0, 2]);
  it.clock.advance(1);
  it.saw(90, { accuracy: 2_000 });
  assert.deepEqual(it.norths(), [0, 2, 90]);
});

Deno.test("reporter: one that is closed does nothing more", () => {
  const it = reporting();
  it.saw(0);
  it.saw(5);
  it.reporter.close();
  assert.equal(it.clock.waiting, 0);
  assert.deepEqual(it.norths(), [0]);
});

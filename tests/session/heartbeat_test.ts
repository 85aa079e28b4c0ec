import assert from "node:assert/strict";
import { Heartbeat } from "../../lib/node/heartbeat.ts";
import { VirtualTime } from "../support/virtual_time.ts";

/** Notes the seconds at which it beat and at which its grace was over. */
function noting(now: () => number) {
  const beats: number[] = [];
  const over: number[] = [];
  return {
    beats,
    over,
    beat: () => void beats.push(now()),
    graceOver: () => void over.push(now()),
  };
}

Deno.test("heartbeat: each beats at its own period, with the same grace after it", () => {
  let second = 0;
  const heartbeat = new Heartbeat(25, 8);
  const now = () => second;
  const [own, configured, short] = [noting(now), noting(now), noting(now)];
  const stops = [
    heartbeat.add(own, 10),
    heartbeat.add(configured),
    heartbeat.add(short, 4),
  ];
  for (second = 1; second <= 100; second++) heartbeat.tick();
  for (const stop of stops) stop();
  for (const [one, period, grace] of [[own, 10, 8], [configured, 25, 8], [short, 4, 3]] as const) {
    assert.equal(one.beats.length, 100 / period);
    for (const [i, at] of one.beats.entries()) {
      assert.equal(at - (one.beats[i - 1] ?? at - period), period);
    }
    for (const at of one.beats) assert.ok(at + grace > 100 || one.over.includes(at + grace));
  }
});

Deno.test("heartbeat: there is one timer, as long as somebody is there", () => {
  using time = new VirtualTime(0);
  const pass = (seconds: number) => {
    for (const until = time.now + seconds * 1_000; time.step(until - time.now););
  };
  const heartbeat = new Heartbeat(25, 8);
  const [one, other] = [noting(() => time.now), noting(() => time.now)];
  const stop = heartbeat.add(one, 10);
  const stopOther = heartbeat.add(other, 60);
  pass(60);
  assert.deepEqual([one.beats.length, other.beats.length], [6, 1]);
  stop();
  stop();
  pass(60);
  assert.deepEqual([one.beats.length, other.beats.length], [6, 2]);
  stopOther();
  assert.equal(time.step(100_000), false, "no timer is left");
});

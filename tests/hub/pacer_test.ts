import assert from "node:assert/strict";
import type { Flushable, Sample } from "../../lib/hub/pacer.ts";
import { range } from "../broker/engine.ts";
import { turn } from "../broker/waiting.ts";
import { FakeLoop, Listener } from "./fakes.ts";

/** Something to flush that counts what it carried. */
class Channel implements Flushable {
  readonly flushes: number[] = [];
  pending = 0;
  readonly listeners: readonly Listener[];

  constructor(listeners: readonly Listener[] = []) {
    this.listeners = listeners;
  }

  flush(sample: Sample): void {
    this.flushes.push(this.pending);
    this.pending = 0;
    for (const one of this.listeners) sample.add(one);
  }
}

function started(listeners: readonly Listener[] = [], maxDrainMs = 100) {
  const loop = new FakeLoop();
  const pacer = loop.pacer({ maxDrainMs });
  const channel = new Channel(listeners);
  const publish = () => {
    channel.pending++;
    pacer.schedule(channel);
  };
  return { loop, pacer, channel, publish };
}

Deno.test("pacer: flushes on the next turn when idle, not in the same one", () => {
  const { loop, channel, publish } = started();
  publish();
  assert.deepEqual(channel.flushes, []);
  loop.step();
  assert.deepEqual(channel.flushes, [1]);
  assert.equal(loop.now, 0);
});

Deno.test("pacer: is idle again by itself, and then flushes at once again", () => {
  const { loop, channel, publish } = started();
  for (const n of range(1, 3)) {
    publish();
    while (loop.step());
    assert.deepEqual(channel.flushes, range(1, n).map(() => 1));
  }
  assert.equal(loop.waiting, 0);
});

Deno.test("pacer: waits until the flush is written; one flush carries all that came meanwhile", () => {
  const listener = new Listener();
  const { loop, channel, publish } = started([listener]);
  publish();
  listener.backlog = 1_000;
  loop.step();
  for (let ms = 0; ms < 30; ms++) {
    publish();
    loop.advance(1);
  }
  assert.deepEqual(channel.flushes, [1]);
  listener.backlog = 0;
  loop.advance(60);
  assert.deepEqual(channel.flushes, [1, 30]);
});

Deno.test("pacer: after a slow drain it leaves the loop a pause, of 20 ms at most", () => {
  const listener = new Listener();
  const { loop, channel, publish } = started([listener]);
  publish();
  listener.backlog = 1;
  loop.step();
  publish();
  loop.advance(50);
  listener.backlog = 0;
  loop.advance(2);
  const drained = loop.now;
  while (channel.flushes.length < 2) loop.step();
  assert.ok(loop.now - drained >= 15 && loop.now - drained <= 20, `${loop.now - drained}`);
});

Deno.test("pacer: does not wait for ever for those that do not read", () => {
  const listener = new Listener();
  listener.backlog = 1;
  const { loop, channel, publish } = started([listener], 100);
  publish();
  loop.step();
  publish();
  loop.advance(99);
  assert.deepEqual(channel.flushes, [1]);
  loop.advance(22);
  assert.deepEqual(channel.flushes, [1, 1]);
});

const samples: [number, number, boolean][] = [[4, 1, true], [4, 2, false], [8, 2, true], [
  8,
  3,
  false,
], [1, 1, false]];
for (const [members, stuck, drained] of samples) {
  Deno.test(`pacer: ${stuck} of ${members} that do not read ${drained ? "do not hold up" : "hold up"} the rest`, () => {
    const listeners = range(1, members).map(() => new Listener());
    for (const one of listeners.slice(0, stuck)) one.backlog = 1;
    const { loop, channel, publish } = started(listeners);
    publish();
    loop.step();
    publish();
    loop.advance(50);
    assert.equal(channel.flushes.length, drained ? 2 : 1);
  });
}

Deno.test("pacer: settled() waits for what was scheduled before it, flushed and written", async () => {
  const listener = new Listener();
  const { loop, pacer, channel, publish } = started([listener]);
  await pacer.settled();
  let settled = "";
  const wait = (name: string) => void pacer.settled().then(() => settled += name);
  publish();
  wait("a");
  listener.backlog = 1;
  loop.step();
  publish();
  wait("b");
  loop.advance(10);
  await turn();
  assert.equal(settled, "");
  listener.backlog = 0;
  while (channel.flushes.length < 2) loop.step();
  await turn();
  assert.equal(settled, "a");
  while (loop.step());
  await turn();
  assert.equal(settled, "ab");
});

Deno.test("pacer: flushes all that is due in one go", () => {
  const loop = new FakeLoop();
  const pacer = loop.pacer();
  const channels = range(1, 50).map(() => new Channel());
  for (const channel of channels) pacer.schedule(channel);
  for (const channel of channels) pacer.schedule(channel);
  loop.step();
  assert.ok(channels.every(({ flushes }) => flushes.length === 1));
});

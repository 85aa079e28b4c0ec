/** How a dead connection is noticed, how often signs of life are asked for, and what is counted. */
import assert from "node:assert/strict";
import type { Quality } from "../../lib/client/api.ts";
import { Heartbeat } from "../../lib/client/heartbeat.ts";
import { silent } from "../../lib/client/link.ts";
import { QualityMeter } from "../../lib/client/quality.ts";
import { StreamFeed } from "../../lib/client/stream_feed.ts";
import { Watchdog } from "../../lib/client/watchdog.ts";
import { VirtualTime } from "../support/virtual_time.ts";
import { define } from "./define.ts";
import { at, fakes, online } from "./fakes.ts";
import { loneSocket } from "./lone_link.ts";

function pass(time: VirtualTime, ms: number): void {
  const until = time.now + ms;
  while (time.step(until - time.now));
}

Deno.test("client: silence is noticed, messages put it off, a sleep of the device does not", () => {
  using time = new VirtualTime(0);
  const silences: number[] = [];
  const watch = (ms: number) => new Watchdog(ms, () => silences.push(time.now));
  const watchdog = watch(5_000);
  pass(time, 4_000);
  watchdog.heard(37_500);
  pass(time, 37_499);
  assert.deepEqual(silences, []);
  watchdog.heard();
  pass(time, 30_000);
  watchdog.heard(3_000);
  pass(time, 3_000);
  assert.deepEqual(silences, [74_499]);
  watchdog.stop();

  // Its timer is late by the hour that the device slept: it does not wait another time.
  silences.length = 0;
  const asleep = watch(37_500);
  pass(time, 10_000);
  const wakeAt = time.now + 3_600_000;
  // The wall clock has moved on, timers have not.
  using _clock = define(Date, "now", () => wakeAt);
  pass(time, 27_500);
  assert.equal(silences.length, 1);
  asleep.stop();
});

Deno.test("client: a dead WebSocket is noticed within one heartbeat and a half", () => {
  using time = new VirtualTime(0);
  for (const ping of [10, 25, 55]) {
    const { fake, downs, told, begin } = loneSocket(ping);
    begin();
    assert.deepEqual(told, ["started a", "up"]);
    for (let beat = 0; beat < 5; beat++) {
      pass(time, ping * 1_000);
      fake.say("{}");
    }
    assert.equal(fake.sent.filter((text) => text === "{}").length, 5, "pongs");
    pass(time, ping * 1_500 - 1);
    assert.equal(downs.length, 0);
    pass(time, 1);
    assert.deepEqual(downs, [silent]);
  }
});

Deno.test("client: a WebSocket that is checked shows within seconds whether it lives", () => {
  using time = new VirtualTime(0);
  const living = loneSocket();
  living.begin();
  living.link.check();
  pass(time, 2_000);
  living.fake.say({ id: 3, rpc: { data: { time: 1 } } });
  pass(time, 20_000);
  assert.deepEqual(living.downs, []);
  living.link.check();
  pass(time, 3_000);
  assert.equal(living.downs.length, 1);
});

Deno.test("client: an upgrade that is never answered, or a socket that says nothing, is given up", () => {
  using time = new VirtualTime(0);
  const [unanswered, mute] = [loneSocket(), loneSocket()];
  mute.fake.onopen();
  pass(time, 4_999);
  assert.deepEqual([...unanswered.downs, ...mute.downs], []);
  pass(time, 1);
  assert.deepEqual([unanswered.downs.length, mute.downs.length], [1, 1]);
});

Deno.test("client: a WebSocket is up when the last channel that keeps it is left", () => {
  using _time = new VirtualTime(0);
  const { link, fake, told, wanted } = loneSocket();
  wanted.push(new StreamFeed("b"));
  fake.onopen();
  fake.say({ id: 1, connect: { client: "c", ping: 25, pong: true } });
  fake.say({ id: 2, subscribe: { epoch: "x", offset: 0 } });
  assert.deepEqual(told, ["started a"]);
  wanted.pop();
  link.update();
  assert.deepEqual(told, ["started a", "up"]);
});

Deno.test("client: what is no message of the protocol ends the WebSocket, and nothing more", () => {
  using _time = new VirtualTime(0);
  for (const nonsense of ["<html>", "{", "null", "[]\n7", '{"push":{}}', '{"push":null}']) {
    const { link, fake, downs, begin } = loneSocket();
    begin();
    fake.say(nonsense);
    assert.ok(downs.every(({ kind }) => kind === "lost"), nonsense);
    assert.ok(downs.length <= 1);
    link.close();
  }
});

Deno.test("client: signs of life come more often where silence cut, less often where it is calm", () => {
  const heartbeat = new Heartbeat();
  const after = (livedMs: number, silent: boolean) => {
    heartbeat.ended(livedMs, silent);
    return heartbeat.seconds;
  };
  assert.equal(heartbeat.seconds, 25);
  assert.deepEqual([1, 2, 3].map(() => after(60_000, true)), [15, 10, 10]);
  assert.equal(after(100_000, false), 10, "too short to prove anything");
  const hour = 3_600_000;
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(() => after(hour, false)), [20, 30, 40, 50, 55, 55]);
});

Deno.test("client: the next connection has the heartbeat that was learned", async () => {
  await using fake = fakes({ transports: ["websocket"] });
  fake.client.channel("a").subscribe(() => {});
  const beats: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    await fake.pass(20_000);
    const link = fake.link("websocket");
    beats.push([link.context.query["ping"], link.context.heartbeat]);
    link.up();
    await fake.pass(60_000);
    link.context.down(silent);
  }
  assert.deepEqual(beats, [["25", 25], ["15", 15], ["10", 10]]);
});

Deno.test("client: quality tells of bytes, reconnects, moves and latency, four times a second", () => {
  using time = new VirtualTime(0);
  const meter = new QualityMeter(() => true);
  const told: Quality[] = [];
  meter.subscribe((quality) => told.push(quality));
  meter.connected("sse");
  for (let i = 0; i < 100; i++) {
    meter.counted(10, 1);
    pass(time, 10);
  }
  assert.equal(told.length, 5);
  meter.connected("websocket");
  meter.connected(undefined);
  meter.connected("websocket");
  meter.received("a", 100);
  meter.received("a", 200);
  pass(time, 250);
  assert.deepEqual(told.at(-1), {
    transport: "websocket",
    reconnects: 1,
    moves: 1,
    bytesIn: 1_000,
    bytesOut: 100,
    latency: { a: { last: 200, mean: 105 } },
  });
  assert.deepEqual(meter.value, told.at(-1));
  meter.close();
});

Deno.test("client: quality forgets the latency of channels that were left", async () => {
  await using fake = fakes({ transports: ["websocket"] });
  const link = await online(fake);
  const measure = (channel: string) => {
    const subscription = fake.client.channel(channel).subscribe(() => {});
    link.context.started(channel, { position: at(0) });
    link.publish(channel, { data: 0, offset: 1, latencyMs: 3 });
    return subscription;
  };
  measure("kept");
  for (let room = 0; room < 100; room++) measure(`room:${room}`).unsubscribe();
  assert.deepEqual(fake.client.quality.value.latency, { kept: { last: 3, mean: 3 } });
});

Deno.test("client: the latency is from publish to receipt by the server's clock", async () => {
  await using fake = fakes({ transports: ["websocket"] });
  const latencies: unknown[] = [];
  fake.client.channel("a").subscribe(({ latencyMs }) => latencies.push(latencyMs));
  await fake.pass(0);
  const link = fake.link("websocket");
  link.up({ position: at(0) });
  await fake.pass(0);
  // The server's clock is an hour ahead; the answer took 20 ms.
  const server = () => fake.time.now + 3_600_000;
  const asked = link.commands.find(({ rpc }) => rpc !== undefined);
  await fake.pass(10);
  const answer = { rpc: { data: { time: server() } } };
  await fake.pass(10);
  link.context.replied({ id: Number(asked?.["id"]), ...answer });
  await fake.pass(1_000);
  link.publish("a", { offset: 1, data: 1, time: server() - 70 });
  link.publish("a", { offset: 2, data: 2, time: server() - 60_000 });
  link.publish("a", { offset: 3, data: 3 });
  assert.deepEqual(latencies, [70, undefined, undefined]);
  assert.deepEqual(fake.client.quality.value.latency["a"]?.last, 70);
});

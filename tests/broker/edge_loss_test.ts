/** What the `edge:` broker does about announcements that never arrive. */
import assert from "node:assert/strict";
import { Announcer } from "../../lib/broker/edge/announcer.ts";
import { FakeAir, openEdge } from "./edge_engine.ts";
import { keep } from "./engine.ts";
import { turn } from "./waiting.ts";

type Announcement = { kind?: string };
const kindOf = (message: unknown) => (message as Announcement).kind;

Deno.test("edge loss: with no bus at all the head check tells how far the log is", async () => {
  await using engine = await openEdge({ headCheckMs: 20 });
  engine.air.loses = () => true;
  const [one, other] = [await engine.node(), await engine.node()];
  await other.broker.subscribe("a", keep);
  await one.publish("a", 1);
  const { position } = await one.publish("a", 2);
  const heads = await other.heads.until(
    "the head",
    (all) => all.some((head) => head.position.offset === 2),
  );
  assert.deepEqual(heads.at(-1), { channel: "a", position });
  assert.deepEqual(other.delivered.all, []);
});

Deno.test("edge loss: the head check goes over hundreds of channels, and stops with them", async () => {
  await using engine = await openEdge({ headCheckMs: 10 });
  engine.air.loses = () => true;
  const [one, other] = [await engine.node(), await engine.node()];
  const channels = Array.from({ length: 250 }, (_, i) => `c${i}`);
  await Promise.all(channels.map((channel) => other.broker.subscribe(channel, keep)));
  await Promise.all(channels.map((channel) => one.publish(channel, 1)));
  await other.heads.until(
    "all heads",
    (all) => new Set(all.map(({ channel }) => channel)).size === 250,
  );
  await Promise.all(channels.map((channel) => other.broker.unsubscribe(channel)));
  const told = other.heads.all.length;
  await other.broker.subscribe("last", keep);
  await one.publish("last", 1);
  await other.heads.until("the last head", (all) => all.at(-1)?.channel === "last");
  assert.ok(other.heads.all.slice(told).every(({ channel }) => channel === "last"));
});

Deno.test("edge loss: a lost batch is noticed by its heads a moment later", async () => {
  await using engine = await openEdge();
  engine.air.loses = (message) => kindOf(message) === "publications";
  const [one, other] = [await engine.node(), await engine.node()];
  await other.broker.subscribe("a", keep);
  for (const n of [1, 2, 3]) {
    const began = performance.now();
    const { position } = await one.publish("a", n);
    await other.heads.until(`head ${n}`, (all) => all.at(-1)?.position.offset === n);
    assert.deepEqual(other.heads.all.at(-1), { channel: "a", position });
    const took = performance.now() - began;
    assert.ok(took < 600, `head ${n} was told after ${took} ms`);
  }
});

Deno.test("edge loss: a head is told twice and then no more, however busy other channels are", async () => {
  const air = new FakeAir();
  const told: string[] = [];
  const silent = { publications() {}, signal() {}, control() {}, onError() {} };
  const listener = { ...silent, head: (channel: string) => void told.push(channel) };
  const heard = new Announcer(air.end(), listener);
  const announcer = new Announcer(air.end(), { ...silent, head() {} }, { soon: 2, later: 10 });
  announcer.announce([], [{ channel: "idle", position: { epoch: "e", offset: 1 } }]);
  const count = (channel: string) => told.filter((one) => one === channel).length;
  for (let offset = 1; count("busy") < 12 || count("idle") < 2; offset++) {
    announcer.announce([], [{ channel: "busy", position: { epoch: "e", offset } }]);
    await turn();
  }
  assert.equal(count("idle"), 2);
  announcer.close();
  heard.close();
});

Deno.test("edge loss: where the store can be watched, its bell rings at once", async () => {
  await using engine = await openEdge({ ring: true });
  engine.air.loses = () => true;
  const one = await engine.node();
  // What one process watches it sees of its own connection only.
  const other = await engine.node({ kv: engine.watched().kv });
  await other.broker.subscribe("a", keep);
  for (const n of [1, 2, 3]) {
    await one.publish("a", n);
    await other.heads.until(`head ${n}`, (all) => all.at(-1)?.position.offset === n);
  }
});

Deno.test("edge loss: foreign messages on the bus do no harm", async () => {
  await using engine = await openEdge();
  const [one, other] = [await engine.node(), await engine.node()];
  await other.broker.subscribe("a", keep);
  const stranger = engine.air.end();
  const foreign = [null, 7, "text", {}, [], { kind: "publications" }, { kind: "heads", flat: 3 }, {
    kind: "signal",
  }];
  for (const message of foreign) stranger.postMessage(message);
  await one.publish("a", 1);
  assert.equal((await other.delivered.count(1)).length, 1);
  assert.deepEqual(other.signals.all, []);
});

Deno.test("edge loss: a bus that fails is reported and costs nothing else", async () => {
  await using engine = await openEdge();
  const node = await engine.node({
    bus: {
      onmessage: null,
      postMessage() {
        throw new Error("closed");
      },
      close() {},
    },
  });
  await node.broker.subscribe("a", keep);
  assert.equal((await node.publish("a", 1)).position?.offset, 1);
  assert.equal((await node.delivered.count(1)).length, 1);
  assert.deepEqual(node.errors.all[0], "announce: Error: closed");
});

import assert from "node:assert/strict";
import { range } from "../broker/engine.ts";
import type { Client, Pub } from "./client.ts";
import { type Harness, harness } from "./harness.ts";

async function published(world: Harness, channel: string, n: number): Promise<string> {
  let epoch = "";
  for (const data of range(1, n)) {
    epoch = (await world.node.publisher.publish(channel, data)).position?.epoch ?? "";
  }
  return epoch;
}

/** What a recovering subscriber has been given, by the reply and by pushes. */
function given(client: Client, result: Readonly<Record<string, unknown>>): unknown[] {
  const first = (result["publications"] ?? []) as Pub[];
  return [...first, ...client.pubs].map(({ data }) => data);
}

Deno.test("recovery: what was missed is in the reply, and what follows is pushed", async () => {
  await using world = harness();
  const epoch = await published(world, "public:a", 10);
  const client = await world.connect();
  const { result } = await client.call("subscribe", {
    channel: "public:a",
    recover: true,
    epoch,
    offset: 7,
  });
  const { publications, ...rest } = result;
  assert.deepEqual(rest, {
    recoverable: true,
    positioned: true,
    epoch,
    offset: 7,
    was_recovering: true,
    recovered: true,
  });
  assert.deepEqual((publications as Pub[]).map(({ offset }) => offset), [8, 9, 10]);
  await world.node.publisher.publish("public:a", 11);
  await client.pushed(1);
  assert.deepEqual(given(client, result), [8, 9, 10, 11]);
});

const honoured: [string, (epoch: string) => object, number[]][] = [
  ["nothing missed", (epoch) => ({ epoch, offset: 10 }), []],
  ["an empty epoch", () => ({ offset: 8 }), [9, 10]],
  ["from the very beginning", (epoch) => ({ epoch, offset: 0 }), range(1, 10)],
  ["from nothing", () => ({}), range(1, 10)],
  ["strictly", (epoch) => ({ epoch, offset: 9, flag: 2 }), [10]],
];
for (const [what, position, missed] of honoured) {
  Deno.test(`recovery: ${what}`, async () => {
    await using world = harness();
    const epoch = await published(world, "public:a", 10);
    const client = await world.connect();
    const { result } = await client.call("subscribe", {
      channel: "public:a",
      recover: true,
      ...position(epoch),
    });
    assert.deepEqual([result["was_recovering"], result["recovered"]], [true, true]);
    assert.equal(result["offset"], 10 - missed.length || undefined);
    assert.deepEqual(given(client, result), missed);
  });
}

const notHonoured: [string, string, object][] = [
  ["trimmed", "short:a", { offset: 5 }],
  ["of another epoch", "public:a", { offset: 8, epoch: "another" }],
  ["beyond the head", "public:a", { offset: 11 }],
];
for (const [what, channel, position] of notHonoured) {
  Deno.test(`recovery: a position ${what} is told, and goes on from the head`, async () => {
    await using world = harness();
    const epoch = await published(world, channel, 10);
    const client = await world.connect();
    const { result } = await client.call("subscribe", {
      channel,
      recover: true,
      epoch,
      ...position,
    });
    assert.deepEqual(result, {
      recoverable: true,
      positioned: true,
      epoch,
      offset: 10,
      was_recovering: true,
    });
    await world.node.publisher.publish(channel, 11);
    await client.pushed(1);
    assert.deepEqual(given(client, result), [11]);
  });

  Deno.test(`recovery: a position ${what} is error 112 when it was to be strict`, async () => {
    await using world = harness();
    const epoch = await published(world, channel, 10);
    const client = await world.connect();
    const params = { channel, recover: true, epoch, ...position };
    assert.equal((await client.call("subscribe", { ...params, flag: 2 })).code, 112);
    assert.equal((await client.call("subscribe", { ...params, flag: 3 })).code, 112);
    const { code, result } = await client.call("subscribe", { channel });
    assert.deepEqual([code, result["offset"]], [0, 10]);
  });
}

Deno.test("recovery: more than fits one reply follows in order, before anything newer", async () => {
  await using world = harness();
  const epoch = await published(world, "public:a", 900);
  const client = await world.connect();
  client.receive(JSON.stringify({
    id: 5,
    subscribe: { channel: "public:a", recover: true, epoch, offset: 100 },
  }));
  for (const data of range(901, 950)) await world.node.publisher.publish("public:a", data);
  const { result } = await client.reply(5);
  assert.equal((result["publications"] as Pub[]).length, 200);
  await client.transport.texts.until("the last", () => client.pubs.at(-1)?.data === 950);
  assert.deepEqual(given(client, result), range(101, 950));
});

Deno.test("recovery: a large backlog waits for the client to read", async () => {
  await using world = harness();
  const large = "x".repeat(50_000);
  for (const n of range(1, 20)) await world.node.publisher.publish("public:a", `${n} ${large}`);
  const client = await world.connect();
  client.transport.backlog = 500_000;
  const { result } = await client.call("subscribe", { channel: "public:a", recover: true });
  const inReply = (result["publications"] as Pub[]).length;
  assert.ok(inReply >= 1 && inReply <= 3, `${inReply} in the reply`);
  await client.call("rpc", { method: "time" });
  assert.deepEqual(client.pushes, []);
  client.transport.backlog = 0;
  await client.transport.texts.until("all", () => given(client, result).length === 20);
  assert.deepEqual(given(client, result).map((data) => parseInt(String(data))), range(1, 20));
});

Deno.test("recovery: one that unsubscribes while it catches up is sent nothing more", async () => {
  await using world = harness();
  await published(world, "public:a", 700);
  const client = await world.connect();
  client.transport.backlog = 500_000;
  const looks = holdTimers();
  await client.call("subscribe", { channel: "public:a", recover: true });
  looks.release();
  await client.call("unsubscribe", { channel: "public:a" });
  client.transport.backlog = 0;
  await client.call("subscribe", { channel: "public:a" });
  await world.node.publisher.publish("public:a", 701);
  await client.pushed(1);
  assert.deepEqual(client.pubs.map(({ data }) => data), [701]);
  // The next look at whether the client has read finds that it has gone, and is the last.
  looks.run();
});

Deno.test("recovery: a gap the log cannot fill unsubscribes with 2500, and the client may come back", async () => {
  await using world = harness();
  const epoch = await published(world, "short:a", 1);
  const client = await world.connect();
  await client.call("subscribe", { channel: "short:a" });
  // Nothing of these is announced, and the log keeps three.
  await world.node.broker.unsubscribe("short:a");
  for (const data of range(2, 11)) await world.node.publisher.publish("short:a", data);
  world.node.hub.brokerContext.head("short:a", { epoch, offset: 11 });
  assert.deepEqual(await client.pushed(1), [
    { channel: "short:a", unsubscribe: { code: 2500, reason: "insufficient state" } },
  ]);
  const { result } = await client.call("subscribe", {
    channel: "short:a",
    recover: true,
    epoch,
    offset: 1,
  });
  assert.deepEqual([result["recovered"], result["offset"]], [undefined, 11]);
});

Deno.test("recovery: a stray message of an epoch the log does not know changes nothing", async () => {
  await using world = harness();
  await published(world, "public:a", 3);
  const client = await world.connect();
  await client.call("subscribe", { channel: "public:a" });
  world.node.hub.brokerContext.deliver([{
    channel: "public:a",
    position: { epoch: "another", offset: 1 },
    body: "{}",
    time: 0,
  }]);
  await world.node.publisher.publish("public:a", 4);
  await client.pushed(1);
  const pushes = client.pushes.map(({ unsubscribe, pub }) => [unsubscribe, pub?.data]);
  assert.deepEqual(pushes, [[undefined, 4]]);
});

/** Timers set from now until `release` do not run by themselves, but all by `run`. */
function holdTimers(): { release(): void; run(): void } {
  const { setTimeout } = globalThis;
  const held: (() => void)[] = [];
  Reflect.set(globalThis, "setTimeout", (run: () => void) => held.push(run));
  return {
    release: () => void Reflect.set(globalThis, "setTimeout", setTimeout),
    run: () => held.forEach((run) => run()),
  };
}

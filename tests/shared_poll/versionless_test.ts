/** Back ends that do not number their values. */
import assert from "node:assert/strict";
import { pollWorld, seen, subscribe, subscribed, track, untrack } from "./support.ts";

Deno.test("shared poll: keys come once they are followed, then as they change", async () => {
  await using world = pollWorld();
  const { backEnd } = world;
  backEnd.set("a", { n: 1 });
  backEnd.set("b", [2]);
  const client = await world.connect();
  const { result } = await subscribe(client);
  assert.deepEqual(result, { epoch: result["epoch"], type: 4 });
  assert.match(String(result["epoch"]), /^[0-9a-f-]{36}$/);
  assert.deepEqual(await track(client, { a: 0, b: 0 }), { code: 0, result: {} });
  assert.deepEqual(backEnd.keys, []);
  await world.gathered();
  assert.deepEqual(backEnd.asked.all, [{ channel: "p:1", items: [{ key: "a" }, { key: "b" }] }]);
  assert.deepEqual(seen(client), ['a={"n":1}@1', "b=[2]@2"]);
  backEnd.set("a", { n: 2 });
  await world.interval();
  await world.interval();
  assert.deepEqual(seen(client).slice(2), ['a={"n":2}@3']);
  assert.deepEqual(backEnd.asked.all[1], backEnd.asked.all[0]);
  assert.deepEqual(world.outcomes, ["changed", "changed", "unchanged"]);
  const line = '{"push":{"channel":"p:1","pub":{"data":{"n":2},"key":"a","version":3}}}';
  assert.equal(client.transport.texts.all.at(-1), line);
});

Deno.test("shared poll: the order of members is no change", async () => {
  await using world = pollWorld();
  world.backEnd.set("a", { x: 1, y: { z: 1, w: 2 } });
  const client = await subscribed(world);
  await track(client, { a: 0 });
  await world.gathered();
  world.backEnd.set("a", { y: { w: 2, z: 1 }, x: 1 });
  await world.interval();
  world.backEnd.set("a", { y: { w: 2, z: 3 }, x: 1 });
  await world.interval();
  assert.deepEqual(seen(client).slice(1), ['a={"y":{"w":2,"z":3},"x":1}@2']);
});

Deno.test("shared poll: all connections are polled for together, each gets its own keys", async () => {
  await using world = pollWorld();
  for (const key of ["a", "b", "c"]) world.backEnd.set(key, key);
  const [one, other] = [await subscribed(world), await subscribed(world)];
  await track(one, { a: 0, b: 0 });
  await track(other, { b: 0, c: 0 });
  await world.gathered();
  assert.deepEqual(world.backEnd.keys, [["a", "b", "c"]]);
  assert.deepEqual(seen(one), ['a="a"@1', 'b="b"@2']);
  assert.deepEqual(seen(other), ['b="b"@2', 'c="c"@3']);
  for (const key of ["a", "b", "c"]) world.backEnd.set(key, 1);
  await world.interval();
  assert.deepEqual(seen(one).slice(2), ["a=1@4", "b=1@5"]);
  assert.deepEqual(seen(other).slice(2), ["b=1@5", "c=1@6"]);
  // The same keys are the same text.
  world.backEnd.set("b", 2);
  await world.interval();
  assert.equal(one.transport.texts.all.at(-1), other.transport.texts.all.at(-1));
});

Deno.test("shared poll: answers with keys that nobody follows go nowhere", async () => {
  await using world = pollWorld();
  const items = [{ key: "a", data: 1 }, { key: "secret", data: 2 }];
  world.backEnd.failure = () => Response.json({ result: { items } });
  const client = await subscribed(world);
  await track(client, { a: 0 });
  await world.gathered();
  assert.deepEqual(seen(client), ["a=1@1"]);
});

Deno.test("shared poll: only versions above the connection's are sent", async () => {
  await using world = pollWorld();
  world.backEnd.set("a", 1);
  world.backEnd.set("b", 1);
  await track(await subscribed(world), { a: 0, b: 0 });
  await world.gathered();
  const client = await subscribed(world);
  await track(client, { a: 1, b: 1 });
  // What is known here is sent at once.
  assert.deepEqual(seen(client), ["b=1@2"]);
  await world.gathered();
  assert.equal(world.backEnd.asked.all.length, 1);
});

Deno.test("shared poll: version 0 has the back end asked at once, also for a known key", async () => {
  await using world = pollWorld();
  world.backEnd.set("a", "old");
  const first = await subscribed(world);
  await track(first, { a: 0 });
  await world.gathered();
  world.backEnd.set("a", "new");
  const client = await subscribed(world);
  await track(client, { a: 0 });
  assert.deepEqual(seen(client), ['a="old"@1']);
  await world.gathered();
  assert.deepEqual(seen(client), ['a="old"@1', 'a="new"@2']);
  assert.deepEqual(seen(first), seen(client));
});

Deno.test("shared poll: a key the back end does not know yet is asked for again", async () => {
  await using world = pollWorld();
  const client = await subscribed(world);
  await track(client, { a: 0 });
  await world.gathered();
  assert.deepEqual(seen(client), []);
  world.backEnd.set("a", null);
  await world.interval();
  assert.deepEqual(seen(client), ["a=null@1"]);
});

Deno.test("shared poll: nothing is asked for what nobody follows any more", async () => {
  await using world = pollWorld();
  for (const key of ["a", "b"]) world.backEnd.set(key, 1);
  const client = await subscribed(world);
  await track(client, { a: 0, b: 0 });
  await world.gathered();
  assert.deepEqual(await untrack(client, ["a", "never followed"]), { code: 0, result: {} });
  for (const key of ["a", "b"]) world.backEnd.set(key, 2);
  await world.interval();
  assert.deepEqual(seen(client).slice(2), ["b=2@3"]);
  assert.deepEqual(world.backEnd.keys.at(-1), ["b"]);
  await untrack(client, ["b"]);
  await world.interval();
  assert.equal(world.backEnd.asked.all.length, 2);
  assert.equal(world.clock.waiting, 0);
  // It begins again with the next key.
  await track(client, { a: 1 });
  await world.gathered();
  assert.deepEqual(seen(client).slice(3), ["a=2@4"]);
});

for (
  const [how, end] of [
    ["unsubscribe", (client) => client.call("unsubscribe", { channel: "p:1" })],
    [
      "the end of the connection",
      (client) => Promise.resolve(client.transport.close({ code: 3000, reason: "" })),
    ],
  ] as [string, (client: Awaited<ReturnType<typeof subscribed>>) => Promise<unknown>][]
) {
  Deno.test(`shared poll: ${how} ends the polling, and what is known`, async () => {
    await using world = pollWorld();
    world.backEnd.set("a", 1);
    const client = await subscribed(world);
    const epoch = (await subscribe(await world.connect())).result["epoch"];
    await track(client, { a: 0 });
    await world.gathered();
    assert.deepEqual([...world.node.sharedPolls.active()], [{ channel: "p:1", subscribers: 2 }]);
    assert.equal(world.node.sharedPolls.keys, 1);
    await end(client);
    await world.interval();
    assert.equal(world.backEnd.asked.all.length, 1);
    assert.equal(world.node.sharedPolls.keys, 0);
    assert.equal(world.clock.waiting, 0);
    // The other subscription is still there.
    const again = await subscribe(await world.connect());
    assert.equal(again.result["epoch"], epoch);
  });
}

Deno.test("shared poll: with its last subscription a channel's epoch ends", async () => {
  await using world = pollWorld();
  const epochs: unknown[] = [];
  for (let i = 0; i < 2; i++) {
    const client = await world.connect();
    epochs.push((await subscribe(client)).result["epoch"]);
    await client.call("unsubscribe", { channel: "p:1" });
  }
  assert.notEqual(epochs[0], epochs[1]);
  assert.deepEqual([...world.node.sharedPolls.active()], []);
});

Deno.test("shared poll: a removal ends the following of its key", async () => {
  await using world = pollWorld();
  for (const key of ["a", "b"]) world.backEnd.set(key, 1);
  const client = await subscribed(world);
  await track(client, { a: 0, b: 0 });
  await world.gathered();
  world.backEnd.removed.add("a");
  await world.interval();
  const line = '{"push":{"channel":"p:1","pub":{"key":"a","removed":true}}}';
  assert.equal(client.transport.texts.all.at(-1), line);
  world.backEnd.removed.clear();
  world.backEnd.set("b", 2);
  await world.interval();
  assert.deepEqual(world.backEnd.keys.at(-1), ["b"]);
  assert.deepEqual(seen(client).slice(2), ["a removed", "b=2@3"]);
  // Followed anew it comes back.
  await track(client, { a: 0 });
  await world.gathered();
  assert.deepEqual(seen(client).slice(4), ["a=1@4"]);
});

Deno.test("shared poll: many keys are asked for in several requests", async () => {
  await using world = pollWorld({ batchSize: 2 });
  const keys = ["a", "b", "c", "d", "e"];
  for (const key of keys) world.backEnd.set(key, key);
  const client = await subscribed(world);
  await track(client, Object.fromEntries(keys.map((key) => [key, 0])));
  await world.gathered();
  assert.deepEqual(world.backEnd.keys, [["a", "b"], ["c", "d"], ["e"]]);
  assert.equal(seen(client).length, 5);
  await world.interval();
  assert.deepEqual(world.backEnd.keys.slice(3), [["a", "b"], ["c", "d"], ["e"]]);
});

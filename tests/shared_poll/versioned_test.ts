/** Back ends that number their values, within epochs of their own. */
import assert from "node:assert/strict";
import type { Client } from "../session/client.ts";
import { pollWorld, seen, sign, subscribe, subscribed, type World } from "./support.ts";

const channel = "v:1";
const outdated = { channel, unsubscribe: { code: 2500, reason: "insufficient state" } };

function track(client: Client, versions: Readonly<Record<string, number>>) {
  const items = Object.entries(versions).map(([key, version]) => ({ key, version }));
  const signature = sign(Object.keys(versions), { channel });
  return client.call("sub_refresh", { channel, type: 1, track: [{ signature, items }] });
}

/** The back end's epoch is known from now on. */
async function learned(world: World, epoch = "E1"): Promise<void> {
  world.backEnd.epoch = epoch;
  const client = await subscribed(world, channel);
  await track(client, { first: 0 });
  await world.gathered();
  assert.deepEqual(client.pushes, [outdated]);
  world.backEnd.asked.all.length = 0;
  world.outcomes.length = 0;
}

Deno.test("versioned: the first epoch ends subscriptions that were told none", async () => {
  await using world = pollWorld();
  world.backEnd.epoch = "E1";
  world.backEnd.set("a", 1, 7);
  const client = await world.connect();
  assert.deepEqual((await subscribe(client, channel)).result, { type: 4 });
  await track(client, { a: 0 });
  await world.gathered();
  assert.deepEqual(client.pushes, [outdated]);
  assert.equal((await track(client, { a: 0 })).code, 103);
  assert.deepEqual((await subscribe(client, channel)).result, { epoch: "E1", type: 4 });
  await track(client, { a: 0 });
  await world.gathered();
  assert.deepEqual(seen(client), ["a=1@7"]);
});

Deno.test("versioned: the back end is told what is known, and asked anew for version 0", async () => {
  await using world = pollWorld();
  await learned(world);
  world.backEnd.set("a", 1, 5);
  const client = await subscribed(world, channel);
  await track(client, { a: 0 });
  await world.gathered();
  await world.interval();
  world.backEnd.set("a", 2, 9);
  await world.interval();
  await world.interval();
  assert.deepEqual(seen(client), ["a=1@5", "a=2@9"]);
  const asked = () => world.backEnd.asked.all.map(({ items }) => items[0]?.version);
  assert.deepEqual(asked(), [undefined, 5, 5, 9]);
  await track(client, { a: 0 });
  await world.gathered();
  assert.deepEqual(asked().at(-1), undefined);
  assert.deepEqual(world.outcomes, ["changed", "unchanged", "changed", "unchanged", "unchanged"]);
});

Deno.test("versioned: a connection that has more than is known here is sent what is newer", async () => {
  await using world = pollWorld();
  await learned(world);
  world.backEnd.set("a", "five", 5);
  const client = await subscribed(world, channel);
  await track(client, { a: 5 });
  await world.gathered();
  assert.deepEqual(seen(client), []);
  const behind = await subscribed(world, channel);
  await track(behind, { a: 4 });
  assert.deepEqual(seen(behind), ['a="five"@5']);
  world.backEnd.set("a", "six", 6);
  await world.interval();
  assert.deepEqual([seen(client), seen(behind).slice(1)], [['a="six"@6'], ['a="six"@6']]);
});

Deno.test("versioned: an older version, or the same one, changes nothing", async () => {
  await using world = pollWorld();
  await learned(world);
  const client = await subscribed(world, channel);
  await track(client, { a: 0 });
  for (const [data, version] of [["x", 5], ["y", 5], ["z", 4], ["w", 6]] as const) {
    const items = [{ key: "a", data, version, prev_data: null }];
    world.backEnd.failure = () => Response.json({ result: { items, epoch: "E1" } });
    await world.interval();
  }
  assert.deepEqual(seen(client), ['a="x"@5', 'a="w"@6']);
});

Deno.test("versioned: another epoch ends all subscriptions, and counts from anew", async () => {
  await using world = pollWorld();
  await learned(world);
  world.backEnd.set("a", "old", 9);
  const follower = await subscribed(world, channel);
  await track(follower, { a: 0 });
  const idle = await subscribed(world, channel);
  await world.gathered();
  world.backEnd.epoch = "E2";
  world.backEnd.set("a", "new", 1);
  // A poll that brings no value tells the epoch, too.
  await world.interval();
  assert.deepEqual(follower.pushes.slice(1), [outdated]);
  assert.deepEqual(idle.pushes, [outdated]);
  assert.equal(world.clock.waiting, 0);
  assert.deepEqual((await subscribe(follower, channel)).result, { epoch: "E2", type: 4 });
  await track(follower, { a: 0 });
  await world.gathered();
  assert.deepEqual(seen(follower).slice(1).at(-1), 'a="new"@1');
});

Deno.test("versioned: an answer without an epoch leaves it as it is", async () => {
  await using world = pollWorld();
  await learned(world);
  const client = await subscribed(world, channel);
  await track(client, { a: 0 });
  const items = [{ key: "a", data: 1, version: 1 }];
  world.backEnd.failure = () => Response.json({ result: { items } });
  await world.gathered();
  assert.deepEqual(seen(client), ["a=1@1"]);
});

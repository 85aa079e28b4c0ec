import assert from "node:assert/strict";
import type { Client, Pub, Reply } from "./client.ts";
import { type Harness, harness } from "./harness.ts";

interface Entry extends Pub {
  readonly key: string;
  readonly removed?: true;
}

const tf = { key: "color", cmp: "eq", val: "red" };
const ask = { channel: "map:a", type: 1, phase: 2, tf };

function writes({ node: { publisher } }: Harness) {
  return {
    put: (key: string, color: string) =>
      publisher.publishKey("map:a", key, color, { tags: { color } }),
    remove: (key: string) => publisher.removeKey("map:a", key),
  };
}

const told = (entries: readonly Entry[]) =>
  entries.map(({ key, removed }) => removed ? `-${key}` : key);

/** Keys in the order they were pushed, with a minus where they were removed. */
function pushed(client: Client): string[] {
  return told(client.pubs as Entry[]);
}

function listed({ result }: Reply, field: "state" | "publications"): string[] {
  return told((result[field] ?? []) as Entry[]);
}

Deno.test("map filter: holds for the state and for what follows", async () => {
  await using world = harness();
  const { put, remove } = writes(world);
  await put("a", "red");
  await put("b", "blue");
  const client = await world.connect();
  assert.deepEqual(listed(await client.call("subscribe", ask), "state"), ["a"]);
  await put("c", "blue");
  await put("d", "red");
  // A removal has the tags of what it removes.
  await remove("b");
  await remove("a");
  await client.pushed(2);
  assert.deepEqual(pushed(client), ["d", "-a"]);
});

Deno.test("map filter: a key that leaves it is removed, once, and may come back", async () => {
  await using world = harness();
  const { put, remove } = writes(world);
  await put("a", "red");
  const client = await world.connect();
  await client.call("subscribe", ask);
  // In one flush and in several.
  await Promise.all([put("b", "red"), put("b", "blue"), put("b", "green")]);
  await put("a", "blue");
  await put("a", "green");
  await remove("a");
  await put("a", "red");
  await put("a", "blue");
  await put("end", "red");
  await client.pushed(6);
  assert.deepEqual(pushed(client), ["b", "-b", "-a", "a", "-a", "end"]);
});

Deno.test("map filter: what left it while the client was away is removed for it", async () => {
  await using world = harness();
  const { put, remove } = writes(world);
  for (const key of ["a", "b", "c"]) await put(key, "red");
  const client = await world.connect();
  const { epoch } = (await client.call("subscribe", ask)).result;
  await client.call("unsubscribe", { channel: "map:a" });
  const other = await world.connect();
  await other.call("subscribe", { channel: "map:a", type: 1, phase: 2 });
  await put("a", "blue");
  await put("b", "blue");
  await remove("b");
  await put("d", "red");
  await other.pushed(4);
  const recover = { ...ask, phase: 1, recover: true, epoch, offset: 3 };
  const back = await client.call("subscribe", recover);
  const left = new Set(["a", "b", "c"]);
  for (const one of listed(back, "publications")) left.delete(one.replace("-", ""));
  assert.deepEqual([...left], ["c"]);
  assert.equal(listed(back, "publications").at(-1), "d");
  assert.equal(back.result["offset"], 7);
});

Deno.test("map filter: what left it while the client was slow is removed for it", async () => {
  await using world = harness();
  const { put, remove } = writes(world);
  const [slow, other] = [await world.connect(), await world.connect()];
  for (const client of [slow, other]) await client.call("subscribe", ask);
  await put("a", "red");
  await put("b", "red");
  await slow.pushed(2);
  slow.transport.backlog = 500_000;
  await put("a", "blue");
  await put("b", "blue");
  await remove("b");
  await put("end", "red");
  await other.pushed(5);
  slow.transport.backlog = 0;
  await slow.pushed(5);
  assert.deepEqual(pushed(slow), ["a", "b", "-a", "-b", "end"]);
  assert.deepEqual(pushed(other), ["a", "b", "-a", "-b", "end"]);
});

Deno.test("map filter: the position moves with what is not shown", async () => {
  await using world = harness();
  const { put } = writes(world);
  for (const key of ["a", "b", "c"]) await put(key, "blue");
  const client = await world.connect();
  const { position } = await world.node.hub.open("map:a", world.node.registry.rules("map:a"));
  const since = { ...ask, phase: 1, recover: true, ...position, offset: 1 };
  assert.equal((await client.call("subscribe", since)).result["offset"], 3);
});

/** Who may follow what, for how long, and how much. */
import assert from "node:assert/strict";
import { Signatures } from "../../lib/shared_poll/signatures.ts";
import { signToken } from "../../lib/auth/tokens.ts";
import { later } from "../session/later.ts";
import { secret } from "../session/node.ts";
import {
  pollNamespace,
  pollWorld,
  seen,
  sign,
  subscribe,
  subscribed,
  track,
  untrack,
} from "./support.ts";

Deno.test("signatures: one made by another program", async () => {
  // By Python's hmac, of the secret "secret".
  const hex = "e3b8c0022afa368c78f987a4cadab73635e21ca1e9ea764d00cdce927b8ad6d9";
  const signatures = new Signatures("secret");
  assert.equal(await signatures.verify(`1000:0:${hex}`, "u", "p:1", ["a", "b"]), null);
  await assert.rejects(signatures.verify(`1001:0:${hex}`, "u", "p:1", ["a", "b"]), { code: 103 });
});

type Claim = readonly [signature: string, keys: readonly string[]];

const refused: Readonly<Record<string, [Claim, code: number]>> = {
  "of other keys": [[sign(["a", "b"]), ["a", "c"]], 103],
  "of fewer keys": [[sign(["a"]), ["a", "b"]], 103],
  "of more keys": [[sign(["a", "b"]), ["a"]], 103],
  "of the keys in another order": [[sign(["a", "b"]), ["b", "a"]], 103],
  "of the keys cut elsewhere": [[sign(["a", "bc"]), ["ab", "c"]], 103],
  "of another user": [[sign(["a"], { user: "v" }), ["a"]], 103],
  "of another channel": [[sign(["a"], { channel: "p:2" }), ["a"]], 103],
  "of another secret": [[sign(["a"], { secret: "x" }), ["a"]], 103],
  "with another end": [[sign(["a"], { ttl: 10 }).replace(/:\d+:/, ":9999999999:"), ["a"]], 103],
  "in capitals": [[sign(["a"]).toUpperCase(), ["a"]], 103],
  "with a space": [[` ${sign(["a"])}`, ["a"]], 103],
  "that is empty": [["", ["a"]], 103],
  "that is the hex alone": [[sign(["a"]).split(":")[2] ?? "", ["a"]], 103],
  "that is over": [[sign(["a"], { ttl: -6 }), ["a"]], 109],
  "of another user, and over": [[sign(["a"], { user: "v", ttl: -6 }), ["a"]], 103],
  "of no keys": [[sign([]), []], 107],
  "of an empty key": [[sign([""]), [""]], 107],
  "of a key with a NUL": [[sign(["a", "b"]), ["a\0b"]], 107],
  "of a key that is too long": [[sign(["x".repeat(256)]), ["x".repeat(256)]], 107],
};
for (const [what, [[signature, keys], code]] of Object.entries(refused)) {
  Deno.test(`signatures: one ${what} is ${code}, and nothing of the command is done`, async () => {
    await using world = pollWorld();
    const client = await subscribed(world);
    await track(client, { z: 0 });
    await world.gathered();
    const good = { signature: sign(["good"]), items: [{ key: "good" }] };
    const bad = { signature, items: keys.map((key) => ({ key })) };
    const params = { channel: "p:1", type: 1, track: [good, bad], untrack: ["z"] };
    assert.equal((await client.call("sub_refresh", params)).code, code);
    await world.interval();
    assert.deepEqual(world.backEnd.keys, [["z"], ["z"]]);
    assert.deepEqual(client.transport.closed.all, []);
  });
}

Deno.test("signatures: of a user, for that user", async () => {
  await using world = pollWorld();
  const client = await subscribed(world, "p:1", "u");
  assert.equal((await track(client, { a: 0 }, { user: "u" })).code, 0);
  assert.equal((await track(client, { a: 0 })).code, 103);
});

Deno.test("signatures: the reply has the soonest end of those that have one", async () => {
  await using world = pollWorld();
  const client = await subscribed(world);
  const batch = (key: string, ttl: number | null) => ({
    signature: sign([key], { ttl }),
    items: [{ key }],
  });
  const call = async (...batches: object[]) =>
    (await client.call("sub_refresh", { channel: "p:1", type: 1, track: batches })).result;
  assert.deepEqual(await call(batch("a", 60), batch("b", null), batch("c", 30)), {
    expires: true,
    ttl: 30,
  });
  assert.deepEqual(await call(batch("a", null)), {});
  // Within the grace of 5 s it holds a little longer; a client must not be told 0.
  assert.deepEqual(await call(batch("a", -4)), { expires: true, ttl: 1 });
});

Deno.test("signatures: 25 s after their end, keys go in silence; others stay", async () => {
  await using world = pollWorld();
  for (const key of ["a", "b", "c"]) world.backEnd.set(key, 1);
  const client = await subscribed(world);
  await track(client, { a: 0 }, { ttl: 10 });
  await track(client, { b: 0 }, { ttl: 100 });
  await track(client, { c: 0 });
  await world.gathered();
  const change = async (data: number) => {
    for (const key of ["a", "b", "c"]) world.backEnd.set(key, data);
    await world.interval();
  };
  {
    using _ = later(34);
    await change(2);
    assert.deepEqual(seen(client).slice(3), ["a=2@4", "b=2@5", "c=2@6"]);
  }
  using _ = later(37);
  await change(3);
  assert.deepEqual(seen(client).slice(6), ["b=3@8", "c=3@9"]);
  // With the next ping it is not asked for any more.
  for (let second = 0; second < world.node.pingSeconds; second++) world.node.pings.tick();
  await world.interval();
  assert.deepEqual(world.backEnd.keys.at(-1), ["b", "c"]);
  assert.deepEqual(client.pushes.map(({ unsubscribe }) => unsubscribe).filter(Boolean), []);
});

Deno.test("signatures: a new one in time lets a key go on, and sends nothing again", async () => {
  await using world = pollWorld();
  world.backEnd.set("a", 1);
  const client = await subscribed(world);
  await track(client, { a: 0 }, { ttl: 10 });
  await world.gathered();
  await track(client, { a: 1 }, { ttl: 100 });
  assert.deepEqual(seen(client), ["a=1@1"]);
  using _ = later(37);
  world.backEnd.set("a", 2);
  await world.interval();
  assert.deepEqual(seen(client), ["a=1@1", "a=2@2"]);
});

Deno.test("shared poll: it expires with its subscription token", async () => {
  await using world = pollWorld();
  world.backEnd.set("a", 1);
  const client = await world.connect("u");
  const token = await signToken(secret, { sub: "u", channel: "p:1" }, "100s");
  const { result } = await client.call("subscribe", { channel: "p:1", type: 4, token });
  assert.deepEqual([result["expires"], result["ttl"]], [true, 100]);
  await track(client, { a: 0 }, { user: "u" });
  await world.gathered();
  using _ = later(111);
  for (let second = 0; second < world.node.pingSeconds; second++) world.node.pings.tick();
  const over = { code: 2501, reason: "subscription expired" };
  assert.deepEqual(client.pushes.at(-1), { channel: "p:1", unsubscribe: over });
  await world.interval();
  assert.equal(world.backEnd.asked.all.length, 1);
  assert.equal((await track(client, { a: 0 }, { user: "u" })).code, 103);
});

Deno.test("shared poll: what is given up in the same command is not followed", async () => {
  await using world = pollWorld({ maxKeysPerConnection: 2 });
  const client = await subscribed(world);
  await track(client, { a: 0, b: 0 });
  await world.gathered();
  assert.equal((await track(client, { b: 0, c: 0, d: 0 }, { untrack: ["a", "d"] })).code, 0);
  await world.gathered();
  assert.deepEqual(world.backEnd.keys.at(-1), ["b", "c"]);
});

Deno.test("shared poll: over the limits of keys is 106, and all is as before", async () => {
  await using world = pollWorld({ maxKeysPerConnection: 2, maxKeys: 3 });
  const [one, other] = [await subscribed(world), await subscribed(world)];
  assert.equal((await track(one, { a: 0, b: 0, c: 0 })).code, 106);
  assert.equal((await track(one, { a: 0, b: 0 })).code, 0);
  assert.equal((await track(one, { c: 0 }, { untrack: ["x"] })).code, 106);
  assert.equal((await track(one, { a: 0, b: 0 })).code, 0);
  assert.equal((await track(other, { c: 0, d: 0 })).code, 106);
  assert.equal((await track(other, { a: 0, d: 0 })).code, 0);
  await world.gathered();
  assert.deepEqual(world.backEnd.keys, [["a", "b", "d"]]);
});

const commands: [string, object, number][] = [
  ["track of nothing", { type: 1, track: [] }, 107],
  ["track with untrack alone", { type: 1, untrack: ["a"] }, 107],
  ["untrack of nothing", { type: 2, untrack: [] }, 107],
  ["another type", { type: 3, untrack: ["a"] }, 107],
  ["a version below 0", {
    type: 1,
    track: [{ signature: sign(["a"]), items: [{ key: "a", version: -1 }] }],
  }, 107],
];
for (const [what, params, code] of commands) {
  Deno.test(`shared poll: ${what} is ${code}`, async () => {
    await using world = pollWorld();
    const client = await subscribed(world);
    assert.equal((await client.call("sub_refresh", { channel: "p:1", ...params })).code, code);
  });
}

Deno.test("shared poll: subscriptions of the wrong type, and following without one", async () => {
  await using world = pollWorld();
  const client = await world.connect();
  const code = async (channel: string, type: number, more = {}) =>
    (await client.call("subscribe", { channel, type, ...more })).code;
  assert.equal(await code("p:1", 0), 107);
  assert.equal(await code("p:1", 1), 103);
  assert.equal(await code("room:a", 4), 108);
  assert.equal(await code("map:a", 4), 108);
  assert.equal(await code("p:1", 4, { tf: { key: "a", cmp: "ex" } }), 108);
  assert.equal((await track(client, { a: 0 })).code, 103);
  assert.equal((await untrack(client, ["a"])).code, 103);
  await client.call("subscribe", { channel: "room:a" });
  const signing = { channel: "room:a" };
  assert.equal((await track(client, { a: 0 }, signing)).code, 108);
  assert.equal((await subscribe(client)).code, 0);
  assert.equal((await subscribe(client)).code, 105);
});

Deno.test("shared poll: nothing else can be done with its channels", async () => {
  const anyone = {
    subscribe: "anyone",
    publish: "anyone",
    presence: "anyone",
    history: "anyone",
  } as const;
  const open = { ...pollNamespace("open"), allow: anyone };
  await using world = pollWorld({}, { namespaces: [open] });
  const client = await world.connect();
  const code = async (method: string, params = {}) =>
    (await client.call(method, { channel: "open:1", ...params })).code;
  assert.equal(await code("publish", { data: 1 }), 107);
  assert.equal(await code("publish", { data: 1, type: 1, key: "a" }), 103);
  assert.equal(await code("history"), 108);
  assert.equal(await code("presence"), 108);
  await assert.rejects(world.node.publisher.publish("p:1", 1), { code: 107 });
});

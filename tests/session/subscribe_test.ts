import assert from "node:assert/strict";
import { signToken } from "../../lib/auth/tokens.ts";
import { memoryPresence } from "../../lib/presence/memory.ts";
import { range } from "../broker/engine.ts";
import { turn } from "../broker/waiting.ts";
import { harness } from "./harness.ts";
import { secret } from "./node.ts";

const refused: [string, object, number][] = [
  ["an unknown namespace", { channel: "none:a" }, 102],
  ["a namespace without a colon", { channel: "plain" }, 102],
  ["a channel over 255 bytes", { channel: `public:${"đ".repeat(125)}` }, 107],
  ["a channel for users", { channel: "users:a" }, 103],
  ["a channel for token holders", { channel: "tokens:a" }, 103],
  ["a channel for nobody", { channel: "closed:a" }, 103],
  ["a map of a plain stream", { channel: "public:a", type: 1 }, 103],
  ["a filter that is none", { channel: "public:a", tf: { key: "k" } }, 107],
  ["a filter where there is none", { channel: "bare:a", tf: { key: "k", cmp: "ex" } }, 108],
  ["a bad token", { channel: "tokens:a", token: "x" }, 103],
];
for (const [what, params, code] of refused) {
  Deno.test(`subscribe: ${what}: ${code}`, async () => {
    await using world = harness();
    const client = await world.connect();
    assert.equal((await client.call("subscribe", params)).code, code);
    assert.equal((await client.call("rpc", { method: "time" })).code, 0);
    assert.equal(world.node.hub.size, 0);
  });
}

Deno.test("subscribe: from now on, with the stream's position", async () => {
  await using world = harness();
  await world.node.publisher.publish("public:a", "before");
  const client = await world.connect();
  const { result } = await client.call("subscribe", { channel: "public:a", delta: "fossil" });
  const { epoch, ...rest } = result;
  assert.deepEqual(rest, { recoverable: true, positioned: true, offset: 1 });
  await world.node.publisher.publish("public:a", "after", { tags: { k: "v" } });
  const [push] = await client.pushed(1);
  const { time, ...pub } = push?.pub ?? {};
  assert.deepEqual([push?.channel, pub], ["public:a", {
    data: "after",
    offset: 2,
    tags: { k: "v" },
  }]);
  assert.ok(Math.abs(Number(time) - Date.now()) < 10_000);
  assert.match(String(epoch), /^[a-z0-9]+$/);
});

Deno.test("subscribe: without history there is no position", async () => {
  await using world = harness();
  const client = await world.connect();
  assert.deepEqual((await client.call("subscribe", { channel: "bench:a" })).result, {});
  await world.node.publisher.publish("bench:a", 1);
  assert.deepEqual(await client.pushed(1), [{ channel: "bench:a", pub: { data: 1 } }]);
});

Deno.test("subscribe: twice is 105, and again after unsubscribe is fine", async () => {
  await using world = harness();
  const client = await world.connect();
  const subscribe = () => client.call("subscribe", { channel: "public:a" });
  assert.equal((await subscribe()).code, 0);
  assert.equal((await subscribe()).code, 105);
  assert.deepEqual(await client.call("unsubscribe", { channel: "public:a" }), {
    code: 0,
    result: {},
  });
  await world.node.publisher.publish("public:a", 1);
  const { code, result } = await subscribe();
  assert.equal(code, 0);
  await world.node.publisher.publish("public:a", 2);
  await client.transport.texts.until("the last", () => client.pubs.at(-1)?.offset === 2);
  const from = Number(result["offset"] ?? 0);
  assert.deepEqual(client.pubs.map(({ offset }) => offset), range(from + 1, 2));
});

Deno.test("subscribe: twice in one frame is 105 for the second", async () => {
  await using world = harness();
  const client = await world.connect();
  const command = (id: number) => `{"id":${id},"subscribe":{"channel":"public:a"}}`;
  client.receive(`${command(5)}\n${command(6)}`);
  assert.deepEqual([(await client.reply(5)).code, (await client.reply(6)).code], [0, 105]);
});

Deno.test("subscribe: so many channels and no more, then 106", async () => {
  await using world = harness({ limits: { subscriptions: 3 } });
  const client = await world.connect();
  const codes: number[] = [];
  for (const n of [1, 2, 3, 4]) {
    codes.push((await client.call("subscribe", { channel: `public:${n}` })).code);
  }
  assert.deepEqual(codes, [0, 0, 0, 106]);
  await client.call("unsubscribe", { channel: "public:1" });
  assert.equal((await client.call("subscribe", { channel: "public:4" })).code, 0);
});

Deno.test("subscribe: a subscription token of the right user and channel opens it", async () => {
  await using world = harness();
  const client = await world.connect("u");
  const token = (sub: string, channel: string) => signToken(secret, { sub, channel });
  const own = await token("u", "tokens:a");
  assert.equal((await client.call("subscribe", { channel: "tokens:a", token: own })).code, 0);
  assert.equal((await client.call("sub_refresh", { channel: "tokens:a", token: own })).code, 0);
  const other = await token("v", "tokens:b");
  client.receive(JSON.stringify({ id: 9, subscribe: { channel: "tokens:b", token: other } }));
  assert.equal((await client.ended()).code, 3500);
});

Deno.test("subscribe: who asks for it is pushed numbers in place of names, encoded once for all", async () => {
  await using world = harness();
  const [one, other, third] = [await world.connect(), await world.connect(), await world.connect()];
  const params = { channel: "public:a", flag: 1 };
  const ids = [await one.call("subscribe", params), await other.call("subscribe", params)]
    .map(({ result }) => result["id"]);
  const plain = await third.call("subscribe", { channel: "public:a" });
  assert.equal(typeof ids[0], "number");
  assert.equal(ids[0], ids[1]);
  assert.equal(plain.result["id"], undefined);
  await world.node.publisher.publish("public:a", 1);
  const [push] = await one.pushed(1);
  assert.deepEqual([push?.id, push?.channel, push?.pub?.data], [ids[0], undefined, 1]);
  await other.pushed(1);
  assert.equal(one.transport.texts.all.at(-1), other.transport.texts.all.at(-1));
  assert.equal((await third.pushed(1))[0]?.channel, "public:a");
});

Deno.test("join and leave: those who ask are told, the newcomer of itself as well", async () => {
  await using world = harness();
  const [watcher, deaf, guest] = [
    await world.connect("w"),
    await world.connect(),
    await world.connect("g", 1),
  ];
  const room = { channel: "room:a", join_leave: true };
  await watcher.call("subscribe", room);
  await deaf.call("subscribe", { channel: "room:a" });
  await guest.call("subscribe", room);
  await guest.call("unsubscribe", { channel: "room:a" });
  const pushes = await watcher.pushed(4);
  const who = pushes.map(({ join, leave }) => [join?.info.user, leave?.info.user]);
  assert.deepEqual(who, [["w", undefined], ["", undefined], ["g", undefined], [undefined, "g"]]);
  assert.deepEqual(pushes[2]?.join?.info, { user: "g", client: guest.session.id, conn_info: 1 });
  assert.equal((await guest.pushed(1))[0]?.join?.info.user, "g");
  assert.deepEqual(deaf.pushes, []);
});

Deno.test("join and leave: whose recovery is refused has not come, and does not leave", async () => {
  await using world = harness();
  const [watcher, guest] = [await world.connect("w"), await world.connect("g")];
  await watcher.call("subscribe", { channel: "room:a", join_leave: true });
  const strict = { channel: "room:a", recover: true, epoch: "no", offset: 5, flag: 2 };
  assert.equal((await guest.call("subscribe", strict)).code, 112);
  await guest.call("subscribe", { channel: "room:a" });
  const pushes = await watcher.pushed(2);
  assert.deepEqual(pushes.map(({ join, leave }) => [join?.info.user, leave?.info.user]), [
    ["w", undefined],
    ["g", undefined],
  ]);
});

Deno.test("join and leave: who goes while it comes is not told to have come afterwards", async () => {
  const slow = memoryPresence();
  const add = slow.add.bind(slow);
  const gate = Promise.withResolvers<void>();
  await using world = harness({
    presence: {
      ...slow,
      async add(channel, info) {
        await add(channel, info);
        if (info.user === "g") await gate.promise;
      },
    },
  });
  const [watcher, guest] = [await world.connect("w"), await world.connect("g")];
  await watcher.call("subscribe", { channel: "room:a", join_leave: true });
  guest.receive('{"id":7,"subscribe":{"channel":"room:a"}}');
  await turn();
  guest.transport.close({ code: 1000, reason: "" });
  gate.resolve();
  await turn();
  const last = watcher.pushes.at(-1);
  assert.notEqual(last?.join?.info.user, "g", "a client that has gone was told to have come");
  const { result } = await watcher.call("presence_stats", { channel: "room:a" });
  assert.deepEqual(result, { num_clients: 1, num_users: 1 });
});

Deno.test("presence: lists who is there, and counts clients and users", async () => {
  await using world = harness();
  const clients = [
    await world.connect("u", { x: 1 }),
    await world.connect("u"),
    await world.connect("v"),
  ];
  for (const client of clients) await client.call("subscribe", { channel: "room:a" });
  const [first, second, third] = clients;
  if (first === undefined || second === undefined || third === undefined) throw new Error("three");
  const { result } = await first.call("presence", { channel: "room:a" });
  const presence = result["presence"] as Record<string, unknown>;
  assert.deepEqual(
    Object.keys(presence).toSorted(),
    clients.map((one) => one.session.id).toSorted(),
  );
  assert.deepEqual(presence[first.session.id], {
    user: "u",
    client: first.session.id,
    conn_info: { x: 1 },
  });
  const stats = async () => (await first.call("presence_stats", { channel: "room:a" })).result;
  assert.deepEqual(await stats(), { num_clients: 3, num_users: 2 });
  third.transport.close({ code: 1000, reason: "" });
  await second.call("unsubscribe", { channel: "room:a" });
  assert.deepEqual(await stats(), { num_clients: 1, num_users: 1 });
});

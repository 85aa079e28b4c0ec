/** What a connected client may ask for. */
import assert from "node:assert/strict";
import { range } from "../broker/engine.ts";
import type { Client } from "./client.ts";
import { type Harness, harness } from "./harness.ts";

const asks: [string, string, object, number][] = [
  ["rpc", "of an unknown method", { method: "dance" }, 104],
  ["rpc", "of no method", {}, 104],
  ["publish", "where nobody may", { channel: "public:a", data: 1 }, 103],
  ["publish", "where users may", { channel: "users:a", data: 1 }, 103],
  ["publish", "where subscribers may", { channel: "room:a", data: 1 }, 103],
  ["publish", "into an unknown namespace", { channel: "none:a", data: 1 }, 102],
  ["publish", "without data", { channel: "typed:a" }, 107],
  ["publish", "of another type", { channel: "typed:a", data: { n: "x" } }, 107],
  ["publish", "of the channel's type", { channel: "typed:a", data: { n: 1 } }, 0],
  ["publish", "with a key too long", {
    channel: "typed:a",
    data: { n: 1 },
    idempotency_key: "k".repeat(129),
  }, 107],
  ["presence", "where there is none", { channel: "public:a" }, 108],
  ["presence", "of a channel it is not in", { channel: "room:a" }, 103],
  ["presence_stats", "where there is none", { channel: "public:a" }, 108],
  ["presence_stats", "of a channel it is not in", { channel: "room:a" }, 103],
  ["presence", "of an unknown namespace", { channel: "none:a" }, 102],
  ["history", "where there is none", { channel: "bench:a" }, 108],
  ["history", "where nobody may", { channel: "closed:a" }, 103],
  ["history", "of a channel it is not in", { channel: "room:a" }, 103],
  ["history", "of another epoch", { channel: "public:a", since: { epoch: "no", offset: 1 } }, 112],
  [
    "history",
    "in reverse since 0",
    { channel: "public:a", since: { offset: 0 }, reverse: true },
    107,
  ],
  ["history", "where anyone may", { channel: "public:a" }, 0],
  ["sub_refresh", "of a channel it is not in", { channel: "public:a", token: "x" }, 103],
  ["unsubscribe", "of a channel it is not in", { channel: "public:a" }, 0],
  ["unsubscribe", "of an unknown namespace", { channel: "none:a" }, 0],
];
for (const [method, what, params, code] of asks) {
  Deno.test(`upstream: ${method} ${what}: ${code}`, async () => {
    await using world = harness();
    const client = await world.connect();
    assert.equal((await client.call(method, params)).code, code);
    assert.deepEqual(world.errors, []);
  });
}

Deno.test("upstream: rpc time", async () => {
  await using world = harness();
  const { result } = await (await world.connect()).call("rpc", { method: "time" });
  const { time } = result["data"] as { time: number };
  assert.ok(Math.abs(time - Date.now()) < 10_000);
});

Deno.test("upstream: a publication carries who published it, and comes back to its publisher", async () => {
  await using world = harness();
  const client = await world.connect("u", { name: "Đỗ" });
  await client.call("subscribe", { channel: "room:a" });
  const reply = await client.call("publish", { channel: "room:a", data: { text: "chào" } });
  assert.deepEqual(reply, { code: 0, result: {} });
  const [push] = await client.pushed(1);
  assert.deepEqual(push?.pub?.data, { text: "chào" });
  assert.deepEqual(push?.pub?.info, {
    user: "u",
    client: client.session.id,
    conn_info: { name: "Đỗ" },
  });
});

Deno.test("upstream: publishes in one frame keep their order", async () => {
  await using world = harness();
  const client = await world.connect();
  await client.call("subscribe", { channel: "room:a" });
  const commands = range(100, 150).map((id) => ({ id, publish: { channel: "room:a", data: id } }));
  client.receive(commands.map((command) => JSON.stringify(command)).join("\n"));
  const pushes = await client.pushed(51);
  assert.deepEqual(pushes.map(({ pub }) => pub?.data), range(100, 150));
});

Deno.test("upstream: an idempotency key publishes once a user, and is another user's own", async () => {
  await using world = harness();
  const clients = [await world.connect("u"), await world.connect("v")];
  const once = { channel: "room:a", data: 1, idempotency_key: "k".repeat(128) };
  for (const client of clients) {
    await client.call("subscribe", { channel: "room:a" });
    for (const _ of [1, 2]) assert.equal((await client.call("publish", once)).code, 0);
  }
  const { result } = await clients[0]?.call("history", { channel: "room:a" }) ?? {};
  assert.equal(result?.["offset"], 2);
});

Deno.test("upstream: an idempotency key holds for a user with a long name, too", async () => {
  await using world = harness();
  const client = await world.connect("u".repeat(255));
  const once = { channel: "users:a", data: 1, idempotency_key: "k".repeat(128) };
  assert.equal((await client.call("publish", once)).code, 0);
});

async function withHistory(world: Harness): Promise<{ client: Client; epoch: string }> {
  for (const n of range(1, 310)) await world.node.publisher.publish("public:a", n);
  const client = await world.connect();
  const { result } = await client.call("history", { channel: "public:a" });
  assert.equal(result["offset"], 310);
  assert.deepEqual(result["publications"], []);
  return { client, epoch: String(result["epoch"]) };
}

const histories: [string, object, number[]][] = [
  ["limit 0", { limit: 0 }, []],
  ["limit 3", { limit: 3 }, [1, 2, 3]],
  ["below 0: 300", { limit: -1 }, range(1, 300)],
  ["above 300: 300", { limit: 301 }, range(1, 300)],
  ["in reverse", { limit: 2, reverse: true }, [310, 309]],
  ["since, exclusive", { limit: 2, since: { offset: 5 } }, [6, 7]],
  ["since in reverse, exclusive", { limit: 2, since: { offset: 5 }, reverse: true }, [4, 3]],
  ["since the head", { limit: 5, since: { offset: 310 } }, []],
  ["since beyond the head", { limit: 5, since: { offset: 999 } }, []],
];
for (const [what, query, expected] of histories) {
  Deno.test(`upstream: history, ${what}`, async () => {
    await using world = harness();
    const { client, epoch } = await withHistory(world);
    const { result } = await client.call("history", { channel: "public:a", ...query });
    const publications = result["publications"] as { data: number; offset: number }[];
    assert.deepEqual(publications.map(({ data }) => data), expected);
    assert.deepEqual(publications.map(({ offset }) => offset), expected);
    assert.deepEqual([result["epoch"], result["offset"]], [epoch, 310]);
  });
}

Deno.test("upstream: history of a trimmed log since long ago gives the rest", async () => {
  await using world = harness();
  for (const n of range(1, 10)) await world.node.publisher.publish("short:a", n);
  const client = await world.connect();
  const { result } = await client.call("history", {
    channel: "short:a",
    limit: 9,
    since: { offset: 2 },
  });
  const publications = result["publications"] as { data: number }[];
  assert.deepEqual(publications.map(({ data }) => data), [8, 9, 10]);
});

Deno.test("upstream: a thousand commands may wait, then 3013", async () => {
  await using world = harness();
  const client = await world.connect();
  const command = '{"id":9,"rpc":{"method":"time"}}';
  for (const _ of range(1, 3)) client.receive(Array(400).fill(command).join("\n"));
  assert.equal((await client.ended()).code, 3013);
});

/** What a connected client may ask for. */
import assert from "node:assert/strict";
import { range } from "../broker/engine.ts";
import type { Client } from "./client.ts";
import { type Harness, harness } from "./harness.ts";

const key = { channel: "map:a", type: 1, key: "k", data: 1 };
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
  [
    "publish",
    "with a key, where there are none",
    { channel: "typed:a", data: { n: 1 }, key: "k" },
    107,
  ],
  ["publish", "of a removal, where there are no keys", { channel: "typed:a", removed: true }, 107],
  ["publish", "of a key where there are none", { ...key, channel: "typed:a" }, 103],
  ["publish", "of a key into an unknown namespace", { ...key, channel: "none:a" }, 102],
  ["publish", "of a key", key, 0],
  ["publish", "of a key without data", { ...key, data: undefined }, 107],
  ["publish", "of null for a key", { ...key, data: null }, 0],
  ["publish", "of an empty key", { ...key, key: "" }, 107],
  ["publish", "of a key of 255", { ...key, key: "k".repeat(255) }, 0],
  ["publish", "of a key of 256", { ...key, key: "k".repeat(256) }, 107],
  ["publish", "of a key with a newline", { ...key, key: "a\nb" }, 107],
  ["publish", "of a key that is not Unicode", { ...key, key: "\ud800" }, 107],
  ["publish", "without a key, where there must be one", { ...key, type: 0, key: "" }, 107],
  ["publish", "of a key without its type", { ...key, type: 0 }, 107],
  ["publish", "of a key as of clients", { ...key, type: 2 }, 103],
  ["publish", "of a key as of a shared poll", { ...key, type: 4 }, 103],
  ["publish", "of who is present", { ...key, channel: "who:a" }, 103],
  ["publish", "of who is present, as its type", { ...key, channel: "who:a", type: 2 }, 103],
  ["publish", "of a removal of who is present", { ...key, channel: "who:a", removed: true }, 103],
  ["publish", "of a removal of nothing", { ...key, data: undefined, removed: true }, 0],
  ["publish", "of a removal of no key", { ...key, key: "", removed: true }, 107],
  ["publish", "of an anonymous one's key", { ...key, channel: "by-user:a" }, 103],
  [
    "publish",
    "of an anonymous one's removal",
    { ...key, channel: "by-user:a", removed: true },
    103,
  ],
  ["publish", "of its own key, whatever it says", { ...key, channel: "by-client:a", key: "" }, 0],
  ["history", "of a state channel", { channel: "map:a" }, 108],
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

Deno.test("upstream: a key's publication and its removal carry who made them", async () => {
  await using world = harness();
  const client = await world.connect("u", { name: "Đỗ" });
  const info = { user: "u", client: client.session.id, conn_info: { name: "Đỗ" } };
  assert.deepEqual(await client.call("publish", key), { code: 0, result: {} });
  const removal = { ...key, data: undefined, removed: true };
  for (const _ of [1, 2]) {
    assert.deepEqual(await client.call("publish", removal), { code: 0, result: {} });
  }
  const [first, second, ...rest] = await stream(world, "map:a");
  assert.deepEqual([first?.["key"], first?.["data"], first?.["info"]], ["k", 1, info]);
  assert.deepEqual([second?.["key"], second?.["removed"], second?.["info"]], ["k", true, info]);
  assert.deepEqual(rest, []);
});

Deno.test("upstream: a namespace ties keys to the client or to its user", async () => {
  await using world = harness();
  const client = await world.connect("u");
  const said = { ...key, key: "another" };
  for (const channel of ["by-client:a", "by-user:a"]) {
    assert.equal((await client.call("publish", { ...said, channel })).code, 0);
    assert.equal((await client.call("publish", { ...said, channel, removed: true })).code, 0);
  }
  const keys = async (channel: string) =>
    (await stream(world, channel)).map(({ key, removed }) => [key, removed ?? false]);
  const { id } = client.session;
  assert.deepEqual(await keys("by-client:a"), [[id, false], [id, true]]);
  assert.deepEqual(await keys("by-user:a"), [["u", false], ["u", true]]);
});

Deno.test("upstream: an idempotency key publishes a key's value once", async () => {
  await using world = harness();
  const client = await world.connect("u");
  for (const data of [1, 2]) {
    assert.equal((await client.call("publish", { ...key, data, idempotency_key: "i" })).code, 0);
  }
  assert.deepEqual((await stream(world, "map:a")).map(({ data }) => data), [1]);
});

Deno.test("upstream: writes of keys in one frame keep their order", async () => {
  await using world = harness();
  const client = await world.connect();
  const commands = range(100, 150).map((id) => ({
    id,
    publish: id % 3 === 0 ? { ...key, removed: true } : { ...key, data: id },
  }));
  client.receive(commands.map((command) => JSON.stringify(command)).join("\n"));
  await client.call("rpc", { method: "time" });
  const written = (await stream(world, "map:a")).map(({ data, removed }) => removed ?? data);
  assert.deepEqual(written, range(100, 150).map((id) => id % 3 === 0 ? true : id));
});

Deno.test("upstream: a key more than the channel may hold is 106, and the others may change", async () => {
  await using world = harness();
  for (const n of range(1, 1_000)) await world.node.publisher.publishKey("map:a", `k${n}`, n);
  const client = await world.connect();
  assert.equal((await client.call("publish", key)).code, 106);
  assert.equal((await client.call("publish", { ...key, key: "k1000" })).code, 0);
  assert.deepEqual(world.errors, []);
});

/** What the channel's stream holds, as the wire has it. */
async function stream(world: Harness, channel: string): Promise<Record<string, unknown>[]> {
  const retention = { size: 1_000, ttlMs: 3_600_000 };
  const page = await world.node.broker.history(channel, { retention, limit: 1_000 });
  return page.publications.map(({ body }) => JSON.parse(body));
}

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

/** One command of another form costs its client that command alone. */
import assert from "node:assert/strict";
import type { Client } from "./client.ts";
import { harness } from "./harness.ts";

const unreadable: [string, object, string][] = [
  ["an empty channel", { subscribe: { channel: "" } }, "channel is empty"],
  ["a channel that is a number", { unsubscribe: { channel: 5 } }, "channel is not a string"],
  [
    "a key that is a number",
    { publish: { channel: "map:a", type: 1, key: 1, data: 1 } },
    "key is not a string",
  ],
  [
    "half a publication",
    { history: { channel: "room:a", limit: 1.5 } },
    "limit is not a whole number",
  ],
  [
    "a negative position",
    { history: { channel: "room:a", since: { offset: -1 } } },
    "offset is negative",
  ],
  [
    "an unknown delta",
    { subscribe: { channel: "public:a", delta: "xor" } },
    'delta is not "fossil"',
  ],
  ["an unknown method", { dance: {} }, "unknown method"],
  ["two methods", { rpc: {}, presence: {} }, "command has both presence and rpc"],
];
for (const [what, command, reason] of unreadable) {
  Deno.test(`session: ${what} is answered with 107, and everything else goes on`, async () => {
    await using world = harness();
    const client = await world.connect();
    assert.equal((await client.call("subscribe", { channel: "public:a" })).code, 0);
    client.receive(JSON.stringify({ id: 9, ...command }) + '\n{"id":10,"rpc":{"method":"time"}}');
    assert.equal((await client.reply(10)).code, 0);
    assert.deepEqual(client.messages.find(({ id }) => id === 9), {
      id: 9,
      error: { code: 107, message: `bad request: ${reason}` },
    });
    await world.node.publisher.publish("public:a", { n: 1 });
    const [push] = await client.pushed(1);
    assert.deepEqual(push?.pub?.data, { n: 1 });
    assert.deepEqual(client.transport.closed.all, []);
    assert.deepEqual(world.errors, []);
  });
}

async function sendUnreadable(client: Client, count: number): Promise<void> {
  for (let n = 0; n < count; n++) client.receive(`{"id":${1_000 + n},"dance":{}}`);
  if (count > 0) await client.reply(999 + count);
}

Deno.test("session: a hundred unreadable commands between two pings, and no more", async () => {
  await using world = harness();
  const client = await world.connect();
  await sendUnreadable(client, 100);
  assert.deepEqual(client.transport.closed.all, []);
  client.receive('{"id":9,"dance":{}}');
  assert.deepEqual(await client.ended(), {
    code: 3501,
    reason: "bad request: too many unreadable commands",
  });
});

Deno.test("session: one that is unreadable now and then is kept for good", async () => {
  await using world = harness();
  const client = await world.connect();
  for (let interval = 0; interval < 3; interval++) {
    await sendUnreadable(client, 60);
    const pings = () => client.transport.texts.all.filter((text) => text === "{}").length;
    while (pings() <= interval) world.node.pings.tick();
    client.receive("{}");
  }
  assert.deepEqual(client.transport.closed.all, []);
});

Deno.test("session: many unreadable commands in one frame end it, too", async () => {
  await using world = harness();
  const client = await world.connect();
  client.receive(Array.from({ length: 7_000 }, () => '{"id":1}').join("\n"));
  assert.equal((await client.ended()).code, 3501);
});

import assert from "node:assert/strict";
import * as jose from "jose";
import { signToken } from "../../lib/auth/tokens.ts";
import { turn } from "../broker/waiting.ts";
import { harness } from "./harness.ts";
import { secret } from "./node.ts";
import { later } from "./later.ts";

const expired = () =>
  new jose.SignJWT({ sub: "u", exp: 1 }).setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(secret));

Deno.test("session: an anonymous client is told who it is and how it is pinged", async () => {
  await using world = harness();
  const client = world.open();
  const { result } = await client.call("connect");
  const { client: id, session, time, version, ...rest } = result;
  assert.equal(id, client.session.id);
  assert.equal(session, id);
  assert.match(String(version), /^nhip \d/);
  assert.ok(Math.abs(Number(time) - Date.now()) < 10_000);
  assert.deepEqual(rest, { ping: 25, pong: true, node: "n1" });
  assert.equal(client.session.user, "");
});

Deno.test("session: a client with a token is told how long it holds", async () => {
  await using world = harness();
  const client = world.open();
  const token = await signToken(secret, { sub: "u" }, "100s");
  const { result } = await client.call("connect", { token });
  assert.deepEqual([result["expires"], result["ttl"]], [true, 100]);
  assert.equal(client.session.user, "u");
});

Deno.test("session: an expired token is error 109; the socket then is deaf until it is stale", async () => {
  await using world = harness({ limits: { connectMs: 50 } });
  const client = world.open();
  assert.equal((await client.call("connect", { token: await expired() })).code, 109);
  client.receive('{"id":9,"rpc":{"method":"time"}}');
  client.receive('{"id":10,"connect":{}}');
  assert.equal((await client.ended()).code, 3502);
  assert.equal(client.messages.length, 1);
});

for (const token of ["x", "a.b.c"]) {
  Deno.test(`session: token "${token}" ends the connection for good`, async () => {
    await using world = harness();
    const client = world.open();
    client.receive(JSON.stringify({ id: 1, connect: { token } }));
    assert.deepEqual(await client.ended(), { code: 3500, reason: "invalid token" });
  });
}

Deno.test("session: without connect it is stale after a while", async () => {
  await using world = harness({ limits: { connectMs: 5 } });
  assert.deepEqual(await world.open().ended(), { code: 3502, reason: "stale" });
});

const before: [string, string][] = [
  ["a subscribe", '{"id":1,"subscribe":{"channel":"public:a"}}'],
  ["a publish before the connect in one frame", '{"id":1,"rpc":{}}\n{"id":2,"connect":{}}'],
  ["a send", '{"send":{"data":1}}'],
  ["a pong", "{}"],
  ["a connect of another form", '{"id":1,"connect":{"token":1}}'],
  ["nothing", ""],
  ["no JSON", "hello"],
];
for (const [what, frame] of before) {
  Deno.test(`session: ${what} before connect ends with 3501`, async () => {
    await using world = harness();
    const client = world.open();
    client.receive(frame);
    const { code, reason } = await client.ended();
    assert.equal(code, 3501);
    assert.match(reason, /^bad request: /);
    assert.deepEqual(client.messages, []);
  });
}

const after: [string, string, number][] = [
  ["a second connect", '{"id":9,"connect":{}}', 3501],
  ["an unasked pong", "{}", 3501],
  ["an unknown method without an id", '{"dance":{}}', 3501],
  ["no JSON", '{"id":9,"rpc":', 3501],
  ["a list", "[]", 3501],
  ["a negative id", '{"id":-9,"rpc":{}}', 3501],
  ["a blank line", '{"id":9,"rpc":{}}\n\n{"id":10,"rpc":{}}', 3501],
  ["a message nobody handles", '{"send":{"data":1}}', 3508],
  ["a frame over 64 KiB", `{"id":9,"rpc":{"data":"${"x".repeat(65_536)}"}}`, 1009],
  ["a frame over 64 KiB of bytes", `{"id":9,"rpc":{"data":"${"日".repeat(22_000)}"}}`, 1009],
];
for (const [what, frame, code] of after) {
  Deno.test(`session: ${what} ends with ${code}`, async () => {
    await using world = harness();
    const client = await world.connect();
    client.receive(frame);
    assert.equal((await client.ended()).code, code);
    client.receive('{"id":99,"rpc":{"method":"time"}}');
    await turn();
    assert.equal(client.messages.length, 1);
    assert.equal(world.node.sessions.size, 0);
  });
}

Deno.test("session: connect and what follows it may share a frame", async () => {
  await using world = harness();
  const client = world.open();
  const token = await signToken(secret, { sub: "u" });
  const commands = [{ id: 1, connect: { token } }, { id: 2, subscribe: { channel: "users:a" } }];
  client.receive(commands.map((command) => JSON.stringify(command)).join("\n") + "\n");
  assert.equal((await client.reply(2)).code, 0);
  assert.deepEqual(client.messages.map(({ id }) => id), [1, 2]);
});

Deno.test("session: refresh takes a new token of the same user", async () => {
  await using world = harness();
  const client = await world.connect("u");
  const refresh = async (sub: string) =>
    await client.call("refresh", { token: await signToken(secret, { sub }, "50s") });
  const { result } = await refresh("u");
  assert.deepEqual([result["client"], result["expires"], result["ttl"]], [
    client.session.id,
    true,
    50,
  ]);
  client.receive(
    JSON.stringify({ id: 9, refresh: { token: await signToken(secret, { sub: "v" }) } }),
  );
  assert.equal((await client.ended()).code, 3500);
});

const refreshes: [string, () => Promise<string>, number][] = [
  ["an expired token", expired, 3005],
  ["a bad token", () => Promise.resolve("x"), 3500],
];
for (const [what, token, code] of refreshes) {
  Deno.test(`session: refresh with ${what} ends with ${code}`, async () => {
    await using world = harness();
    const client = await world.connect("u");
    client.receive(JSON.stringify({ id: 9, refresh: { token: await token() } }));
    assert.equal((await client.ended()).code, code);
  });
}

Deno.test("session: is pinged once a period and lives while it answers", async () => {
  await using world = harness();
  const client = await world.connect();
  const pings = () => client.transport.texts.all.filter((text) => text === "{}").length;
  for (let second = 1; second <= 100; second++) {
    const had = pings();
    world.node.pings.tick();
    if (pings() > had) client.receive("{}");
  }
  assert.equal(pings(), 4);
  assert.deepEqual(client.transport.closed.all, []);
});

Deno.test("session: one that does not answer a ping ends with 3012 when the grace is over", async () => {
  await using world = harness();
  const client = await world.connect();
  let silent = 0;
  for (let second = 1; client.transport.closed.all.length === 0; second++) {
    world.node.pings.tick();
    if (client.transport.texts.all.includes("{}")) silent++;
    assert.ok(second <= 33, "it was given too long");
  }
  assert.deepEqual(await client.ended(), { code: 3012, reason: "no pong" });
  assert.equal(silent, 9);
});

Deno.test("session: a connection whose token has run out ends with 3005 at the next ping", async () => {
  await using world = harness();
  const client = world.open();
  await client.call("connect", { token: await signToken(secret, { sub: "u" }, "100s") });
  const interval = () => {
    for (let second = 0; second < 25; second++) world.node.pings.tick();
  };
  using _ = later(105);
  interval();
  client.receive("{}");
  assert.deepEqual(client.transport.closed.all, [], "it had time to ask for a new one");
  using __ = later(10);
  interval();
  assert.equal((await client.ended()).code, 3005);
});

/** Subscriptions that last as long as their subscription tokens. */
import assert from "node:assert/strict";
import * as jose from "jose";
import { signToken } from "../../lib/auth/tokens.ts";
import type { Client } from "./client.ts";
import { type Harness, harness } from "./harness.ts";
import { secret } from "./node.ts";
import { later } from "./later.ts";

const over = { code: 2501, reason: "subscription expired" };

function subscriptionToken(channel: string, lifetime: string, sub = "u"): Promise<string> {
  return signToken(secret, { sub, channel }, lifetime);
}

function unending(channel: string): Promise<string> {
  return new jose.SignJWT({ sub: "u", channel }).setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(secret));
}

/** One ping interval, in which every client answers its ping. */
function interval({ node }: Harness, ...clients: Client[]): void {
  for (let second = 0; second < node.pingSeconds; second++) {
    const had = clients.map(pings);
    node.pings.tick();
    clients.forEach((client, n) => {
      if (pings(client) > (had[n] ?? 0)) client.receive("{}");
    });
  }
}

function pings({ transport }: Client): number {
  return transport.texts.all.filter((text) => text === "{}").length;
}

Deno.test("expiry: the reply says how long the subscription holds", async () => {
  await using world = harness();
  const client = await world.connect("u");
  const token = await subscriptionToken("tokens:a", "100s");
  const { result } = await client.call("subscribe", { channel: "tokens:a", token });
  assert.deepEqual(result, { expires: true, ttl: 100 });
  const forGood = { channel: "tokens:b", token: await unending("tokens:b") };
  assert.deepEqual((await client.call("subscribe", forGood)).result, {});
  assert.equal(
    (await client.call("subscribe", { channel: "room:a" })).result["expires"],
    undefined,
  );
});

Deno.test("expiry: a page of what was missed says so as well", async () => {
  await using world = harness();
  await world.node.publisher.publish("room:a", 1);
  const client = await world.connect("u");
  const token = await subscriptionToken("room:a", "100s");
  const params = { channel: "room:a", token, recover: true, offset: 0 };
  const { result } = await client.call("subscribe", params);
  assert.deepEqual([result["recovered"], result["ttl"]], [true, 100]);
  using _ = later(111);
  interval(world, client);
  assert.deepEqual(client.pushes.map(({ unsubscribe }) => unsubscribe), [over]);
});

Deno.test("expiry: it ends within one ping interval, with 2501; the others go on", async () => {
  await using world = harness();
  const client = await world.connect("u");
  const lifetimes = { "tokens:a": "100s", "tokens:b": "500s" };
  for (const [channel, lifetime] of Object.entries(lifetimes)) {
    const token = await subscriptionToken(channel, lifetime);
    await client.call("subscribe", { channel, token });
  }
  await client.call("subscribe", { channel: "bench:a" });
  using _ = later(99);
  interval(world, client);
  assert.deepEqual(client.pushes, []);
  using __ = later(12);
  interval(world, client);
  assert.deepEqual(client.pushes, [{ channel: "tokens:a", unsubscribe: over }]);
  for (const channel of ["tokens:a", "tokens:b", "bench:a"]) {
    await world.node.publisher.publish(channel, channel);
  }
  await client.pushed(3);
  assert.deepEqual(client.pubs.map(({ data }) => data), ["tokens:b", "bench:a"]);
  interval(world, client);
  assert.equal(client.pushes.length, 3);
  assert.deepEqual(client.transport.closed.all, []);
});

Deno.test("expiry: presence and the others see it go, and it may come back", async () => {
  await using world = harness();
  const [client, other] = [await world.connect("u"), await world.connect("v")];
  await other.call("subscribe", { channel: "room:a", join_leave: true });
  const subscribe = async () =>
    await client.call("subscribe", {
      channel: "room:a",
      token: await subscriptionToken("room:a", "100s"),
    });
  await subscribe();
  const kinds = () =>
    other.pushes.flatMap(({ join, leave }) =>
      [join && `join ${join.info.user}`, leave && `leave ${leave.info.user}`].filter(Boolean)
    );
  await other.transport.texts.until("u is there", () => kinds().includes("join u"));
  {
    using _ = later(111);
    interval(world, client, other);
  }
  await other.transport.texts.until("u has gone", () => kinds().includes("leave u"));
  const { result } = await other.call("presence", { channel: "room:a" });
  assert.deepEqual(Object.keys(Object(result["presence"])), [other.session.id]);
  assert.equal((await subscribe()).code, 0);
});

Deno.test("expiry: sub_refresh renews it", async () => {
  await using world = harness();
  const client = await world.connect("u");
  const channel = "tokens:a";
  const refresh = (token: string) => client.call("sub_refresh", { channel, token });
  const token = await subscriptionToken(channel, "100s");
  await client.call("subscribe", { channel, token });
  const renewed = await refresh(await subscriptionToken(channel, "300s"));
  assert.deepEqual(renewed, { code: 0, result: { expires: true, ttl: 300 } });
  {
    using _ = later(111);
    interval(world, client);
    assert.deepEqual(client.pushes, []);
  }
  assert.deepEqual(await refresh(await unending(channel)), { code: 0, result: {} });
  using _ = later(311);
  interval(world, client);
  assert.deepEqual(client.pushes, []);
});

Deno.test("expiry: after the end sub_refresh is 103", async () => {
  await using world = harness();
  const client = await world.connect("u");
  const params = { channel: "tokens:a", token: await subscriptionToken("tokens:a", "100s") };
  await client.call("subscribe", params);
  using _ = later(111);
  interval(world, client);
  assert.equal((await client.call("sub_refresh", params)).code, 103);
});

Deno.test("expiry: one that ends while its new token is verified is not renewed", async () => {
  await using world = harness();
  const client = await world.connect("u");
  const params = { channel: "tokens:a", token: await subscriptionToken("tokens:a", "100s") };
  await client.call("subscribe", params);
  const answer = client.call("sub_refresh", params);
  using _ = later(111);
  interval(world, client);
  assert.equal((await answer).code, 103);
  assert.deepEqual(client.pushes, [{ channel: "tokens:a", unsubscribe: over }]);
});

const refused: [string, () => Promise<string>, number][] = [
  ["no token", () => Promise.resolve(""), 103],
  ["a bad token", () => Promise.resolve("x"), 103],
  ["a token of another key", () => signToken("x".repeat(32), { sub: "u" }), 103],
  ["a connection token", () => signToken(secret, { sub: "u" }), 103],
  ["an expired token", () => subscriptionToken("tokens:a", "-10s"), 109],
];
for (const [what, make, code] of refused) {
  Deno.test(`expiry: sub_refresh with ${what} is ${code} and changes nothing`, async () => {
    await using world = harness();
    const client = await world.connect("u");
    const channel = "tokens:a";
    const token = await subscriptionToken(channel, "100s");
    await client.call("subscribe", { channel, token });
    assert.equal((await client.call("sub_refresh", { channel, token: await make() })).code, code);
    interval(world, client);
    assert.deepEqual(client.pushes, []);
    using _ = later(111);
    interval(world, client);
    assert.deepEqual(client.pushes, [{ channel, unsubscribe: over }]);
  });
}

const ending: [string, () => Promise<string>][] = [
  ["another channel", () => subscriptionToken("tokens:b", "100s")],
  ["another user", () => subscriptionToken("tokens:a", "100s", "v")],
];
for (const [what, make] of ending) {
  Deno.test(`expiry: sub_refresh with a token of ${what} ends the connection with 3500`, async () => {
    await using world = harness();
    const client = await world.connect("u");
    const channel = "tokens:a";
    const token = await subscriptionToken(channel, "100s");
    await client.call("subscribe", { channel, token });
    client.receive(JSON.stringify({ id: 9, sub_refresh: { channel, token: await make() } }));
    assert.equal((await client.ended()).code, 3500);
  });
}

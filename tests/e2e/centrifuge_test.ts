import assert from "node:assert/strict";
import type { ClientInfo, Subscription } from "centrifuge";
import { signToken } from "../../lib/auth/tokens.ts";
import { within } from "../support/clients/eventually.ts";
import { startServer, tokenSecret } from "../support/server.ts";
import { rooms } from "../support/rooms.ts";
import { next, openSdk } from "./centrifuge.ts";

Deno.test("centrifuge: connects without a token, subscribes and receives", async () => {
  await using server = await startServer();
  await using sdk = openSdk(server.url);
  const { subscription, numbers, reached } = await sdk.subscribe("public:a");
  const publication = next(subscription, "publication");
  const first = await server.api("publish", {
    channel: "public:a",
    data: { n: 1 },
    tags: { k: "v" },
  });
  const { data, offset, tags } = await publication;
  assert.deepEqual({ data, offset, tags }, { data: { n: 1 }, offset: 1, tags: { k: "v" } });
  assert.deepEqual((first["result"] as { offset: number }).offset, 1);
  for (let n = 2; n <= 20; n++) await server.api("publish", { channel: "public:a", data: { n } });
  await reached(20);
  assert.deepEqual(numbers, Array.from({ length: 20 }, (_, i) => i + 1));
});

Deno.test("centrifuge: publish, history, presence, join and leave with a token", async () => {
  await using server = await startServer({ channels: rooms });
  await using ann = openSdk(server.url, { token: await server.token("ann", { name: "Ann" }) });
  await using ben = openSdk(server.url, { token: await server.token("ben") });
  const room = (await ann.subscribe("room:1", { joinLeave: true })).subscription;
  const join = joined(room, "ben");
  const other = (await ben.subscribe("room:1", { joinLeave: true })).subscription;
  assert.equal((await join).user, "ben");

  const received = next(other, "publication");
  await room.publish({ n: 1 });
  const { data, info } = await received;
  assert.deepEqual(data, { n: 1 });
  assert.equal(info?.user, "ann");
  assert.deepEqual(info?.connInfo, { name: "Ann" });

  const history = await room.history({ limit: 10 });
  assert.deepEqual(history.publications.map(({ data }) => data), [{ n: 1 }]);
  assert.equal(history.offset, 1);

  const { clients } = await room.presence();
  assert.deepEqual(Object.values(clients).map(({ user }) => user).sort(), ["ann", "ben"]);
  const stats = await room.presenceStats();
  assert.deepEqual({ ...stats }, { numClients: 2, numUsers: 2 });

  const leave = next(room, "leave");
  ben.client.disconnect();
  assert.equal((await leave).info.user, "ben");
});

Deno.test("centrifuge: rpc, and errors by their codes", async () => {
  await using server = await startServer();
  await using sdk = openSdk(server.url);
  const { subscription } = await sdk.subscribe("public:a");
  const { data } = await sdk.client.rpc("time", null);
  assert.equal(typeof (data as { time: number }).time, "number");
  await assert.rejects(sdk.client.rpc("nothing", null), { code: 104 });
  await assert.rejects(subscription.publish({ n: 1 }), { code: 103 });
  await assert.rejects(subscription.presence(), { code: 108 });

  const refused = sdk.client.newSubscription("nowhere:a");
  const unsubscribed = next(refused, "unsubscribed");
  refused.subscribe();
  assert.equal((await unsubscribed).code, 102);
});

Deno.test("centrifuge: a call of another form is error 107, and what is subscribed goes on", async () => {
  await using server = await startServer();
  await using sdk = openSdk(server.url);
  const ends: unknown[] = [];
  sdk.client.on("disconnected", (end) => ends.push(end)).on("connecting", (end) => ends.push(end));
  const { reached } = await sdk.subscribe("public:a");
  ends.length = 0;
  await assert.rejects(sdk.client.history("public:a", { limit: 1.5 }), {
    code: 107,
    message: "bad request: limit is not a whole number",
  });
  await assert.rejects(sdk.client.publish("", { n: 1 }), { code: 107 });
  await server.api("publish", { channel: "public:a", data: { n: 1 } });
  await reached(1);
  assert.deepEqual(ends, []);
});

Deno.test("centrifuge: a bad token ends the connection for good", async () => {
  await using server = await startServer();
  await using sdk = openSdk(server.url, { token: await signToken("another secret", { sub: "x" }) });
  const disconnected = next(sdk.client, "disconnected");
  sdk.client.connect();
  assert.deepEqual(await disconnected, { code: 3500, reason: "invalid token" });
});

Deno.test("centrifuge: getToken renews an expired token and one that expires", async () => {
  await using server = await startServer();
  const lifetimes = ["2s", "1h"];
  const asked = Promise.withResolvers<void>();
  await using sdk = openSdk(server.url, {
    token: await signToken(tokenSecret, { sub: "ann" }, "-10s"),
    getToken: () => {
      const lifetime = lifetimes.shift();
      if (lifetimes.length === 0) asked.resolve();
      return signToken(tokenSecret, { sub: "ann" }, lifetime);
    },
  });
  const states: string[] = [];
  sdk.client.on("state", ({ newState }) => states.push(newState));
  await sdk.subscribe("chat:a");
  await asked.promise;
  // An answer that follows the refresh on the same connection.
  await sdk.client.rpc("time", null);
  assert.deepEqual(lifetimes, []);
  assert.deepEqual(states, ["connecting", "connected"]);
});

/** Resolves when that user joins; the subscriber itself joins first. */
function joined(subscription: Subscription, user: string): Promise<ClientInfo> {
  const { promise, resolve } = Promise.withResolvers<ClientInfo>();
  subscription.on("join", ({ info }) => {
    if (info.user === user) resolve(info);
  });
  return within(promise, `${user} joins`);
}

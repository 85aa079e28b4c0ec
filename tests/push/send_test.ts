/** New orders on their way to a push service, which the test runs itself. */
import assert from "node:assert/strict";
import { batchOf } from "../../lib/push/batch.ts";
import { Courier } from "../../lib/push/courier.ts";
import { Vapid } from "../../lib/push/vapid.ts";
import { ManualClock, tempKv } from "../store/support.ts";
import {
  type Received,
  Receiver,
  startPushService,
  subscriptionAt,
  vapidClaims,
} from "./support.ts";
import { keys, openWorld } from "./world.ts";

const read = (receiver: Receiver, { body }: Received) => JSON.parse(receiver.decrypt(body));

Deno.test("a new order reaches the browser, encrypted and signed, in its language", async () => {
  await using database = await tempKv();
  await using service = startPushService();
  await using world = openWorld(database.kv);
  const receiver = new Receiver();
  const endpoint = `${service.url}/send/an`;
  await world.push.subscribe("an", subscriptionAt(endpoint, receiver, "vi"));
  await world.place("o-1");
  world.clock.advance(2_000);
  const request = await service.next();
  await world.counted("sent");
  const { headers } = request;
  assert.deepEqual(
    ["content-encoding", "ttl", "urgency", "topic"].map((name) => headers.get(name)),
    ["aes128gcm", "3600", "high", "orders"],
  );
  assert.ok(request.body.byteLength <= 3_072);
  assert.deepEqual(read(receiver, request), {
    title: "Đơn hàng mới",
    body: "o-1, 12,34\u00a0£",
    language: "vi",
    count: 1,
    orders: ["o-1"],
  });
  const claims = await vapidClaims(request, keys.publicKey, new Date(world.clock.now()));
  assert.deepEqual([claims.aud, claims.sub], [service.url, "mailto:a@b.example"]);
  assert.deepEqual([world.errors, world.logged], [[], []]);
});

Deno.test("orders that come together are one push, and the next is seconds later", async () => {
  await using database = await tempKv();
  await using service = startPushService();
  await using world = openWorld(database.kv);
  const receiver = new Receiver();
  await world.push.subscribe("an", subscriptionAt(service.url, receiver));
  await Promise.all(Array.from({ length: 50 }, (_, i) => {
    return world.place(`${i}-${"x".repeat(60)}`, { placedAt: world.clock.now() + i });
  }));
  world.clock.advance(2_000);
  const first = await service.next();
  const message = read(receiver, first);
  assert.deepEqual([message.title, message.count, message.orders.length], [
    "50 new orders",
    50,
    20,
  ]);
  assert.match(message.body, /^Latest: 49-x+, £12.34$/);
  assert.ok(first.body.byteLength <= 3_072);
  await world.counted("sent");

  await world.place("late");
  world.clock.advance(4_999);
  world.clock.advance(1);
  assert.deepEqual(read(receiver, await service.next()).orders, ["late"]);
  assert.equal(service.received.length, 2);
});

Deno.test("whoever looks at a page is not pushed, on none of their devices", async () => {
  await using database = await tempKv();
  await using service = startPushService();
  await using world = openWorld(database.kv);
  const receiver = new Receiver();
  const at = (path: string) => subscriptionAt(`${service.url}${path}`, receiver);
  await world.push.subscribe("an", at("/an-phone"));
  await world.push.subscribe("an", at("/an-desk"));
  await world.push.subscribe("binh", at("/binh"));
  world.watching.add("an");
  await world.place("o-1");
  world.clock.advance(2_000);
  await world.counted("sent");
  assert.deepEqual(service.received.map(({ path }) => path), ["/binh"]);
  assert.equal(world.count("withheld"), 2);

  world.watching.clear();
  await world.place("o-2");
  world.clock.advance(5_000);
  await world.counted("sent", 4);
  const paths = service.received.slice(1).map(({ path }) => path).sort();
  assert.deepEqual(paths, ["/an-desk", "/an-phone", "/binh"]);
});

Deno.test("only a new order is pushed, and only once", async () => {
  await using database = await tempKv();
  await using service = startPushService();
  await using world = openWorld(database.kv);
  await world.push.subscribe("an", subscriptionAt(service.url, new Receiver()));
  await world.place("changed", { status: "packed", version: 2 });
  await world.place("back", { status: "placed", version: 3 });
  await world.place("old", { placedAt: world.clock.now() - 6 * 60_000 });
  await world.publish({ channel: "stock:all", key: "A", data: "{}" });
  await world.publish({ channel: "orders:all", key: "A", data: "null", removed: true });
  await world.place("new");
  await world.place("new");
  world.clock.advance(2_000);
  await world.counted("sent");
  // As when a channel is filled anew.
  await world.place("new");
  world.clock.advance(60_000);
  await world.push.close();
  assert.equal(service.received.length, 1);
  assert.deepEqual(world.errors, []);
});

Deno.test("of several isolates one sends, whichever was told; what one left, another sends", async () => {
  await using database = await tempKv();
  await using service = startPushService();
  const receiver = new Receiver();
  await using one = openWorld(database.kv);
  await using two = openWorld(await database.again(), one.clock);
  await one.push.subscribe("an", subscriptionAt(service.url, receiver));
  const ids = Array.from({ length: 20 }, (_, i) => `o-${i}`);
  await Promise.all(ids.flatMap((id) => [one.place(id), two.place(id)]));
  one.clock.advance(2_000);
  const told: string[] = read(receiver, await service.next()).orders;
  assert.deepEqual(told.toSorted(), ids.toSorted());
  for (let i = 0; i < 10; i++) one.clock.advance(5_000);

  await one.push.close();
  await two.push.close();
  assert.equal(service.received.length, 1);

  await using ended = openWorld(database.kv, one.clock);
  await ended.place("left");
  await ended.push.close();
  await using three = openWorld(await database.again(), one.clock);
  one.clock.advance(2_000);
  assert.deepEqual(read(receiver, await service.next()).orders, ["left"]);
  await three.counted("sent");
});

for (const status of [404, 410]) {
  Deno.test(`a subscription that the service answers with ${status} is forgotten`, async () => {
    await using database = await tempKv();
    await using service = startPushService();
    await using world = openWorld(database.kv);
    service.answer = () => new Response("gone", { status });
    await world.push.subscribe("an", subscriptionAt(service.url, new Receiver()));
    await world.place("o-1");
    world.clock.advance(2_000);
    await world.counted("gone");
    await world.push.close();
    const left = await Array.fromAsync(database.kv.list({ prefix: ["push", "subscription"] }));
    assert.deepEqual(left, []);
  });
}

Deno.test("a service that is busy is asked again when it says, with all that came since", async () => {
  await using service = startPushService();
  const clock = new ManualClock();
  const receiver = new Receiver();
  const { promise: retried, resolve } = Promise.withResolvers<void>();
  const courier = new Courier({
    vapid: new Vapid({ keys, subject: "mailto:a@b.example", clock }),
    clock,
    fetch,
    timeoutMs: 10_000,
    onOutcome: (outcome) => outcome === "retried" && resolve(),
    forget: () => Promise.reject(new Error("not gone")),
  });
  const id = "one";
  const subscription = {
    ...subscriptionAt(service.url, receiver),
    id,
    user: "an",
    expires: 0,
    renewed: 0,
  };
  const batch = (id: string, placedAt: number) =>
    batchOf([{ id, total: 1, currency: "VND", placedAt }]);
  service.answer = () => new Response(null, { status: 429, headers: { "retry-after": "30" } });
  courier.send(subscription, batch("o-1", 1));
  await service.next();
  await retried;
  courier.send(subscription, batch("o-2", 2));
  service.answer = () => new Response(null, { status: 201 });
  clock.advance(29_999);
  assert.equal(service.received.length, 1);
  clock.advance(1);
  const message = read(receiver, await service.next());
  assert.deepEqual([message.count, message.orders], [2, ["o-1", "o-2"]]);
  await courier.close();
  assert.equal(courier.size, 0);
});

Deno.test("a service that stays busy is given up after five tries", async () => {
  await using database = await tempKv();
  await using service = startPushService();
  await using world = openWorld(database.kv);
  service.answer = () => new Response(null, { status: 503 });
  await world.push.subscribe("an", subscriptionAt(`${service.url}/secret`, new Receiver()));
  await world.place("o-1");
  world.clock.advance(2_000);
  for (let i = 1; i <= 4; i++) {
    await world.counted("retried", i);
    world.clock.advance(60_000);
  }
  await world.counted("failed");
  assert.equal(service.received.length, 5);
  assert.deepEqual(world.logged, [
    '["warn","web push: failed",{"service":"127.0.0.1","reason":"answered 503"}]',
  ]);
});

for (const status of [400, 403, 413, 302]) {
  Deno.test(`a push that the service answers with ${status} is not tried again`, async () => {
    await using database = await tempKv();
    await using service = startPushService();
    await using world = openWorld(database.kv);
    service.answer = () =>
      new Response("no", { status, ...(status === 302 && { headers: { location: "/else" } }) });
    await world.push.subscribe("an", subscriptionAt(`${service.url}/secret`, new Receiver()));
    await world.place("o-1");
    world.clock.advance(2_000);
    await world.counted("refused");
    world.clock.advance(600_000);
    await world.push.close();
    assert.deepEqual(service.received.map(({ path }) => path), ["/secret"]);
    assert.ok(world.logged[0]?.includes(`answered ${status}`));
    assert.ok(!world.logged.join().includes("secret"));
  });
}

Deno.test("a service that cannot be reached, or does not answer, is tried again", async () => {
  await using database = await tempKv();
  await using service = startPushService();
  await using world = openWorld(database.kv);
  const { promise: never, resolve: release } = Promise.withResolvers<Response>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  service.answer = () => {
    ask();
    return never;
  };
  await world.push.subscribe("an", subscriptionAt(service.url, new Receiver()));
  await world.place("o-1");
  world.clock.advance(2_000);
  await asked;
  world.clock.advance(10_000);
  await world.counted("retried");
  service.answer = () => new Response(null, { status: 201 });
  world.clock.advance(1_000);
  await world.counted("sent");
  release(new Response());

  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await world.push.subscribe("binh", subscriptionAt(`http://127.0.0.1:${port}/`, new Receiver()));
  await world.place("o-2");
  world.clock.advance(5_000);
  await world.counted("retried", 2);
  await world.push.close();
  assert.deepEqual(world.errors, []);
});

Deno.test("nobody subscribed: orders leave nothing behind", async () => {
  await using database = await tempKv();
  await using world = openWorld(database.kv);
  await world.place("o-1");
  assert.deepEqual(await Array.fromAsync(database.kv.list({ prefix: ["push"] })), []);
});

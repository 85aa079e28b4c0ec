import assert from "node:assert/strict";
import type { MapSubscription, MapSubscriptionOptions } from "centrifuge";
import { signToken } from "../../lib/auth/tokens.ts";
import { startProxy } from "../client/proxy.ts";
import { within } from "../support/clients/eventually.ts";
import { seeded, testSeed } from "../support/random.ts";
import { startServer, type TestServer, tokenSecret } from "../support/server.ts";
import { openSdk, type Sdk } from "./centrifuge.ts";

const history = { size: 1_000, ttl: "1h" };
const anyone = { subscribe: "anyone", publish: "anyone" };
const channels = {
  namespaces: [
    { name: "kv", history, keyed: { maxKeys: 20_000 }, filter: true, allow: anyone },
    { name: "tiny", history: { size: 3, ttl: "1h" }, keyed: {}, allow: anyone },
    { name: "slow", history, keyed: { debounce: "300ms" }, allow: anyone },
    { name: "who", history, keyed: { kind: "clients" }, allow: { subscribe: "anyone" } },
    { name: "people", history, keyed: { kind: "users" }, allow: { subscribe: "anyone" } },
    {
      name: "hall",
      history,
      presenceIn: { clients: "who:", users: "people:" },
      allow: { subscribe: "anyone" },
    },
  ],
};

/** What an application would keep: the entries by key. */
class Mirror {
  readonly entries = new Map<string, unknown>();
  readonly recovered: boolean[] = [];
  syncs = 0;
  updates = 0;
  #look = () => {};

  constructor(readonly subscription: MapSubscription) {
    subscription.on("subscribed", ({ recovered }) => void this.recovered.push(recovered));
    subscription.on("sync", ({ entries }) => {
      this.syncs++;
      this.entries.clear();
      for (const { key, data } of entries) this.entries.set(key, data);
      this.#look();
    });
    subscription.on("update", ({ key, data, removed }) => {
      this.updates++;
      if (removed) this.entries.delete(key);
      else this.entries.set(key, data);
      this.#look();
    });
  }

  get sorted(): [string, unknown][] {
    return [...this.entries].toSorted(([a], [b]) => a < b ? -1 : 1);
  }

  /** Resolves when that holds of it. */
  until(what: string, holds: (mirror: this) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#look = () => holds(this) && resolve();
    this.#look();
    return within(promise, what);
  }
}

function mirror(sdk: Sdk, subscription: MapSubscription): Mirror {
  const made = new Mirror(subscription);
  subscription.subscribe();
  sdk.client.connect();
  return made;
}

function follow(sdk: Sdk, channel: string, options: MapSubscriptionOptions = {}): Mirror {
  return mirror(
    sdk,
    sdk.client.newMapSubscription(channel, { minResubscribeDelay: 20, ...options }),
  );
}

function set(server: TestServer, channel: string, key: string, data: unknown, tags?: object) {
  return server.api("map_publish", { channel, key, data, ...(tags && { tags }) });
}

/** The server's own word. */
async function stateOf(server: TestServer, channel: string): Promise<[string, unknown][]> {
  const { result } = await server.api("map_read_state", { channel, limit: -1 });
  const { entries } = result as { entries: { key: string; data: unknown }[] };
  return entries.map(({ key, data }): [string, unknown] => [key, data])
    .toSorted(([a], [b]) => a < b ? -1 : 1);
}

Deno.test("centrifuge map: a snapshot of 10,000 keys in pages while keys change, then every change", async () => {
  const random = seeded(testSeed());
  await using server = await startServer({ channels });
  const channel = "kv:many";
  const name = (n: number) => `key-${n}`;
  for (let at = 0; at < 10_000; at += 1_000) {
    const commands = Array.from({ length: 1_000 }, (_, i) => ({
      map_publish: { channel, key: name(at + i), data: { n: 0 } },
    }));
    await server.api("batch", { commands });
  }
  let writing = true;
  let written = 0;
  const began = performance.now();
  const writer = (async () => {
    for (let n = 1; writing; n++) {
      const commands = Array.from({ length: 25 }, () => {
        const key = name(Math.floor(random() * 10_000));
        return random() < 0.1
          ? { map_remove: { channel, key } }
          : { map_publish: { channel, key, data: { n } } };
      });
      await server.api("batch", { commands });
      written += commands.length;
    }
  })();
  await using sdk = openSdk(server.url);
  const seen = follow(sdk, channel, { pageSize: 100 });
  await seen.until("the snapshot", ({ syncs }) => syncs === 1);
  await seen.until("500 changes after it", ({ updates }) => updates >= 500);
  writing = false;
  await writer;
  const perSecond = written / (performance.now() - began) * 1e3;
  await set(server, channel, "end", 1);
  await seen.until("the last change", ({ entries }) => entries.has("end"));
  assert.deepEqual(seen.sorted, await stateOf(server, channel));
  assert.equal(seen.syncs, 1);
  assert.ok(perSecond >= 500, `${perSecond} keys a second`);
});

Deno.test("centrifuge map: cut off, it goes on within the kept stream, and begins anew beyond it", async () => {
  await using server = await startServer({ channels });
  await using proxy = startProxy(server.port);
  for (const [channel, recovers] of [["kv:cut", true], ["tiny:cut", false]] as const) {
    for (const key of ["a", "b", "c"]) await set(server, channel, key, key);
    await using sdk = openSdk(proxy.url);
    const seen = follow(sdk, channel);
    await seen.until("the snapshot", ({ syncs }) => syncs === 1);
    const lost = within(
      new Promise((resolve) => sdk.client.once("connecting", resolve)),
      "it is cut off",
    );
    proxy.rule = () => "refuse";
    proxy.cut();
    await lost;
    await server.api("map_remove", { channel, key: "b" });
    for (let n = 0; n < 8; n++) await set(server, channel, "c", n);
    // What the isolate still has in memory would do for both.
    if (!recovers) await server.api("map_clear", { channel });
    if (!recovers) await set(server, channel, "d", 1);
    proxy.rule = () => "pass";
    await set(server, channel, "end", 1);
    await seen.until("the last change", ({ entries }) => entries.has("end"));
    assert.deepEqual(seen.sorted, await stateOf(server, channel));
    assert.deepEqual(
      [seen.syncs, seen.recovered],
      recovers ? [1, [false, true]] : [2, [false, false]],
    );
  }
});

Deno.test("centrifuge map: beyond what is kept, after the server was killed", async () => {
  await using server = await startServer({ channels });
  await using sdk = openSdk(server.url);
  const channel = "tiny:killed";
  for (const key of ["a", "b", "c"]) await set(server, channel, key, key);
  const seen = follow(sdk, channel);
  await seen.until("the snapshot", ({ syncs }) => syncs === 1);
  sdk.client.disconnect();
  await server.api("map_remove", { channel, key: "b" });
  for (let n = 0; n < 20; n++) await set(server, channel, "c", n);
  await server.signal("SIGKILL");
  await using again = await startServer({ after: server });
  sdk.client.connect();
  await seen.until("a snapshot anew", ({ syncs }) => syncs === 2);
  assert.deepEqual(seen.sorted, await stateOf(again, channel));
  assert.deepEqual(seen.sorted, [["a", "a"], ["c", 19]]);
});

Deno.test("centrifuge map: clients publish and remove keys", async () => {
  await using server = await startServer({ channels });
  await using one = openSdk(server.url);
  await using two = openSdk(server.url);
  const [writer, reader] = [follow(one, "kv:shared"), follow(two, "kv:shared")];
  await Promise.all([writer, reader].map((seen) => seen.until("sync", ({ syncs }) => syncs === 1)));
  await writer.subscription.publish("a", { by: "one" });
  await writer.subscription.publish("b", { by: "one" });
  await reader.until("both keys", ({ entries }) => entries.size === 2);
  await reader.subscription.remove("a");
  await reader.subscription.remove("never there");
  for (const seen of [writer, reader]) {
    await seen.until("one key", ({ entries }) => !entries.has("a"));
    assert.deepEqual(seen.sorted, [["b", { by: "one" }]]);
  }
});

Deno.test("centrifuge map: a tags filter, and a key that leaves it", async () => {
  await using server = await startServer({ channels });
  const channel = "kv:tagged";
  await set(server, channel, "a", 1, { color: "red" });
  await set(server, channel, "b", 1, { color: "blue" });
  await using sdk = openSdk(server.url);
  const seen = follow(sdk, channel, { tagsFilter: { key: "color", cmp: "eq", val: "red" } });
  await seen.until("sync", ({ syncs }) => syncs === 1);
  assert.deepEqual(seen.sorted, [["a", 1]]);
  await set(server, channel, "b", 2, { color: "red" });
  await set(server, channel, "a", 2, { color: "blue" });
  await set(server, channel, "end", 1, { color: "red" });
  await seen.until("the last change", ({ entries }) => entries.has("end"));
  assert.deepEqual(seen.sorted, [["b", 2], ["end", 1]]);
});

Deno.test("centrifuge map: clients and users of a channel as maps", async () => {
  await using server = await startServer({ channels });
  await using watcher = openSdk(server.url);
  const clients = mirror(watcher, watcher.client.newMapClientsSubscription("who:hall:a"));
  const users = mirror(watcher, watcher.client.newMapUsersSubscription("people:hall:a"));
  await clients.until("sync", ({ syncs }) => syncs === 1);
  const token = await signToken(tokenSecret, { sub: "ann" });
  await using ann = openSdk(server.url, { token });
  await using nobody = openSdk(server.url);
  const { subscription } = await ann.subscribe("hall:a");
  await nobody.subscribe("hall:a");
  await clients.until("two clients", ({ entries }) => entries.size === 2);
  await users.until("one user", ({ entries }) => entries.has("ann"));
  subscription.unsubscribe();
  await clients.until("one client", ({ entries }) => entries.size === 1);
  assert.deepEqual([...users.entries.keys()], ["ann"]);
});

Deno.test("centrifuge map: it gathers its writes where the namespace says so", async () => {
  await using server = await startServer({ channels });
  await using sdk = openSdk(server.url);
  const seen = follow(sdk, "slow:a");
  await seen.until("sync", ({ syncs }) => syncs === 1);
  const writes = [1, 2, 3, 4, 5].map((n) => seen.subscription.publish("k", n));
  await within(Promise.all(writes), "the writes");
  await seen.until("the last value", ({ entries }) => entries.get("k") === 5);
  const { result } = await server.api("map_read_state", { channel: "slow:a", limit: 0 });
  assert.equal((result as { offset: number }).offset, 2, "the first at once, then the last");
});

import assert from "node:assert/strict";
import { limits, type SubscriptionRequest, Subscriptions } from "../../lib/push/subscriptions.ts";
import { tempKv } from "../store/support.ts";

const request = (endpoint: string, more: Partial<SubscriptionRequest> = {}) => ({
  endpoint,
  keys: { p256dh: "point", auth: "auth" },
  language: "en" as const,
  expirationTime: null,
  ...more,
});

async function opened() {
  const database = await tempKv();
  const time = { now: Date.UTC(2026, 0, 1) };
  const subscriptions = new Subscriptions(database.kv, () => time.now);
  const endpoints = async (user: string) => {
    const all = await subscriptions.list();
    return all.filter((one) => one.user === user).map(({ endpoint }) => endpoint).sort();
  };
  return { database, time, subscriptions, endpoints };
}

Deno.test("subscriptions: an endpoint is there once, and its last user's", async () => {
  const { database, subscriptions, endpoints } = await opened();
  await using _ = database;
  assert.equal(await subscriptions.any(), false);
  assert.equal(await subscriptions.put("an", request("a")), "created");
  assert.equal(await subscriptions.put("an", request("a", { language: "vi" })), "renewed");
  assert.equal((await subscriptions.list())[0]?.language, "vi");
  assert.equal(await subscriptions.put("binh", request("a")), "renewed");
  assert.deepEqual([await endpoints("an"), await endpoints("binh")], [[], ["a"]]);
  assert.equal(await subscriptions.remove("a", "an"), false);
  assert.equal(await subscriptions.remove("b", "binh"), false);
  assert.equal(await subscriptions.any(), true);
  assert.equal(await subscriptions.remove("a", "binh"), true);
  assert.equal(await subscriptions.any(), false);
});

Deno.test("subscriptions: a user's oldest goes for one too many", async () => {
  const { database, time, subscriptions, endpoints } = await opened();
  await using _ = database;
  for (let i = 0; i < limits.perUser; i++) {
    time.now++;
    await subscriptions.put("an", request(`a${i}`));
  }
  await subscriptions.put("binh", request("b"));
  time.now++;
  await subscriptions.put("an", request("a0"));
  await subscriptions.put("an", request("more"));
  const left = await endpoints("an");
  assert.equal(left.length, limits.perUser);
  assert.deepEqual([left.includes("a0"), left.includes("a1")], [true, false]);
  assert.deepEqual(await endpoints("binh"), ["b"]);
});

Deno.test("subscriptions: the limit of all holds although many come at once", async () => {
  const { database, subscriptions } = await opened();
  await using _ = database;
  for (let i = 0; i < limits.total - 2; i += 500) {
    const write = database.kv.atomic();
    for (let j = i; j < Math.min(i + 500, limits.total - 2); j++) {
      const value = { id: `${j}`, user: `u${j}`, endpoint: `e${j}`, expires: Infinity, renewed: 0 };
      write.set(["push", "subscription", `${j}`], value);
    }
    await write.commit();
  }
  const outcomes = await Promise.all(
    ["a", "b", "c", "d"].map((user) => subscriptions.put(user, request(user))),
  );
  assert.deepEqual(outcomes.toSorted(), ["created", "created", "full", "full"]);
  assert.equal(await subscriptions.put("u1", request("another")), "full");
  const kept = (await subscriptions.list()).length;
  assert.equal(kept, limits.total);
});

Deno.test("subscriptions: they end when the browser says, or a month after the last visit", async () => {
  const { database, time, subscriptions, endpoints } = await opened();
  await using _ = database;
  await subscriptions.put("an", request("soon", { expirationTime: time.now + 1_000 }));
  await subscriptions.put("an", request("month", { expirationTime: time.now + 1e12 }));
  time.now += 1_000;
  assert.deepEqual(await endpoints("an"), ["month"]);
  time.now += limits.lifetimeMs - 2_000;
  assert.deepEqual(await endpoints("an"), ["month"]);
  time.now += 1_000;
  assert.deepEqual(await endpoints("an"), []);
});

Deno.test("subscriptions: whoever knows both its endpoint and its secret replaces one", async () => {
  const { database, subscriptions, endpoints } = await opened();
  await using _ = database;
  await subscriptions.put("an", request("a", { language: "vi" }));
  const to = { ...request("b"), keys: { p256dh: "new", auth: "new" } };
  assert.equal(await subscriptions.replace({ endpoint: "a", auth: "wrong" }, to), false);
  assert.equal(await subscriptions.replace({ endpoint: "x", auth: "auth" }, to), false);
  assert.equal(await subscriptions.replace({ endpoint: "a", auth: "auth" }, to), true);
  assert.deepEqual(await endpoints("an"), ["b"]);
  const [one] = await subscriptions.list();
  assert.deepEqual([one?.language, one?.keys.auth], ["vi", "new"]);
  assert.equal(await subscriptions.replace({ endpoint: "a", auth: "auth" }, to), false);
});

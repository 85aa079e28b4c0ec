/** Shared poll subscriptions of npm's `centrifuge` as it is published. */
import assert from "node:assert/strict";
import type { Centrifuge, SharedPollSubscription } from "centrifuge";
import { Happenings } from "../broker/waiting.ts";
import { BackEnd } from "../shared_poll/back_end.ts";
import { sign } from "../shared_poll/support.ts";
import { within } from "../support/clients/eventually.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { openSdk } from "./centrifuge.ts";

const secret = "the application's own";

function serve(backEnd: BackEnd, options: { isolates?: number; after?: TestServer } = {}) {
  const poll = { url: backEnd.url, every: "100ms", secret: "env:POLL_SECRET" };
  const namespace = (name: string, more: object) => ({ name, sharedPoll: { ...poll, ...more } });
  return startServer({
    ...options,
    env: { POLL_SECRET: secret },
    channels: {
      namespaces: [
        namespace("votes", { publishEnabled: true }),
        namespace("prices", { versioned: true }),
      ],
    },
  });
}

interface Following {
  readonly subscription: SharedPollSubscription;
  readonly updates: Happenings<string>;
  /** Keys that a signature was asked for, each time. */
  readonly signed: Happenings<readonly string[]>;
  readonly subscribed: Happenings<string>;
  readonly errors: Happenings<number>;
}

interface FollowOptions {
  readonly user?: string;
  /** Seconds a signature holds; null: for good. */
  readonly ttl?: number | null;
  readonly revoked?: ReadonlySet<string>;
}

async function follow(
  client: Centrifuge,
  channel: string,
  { user = "ann", ttl = null, revoked = new Set() }: FollowOptions = {},
): Promise<Following> {
  const signed = new Happenings<readonly string[]>();
  const updates = new Happenings<string>();
  const subscribed = new Happenings<string>();
  const errors = new Happenings<number>();
  const subscription = client.newSharedPollSubscription(channel, {
    minResubscribeDelay: 20,
    getSignature({ keys: asked }) {
      signed.add(asked);
      const keys = asked.filter((key) => !revoked.has(key));
      return Promise.resolve({ keys, signature: sign(keys, { user, channel, ttl, secret }) });
    },
  });
  subscription.on("update", ({ key, data, removed }) => {
    updates.add(removed ? `${key} removed` : `${key}=${JSON.stringify(data)}`);
  });
  subscription.on("subscribed", () => subscribed.add(""));
  subscription.on("error", ({ error }) => errors.add(error.code));
  subscription.subscribe();
  client.connect();
  await subscribed.count(1);
  return { subscription, updates, signed, subscribed, errors };
}

/** All updates, once the last one is this. */
function upTo({ updates }: Following, last: string): Promise<readonly string[]> {
  return updates.until(last, (all) => all.at(-1) === last);
}

Deno.test("centrifuge: shared poll keys: track, change, removal, untrack", async () => {
  await using backEnd = new BackEnd(true);
  for (const key of ["a", "b", "c"]) backEnd.set(key, 1);
  await using server = await serve(backEnd);
  await using sdk = openSdk(server.url, { token: await server.token("ann") });
  const following = await follow(sdk.client, "votes:1");
  const { subscription, signed } = following;
  subscription.track(["a", "b"]);
  assert.deepEqual(await following.updates.count(2), ["a=1", "b=1"]);
  subscription.track(
    [{ key: "c", version: 0 }],
    sign(["c"], {
      user: "ann",
      channel: "votes:1",
      secret,
    }),
  );
  await upTo(following, "c=1");
  backEnd.set("a", { n: 2 });
  await upTo(following, 'a={"n":2}');
  backEnd.removed.add("b");
  await upTo(following, "b removed");
  assert.deepEqual([...subscription.trackedKeys()], ["a", "c"]);
  subscription.untrack(["a"]);
  backEnd.set("a", 3);
  backEnd.set("c", 3);
  const all = await upTo(following, "c=3");
  assert.deepEqual(all.slice(2), ["c=1", 'a={"n":2}', "b removed", "c=3"]);
  await backEnd.asked.until("c alone", (asked) => {
    const { items = [] } = asked.at(-1) ?? {};
    return items.length === 1 && items[0]?.key === "c";
  });
  assert.deepEqual([signed.all, following.errors.all], [[["a", "b"]], []]);
  const events = await fetch(`${server.url}/v1/events?channels=votes:1`);
  assert.equal((await events.json()).code, 108);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /^nhip_shared_poll_keys 1$/m);
  assert.match(metrics, /^nhip_shared_polls_total\{namespace="votes",outcome="changed"\} \d+$/m);
});

Deno.test("centrifuge: a versioned shared poll begins anew with another epoch", async () => {
  await using backEnd = new BackEnd(true);
  backEnd.epoch = "E1";
  backEnd.set("a", "x", 41);
  await using server = await serve(backEnd);
  await using sdk = openSdk(server.url, { token: await server.token("ann") });
  const following = await follow(sdk.client, "prices:1");
  following.subscription.track(["a"]);
  await upTo(following, 'a="x"');
  // The first epoch was told by subscribing once more.
  assert.equal(following.subscribed.all.length, 2);
  backEnd.set("a", "y", 42);
  await upTo(following, 'a="y"');
  backEnd.set("a", "z", 1);
  backEnd.epoch = "E2";
  assert.deepEqual(await upTo(following, 'a="z"'), ['a="x"', 'a="y"', 'a="z"']);
  assert.equal(following.subscribed.all.length, 3);
  assert.deepEqual([following.signed.all, following.errors.all], [[["a"]], []]);
});

Deno.test("centrifuge: shared poll signatures are renewed; a revoked key goes", async () => {
  await using backEnd = new BackEnd(true);
  for (const key of ["a", "b"]) backEnd.set(key, 1);
  await using server = await serve(backEnd);
  await using sdk = openSdk(server.url, { token: await server.token("ann") });
  const revoked = new Set<string>();
  const following = await follow(sdk.client, "votes:1", { ttl: 1, revoked });
  following.subscription.track(["a", "b"]);
  await following.signed.count(3);
  revoked.add("b");
  await upTo(following, "b removed");
  backEnd.set("b", 2);
  backEnd.set("a", 2);
  assert.deepEqual(await upTo(following, "a=2"), ["a=1", "b=1", "b removed", "a=2"]);
  assert.deepEqual(following.signed.all.slice(0, 3), [["a", "b"], ["a", "b"], ["a", "b"]]);
  assert.deepEqual(following.errors.all, []);
});

Deno.test("centrifuge: a refused signature untracks its keys, others go on", async () => {
  await using backEnd = new BackEnd(true);
  for (const key of ["a", "b"]) backEnd.set(key, 1);
  await using server = await serve(backEnd);
  await using sdk = openSdk(server.url, { token: await server.token("ann") });
  const following = await follow(sdk.client, "votes:1");
  following.subscription.track(["a"]);
  await upTo(following, "a=1");
  const ofAnother = sign(["b"], { user: "ben", channel: "votes:1", secret });
  following.subscription.track([{ key: "b", version: 0 }], ofAnother);
  await upTo(following, "b removed");
  assert.deepEqual(following.errors.all, [103]);
  backEnd.set("a", 2);
  assert.deepEqual(await upTo(following, "a=2"), ["a=1", "b removed", "a=2"]);
});

Deno.test("centrifuge: an outage of the back end leaves what a shared poll has brought", async () => {
  await using backEnd = new BackEnd(true);
  backEnd.set("a", 1);
  await using server = await serve(backEnd);
  await using sdk = openSdk(server.url, { token: await server.token("ann") });
  await using late = openSdk(server.url, { token: await server.token("ann") });
  const following = await follow(sdk.client, "votes:1");
  following.subscription.track(["a"]);
  await upTo(following, "a=1");
  backEnd.failure = () => new Response("down for maintenance", { status: 503 });
  await backEnd.asked.count(backEnd.asked.all.length + 2);
  const newcomer = await follow(late.client, "votes:1");
  newcomer.subscription.track(["a"]);
  await upTo(newcomer, "a=1");
  backEnd.set("a", 2);
  backEnd.failure = null;
  assert.deepEqual(await upTo(following, "a=2"), ["a=1", "a=2"]);
  await upTo(newcomer, "a=2");
  assert.match(server.output(), /shared poll: the back end fails.*votes:1.*answered 503/);
  assert.match(server.output(), /shared poll: the back end answers again/);
  assert.doesNotMatch(server.output(), /"level":"error"/);
});

Deno.test("centrifuge: a shared poll goes on after the server was killed", async () => {
  await using backEnd = new BackEnd(true);
  for (const key of ["a", "b"]) backEnd.set(key, 1);
  await using server = await serve(backEnd);
  await using sdk = openSdk(server.url, { token: await server.token("ann") });
  const following = await follow(sdk.client, "votes:1");
  following.subscription.track(["a", "b"]);
  await following.updates.count(2);
  await server.signal("SIGKILL");
  backEnd.set("b", 2);
  await using _ = await serve(backEnd, { after: server });
  await upTo(following, "b=2");
  // Signatures are the client's to keep: nobody is asked for new ones.
  assert.deepEqual(following.signed.all, [["a", "b"]]);
  assert.deepEqual(following.errors.all, []);
});

Deno.test("centrifuge: what a back end publishes reaches shared polls on every isolate", async () => {
  await using backEnd = new BackEnd(true);
  backEnd.set("a", 0);
  await using server = await serve(backEnd, { isolates: 2 });
  const token = await server.token("ann");
  await using sdks = new AsyncDisposableStack();
  const all = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const { client } = sdks.use(openSdk(server.url, { token }));
      const following = await follow(client, "votes:1");
      following.subscription.track(["a"]);
      await upTo(following, "a=0");
      return following;
    }),
  );
  // From now on the polls bring nothing.
  backEnd.failure = () => new Response("", { status: 500 });
  await backEnd.asked.count(backEnd.asked.all.length + 3);
  const published = server.api("shared_poll_publish", {
    channel: "votes:1",
    key: "a",
    data: "now",
    version: 1,
  });
  assert.deepEqual(await within(published, "the answer"), { result: {} });
  await Promise.all(all.map((following) => upTo(following, 'a="now"')));
  const { result } = await server.api("channels", { pattern: "votes:*" });
  assert.deepEqual(result, { channels: { "votes:1": { num_clients: 8 } } });
});

Deno.test("server: a shared poll whose secret is not set is refused at start, by name", async () => {
  const channels = {
    namespaces: [{
      name: "votes",
      sharedPoll: { url: "http://127.0.0.1:1/", every: "1s", secret: "env:NOT_SET" },
    }],
  };
  await assert.rejects(
    startServer({ channels }),
    /CHANNELS_FILE: .*secret: the environment variable NOT_SET is not set/,
  );
});

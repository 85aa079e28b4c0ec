import assert from "node:assert/strict";
import { signToken } from "../../lib/auth/tokens.ts";
import { startProxy } from "../client/proxy.ts";
import { eventually, within } from "../support/clients/eventually.ts";
import { connections } from "../support/clients/metrics.ts";
import { type ServerOptions, startServer, tokenSecret } from "../support/server.ts";
import { testWith } from "../support/programs.ts";
import { roomRights, rooms } from "../support/rooms.ts";
import { next } from "./centrifuge.ts";
import { fallbacks, wayTo } from "./emulation.ts";
import { startNginx } from "./nginx.ts";
import { publishNumbers, upTo } from "./numbers.ts";

const channels = {
  namespaces: [
    ...rooms.namespaces,
    {
      name: "kv",
      history: { size: 1_000, ttl: "1h" },
      keyed: {},
      allow: { ...roomRights, publish: "anyone" },
    },
  ],
};

for (const fallback of fallbacks) {
  for (const isolates of [1, 2]) {
    const name = `centrifuge over ${fallback}, ${isolates} isolate(s)`;
    const options: ServerOptions = { channels, ...(isolates > 1 && { isolates }) };

    Deno.test(`${name}: what the WebSocket can, it can`, async (t) => {
      await using server = await startServer(options);
      const { url } = server;
      await using way = await wayTo(url, fallback, isolates);

      await t.step("subscribes, publishes, history, presence, join and leave", async () => {
        await using ann = way.open(url, { token: await server.token("ann", { name: "Ann" }) });
        await using ben = way.open(url, { token: await server.token("ben") });
        const room = (await ann.subscribe("room:1", { joinLeave: true })).subscription;
        const join = within(
          new Promise<void>((resolve) =>
            room.on("join", ({ info }) => info.user === "ben" && resolve())
          ),
          "ben joins",
        );
        const other = (await ben.subscribe("room:1", { joinLeave: true })).subscription;
        await join;

        const received = next(other, "publication");
        await room.publish({ n: 1 });
        const { data, info } = await received;
        assert.deepEqual([data, info?.user, info?.connInfo], [{ n: 1 }, "ann", { name: "Ann" }]);
        const history = await room.history({ limit: 10 });
        assert.deepEqual(history.publications.map(({ data }) => data), [{ n: 1 }]);
        const { clients } = await room.presence();
        assert.deepEqual(Object.values(clients).map(({ user }) => user).sort(), ["ann", "ben"]);

        const leave = next(room, "leave");
        ben.client.disconnect();
        assert.equal((await leave).info.user, "ben");
      });

      await t.step("publishes many at once, each once", async () => {
        await using sdk = way.open(url);
        const { subscription, numbers, counted } = await sdk.subscribe("room:order");
        await Promise.all(upTo(100).map((n) => subscription.publish({ n })));
        await counted(100);
        // Each goes up in a request of its own; only those to another isolate wait for one another.
        const inOrder = isolates > 1 ? numbers : numbers.toSorted((a, b) => a - b);
        assert.deepEqual(inOrder, upTo(100));
      });

      await t.step("rpc, and errors by their codes", async () => {
        await using sdk = way.open(url);
        await sdk.subscribe("public:a");
        const { data } = await sdk.client.rpc("time", null);
        assert.equal(typeof (data as { time: number }).time, "number");
        await assert.rejects(sdk.client.rpc("nothing", null), { code: 104 });
      });

      await t.step("a bad token ends the connection for good", async () => {
        const token = await signToken("another secret", { sub: "x" });
        await using sdk = way.open(url, { token });
        const disconnected = next(sdk.client, "disconnected");
        sdk.client.connect();
        assert.deepEqual(await disconnected, { code: 3500, reason: "invalid token" });
      });

      await t.step("renews an expired token and one that expires", async () => {
        const lifetimes = ["2s", "1h"];
        const asked = Promise.withResolvers<void>();
        await using sdk = way.open(url, {
          token: await signToken(tokenSecret, { sub: "ann" }, "-10s"),
          getToken: () => {
            const lifetime = lifetimes.shift();
            if (lifetimes.length === 0) asked.resolve();
            return signToken(tokenSecret, { sub: "ann" }, lifetime);
          },
        });
        await sdk.subscribe("chat:a");
        const states: string[] = [];
        sdk.client.on("state", ({ newState }) => states.push(newState));
        await within(asked.promise, "the second token is asked for");
        // An answer that follows the refresh on the same connection.
        await sdk.client.rpc("time", null);
        assert.deepEqual(states, []);
      });

      await t.step("a map: state, changes, and keys of its own", async () => {
        await using sdk = way.open(url);
        await server.api("map_publish", { channel: "kv:a", key: "a", data: 1 });
        const map = sdk.client.newMapSubscription("kv:a");
        const state = within(
          new Promise<string[]>((resolve) =>
            map.once("sync", ({ entries }) => resolve(entries.map(({ key }) => key)))
          ),
          "the state",
        );
        const update = within(
          new Promise((resolve) => map.on("update", ({ key, data }) => resolve([key, data]))),
          "the change",
        );
        map.subscribe();
        sdk.client.connect();
        assert.deepEqual(await state, ["a"]);
        await map.publish("b", 2);
        assert.deepEqual(await update, ["b", 2]);
      });

      await t.step("those that have gone are noticed", async () => {
        await eventually(async () => await connections(url, fallback) === 0, "all have gone");
      });
      assert.equal(way.elsewhere() > 0, isolates > 1);
    });

    Deno.test(`${name}: what was published while it was cut off arrives once`, async () => {
      await using server = await startServer(options);
      await using way = await wayTo(server.url, fallback, isolates);
      await using proxy = startProxy(server.port);
      await using sdk = way.open(proxy.url);
      const channel = "public:cut";
      const { subscription, numbers, reached } = await sdk.subscribe(channel);
      await publishNumbers(server, channel, 1, 3);
      await reached(3);

      proxy.rule = () => "refuse";
      const lost = next(sdk.client, "connecting");
      proxy.cut();
      await lost;
      await publishNumbers(server, channel, 4, 50);
      const back = next(subscription, "subscribed");
      proxy.rule = () => "pass";
      const { wasRecovering, recovered } = await back;
      assert.deepEqual([wasRecovering, recovered], [true, true]);
      await publishNumbers(server, channel, 51, 60);
      await reached(60);
      assert.deepEqual(numbers, upTo(60));
    });
  }

  testWith(
    ["nginx"],
    `centrifuge over ${fallback}: behind nginx that passes no upgrade`,
    async () => {
      await using server = await startServer({ channels });
      await using nginx = await startNginx({ port: server.port, passUpgrade: false });
      await using way = await wayTo(server.url, fallback, 1);
      await using sdk = way.open(nginx.url, {}, true);
      const connected = next(sdk.client, "connected");
      const { subscription, numbers, reached } = await sdk.subscribe("room:a");
      assert.equal((await connected).transport, fallback);
      for (const n of upTo(5)) {
        await subscription.publish({ n });
        // Received before the next is published.
        await reached(n);
      }
      assert.deepEqual(numbers, upTo(5));
    },
  );

  Deno.test(`centrifuge over ${fallback}: pongs to another isolate keep it, and none end it`, async () => {
    await using server = await startServer({ isolates: 2, env: { PING_SECONDS: "2" } });
    await using way = await wayTo(server.url, fallback, 2);
    let pongs = 0;
    const ponged = Promise.withResolvers<void>();
    let deaf = false;
    const pass = (input: string, init: RequestInit) => {
      const isPong = String(init.body).includes('"data":"{}"');
      if (isPong && deaf) return Promise.resolve(new Response(null, { status: 204 }));
      // By the second, the grace of the first is over.
      if (isPong && ++pongs === 2) ponged.resolve();
      return way.fetch(input, init);
    };
    await using sdk = way.open(server.url, { fetch: pass });
    await sdk.subscribe("public:a");
    const states: string[] = [];
    sdk.client.on("state", ({ newState }) => states.push(newState));
    await within(ponged.promise, "two pongs");
    assert.deepEqual(states, []);
    const lost = next(sdk.client, "connecting");
    deaf = true;
    assert.deepEqual(await lost, { code: 3012, reason: "no pong" });
  });
}

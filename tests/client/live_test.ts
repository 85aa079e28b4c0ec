/** Channels that come and go, and calls through cuts, on each transport, against the real server. */
import assert from "node:assert/strict";
import { deferred } from "../../lib/client/deferred.ts";
import type { Subscription, TransportName } from "../../lib/client/mod.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { within } from "../support/clients/eventually.ts";
import { startProxy } from "./proxy.ts";
import { watch, type Watched } from "./watched.ts";

const all: readonly TransportName[] = ["websocket", "sse", "long_poll"];
const range = (length: number) => Array.from({ length }, (_, i) => i + 1);
const open = {
  subscribe: "anyone",
  publish: "anyone",
  presence: "anyone",
  history: "anyone",
} as const;
const channels = {
  namespaces: [
    { name: "talk", history: { size: 10_000, ttl: "300s" }, recover: true, allow: open },
  ],
};

async function publish(server: TestServer, channel: string, ...numbers: number[]): Promise<void> {
  for (const n of numbers) await server.api("publish", { channel, data: { n } });
}

/** A subscription of its own to the channel, and the numbers that came by it. */
function listen({ client }: Watched, channel: string) {
  const numbers: number[] = [];
  let look = () => {};
  const subscription = client.channel(channel).subscribe(({ data }) => {
    numbers.push((data as { n: number }).n);
    look();
  });
  const had = (count: number) =>
    within(
      new Promise<void>((resolve) => {
        look = () => numbers.length >= count && resolve();
        look();
      }),
      `${count} of ${channel}; ${numbers}; ${JSON.stringify(client.status.value)}`,
      10_000,
    );
  return { numbers, subscription, had };
}

Deno.test("client: channels come and go on each transport", async (t) => {
  await using server = await startServer();
  for (const transport of all) {
    const transports = [transport];
    const [kept, other] = [`public:kept-${transport}`, `public:other-${transport}`];

    await t.step(`${transport}: added while it connects, and left again`, async () => {
      await using watched = watch({ url: server.url, channels: [kept], transports });
      const [first, second] = [listen(watched, other), listen(watched, `${other}-left`)];
      queueMicrotask(() => second.subscription.unsubscribe());
      await first.subscription.ready;
      await watched.online(transport);
      await publish(server, `${other}-left`, 1);
      await publish(server, other, 2);
      await first.had(1);
      assert.deepEqual([first.numbers, second.numbers], [[2], []]);
    });

    await t.step(`${transport}: added while online, beside one that goes on`, async () => {
      await using watched = watch({ url: server.url, channels: [kept], transports });
      const reasons: string[] = [];
      watched.client.status.subscribe((status) => {
        if ("reason" in status) reasons.push(status.reason);
      });
      await watched.online(transport);
      await publish(server, kept, 1);
      const added = listen(watched, other);
      await added.subscription.ready;
      await publish(server, other, 7);
      await publish(server, kept, 2);
      await watched.until("2", ({ publications }) => publications.length === 2);
      await added.had(1);
      added.subscription.unsubscribe();
      await publish(server, other, 8);
      await publish(server, kept, 3);
      await watched.until("3", ({ publications }) => publications.length === 3);
      assert.deepEqual(watched.numbers(), [1, 2, 3]);
      assert.deepEqual(added.numbers, [7]);
      assert.deepEqual(reasons, []);
    });

    await t.step(`${transport}: left and wanted again at once, it starts again`, async () => {
      await using watched = watch({ url: server.url, channels: [kept], transports });
      const before = listen(watched, other);
      await before.subscription.ready;
      await watched.online(transport);
      await publish(server, other, 1);
      await before.had(1);
      before.subscription.unsubscribe();
      const after = listen(watched, other);
      await after.subscription.ready;
      await publish(server, other, 2, 3);
      await after.had(2);
      assert.deepEqual([before.numbers, after.numbers], [[1], [2, 3]]);
      assert.deepEqual(watched.states.filter((one) => one !== "connecting" && one !== "idle"), [
        `online:${transport}`,
      ]);
    });

    await t.step(`${transport}: under a stream of publications, again and again`, async () => {
      await using watched = watch({ url: server.url, channels: [kept], transports });
      await watched.online(transport);
      const numbers = range(60);
      const publishing = publish(server, kept, ...numbers);
      for (let i = 0; i < 10; i++) {
        const { subscription } = listen(watched, `${other}-${i % 3}`);
        await subscription.ready;
        if (i % 2 === 0) subscription.unsubscribe();
      }
      await publishing;
      await watched.until("all", ({ publications }) => publications.length >= numbers.length);
      assert.deepEqual(watched.numbers(), numbers);
      assert.deepEqual(watched.gaps, []);
    });

    await t.step(`${transport}: closed while it connects`, async () => {
      const watched = watch({ url: server.url, channels: [kept], transports });
      await watched.client.close();
      assert.equal(watched.states.at(-1), "closed");
    });
  }
});

Deno.test("client: what is published through cuts is there once, in order", async (t) => {
  await using server = await startServer({ channels });
  for (const transport of all) {
    await t.step(transport, async () => {
      await using proxy = startProxy(server.port);
      const channel = `talk:${transport}`;
      const transports = [transport];
      const backoff = { minMs: 10, maxMs: 50 };
      const options = { channels: [channel], transports, backoff };
      await using watched = watch({ url: proxy.url, ...options });
      await watched.online(transport);
      const published: Promise<void>[] = [];
      for (const n of range(60)) {
        published.push(watched.client.channel(channel).publish({ n }));
        // Some are on their way, of some the answer is.
        if (n % 10 === 0) {
          await Promise.race(published.slice(-5));
          proxy.cut();
        }
      }
      await Promise.all(published);
      await watched.until("all", ({ publications }) => publications.length >= 60);
      assert.deepEqual(watched.numbers(), range(60));
      const { publications, position } = await watched.client.channel(channel).history();
      assert.deepEqual(publications.map(({ data }) => (data as { n: number }).n), range(60));
      assert.equal(position.offset, 60);
    });
  }
});

Deno.test("client: calls and loops on each transport", async (t) => {
  await using server = await startServer({ channels });
  for (const transport of all) {
    await t.step(transport, async () => {
      const channel = `talk:calls-${transport}`;
      await using watched = watch({
        url: server.url,
        channels: [channel],
        transports: [transport],
      });
      await watched.online(transport);
      const loop = watched.client.channel(channel).subscribe();
      await loop.ready;
      const read = (async () => {
        const numbers: number[] = [];
        for await (const { data } of loop) {
          if (numbers.push((data as { n: number }).n) === 3) return numbers;
        }
        return numbers;
      })();
      for (const n of range(4)) await watched.client.channel(channel).publish({ n });
      assert.deepEqual(await read, [1, 2, 3]);
      const { publications } = await watched.client.channel(channel).history({
        limit: 2,
        reverse: true,
      });
      assert.deepEqual(publications.map(({ offset }) => offset), [4, 3]);
      const { time } = await watched.client.rpc("time") as { time: number };
      assert.ok(Math.abs(time - Date.now()) < 60_000);
      await assert.rejects(watched.client.rpc("nothing"), { code: 104 });
      await assert.rejects(watched.client.channel("public:a").publish({}), { code: 103 });
      const { bytesIn, bytesOut, transport: used } = watched.client.quality.value;
      assert.ok(bytesIn > 100 && bytesOut > 100 && used === transport);
    });
  }
});

Deno.test("client: channels wanted while a WebSocket is greeting are subscribed to", async () => {
  await using server = await startServer();
  const later = deferred<Subscription>();
  /** It opens before the client has greeted the server. */
  class Slow extends WebSocket {
    constructor(url: URL) {
      super(url);
      const subscribe = () =>
        later.resolve(watched.client.channel("public:later").subscribe(() => {}));
      this.addEventListener("open", () => queueMicrotask(subscribe));
    }
  }
  const environment = { WebSocket: Slow, random: () => 0 };
  await using watched = watch({ url: server.url, channels: ["public:first"], environment });
  const { ready } = await later.promise;
  await within(ready, "the later channel");
  await watched.online("websocket");
});

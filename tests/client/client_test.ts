/** The client against the real server, with a proxy between them where the network misbehaves. */
import assert from "node:assert/strict";
import { signToken } from "../../lib/auth/tokens.ts";
import type { TransportName } from "../../lib/client/mod.ts";
import { startServer, type TestServer, tokenSecret } from "../support/server.ts";
import { isEventStream, isUpgrade, startProxy } from "./proxy.ts";
import { watch } from "./watched.ts";

const all: readonly TransportName[] = ["websocket", "sse", "long_poll"];
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

async function publish(server: TestServer, channel: string, ...numbers: number[]): Promise<void> {
  for (const n of numbers) await server.api("publish", { channel, data: { n } });
}

Deno.test("the client", async (t) => {
  await using server = await startServer();
  let count = 0;
  const name = () => `public:client-${++count}`;

  for (const transport of all) {
    await t.step(`${transport} delivers what comes, typed by channel and timed`, async () => {
      const [one, other] = [name(), name()];
      await using watched = watch({
        url: server.url,
        channels: [one, other],
        transports: [transport],
      });
      await watched.online(transport);
      await publish(server, one, 1, 2);
      await publish(server, other, 3);
      await watched.until("3 publications", ({ publications }) => publications.length === 3);
      assert.deepEqual(
        watched.publications.map(({ channel, data, offset }) => [channel, data, offset]),
        [
          [one, { n: 1 }, 1],
          [one, { n: 2 }, 2],
          [other, { n: 3 }, 1],
        ],
      );
      await publish(server, one, 4);
      await watched.until("a fourth", ({ publications }) => publications.length === 4);
      const latency = watched.publications.at(-1)?.latencyMs;
      assert.ok(latency !== undefined && latency >= 0 && latency < 2_000, `latency ${latency}`);
    });

    await t.step(`${transport} goes on from the positions it is given`, async () => {
      const [one, two, three] = [name(), name(), `bench:client-${count}`];
      const channels = [one, two, three];
      await publish(server, one, ...range(1, 300));
      const { epoch } = (await server.api("history", { channel: one, limit: 0 }))["result"] as {
        epoch: string;
      };
      const since = { [one]: { epoch, offset: 50 } };
      await using watched = watch({ url: server.url, channels, since, transports: [transport] });
      await watched.online(transport);
      await publish(server, two, 1_000);
      await watched.until("251", ({ publications }) => publications.length === 251);
      const numbers = watched.publications.filter(({ channel }) => channel === one)
        .map(({ data }) => (data as { n: number }).n);
      assert.deepEqual(numbers, range(51, 300));
      assert.deepEqual(watched.gaps, []);
      assert.equal(watched.client.channel(one).position?.offset, 300);
      assert.equal(watched.client.channel(two).position?.offset, 1);
    });

    await t.step(`${transport} tells of a position that is gone, and goes on`, async () => {
      const channel = name();
      await publish(server, channel, 1);
      const since = { [channel]: { epoch: "gone", offset: 7 } };
      await using watched = watch({
        url: server.url,
        channels: [channel],
        since,
        transports: [transport],
      });
      await watched.until("a gap", ({ gaps }) => gaps.length === 1);
      await publish(server, channel, 2);
      await watched.until("what comes next", ({ publications }) => publications.length === 1);
      assert.deepEqual(watched.gaps, [channel]);
      assert.deepEqual(watched.numbers(), [2]);
    });

    await t.step(`${transport} is closed by a bad token, and does not come back`, async () => {
      const options = { url: server.url, channels: [name()], transports: [transport] };
      await using watched = watch({ ...options, token: "nonsense" });
      await watched.until("closed", ({ states }) => states.at(-1) === "closed");
      const { value } = watched.client.status;
      assert.equal(value.name === "closed" && value.code, transport === "websocket" ? 3500 : 101);
      assert.deepEqual(watched.states, ["connecting", "closed"]);
      assert.equal(watched.refused.length, 1);
    });

    await t.step(
      `${transport} leaves out a channel that is refused, and keeps the others`,
      async () => {
        const good = name();
        const channels = ["nowhere:a", good, "chat:help"];
        await using watched = watch({ url: server.url, channels, transports: [transport] });
        await watched.online(transport);
        await watched.until("2 refusals", ({ refused }) => refused.length === 2);
        assert.deepEqual(watched.refused.toSorted(), [["chat:help", 103], ["nowhere:a", 102]]);
        await assert.rejects(async () => await watched.subscriptions.get("chat:help")?.ready, {
          code: 103,
        });
        await publish(server, good, 1);
        await watched.until("1", ({ publications }) => publications.length === 1);
      },
    );

    await t.step(`${transport} asks for a new token when the old one has expired`, async () => {
      const expired = await signToken(tokenSecret, { sub: "a" }, "-1m");
      const tokens = [expired, await server.token()];
      const channels = ["chat:help"];
      const transports = [transport];
      const token = () => tokens.shift() ?? expired;
      await using renewed = watch({ url: server.url, channels, token, transports });
      await renewed.online(transport);
      for (const useless of [expired, () => expired]) {
        await using watched = watch({ url: server.url, channels, token: useless, transports });
        await watched.until("closed", ({ states }) => states.at(-1) === "closed");
      }
    });
  }
});

Deno.test("the client changes its transport and its server, and loses nothing", async (t) => {
  await using server = await startServer();

  await t.step("a refused upgrade leads to SSE, a held stream to long-poll", async () => {
    await using proxy = startProxy(server.port);
    const channel = "public:demote";
    await publish(server, channel, 1);
    const { epoch } = (await server.api("history", { channel, limit: 0 }))["result"] as {
      epoch: string;
    };
    proxy.rule = (head) => isUpgrade(head) ? "refuse" : "pass";
    const since = { [channel]: { epoch, offset: 0 } };
    const timing = { openMs: 500 };
    await using watched = watch({ url: proxy.url, channels: [channel], since, timing });
    await watched.online("sse");
    assert.deepEqual(watched.states, ["connecting", "online:sse"]);
    await publish(server, channel, 2);
    await watched.until("2", ({ publications }) => publications.length === 2);

    proxy.rule = (head) => isUpgrade(head) ? "refuse" : isEventStream(head) ? "hold" : "pass";
    proxy.cut();
    await publish(server, channel, ...range(3, 10));
    await watched.online("long_poll");
    await publish(server, channel, 11);
    await watched.until("11", ({ publications }) => publications.length === 11);
    assert.deepEqual(watched.numbers(), range(1, 11));
    assert.deepEqual(watched.gaps, []);
  });

  await t.step("an upgrade that is never answered is given up in time", async () => {
    await using proxy = startProxy(server.port);
    proxy.rule = (head) => isUpgrade(head) ? "hold" : "pass";
    const timing = { openMs: 200 };
    await using watched = watch({ url: proxy.url, channels: ["public:held"], timing });
    await watched.online("sse");
  });

  for (const transport of all) {
    await t.step(`${transport} cut again and again delivers each once, in order`, async () => {
      await using proxy = startProxy(server.port);
      const channel = `public:cut-${transport}`;
      const transports = [transport];
      await using watched = watch({ url: proxy.url, channels: [channel], transports });
      await watched.online(transport);
      for (let n = 1; n <= 40; n++) {
        await publish(server, channel, n);
        if (n % 8 === 0) proxy.cut();
      }
      await watched.until("all 40", ({ publications }) => publications.length >= 40);
      assert.deepEqual(watched.numbers(), range(1, 40));
      assert.deepEqual(watched.gaps, []);
    });
  }
});

Deno.test("the client comes back to a server that was killed, with nothing lost", async () => {
  await using first = await startServer();
  const channels = ["public:killed"];
  const backoff = { minMs: 50, maxMs: 50 };
  const environment = { random: () => 1 };
  const clients = all.map((transport) =>
    watch({ url: first.url, channels, transports: [transport], backoff, environment })
  );
  await using stack = new AsyncDisposableStack();
  for (const client of clients) stack.use(client);
  await Promise.all(clients.map((client, i) => client.online(all[i] ?? "")));
  await publish(first, "public:killed", 1, 2, 3);
  await first.signal("SIGKILL");
  await using second = await startServer({ after: first });
  await publish(second, "public:killed", 4, 5);
  for (const client of clients) {
    await client.until("all 5", ({ publications }) => publications.length >= 5);
    assert.deepEqual(client.numbers(), [1, 2, 3, 4, 5]);
    assert.deepEqual(client.gaps, []);
  }
});

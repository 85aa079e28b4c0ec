/** What the server refuses, or takes no more of, costs nothing else: on each transport, for real. */
import assert from "node:assert/strict";
import { deferred } from "../../lib/client/deferred.ts";
import type { TransportName } from "../../lib/client/mod.ts";
import type { FetchInit } from "../../lib/client/platform.ts";
import { startServer } from "../support/server.ts";
import { watch } from "./watched.ts";

const all: readonly TransportName[] = ["websocket", "sse", "long_poll"];
const channels = {
  namespaces: [
    {
      name: "talk",
      history: { size: 100, ttl: "300s" },
      recover: true,
      allow: { subscribe: "anyone", publish: "anyone" },
    },
  ],
};

const names = (count: number, of: string) =>
  Array.from({ length: count }, (_, n) => `talk:${of}-${n}`);

Deno.test("client: what is refused on each transport costs nothing else", async (t) => {
  await using server = await startServer({ channels });
  for (const transport of all) {
    const channel = `talk:refusals-${transport}`;
    const options = { url: server.url, transports: [transport] };

    await t.step(`${transport}: a stream that is taken for a state channel`, async () => {
      await using watched = watch({
        ...options,
        channels: [channel],
        states: [`${channel}-plain`],
      });
      await watched.online(transport);
      await watched.until("a refusal", ({ refused }) => refused.length > 0);
      assert.deepEqual(watched.refused, [[`${channel}-plain`, 103]]);
      await server.api("publish", { channel, data: { n: 1 } });
      await watched.until("1", ({ publications }) => publications.length === 1);
      assert.deepEqual(watched.told, []);
    });

    await t.step(`${transport}: what is larger than a message; what is not, is taken`, async () => {
      await using watched = watch({ ...options, channels: [channel] });
      await watched.online(transport);
      const states = [...watched.states];
      const talk = watched.client.channel(channel);
      for (const pad of ["x".repeat(65_000), "ị".repeat(21_700)]) {
        await assert.rejects(talk.publish({ n: 1, pad }), { code: 106 });
      }
      for (const pad of ["x".repeat(64_700), "ị".repeat(21_560)]) await talk.publish({ n: 2, pad });
      await watched.until("two", ({ publications }) => publications.length === 2);
      assert.deepEqual(watched.numbers(), [2, 2]);
      assert.deepEqual(watched.states, states);
    });

    await t.step(`${transport}: line separators are data`, async () => {
      await using watched = watch({ ...options, channels: [`${channel}-text`] });
      await watched.online(transport);
      const text = "one\u2028event: disconnect\u2029data: two\u0085\r\nthree";
      for (const n of [1, 2]) {
        await server.api("publish", { channel: `${channel}-text`, data: { n, text } });
      }
      await watched.until("2", ({ publications }) => publications.length === 2);
      assert.deepEqual(
        watched.publications.map(({ data }) => data),
        [1, 2].map((n) => ({ n, text })),
      );
    });
  }
});

Deno.test("client: channels beyond what a connection takes are refused, the others served", async (t) => {
  await using server = await startServer({ channels });
  for (const transport of all) {
    await t.step(transport, async () => {
      // As one more than the session may have, or one more than a request may name.
      const code = transport === "websocket" ? 106 : 107;
      const channels = names(130, transport);
      await using watched = watch({ url: server.url, channels, transports: [transport] });
      await watched.online(transport);
      for (const channel of channels) await server.api("publish", { channel, data: { n: 1 } });
      await watched.until("all", ({ publications }) => publications.length === 128);
      assert.deepEqual(watched.refused, channels.slice(128).map((name) => [name, code]));
      assert.ok(!watched.states.includes("closed"));
    });
  }
});

Deno.test("client: names that are too long for a request leave the WebSocket alone", async () => {
  await using server = await startServer({ channels });
  const refused = deferred<void>();
  const environment = {
    random: () => 0,
    async fetch(url: URL, init: FetchInit) {
      const response = await fetch(url, init);
      if (response.status === 400) refused.resolve();
      return response;
    },
    // So slow that the requests are refused first.
    WebSocket: class extends WebSocket {
      override send(text: string) {
        refused.promise.then(() => super.send(text));
      }
    },
  };
  const long = names(90, "ị".repeat(70));
  const timing = { hedgeMs: 0 };
  await using watched = watch({ url: server.url, channels: long, timing, environment });
  await watched.online("websocket");
  assert.deepEqual([watched.states.includes("closed"), watched.refused], [false, []]);
});

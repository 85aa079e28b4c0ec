/** The client's mirror of a state channel, over each transport, against the real server. */
import assert from "node:assert/strict";
import type { TransportName } from "../../lib/client/mod.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { isEventStream, isUpgrade, type Proxy, startProxy } from "./proxy.ts";
import { watch, type Watched } from "./watched.ts";

const all: readonly TransportName[] = ["websocket", "sse", "long_poll"];
const rules = { keyed: {}, allow: { subscribe: "anyone" } };
const channels = {
  namespaces: [
    { name: "map", history: { size: 10_000, ttl: "300s" }, ...rules },
    { name: "short", history: { size: 10, ttl: "300s" }, ...rules },
  ],
};
const range = (length: number) => Array.from({ length }, (_, i) => i);
let count = 0;
const fresh = (namespace = "map") => `${namespace}:${++count}`;

const put = (server: TestServer, channel: string, key: string, n: number) =>
  server.api("map_publish", { channel, key, data: { n, pad: "x".repeat(300) } });
const remove = (server: TestServer, channel: string, key: string) =>
  server.api("map_remove", { channel, key });

async function fill(server: TestServer, channel: string, keys: number): Promise<void> {
  await Promise.all(range(keys).map((i) => put(server, channel, `k${i}`, i)));
}

/** What the server holds, by key. */
async function held(server: TestServer, channel: string): Promise<Map<string, unknown>> {
  const entries = new Map<string, unknown>();
  let more = {};
  for (;;) {
    const { result } = await server.api("map_read_state", { channel, limit: -1, ...more }) as {
      result: {
        entries: { key: string; data: unknown }[];
        epoch: string;
        offset: number;
        cursor?: string;
      };
    };
    for (const { key, data } of result.entries) entries.set(key, data);
    if (!result.cursor) return entries;
    const { epoch, offset, cursor } = result;
    more = { cursor, revision_epoch: epoch, revision_offset: offset };
  }
}

const sorted = (entries: Iterable<[string, unknown]> = []) =>
  [...entries].sort(([a], [b]) => a < b ? -1 : 1);

async function isLevel(watched: Watched, server: TestServer, channel: string): Promise<void> {
  const all = await held(server, channel);
  const { offset } = (await server.api("map_read_state", { channel, limit: 0 }))["result"] as {
    offset: number;
  };
  await watched.until(
    `offset ${offset}`,
    ({ client }) => client.state(channel).position?.offset === offset,
  );
  assert.deepEqual(sorted(watched.client.state(channel).entries), sorted(all));
}

const syncs = ({ told }: Watched) => told.filter((one) => one.startsWith("sync"));
const synced = (watched: Watched, times = 1) =>
  watched.until(`snapshot ${times}`, () => syncs(watched).length >= times);

Deno.test("the client mirrors a state channel", async (t) => {
  await using server = await startServer({ channels });
  for (const transport of all) {
    const transports = [transport];

    await t.step(`${transport}: a snapshot in pages, then each change`, async () => {
      const [one, empty] = [fresh(), fresh()];
      await fill(server, one, 2_500);
      await using watched = watch({ url: server.url, states: [one, empty], transports });
      await synced(watched, 2);
      assert.deepEqual(watched.told.toSorted(), ["sync 0", "sync 2500"]);
      await isLevel(watched, server, one);
      await put(server, one, "k7", -7);
      await remove(server, one, "k8");
      await put(server, empty, "first", 1);
      await isLevel(watched, server, one);
      await isLevel(watched, server, empty);
      assert.deepEqual(watched.told.slice(2).toSorted(), ["first", "k7", "k8"]);
    });

    await t.step(`${transport}: beside a stream, each on its own`, async () => {
      const [map, stream] = [fresh(), fresh("public")];
      await fill(server, map, 3);
      const channels = [stream];
      await using watched = watch({ url: server.url, channels, states: [map], transports });
      await synced(watched);
      await watched.online(transport);
      await server.api("publish", { channel: stream, data: { n: 1 } });
      await remove(server, map, "k0");
      await watched.until("1", ({ publications }) => publications.length === 1);
      await isLevel(watched, server, map);
    });

    await t.step(`${transport}: cut again and again, it goes on from its position`, async () => {
      await using proxy = startProxy(server.port);
      const channel = fresh();
      await fill(server, channel, 20);
      await using watched = watch({ url: proxy.url, states: [channel], transports });
      await synced(watched);
      for (const i of range(30)) {
        if (i % 4 === 3) await remove(server, channel, `k${i - 1}`);
        else await put(server, channel, `k${i}`, 100 + i);
        if (i % 7 === 0) proxy.cut();
      }
      await isLevel(watched, server, channel);
      assert.deepEqual(syncs(watched), ["sync 20"]);
    });

    await t.step(`${transport}: away for longer than is kept, it is level again`, async () => {
      await using proxy = startProxy(server.port);
      const channel = fresh("short");
      await fill(server, channel, 20);
      await using watched = watch({ url: proxy.url, states: [channel], transports });
      await synced(watched);
      await watched.online(transport);
      proxy.rule = () => "hold";
      proxy.cut();
      for (const i of range(30)) {
        if (i % 3 === 0) await remove(server, channel, `k${i}`);
        else await put(server, channel, `k${i}`, i);
      }
      assert.equal(watched.client.state(channel).entries?.size, 20);
      proxy.rule = () => "pass";
      proxy.cut();
      await isLevel(watched, server, channel);
    });

    await t.step(`${transport}: a channel that is cleared begins anew`, async () => {
      const channel = fresh();
      await fill(server, channel, 20);
      await using watched = watch({ url: server.url, states: [channel], transports });
      await synced(watched);
      await server.api("map_clear", { channel });
      await put(server, channel, "after", 1);
      await synced(watched, 2);
      await isLevel(watched, server, channel);
    });

    await t.step(`${transport}: cut in the midst of a snapshot, it begins again`, async () => {
      await using proxy = startProxy(server.port);
      const channel = fresh();
      await fill(server, channel, 4_000);
      await using watched = watch({
        url: proxy.url,
        states: [channel],
        transports,
        environment: { random: () => 0, ...brokenOnce(proxy) },
      });
      await synced(watched);
      assert.ok(watched.states.includes("waiting"), watched.states.join());
      assert.deepEqual(watched.told, ["sync 4000"]);
      await isLevel(watched, server, channel);
    });
  }
});

/** The first connection that has brought a part of a snapshot breaks, and all others with it. */
function brokenOnce(proxy: Proxy) {
  let isBroken = false;
  let breaksNext = false;
  const look = (text: string) => {
    if (isBroken || !/"phase":2|"more":true/.test(text)) return false;
    isBroken = true;
    proxy.cut();
    return true;
  };
  return {
    WebSocket: class extends WebSocket {
      constructor(url: URL) {
        super(url);
        this.addEventListener("message", ({ data }) => look(data));
      }
    },
    async fetch(url: URL, init: RequestInit) {
      if (breaksNext && url.pathname === "/v1/events") {
        breaksNext = false;
        throw new TypeError("no network");
      }
      const response = await fetch(url, init);
      if (response.body === null) return response;
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
      if (isStream) return watchedResponse(response, look);
      const text = await response.text();
      if (url.pathname === "/v1/events") breaksNext = look(text);
      return new Response(text, response);
    },
  };
}

function watchedResponse(response: Response, look: (text: string) => void): Response {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = await reader?.read();
      if (part === undefined || part.done) return controller.close();
      look(decoder.decode(part.value, { stream: true }));
      controller.enqueue(part.value);
    },
    cancel: () => reader?.cancel(),
  });
  return new Response(body, response);
}

Deno.test("a position learnt on one transport is used on the next", async () => {
  await using server = await startServer({ channels });
  await using proxy = startProxy(server.port);
  const channel = fresh();
  await fill(server, channel, 50);
  const timing = { openMs: 500, returnMs: 100 };
  await using watched = watch({ url: proxy.url, states: [channel], timing });
  await watched.online("websocket");
  await synced(watched);
  await put(server, channel, "k1", 100);
  proxy.rule = (head) => isUpgrade(head) ? "refuse" : "pass";
  proxy.cut();
  await remove(server, channel, "k2");
  await watched.online("sse");
  await isLevel(watched, server, channel);
  proxy.rule = (head) => isUpgrade(head) ? "refuse" : isEventStream(head) ? "hold" : "pass";
  proxy.cut();
  await put(server, channel, "k3", 100);
  await remove(server, channel, "k4");
  await watched.online("long_poll");
  await put(server, channel, "k5", 100);
  await isLevel(watched, server, channel);
  proxy.rule = () => "pass";
  proxy.cut();
  await remove(server, channel, "k6");
  await isLevel(watched, server, channel);
  assert.deepEqual(syncs(watched), ["sync 50"]);
});

/** That the proxies of the tests (tests/support/proxies) do what their names say. */
import assert from "node:assert/strict";
import { launchBrowser } from "../support/browser.ts";
import { eventually, within } from "../support/clients/eventually.ts";
import { openLongPoll } from "../support/clients/long_poll.ts";
import { connections } from "../support/clients/metrics.ts";
import { numbers, publishAll } from "../support/clients/publish.ts";
import { openSse } from "../support/clients/sse.ts";
import { openWebSocket } from "../support/clients/websocket.ts";
import { testWith } from "../support/programs.ts";
import {
  chromiumProxy,
  environmentOf,
  type Proxy,
  proxyKinds,
  startBufferingNginx,
  startCuttingNginx,
  startHaproxy,
  startSquid,
} from "../support/proxies/mod.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { publishNumbers } from "./numbers.ts";

const channel = "public:a";
const events = `/v1/events?channels=${channel}`;
const streaming = { headers: { accept: "text/event-stream" } };

interface Passes {
  readonly upgrade: boolean;
  /** Event streams, as they come. */
  readonly stream: boolean;
}

const passes: Readonly<Record<string, Passes>> = {
  "direct": { upgrade: true, stream: true },
  "nginx": { upgrade: true, stream: true },
  "nginx without Upgrade": { upgrade: false, stream: true },
  "nginx that buffers": { upgrade: false, stream: false },
  "nginx that cuts after 10 s": { upgrade: true, stream: true },
  "HAProxy with short timeouts": { upgrade: true, stream: true },
  "squid with GET and POST alone": { upgrade: false, stream: true },
};

for (const { name, needs, start } of proxyKinds) {
  const { upgrade, stream } = passes[name] ?? {};
  if (upgrade === undefined) continue;
  const what = ["long-poll", ...stream ? ["event streams"] : [], ...upgrade ? ["upgrades"] : []];
  testWith(needs, `${name}: passes ${what.join(", ")}`, async () => {
    await using server = await startServer();
    await using proxy = await start(server.port);
    assert.equal(proxy.name, name);
    assert.equal(await upgraded(proxy), upgrade);
    await longPolls(proxy, server);
    if (stream) await streams(proxy, server);
  });
}

testWith(
  ["nginx"],
  "nginx that buffers: an event stream waits until a buffer is full",
  async () => {
    await using server = await startServer();
    await using proxy = await startBufferingNginx(server.port);
    await using direct = await openSse(server.url, { channels: [channel] });
    await using poll = await openLongPoll(proxy.url, { channels: [channel] });
    let answered = false;
    const url = `${proxy.url}${events}&cursor=${await cursor(server)}`;
    const answer = fetch(url, streaming).then((response) => {
      answered = true;
      return response;
    });
    const both = async () => await connections(server.url, "sse") === 2;
    await eventually(both, "both streams are open");
    for (let n = 1; n <= 20; n++) {
      await publishNumbers(server, channel, n, n);
      assert.deepEqual((await direct.next()).data, { n });
      assert.deepEqual((await poll.next()).data, { n });
    }
    assert.equal(answered, false, "not even the head of the answer");
    const filler = "x".repeat(1_000);
    await publishAll({ url: server.url, channel }, numbers(1, 600).map(() => filler));
    const response = await within(answer, "the buffer is full");
    const { value, reader } = await first(response);
    assert.match(value, /^retry: .*"n":1}/s);
    await reader.cancel();
  },
);

testWith(["nginx"], "nginx that cuts: no connection lives longer, in use or not", async () => {
  await using server = await startServer();
  await using proxy = await startCuttingNginx(server.port, { afterMs: 3_000 });
  assert.equal(proxy.name, "nginx that cuts after 3 s");
  for (const open of [openWebSocket, openSse]) {
    await using client = await open(proxy.url, { channels: [channel] });
    const began = performance.now();
    let received = 0;
    const busy = (async () => {
      for await (const _ of client.messages()) received++;
      return performance.now() - began;
    })();
    let ended = false;
    client.closed.then(() => ended = true);
    for (let n = 1; !ended; n++) await publishNumbers(server, channel, n, n);
    const livedMs = await busy;
    assert.ok(livedMs > 1_500 && livedMs < 4_500, `${client.transport}: ${livedMs} ms`);
    assert.ok(received > 20, `${client.transport}: ${received} messages`);
  }
});

testWith(["haproxy"], "HAProxy: cuts what is silent and nothing else", async () => {
  await using server = await startServer();
  await using proxy = await startHaproxy(server.port, { quietMs: 1_000 });
  for (const open of [openWebSocket, openSse]) {
    await using client = await open(proxy.url, { channels: [channel] });
    const began = performance.now();
    for (let n = 1; performance.now() < began + 2_500; n++) {
      await publishNumbers(server, channel, n, n);
      assert.deepEqual((await client.next()).data, { n });
    }
    const silent = performance.now();
    await within(client.closed, `${client.transport} is cut`, 5_000);
    const silentMs = performance.now() - silent;
    assert.ok(silentMs > 500, `${client.transport}: ${silentMs} ms`);
  }
  const poll = await fetch(`${proxy.url}${events}&cursor=${await cursor(server)}`);
  await poll.body?.cancel();
  assert.equal(poll.status, 504);
});

testWith(["squid"], "squid: no CONNECT, no PUT, no other port", async () => {
  await using server = await startServer();
  await using other = await startServer();
  await using proxy = await startSquid(server.port);
  const ask = (method: string, target: string) => statusOf(proxy.port, `${method} ${target}`);
  const target = `127.0.0.1:${server.port}`;
  assert.equal(await ask("GET", `http://${target}/healthz`), 200);
  assert.equal(await ask("POST", `http://${target}/v1/commands`), 400, "from the server");
  assert.equal(await ask("CONNECT", target), 403);
  assert.equal(await ask("PUT", `http://${target}/store/stock/tea`), 403);
  assert.equal(await ask("GET", `http://127.0.0.1:${other.port}/healthz`), 403);
});

testWith(["squid", "chromium"], "squid: Chromium gets event streams and no WebSocket", async () => {
  await using server = await startServer();
  await using proxy = await startSquid(server.port);
  await using browser = await launchBrowser({ proxy: chromiumProxy(proxy) });
  const page = await browser.open(`${proxy.url}/healthz`);
  const via = await page.evaluate(async () => (await fetch("/healthz")).headers.get("via"));
  assert.match(via ?? "", /squid/);
  const websocket = await page.evaluate(() =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(`ws://${location.host}/connection/websocket`);
      socket.onopen = () => resolve("open");
      socket.onerror = () => resolve("error");
    })
  );
  assert.equal(websocket, "error");
  const event = page.evaluate((address) =>
    new Promise<string>((resolve) => {
      const events = new EventSource(address);
      events.onmessage = ({ data }) => {
        events.close();
        resolve(data);
      };
    }), `${events}&cursor=${await cursor(server)}`);
  await publishNumbers(server, channel, 1, 1);
  assert.deepEqual(JSON.parse(await event).pub.data, { n: 1 });
});

async function longPolls(proxy: Proxy, server: TestServer): Promise<void> {
  using environment = environmentOf(proxy);
  const url = new URL(`${proxy.url}${events}&cursor=${await cursor(server)}`);
  const answer = environment.fetch(url, {});
  await publishNumbers(server, channel, 1, 1);
  assert.deepEqual((await (await answer).json()).messages[0].pub.data, { n: 1 });
}

async function streams(proxy: Proxy, server: TestServer): Promise<void> {
  using environment = environmentOf(proxy);
  await using stream = await openSse(proxy.url, { channels: [channel], http: environment.http });
  for (let n = 2; n <= 5; n++) {
    await publishNumbers(server, channel, n, n);
    // Received before the next is published.
    assert.deepEqual((await stream.next()).data, { n });
  }
}

/** Whether a WebSocket opens. */
async function upgraded(proxy: Proxy): Promise<boolean> {
  using environment = environmentOf(proxy);
  const url = new URL(`${proxy.url.replace(/^http/, "ws")}/connection/websocket`);
  const socket = new environment.WebSocket(url);
  const opened = await new Promise<boolean>((resolve) => {
    socket.onopen = () => resolve(true);
    socket.onerror = () => resolve(false);
  });
  if (opened) {
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  }
  return opened;
}

/** Where the channel is now: what goes on from there misses nothing. */
async function cursor(server: TestServer): Promise<string> {
  return (await (await fetch(`${server.url}${events}&wait=0`)).json()).cursor;
}

async function first(response: Response) {
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  const { value } = await reader.read();
  return { value: new TextDecoder().decode(value), reader };
}

/** Of a request by hand, since `fetch` makes none to a forward proxy by CONNECT. */
async function statusOf(port: number, request: string): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const head = `${request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  await connection.write(new TextEncoder().encode(head));
  const buffer = new Uint8Array(1_024);
  const n = await connection.read(buffer);
  const line = new TextDecoder().decode(buffer.subarray(0, n ?? 0));
  return Number(/^HTTP\/1\.\d (\d{3})/.exec(line)?.[1]);
}

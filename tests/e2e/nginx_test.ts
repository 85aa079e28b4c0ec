/** Behind nginx as deploy/nginx.conf sets it up, and behind one that passes no upgrade. */
import assert from "node:assert/strict";
import { openLongPoll } from "../support/clients/long_poll.ts";
import { openSse } from "../support/clients/sse.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { apiKey, startServer, type TestServer } from "../support/server.ts";
import { watch } from "../client/watched.ts";
import { next, openSdk } from "./centrifuge.ts";
import { startNginx } from "./nginx.ts";
import { publishNumbers, upTo } from "./numbers.ts";

const channel = "public:a";

testWith(
  ["nginx"],
  "nginx: centrifuge's WebSocket passes, also after a restart behind it",
  async () => {
    await using server = await startServer();
    await using nginx = await startNginx(server);
    await using sdk = openSdk(nginx.url);
    const { subscription, numbers, reached } = await sdk.subscribe(channel);
    await publishNumbers(server, channel, 1, 20);
    await reached(20);
    const back = next(subscription, "subscribed");
    await server.signal("SIGTERM");
    await using again = await startServer({ after: server });
    await publishNumbers(again, channel, 21, 30);
    assert.equal((await back).recovered, true);
    await reached(30);
    assert.deepEqual(numbers, upTo(30));
  },
);

testWith(["nginx"], "nginx: an event stream is not held back", async () => {
  await using server = await startServer();
  await using nginx = await startNginx(server);
  await using events = await openSse(nginx.url, { channels: [channel] });
  for (let n = 1; n <= 5; n++) {
    await publishNumbers(server, channel, n, n);
    // Received before the next is published.
    assert.deepEqual((await events.next()).data, { n });
  }
});

testWith(["nginx"], "nginx: long-poll waits and is answered at once", async () => {
  await using server = await startServer();
  await using nginx = await startNginx(server);
  await using events = await openLongPoll(nginx.url, { channels: [channel], wait: 25 });
  for (let n = 1; n <= 5; n++) {
    await publishNumbers(server, channel, n, n);
    assert.deepEqual((await events.next()).data, { n });
  }
});

testWith(["nginx"], "nginx: the server API and what tells of the inside stay inside", async () => {
  await using server = await startServer();
  await using nginx = await startNginx(server);
  const status = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${nginx.url}${path}`, init);
    await response.body?.cancel();
    return response.status;
  };
  const publish = {
    method: "POST",
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: JSON.stringify({ channel, data: {} }),
  };
  for (const path of ["/api/publish", "//api/publish", "/%61pi/publish", "/x/..%2fapi/publish"]) {
    assert.equal(await status(path, publish), 404, path);
  }
  assert.equal(await status("/metrics"), 404);
  assert.equal(await status("/readyz"), 404);
  assert.equal(await status("/healthz"), 200);
  const large = { ...publish, body: "x".repeat(300 * 1024) };
  assert.equal(await status("/store/orders", large), 413);
});

testWith(
  ["nginx"],
  "nginx without upgrades: the client falls back to SSE, nothing lost",
  async () => {
    await using server = await startServer();
    await using nginx = await startNginx({ port: server.port, passUpgrade: false });
    await using watched = watch({ url: nginx.url, channels: [channel] });
    await watched.online("sse");
    await publishNumbers(server, channel, 1, 20);
    await watched.until("20 numbers", () => watched.publications.length === 20);
    assert.deepEqual(watched.numbers(), upTo(20));
  },
);

testWith(
  ["nginx", "chromium"],
  "nginx without upgrades: the dashboard shows each order",
  async () => {
    await using server = await startServer();
    await using nginx = await startNginx({ port: server.port, passUpgrade: false });
    await using browser = await launchBrowser();
    const page = await browser.open(`${nginx.url}/?lang=en#token=${await server.token("staff")}`);
    await page.locator(".badge .state", { hasText: "SSE · Live" }).waitFor();
    await store(server, "PUT", "stock/tea", { name: "Tea", quantity: 100, unitPrice: 250 });
    const ids = upTo(20).map((n) => `order-${n}`);
    for (const id of ids) {
      const order = { id, country: "Vietnam", lines: [{ sku: "tea", quantity: 1 }] };
      await store(server, "POST", "orders", order);
      await page.locator(`[data-order="${id}"]`).waitFor();
    }
    // The list holds only what there is room for.
    await page.locator("#orders-heading .count", { hasText: /^20$/ }).waitFor();
    assert.match(await page.locator(".badge .state").innerText(), /^SSE/);
  },
);

async function store(server: TestServer, method: string, path: string, body: unknown) {
  const response = await fetch(`${server.url}/store/${path}`, {
    method,
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, text);
}

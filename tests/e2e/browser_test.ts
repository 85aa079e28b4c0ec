/** What a browser has built in, on a page of the server, with no library. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { type Proxy as CuttingProxy, startProxy } from "../client/proxy.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { publishNumbers, upTo } from "./numbers.ts";

interface Received {
  readonly numbers: number[];
  /** `recovered` of each time it was subscribed. */
  readonly starts: (boolean | null)[];
}

declare global {
  var received: Received;
}

testWith(["chromium"], "Chromium's EventSource resumes after a cut", async () => {
  await using server = await startServer();
  await using proxy = startProxy(server.port);
  await using browser = await launchBrowser();
  const page = await browser.open(`${proxy.url}/healthz`);
  await page.evaluate(() => {
    const received: Received = globalThis.received = { numbers: [], starts: [] };
    const events = new EventSource("/v1/events?channels=public:a");
    events.addEventListener("subscribed", ({ data }) => {
      received.starts.push(JSON.parse(data).channels["public:a"].recovered ?? null);
    });
    events.onmessage = ({ data }) => received.numbers.push(JSON.parse(data).pub.data.n);
  });
  await resumesAfterCut(page, server, proxy);
});

testWith(["chromium"], "Chromium's WebSocket resumes after a cut", async () => {
  await using server = await startServer();
  await using proxy = startProxy(server.port);
  await using browser = await launchBrowser();
  const page = await browser.open(`${proxy.url}/healthz`);
  await page.evaluate(() => {
    const received: Received = globalThis.received = { numbers: [], starts: [] };
    let since = {};
    const take = (pub: { data: { n: number }; offset: number }) => {
      received.numbers.push(pub.data.n);
      since = { ...since, recover: true, offset: pub.offset };
    };
    const open = () => {
      const socket = new WebSocket(`ws://${location.host}/connection/websocket`);
      const send = (command: unknown) => socket.send(JSON.stringify(command));
      socket.onopen = () => {
        send({ id: 1, connect: {} });
        send({ id: 2, subscribe: { channel: "public:a", ...since } });
      };
      socket.onclose = open;
      socket.onmessage = ({ data }) => {
        for (const line of data.split("\n")) {
          const { subscribe, push } = JSON.parse(line);
          if (line === "{}") socket.send("{}");
          if (push) take(push.pub);
          if (!subscribe) continue;
          received.starts.push(subscribe.was_recovering ? subscribe.recovered ?? false : null);
          since = { ...since, epoch: subscribe.epoch, offset: subscribe.offset };
          for (const pub of subscribe.publications ?? []) take(pub);
        }
      };
    };
    open();
  });
  await resumesAfterCut(page, server, proxy);
});

/** The page subscribes to `public:a` through the proxy, and notes what it gets. */
async function resumesAfterCut(page: Page, server: TestServer, proxy: CuttingProxy): Promise<void> {
  await starts(page, 1);
  await publishNumbers(server, "public:a", 1, 3);
  await reached(page, 3);
  proxy.cut();
  await publishNumbers(server, "public:a", 4, 30);
  await reached(page, 30);
  const { numbers, starts: recovered } = await page.evaluate(() => globalThis.received);
  assert.deepEqual(numbers, upTo(30));
  assert.deepEqual(recovered, [null, true]);
}

async function starts(page: Page, count: number): Promise<void> {
  await page.waitForFunction((count) => globalThis.received.starts.length === count, count);
}

async function reached(page: Page, n: number): Promise<void> {
  await page.waitForFunction((n) => globalThis.received.numbers.includes(n), n);
}

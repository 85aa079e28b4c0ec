/// <reference lib="dom" />
/** What the pages show of their connection, in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { isUpgrade, startProxy } from "../client/proxy.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { apiKey, startServer, type TestServer } from "../support/server.ts";

const channels = {
  namespaces: [{
    name: "open",
    history: { size: 10, ttl: "1m" },
    keyed: {},
    allow: { subscribe: "anyone" },
  }],
};

const rowsOf = (page: Page) =>
  page.$$eval(
    ".quality dl > div",
    (rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent).join(": ")),
  );
const row = (page: Page, text: string) =>
  page.waitForFunction(
    (wanted) => document.querySelector(".quality dl")?.textContent?.includes(wanted),
    text,
  );
const state = (page: Page, name: string) => page.waitForSelector(`.badge[data-state="${name}"]`);

testWith(
  ["chromium"],
  "the connection's quality is a key press away, on a phone, too",
  async () => {
    await using server = await startServer({ dev: true, channels });
    await using proxy = startProxy(server.port);
    proxy.rule = (head) => isUpgrade(head) ? "refuse" : "pass";
    await using browser = await launchBrowser({
      viewport: { width: 390, height: 844 },
      mobile: true,
    });
    for (const path of ["/?lang=en", "/live/open:a?lang=en"]) {
      const page = await browser.open(`${proxy.url}${path}`);
      await state(page, "online");
      const isOpen = () => page.$eval("details.quality", (details) => details.hasAttribute("open"));
      await page.focus(".quality summary");
      await page.keyboard.press("Enter");
      assert.equal(await isOpen(), true);
      await row(page, "TransportSSE");
      const [transport, , reconnects, moves, received] = await rowsOf(page);
      assert.deepEqual([transport, reconnects, moves], [
        "Transport: SSE",
        "Reconnects: 0",
        "Changes of transport: 0",
      ]);
      assert.match(received ?? "", /^Received: \d+\.?\d* kB$/);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
      proxy.cut();
      await row(page, "Reconnects1");
      await page.keyboard.press("Escape");
      assert.equal(await isOpen(), false);
      const focused = await page.evaluate(() => document.activeElement?.tagName);
      assert.equal(focused, "SUMMARY");
      await page.close();
    }
  },
);

testWith(["chromium"], "the badge is one line on a phone, in both languages", async () => {
  await using server = await startServer({ dev: true, channels });
  await using browser = await launchBrowser({
    viewport: { width: 390, height: 844 },
    mobile: true,
  });
  const heights: number[] = [];
  for (const [lang, live] of [["en", "WebSocket · Live"], ["vi", "WebSocket · Trực tiếp"]]) {
    const page = await browser.open(`${server.url}/?lang=${lang}`);
    await state(page, "online");
    await putStock(server, lang === "en" ? 1 : 2);
    await page.waitForSelector(".latency:not(.unknown)");
    assert.equal(await page.textContent(".badge .state"), live);
    assert.match(await page.innerText(".latency"), /^\d+ ms$/);
    const box = await page.locator(".badge").boundingBox();
    heights.push(box?.height ?? 0);
    await browser.context.setOffline(true);
    await state(page, "offline");
    const offline = await page.locator(".badge").boundingBox();
    heights.push(offline?.height ?? 0);
    await browser.context.setOffline(false);
    await page.close();
  }
  assert.ok(heights.every((height) => height > 20 && height < 40), `${heights}`);
});

async function putStock({ url }: TestServer, quantity: number): Promise<void> {
  const response = await fetch(`${url}/store/stock/tea`, {
    method: "PUT",
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: JSON.stringify({ name: "Tea", quantity, unitPrice: 250 }),
  });
  assert.ok(response.ok, await response.text());
}

testWith(["chromium"], "without a network the page says so, and since when", async () => {
  await using server = await startServer({ dev: true, channels });
  await using browser = await launchBrowser();
  const page = await browser.open(`${server.url}/live/open:a?lang=vi`);
  await state(page, "online");
  await browser.context.setOffline(true);
  await state(page, "offline");
  assert.match(
    await page.textContent(".badge .state") ?? "",
    /^Không có mạng · dữ liệu lúc \d\d:\d\d:\d\d$/,
  );
  await browser.context.setOffline(false);
  await state(page, "online");
  await server.api("map_publish", { channel: "open:a", key: "k", data: 1 });
  await page.waitForFunction(() =>
    /gần nhất \d+ ms · trung vị \d+ ms/.test(
      document.querySelector(".quality dl")?.textContent ?? "",
    )
  );
});

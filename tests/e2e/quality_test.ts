/// <reference lib="dom" />
/** What the pages show of their connection, in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { isUpgrade, startProxy } from "../client/proxy.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

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
      const [transport, , reconnects, received] = await rowsOf(page);
      assert.deepEqual([transport, reconnects], ["Transport: SSE", "Reconnects: 0"]);
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
    /gần nhất \d+ ms, trung vị \d+ ms/.test(
      document.querySelector(".quality dl")?.textContent ?? "",
    )
  );
});

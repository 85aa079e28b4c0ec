/// <reference lib="dom" />
/** How the operations room behaves while much happens in it. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { OrderSummary } from "../../lib/store/events.ts";
import { signToken } from "../../lib/auth/tokens.ts";
import { violations } from "../support/axe.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { apiKey, startServer, type TestServer, tokenSecret } from "../support/server.ts";

async function addressFor({ url }: TestServer, language = "en") {
  return `${url}/?lang=${language}#token=${await signToken(tokenSecret, {
    sub: "anna",
    role: "staff",
  })}`;
}

async function shop({ url }: TestServer, method: string, path: string, body: unknown) {
  const response = await fetch(`${url}/store/${path}`, {
    method,
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, `${path}: ${response.status} ${await response.text()}`);
}

const putStock = (server: TestServer, sku: string, quantity = 100) =>
  shop(server, "PUT", `stock/${sku}`, { name: `Mug ${sku}`, quantity, unitPrice: 250 });
const place = (server: TestServer, id: string) =>
  shop(server, "POST", "orders", { id, country: "Norway", lines: [{ sku: "A", quantity: 1 }] });

/** Orders as the shop would tell of them, told to the channel at once; 0 is the oldest. */
async function tell(server: TestServer, first: number, end: number): Promise<void> {
  for (let from = first; from < end; from += 500) {
    const commands = Array.from({ length: Math.min(500, end - from) }, (_, i) => {
      const n = from + i;
      const data: OrderSummary = {
        id: `n-${n}`,
        status: n % 3 === 0 ? "packed" : "placed",
        country: n % 5 === 0 ? "Norway" : "Việt Nam",
        lineCount: 1,
        total: n,
        currency: "GBP",
        placedAt: 1_700_000_000_000 + n,
        updatedAt: 0,
        version: 1,
      };
      return { map_publish: { channel: "orders:all", key: data.id, data } };
    });
    await server.api("batch", { commands, parallel: false });
  }
}

const list = `.list[aria-labelledby="orders-heading"]`;
const count = (page: Page, wanted: string) =>
  page.waitForFunction(
    (text) => document.querySelector("#orders-heading .count")?.textContent === text,
    wanted,
  );
const rows = (page: Page) =>
  page.$$eval("[data-order]", (all) => all.map((row) => row.getAttribute("data-order")));
/** The row that is at the top of what can be seen, and how far below the edge it begins. */
const inSight = (page: Page) =>
  page.evaluate(() => {
    const list = document.querySelector("#orders")?.parentElement;
    const top = list?.getBoundingClientRect().top ?? 0;
    for (const row of document.querySelectorAll("[data-order]")) {
      const rect = row.getBoundingClientRect();
      if (rect.bottom > top + 1) {
        return { id: row.getAttribute("data-order"), below: Math.round(rect.top - top) };
      }
    }
    return null;
  });

testWith(["chromium"], "thousands of orders: what is in sight is there, and stays", async (t) => {
  await using server = await startServer();
  await tell(server, 0, 3_000);
  await using browser = await launchBrowser();
  const page = await browser.open(await addressFor(server));
  await count(page, "3,000");

  await t.step("only what is in sight is in the document", async () => {
    const shown = await rows(page);
    assert.equal(shown[0], "n-2999");
    assert.ok(shown.length < 40, `${shown.length} rows`);
    const first = page.locator("#orders li").first();
    assert.deepEqual(
      [await first.getAttribute("aria-posinset"), await first.getAttribute("aria-setsize")],
      ["1", "3000"],
    );
  });

  await t.step("the keyboard reaches the last one", async () => {
    await page.focus(list);
    await page.keyboard.press("End");
    await page.waitForSelector(`[data-order="n-0"]`);
    // The browser has its time to get there.
    await page.waitForFunction((selector) => {
      const list = document.querySelector(selector);
      return list !== null && list.scrollTop + list.clientHeight >= list.scrollHeight - 1;
    }, list);
    assert.ok((await rows(page)).length < 40);
  });

  await t.step("what one looks at does not move when orders come above, and go", async () => {
    await page.locator(list).evaluate((list) => list.scrollTop = 70_000);
    // No longer where the last one is.
    await page.waitForFunction(() => {
      const first = Number(document.querySelector("#orders li")?.getAttribute("aria-posinset"));
      return first > 9 && first < 2_000;
    });
    const before = await inSight(page);
    await tell(server, 3_000, 3_004);
    await count(page, "3,004");
    assert.deepEqual(await inSight(page), before);
    await server.api("map_remove", { channel: "orders:all", key: "n-2990" });
    await count(page, "3,003");
    assert.deepEqual(await inSight(page), before);
    await page.click(".newer");
    await page.waitForSelector(`[data-order="n-3003"]`);
    assert.deepEqual(await inSight(page), { id: "n-3003", below: 0 });
    assert.equal(await page.$(".newer"), null);
  });

  await t.step("what comes before the browser has told of a scroll does not undo it", async () => {
    await page.evaluate((selector) => {
      const quiet = (event: Event) => event.stopImmediatePropagation();
      addEventListener("scroll", quiet, true);
      document.addEventListener("told", () => removeEventListener("scroll", quiet, true));
      const list = document.querySelector(selector);
      if (list !== null) list.scrollTop = 3_400;
    }, list);
    await tell(server, 3_004, 3_005);
    await count(page, "3,004");
    const moved = await page.locator(list).evaluate((list) => list.scrollTop - 3_400);
    assert.ok(moved > 0 && moved < 200, `${moved}`);
    await page.locator(list).evaluate((list) => {
      document.dispatchEvent(new Event("told"));
      list.scrollTop = 0;
    });
    await page.waitForSelector(`[data-order="n-3004"]`);
    await page.waitForSelector(".newer", { state: "detached" });
  });

  await t.step("at the top, what the pointer is on does not move either", async () => {
    await page.hover(`[data-order="n-3004"]`);
    await tell(server, 3_005, 3_008);
    await count(page, "3,007");
    assert.deepEqual(await inSight(page), { id: "n-3004", below: 0 });
    assert.equal(await page.textContent(".newer"), "↑ 3 new");
    await page.click(".newer");
    await page.mouse.move(0, 0);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await tell(server, 3_008, 3_009);
    await page.waitForSelector(`[data-order="n-3008"]`);
    assert.deepEqual(await inSight(page), { id: "n-3008", below: 0 });
  });

  await t.step("it can be filtered, and begins at the top", async () => {
    await page.fill(`[aria-label="Order or country"]`, "norway");
    await page.selectOption("select", "packed");
    await page.waitForFunction(() =>
      document.querySelector("#orders li")?.getAttribute("aria-setsize") === "201"
    );
    assert.equal((await inSight(page))?.id, "n-3000");
    await page.fill(`[aria-label="Order or country"]`, "nowhere");
    await page.waitForSelector("p#orders");
    assert.equal(await page.textContent("p#orders"), "Nothing matches the filter.");
    await page.fill(`[aria-label="Order or country"]`, "n-17");
    await page.waitForSelector(`[data-order="n-1797"]`);
  });
  assert.deepEqual(browser.errors, []);
});

testWith(["chromium"], "a vehicle is found by its id or route", async () => {
  await using server = await startServer();
  for (const [id, route] of [["2057", "3"], ["2254", "238"], ["van-9", "333"]] as const) {
    const position = { lat: 30.2, lon: -97.7, speed: 2, route };
    await shop(server, "PUT", `vehicles/${id}/position`, position);
  }
  await using browser = await launchBrowser();
  const page = await browser.open(await addressFor(server));
  await page.waitForFunction(() => document.querySelectorAll("[data-vehicle]").length === 3);
  const found = async (text: string) => {
    await page.fill(`[aria-label="Vehicle or route"]`, text);
    return await page.$$eval("[data-vehicle]", (all) => all.map((one) => one.dataset["vehicle"]));
  };
  await page.waitForSelector(`.badge[data-state="online"]`);
  assert.deepEqual(await found("VAN"), ["van-9"]);
  assert.deepEqual(await found("238"), ["2254"]);
  assert.deepEqual(await found(""), ["2057", "2254", "van-9"]);
  await found("nothing");
  await page.waitForSelector("p#vehicles");
  assert.deepEqual(browser.errors, []);
});

testWith(["chromium"], "of articles that move up it is said what has happened", async () => {
  await using server = await startServer();
  for (let i = 10; i < 40; i++) await putStock(server, `S${i}`);
  await using browser = await launchBrowser();
  const page = await browser.open(await addressFor(server));
  const list = page.locator(`.list[aria-labelledby="stock-heading"]`);
  await page.waitForSelector(`[data-sku="S12"]`);
  await page.hover(`[data-sku="S12"]`);
  const top = (sku: string) =>
    page.locator(`[data-sku="${sku}"]`).evaluate((row) => row.getBoundingClientRect().top);
  const before = await top("S12");
  await putStock(server, "S39", 0);
  await page.waitForSelector(".newer");
  assert.equal(await page.textContent(".newer"), "↑ 1 changed above");
  assert.equal(await top("S12"), before);
  // It lies over no row.
  const [end, begin] = await Promise.all([
    list.evaluate((one) => one.getBoundingClientRect().bottom),
    page.locator(".newer").evaluate((one) => one.getBoundingClientRect().top),
  ]);
  assert.ok(end <= begin, `${end} > ${begin}`);
  await page.click(".newer");
  await page.waitForSelector(`[data-sku="S39"]`);
  assert.deepEqual(browser.errors, []);
});

testWith(
  ["chromium"],
  "axe-core finds nothing wrong, in both languages, light and dark",
  async () => {
    await using server = await startServer({ dev: true });
    for (const [sku, quantity] of [["A", 100], ["B", 0], ["C", 3]] as const) {
      await putStock(server, sku, quantity);
    }
    for (let i = 0; i < 30; i++) await place(server, `o-${i}`);
    await using browser = await launchBrowser();
    for (const [language, colorScheme] of [["en", "light"], ["vi", "dark"]] as const) {
      const page = await browser.open(`${server.url}/?lang=${language}`);
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.waitForSelector(`.badge[data-state="online"]`);
      await page.waitForSelector(".chart canvas");
      await page.fill(".place [name=article]", "A");
      await page.fill(".place [name=quantity]", "5000");
      await page.click(".place button");
      await page.waitForSelector(".trouble");
      assert.deepEqual(await violations(page), [], `${language}, ${colorScheme}`);
    }
  },
);

testWith(["chromium"], "without script the page can be read", async () => {
  await using server = await startServer({ dev: true });
  await putStock(server, "A");
  await place(server, "first");
  const html = await (await fetch(`${server.url}/?lang=en`)).text();
  assert.match(html, /data-order="first"/);
  assert.match(html, /data-sku="A"/);
  assert.match(html, /data-figure="orders">1</);
  assert.match(html, /data-figure="revenue">£2\.50</);
  assert.doesNotMatch(html, / style="/);
});

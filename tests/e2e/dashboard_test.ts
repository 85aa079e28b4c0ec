/// <reference lib="dom" />
/** The dashboard in a real browser: in development, in production, behind a hostile proxy. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { isUpgrade, startProxy } from "../client/proxy.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { apiKey, startServer } from "../support/server.ts";
import { devApiKey, startDevelopment } from "./development.ts";

const hostile = `<img src=x onerror="globalThis.hit=1"></script><script>globalThis.hit=1</script>`;

async function store(url: string, key: string, method: string, path: string, body: unknown) {
  const response = await fetch(`${url}/store/${path}`, {
    method,
    headers: { "x-api-key": key, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.text()}`);
}

const putStock = (url: string, key: string, sku: string, name = "Cà phê") =>
  store(url, key, "PUT", `stock/${sku}`, { name, quantity: 100_000, unitPrice: 1_234 });
const placeOrder = (url: string, key: string, id: string, sku: string) =>
  store(url, key, "POST", "orders", { id, lines: [{ sku, quantity: 1 }] });

const order = (page: Page, id: string) => page.waitForSelector(`[data-order="${id}"]`);
const badge = (page: Page, text: string, timeout = 30_000) =>
  page.waitForFunction(
    (wanted) => document.querySelector(".badge .state")?.textContent?.includes(wanted),
    text,
    { timeout },
  );
const idsOf = (page: Page) =>
  page.$$eval("[data-order]", (rows) => rows.map((row) => row.getAttribute("data-order")));

testWith(["chromium"], "in development the replay appears without a reload", async (t) => {
  await using development = await startDevelopment();
  const { url } = development;
  await using browser = await launchBrowser();

  await t.step("the page is rendered on the server, in the reader's language", async () => {
    await putStock(url, devApiKey, "HOSTILE", hostile.slice(0, 100));
    for (
      const [language, text] of [
        ["vi-VN,vi;q=0.9", "Đơn hàng đang xử lý"],
        ["fr,en;q=0.5", "Orders in work"],
      ]
    ) {
      const response = await fetch(`${url}/`, { headers: { "accept-language": language ?? "" } });
      const html = await response.text();
      assert.ok(html.includes(`${text} <span class="count">`), language);
      assert.ok(!html.includes("<img"), "markup of a product's name came through");
      const policy = response.headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'; script-src 'self'/);
      assert.doesNotMatch(policy, /unsafe/);
    }
  });

  await t.step("orders, stock and vehicles come by themselves", async () => {
    const page = await browser.open(`${url}/?lang=en`);
    await page.evaluate(() => document.body.setAttribute("data-loaded", "once"));
    await badge(page, "WebSocket · Live");
    await page.waitForSelector("[data-vehicle]");
    const before = await idsOf(page);
    await page.waitForFunction(
      (known) =>
        [...document.querySelectorAll("[data-order]")]
          .some((row) => !known.includes(row.getAttribute("data-order"))),
      before,
    );
    await page.waitForFunction(() =>
      /^\d+ ms · median \d+ ms$/.test(document.querySelector(".latency")?.textContent ?? "")
    );
    await putStock(url, devApiKey, "HOSTILE2", hostile.slice(0, 99));
    // Of many articles only those in sight are in the document.
    await page.fill(`[aria-label="Article"]`, "HOSTILE2");
    const row = await page.waitForSelector(`[data-sku="HOSTILE2"] .title`);
    assert.equal(await row.textContent(), hostile.slice(0, 99));
    assert.equal(await page.evaluate(() => "hit" in globalThis), false);
    assert.equal(await page.evaluate(() => document.body.dataset["loaded"]), "once");
  });

  await t.step("the token for trying things out opens the shop's channels", async () => {
    const token = (await Deno.readTextFile(`${development.folder}/.nhip/dev/token`)).trim();
    const status = async (headers: HeadersInit) => {
      const response = await fetch(`${url}/v1/events?channels=orders:all`, { headers });
      await response.body?.cancel();
      return response.status;
    };
    assert.deepEqual(
      [await status({}), await status({ authorization: `Bearer ${token}` })],
      [403, 200],
    );
  });

  await t.step("the reader may choose the other language", async () => {
    const page = await browser.open(`${url}/?lang=en`);
    await page.click(`nav a[lang="vi"]`);
    await badge(page, "WebSocket · Trực tiếp");
    assert.equal(await page.getAttribute("html", "lang"), "vi");
    assert.equal(
      await page.textContent("#stock-heading").then((text) => text?.split(" ")[0]),
      "Tồn",
    );
  });

  assert.deepEqual(browser.errors, []);

  await t.step("a changed file restarts the server, and the page goes on", async () => {
    const page = await browser.open(`${url}/?lang=en`);
    await badge(page, "Live");
    await page.evaluate(() => document.body.setAttribute("data-loaded", "once"));
    const file = `${development.folder}/lib/config.ts`;
    await Deno.writeTextFile(file, "\n", { append: true });
    // All is built before the server restarts.
    await badge(page, "Reconnecting", 120_000);
    await badge(page, "Live");
    await putStock(url, devApiKey, "AFTER");
    await page.fill(`[aria-label="Article"]`, "AFTER");
    await page.waitForSelector(`[data-sku="AFTER"]`);
    assert.equal(await page.evaluate(() => document.body.dataset["loaded"]), "once");
  });

  await t.step("it ends with everything it has started", async () => {
    assert.equal(await development.stop("SIGTERM"), 0);
    await assert.rejects(fetch(`${url}/healthz`));
    for (const secret of ["api_key", "token"]) {
      const { mode } = await Deno.stat(`${development.folder}/.nhip/dev/${secret}`);
      assert.equal((mode ?? 0) & 0o777, 0o600, secret);
    }
  });
});

testWith(
  ["chromium"],
  "in production the page shows the shop only to who has a token",
  async (t) => {
    await using server = await startServer();
    const { url } = server;
    await putStock(url, apiKey, "SKU-SECRET");
    await placeOrder(url, apiKey, "first", "SKU-SECRET");
    await using browser = await launchBrowser();

    await t.step("without a token it says what is needed, and nothing else", async () => {
      const html = await (await fetch(`${url}/`)).text();
      assert.ok(html.includes("This page needs a token"));
      for (const secret of ["SKU-SECRET", "first", "eyJ"]) {
        assert.ok(!html.includes(secret), secret);
      }
      const page = await browser.open(`${url}/?lang=vi`);
      await page.waitForSelector(`[data-access="needed"]`);
      assert.match(await page.textContent(".gate") ?? "", /Trang này cần mã truy cập/);
      assert.equal(await page.$(".panel"), null);
    });

    await t.step("a token in the address's fragment opens it, live, for this tab", async () => {
      const page = await browser.open(`${url}/?lang=en#token=${await server.token()}`);
      await order(page, "first");
      assert.equal(page.url(), `${url}/?lang=en`);
      await placeOrder(url, apiKey, "second", "SKU-SECRET");
      await order(page, "second");
      await page.reload();
      await order(page, "second");
      assert.deepEqual(browser.errors, []);
    });

    await t.step("the page asks the shop for nothing: its channels tell it all", async () => {
      const page = await browser.open(`${url}/?lang=en#token=${await server.token()}`);
      const asked: string[] = [];
      page.on("request", (request) => asked.push(new URL(request.url()).pathname));
      await page.reload();
      await order(page, "second");
      await page.waitForSelector(`[data-sku="SKU-SECRET"]`);
      assert.deepEqual(asked.filter((path) => !/^\/(static\/.*)?$/.test(path)), []);
    });

    await t.step("an order that is over shows how it ended, and goes", async () => {
      const page = await browser.open(`${url}/?lang=en#token=${await server.token()}`);
      await order(page, "second");
      const count = () => page.textContent("#orders-heading .count");
      assert.equal(await count(), "2");
      await store(url, apiKey, "DELETE", "orders/second", undefined);
      await page.waitForSelector(`[data-order="second"] [data-status="cancelled"]`);
      await page.waitForSelector(`[data-order="second"]`, { state: "detached" });
      assert.deepEqual([await count(), await idsOf(page)], ["1", ["first"]]);
      await page.reload();
      await order(page, "first");
      assert.deepEqual(await idsOf(page), ["first"]);
    });

    await t.step("a token that is refused is said to be, and forgotten", async () => {
      const page = await browser.open(`${url}/?lang=en#token=nonsense`);
      await page.waitForSelector(`[data-access="refused"]`);
      assert.equal(await page.evaluate(() => sessionStorage.length), 0);
      assert.equal(await page.$(".panel"), null);
      const token = await server.token();
      await page.evaluate((given) => location.hash = `token=${given}`, token);
      await order(page, "first");
    });
  },
);

testWith(
  ["chromium"],
  "without WebSocket the dashboard goes on over SSE, and loses nothing",
  async () => {
    await using server = await startServer();
    await putStock(server.url, apiKey, "A");
    await using proxy = startProxy(server.port);
    proxy.rule = (head) => isUpgrade(head) ? "refuse" : "pass";
    await using browser = await launchBrowser({
      viewport: { width: 390, height: 844 },
      mobile: true,
    });
    const page = await browser.open(`${proxy.url}/?lang=en#token=${await server.token()}`);
    await badge(page, "SSE · Live");
    const place = (id: string) => placeOrder(server.url, apiKey, id, "A");
    await place("o-1");
    await order(page, "o-1");
    for (let i = 2; i <= 20; i++) {
      await place(`o-${i}`);
      if (i % 6 === 0) proxy.cut();
    }
    await order(page, "o-20");
    await page.waitForFunction(() =>
      document.querySelector("#orders-heading .count")?.textContent === "20"
    );
    const ids = new Set(await idsOf(page));
    // A row at a time, for only what is in sight is there.
    for (let i = 0; i < 20; i++) {
      await page.locator(`.list[aria-labelledby="orders-heading"]`).evaluate((list) =>
        list.scrollBy(0, 70)
      );
      for (const id of await idsOf(page)) ids.add(id);
    }
    const all = Array.from({ length: 20 }, (_, i) => `o-${i + 1}`);
    assert.deepEqual([...ids].sort(), all.sort());
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 390, "the page is wider than the phone");
  },
);

testWith(
  ["chromium"],
  "a server that is away is shown, and made up for when it is back",
  async () => {
    await using first = await startServer();
    await putStock(first.url, apiKey, "A");
    await using browser = await launchBrowser();
    const page = await browser.open(`${first.url}/?lang=en#token=${await first.token()}`);
    await badge(page, "WebSocket · Live");
    await page.evaluate(() => document.body.setAttribute("data-loaded", "once"));
    await placeOrder(first.url, apiKey, "before", "A");
    await order(page, "before");
    await first.signal("SIGKILL");
    await badge(page, "Reconnecting · as of ");
    await page.waitForSelector(".panel[data-stale]");
    await using second = await startServer({ after: first });
    await placeOrder(second.url, apiKey, "meanwhile", "A");
    await order(page, "meanwhile");
    await badge(page, "Live");
    assert.equal(await page.$(".panel[data-stale]"), null);
    await page.waitForFunction(() =>
      document.querySelector(`[data-figure="orders"]`)?.textContent === "2" &&
      document.querySelector(`[data-sku="A"] .amount`)?.textContent === "99,998" &&
      document.querySelector("#orders-heading .count")?.textContent === "2"
    );
    assert.equal(await page.evaluate(() => document.body.dataset["loaded"]), "once");
  },
);

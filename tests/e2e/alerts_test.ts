/// <reference lib="dom" />
/** Alerts in real browsers: seen by everyone, acknowledged, closed, kept through a restart. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Role } from "../../lib/auth/identity.ts";
import { signToken } from "../../lib/auth/tokens.ts";
import { violations } from "../support/axe.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { apiKey, startServer, tokenSecret } from "../support/server.ts";

async function shop(url: string, method: string, path: string, body?: unknown): Promise<void> {
  const response = await fetch(`${url}/store/${path}`, {
    method,
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.text()}`);
}

const putStock = (url: string, sku: string, quantity: number) =>
  shop(url, "PUT", `stock/${sku}`, { name: sku, quantity, unitPrice: 100 });
const place = (url: string, id: string, sku: string, quantity: number) =>
  shop(url, "POST", "orders", { id, lines: [{ sku, quantity }] });
const address = async (url: string, language: string, sub: string, role?: Role) => {
  const token = await signToken(tokenSecret, { sub, ...(role && { role }) });
  return `${url}/?lang=${language}#token=${token}`;
};
const online = (page: Page) => page.waitForSelector(`.badge[data-state="online"]`);
const openList = (page: Page) => page.click(".alerts summary");
const row = (id: string) => `[data-alert="${id}"]`;
const rowSays = (page: Page, id: string, part: string, wanted: string) =>
  page.waitForFunction(
    ([where, text]) => document.querySelector(where ?? "")?.textContent?.includes(text ?? ""),
    [`${row(id)} ${part}`, wanted],
  );
const gone = (page: Page, id: string) => page.waitForSelector(row(id), { state: "detached" });
const button = (id: string, action: string) => `${row(id)} [data-action="${action}"]`;
const tallies = (page: Page, wanted: string) =>
  page.waitForFunction(
    (wanted) => document.querySelector(".tallies")?.textContent === wanted,
    wanted,
  );
/** Resolves when the server's answer to this has been read. */
const answered = async (page: Page, method: string) => {
  const response = await page.waitForResponse((one) => one.request().method() === method);
  await response.finished();
};

testWith(
  ["chromium"],
  "alerts are seen by everyone at once, and kept until they end",
  async (t) => {
    await using first = await startServer();
    const { url } = first;
    await putStock(url, "TEA", 20);
    await using browser = await launchBrowser();
    await using phone = await launchBrowser({
      viewport: { width: 390, height: 800 },
      mobile: true,
    });
    const mai = await browser.open(await address(url, "en", "mai", "staff"));
    const an = await phone.open(await address(url, "vi", "an", "staff"));
    for (const page of [mai, an]) {
      await online(page);
      await openList(page);
      await page.waitForSelector(".alert-sheet .empty");
    }

    await t.step(
      "an order brings an article below its limit: both see it, each in their language",
      async () => {
        const heights = () =>
          Promise.all(
            [mai, an].map((page) =>
              page.$eval(".alerts", (bar) => bar.getBoundingClientRect().height)
            ),
          );
        const before = await heights();
        await place(url, "first", "TEA", 15);
        await Promise.all([
          rowSays(mai, "stock:TEA", ".what", "TEA is low: 5 left"),
          rowSays(an, "stock:TEA", ".what", "TEA sắp hết: còn 5"),
        ]);
        await tallies(mai, "0critical1warning0info");
        assert.deepEqual(await heights(), before, "an alert has moved what is below");
        await mai.waitForFunction(() =>
          document.querySelector(".alerts [role=status]")?.textContent === "TEA is low: 5 left"
        );
      },
    );

    await t.step("acknowledged by one, the other sees by whom", async () => {
      await mai.focus(button("stock:TEA", "acknowledge"));
      await mai.keyboard.press("Enter");
      await mai.waitForSelector(button("stock:TEA", "acknowledge"), { state: "detached" });
      // Its button has gone; the focus has not.
      await mai.waitForSelector(`${row("stock:TEA")}:focus`);
      await rowSays(mai, "stock:TEA", ".care", "Acknowledged by mai");
      await rowSays(an, "stock:TEA", ".care", "mai nhận xử lý");
      assert.equal(await an.$(button("stock:TEA", "acknowledge")), null);
    });

    await t.step("nothing left is critical, is said at once, and is nobody's again", async () => {
      await place(url, "second", "TEA", 5);
      await rowSays(an, "stock:TEA", ".what", "TEA đã hết hàng");
      await an.waitForSelector(button("stock:TEA", "acknowledge"));
      await mai.waitForFunction(() =>
        document.querySelector(".alerts [role=alert]")?.textContent === "TEA is out of stock"
      );
      await rowSays(mai, "stock:TEA", ".when", "2 times");
    });

    await t.step("restocked, it says that it is over, and goes", async () => {
      // It says so for a while only.
      await Promise.all([
        rowSays(mai, "stock:TEA", ".care", "Resolved"),
        shop(url, "POST", "stock/TEA/restock", { quantity: 50 }),
      ]);
      await Promise.all([gone(mai, "stock:TEA"), gone(an, "stock:TEA")]);
      await an.waitForSelector(".alert-sheet .empty");
    });

    await t.step(
      "a report appears as its author wrote it, and is closed for both by keyboard",
      async () => {
        const text = `<img src=x onerror="globalThis.hit=1">`;
        await shop(url, "POST", "alerts", { order: "first", text, severity: "info" });
        await rowSays(mai, "delivery:first", ".about", text);
        await rowSays(an, "delivery:first", ".what", "Giao đơn first gặp sự cố");
        assert.deepEqual(await violations(mai), []);
        assert.deepEqual(await violations(an), []);
        await mai.focus(button("delivery:first", "close"));
        await Promise.all([
          rowSays(an, "delivery:first", ".care", "mai đã đóng"),
          mai.keyboard.press("Enter"),
        ]);
        await Promise.all([gone(mai, "delivery:first"), gone(an, "delivery:first")]);
        await mai.waitForSelector(".alerts summary:focus");
        await mai.keyboard.press("Escape");
        await mai.waitForSelector(".alerts [open]", { state: "detached" });
        assert.equal(await mai.evaluate(() => "hit" in globalThis), false);
      },
    );

    await t.step("who is no staff is told so, and what they saw is taken back", async () => {
      await putStock(url, "RICE", 3);
      const customer = await browser.open(await address(url, "en", "hoa"));
      await online(customer);
      await openList(customer);
      await customer.click(button("stock:RICE", "acknowledge"));
      await rowSays(customer, "stock:RICE", "[role=alert]", "has no staff role");
      await customer.waitForSelector(`${row("stock:RICE")} .care:empty`, { state: "attached" });
      // What it said before is there until then.
      await Promise.all([
        answered(customer, "DELETE"),
        customer.click(button("stock:RICE", "close")),
      ]);
      await rowSays(customer, "stock:RICE", "[role=alert]", "has no staff role");
      await customer.waitForSelector(`${row("stock:RICE")}:not([data-over])`);
      await customer.close();
    });

    await t.step(
      "an alert outlives the server, on a page that was open and on a new one",
      async () => {
        await an.click(button("stock:RICE", "acknowledge"));
        await rowSays(an, "stock:RICE", ".care", "an nhận xử lý");
        await first.signal("SIGKILL");
        await an.waitForSelector(".alerts[data-stale]");
        await an.click(button("stock:RICE", "close"));
        await rowSays(an, "stock:RICE", "[role=alert]", "Máy chủ không trả lời");
        await using second = await startServer({ after: first });
        await online(an);
        await rowSays(an, "stock:RICE", ".care", "an nhận xử lý");
        const later = await browser.open(await address(second.url, "en", "mai", "staff"));
        await online(later);
        await openList(later);
        await rowSays(later, "stock:RICE", ".care", "Acknowledged by an");
        await an.click(button("stock:RICE", "close"));
        await Promise.all([gone(an, "stock:RICE"), gone(later, "stock:RICE")]);
      },
    );

    const unexpected = [...browser.errors, ...phone.errors]
      .filter((one) => !/status of 403|ERR_CONNECTION|WebSocket connection|net::/.test(one));
    assert.deepEqual(unexpected, []);
  },
);

testWith(["chromium"], "alerts are there to be read before any script runs", async () => {
  await using server = await startServer({ dev: true });
  await putStock(server.url, "TEA", 0);
  const html = await (await fetch(`${server.url}/?lang=vi`)).text();
  assert.match(html, /data-alert="stock:TEA"/);
  assert.match(html, /TEA đã hết hàng/);
});

/// <reference lib="dom" />
/** New orders in a real browser: toasts, consent, and the service worker's notifications. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { Receiver, startPushService } from "../push/support.ts";
import { launchBrowser } from "../support/browser.ts";
import { metric } from "../support/clients/metrics.ts";
import { eventually } from "../support/clients/eventually.ts";
import { testWith } from "../support/programs.ts";
import { apiKey, startServer } from "../support/server.ts";
import {
  countShown,
  deliverer,
  notifications,
  shown,
  subscribeAt,
  workerOf,
} from "./push_browser.ts";

async function shop(url: string, method: string, path: string, body: unknown): Promise<void> {
  const headers = { "x-api-key": apiKey, "content-type": "application/json" };
  const init = { method, headers, body: JSON.stringify(body) };
  const response = await fetch(`${url}/store/${path}`, init);
  assert.ok(response.ok, `${path}: ${response.status} ${await response.text()}`);
}

const putStock = (url: string) =>
  shop(url, "PUT", "stock/A", { name: "Cà phê", quantity: 10_000, unitPrice: 1_234 });
const place = (url: string, id: string) =>
  shop(url, "POST", "orders", { id, lines: [{ sku: "A", quantity: 1 }] });
const consent = (page: Page, state: string) =>
  page.waitForSelector(`.notify[data-consent="${state}"]`);
const online = (page: Page) => page.waitForSelector(`.badge[data-state="online"]`);

/** As if the reader had gone to another tab, or come back. */
const setVisibility = (page: Page, state: DocumentVisibilityState) =>
  page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);

testWith(["chromium"], "staff who agree are notified, wherever they look", async (t) => {
  await using service = startPushService();
  await using server = await startServer({ dev: true });
  const { url } = server;
  await putStock(url);
  await using browser = await launchBrowser();
  const { context } = browser;
  const receiver = new Receiver();
  await subscribeAt(context, `${service.url}/one`, receiver);
  await context.addInitScript(countShown);
  await context.grantPermissions(["notifications"], { origin: url });
  const page = await browser.open(`${url}/?lang=en`);
  await online(page);
  const pushed = async () => receiver.decrypt((await service.next()).body);
  const withheld = (n: number) =>
    eventually(
      async () => await metric(url, 'nhip_pushes_total{outcome="withheld"}') === n,
      `${n} pushes withheld`,
    );

  await t.step("the browser is asked on a click, and remembers", async () => {
    await consent(page, "off");
    const button = page.locator(".notify button");
    assert.equal(await button.textContent(), "Notify me of new orders");
    await button.click();
    await consent(page, "on");
    await page.reload();
    await consent(page, "on");
    await online(page);
  });

  await t.step(
    "who looks at the page sees a toast, keeps the focus and is not pushed",
    async () => {
      await page.focus(".notify button");
      await place(url, "o-1");
      const toast = page.locator(`[data-toast="o-1"]`);
      await toast.waitFor();
      assert.equal(await toast.locator("p").innerText(), "New order\no-1\n£12.34");
      assert.equal(await page.getAttribute(".toasts", "role"), "group");
      assert.equal(
        await page.evaluate(() => document.activeElement?.closest(".notify") !== null),
        true,
      );
      await toast.locator("button").click();
      await toast.waitFor({ state: "detached" });
      await withheld(1);
      assert.deepEqual([service.received.length, await notifications(page)], [0, []]);
    },
  );

  const session = await context.newCDPSession(page);
  const deliver = await deliverer(session, url);

  await t.step("whose page is hidden sees one notification, by page and push alike", async () => {
    const worker = await workerOf(context);
    await worker.evaluate(countShown);
    await setVisibility(page, "hidden");
    await place(url, "o-2");
    await shown((count) => page.evaluate(count), 1);
    const first = await pushed();
    assert.deepEqual(JSON.parse(first).orders, ["o-2"]);
    await deliver(first);
    await shown((count) => worker.evaluate(count), 1);
    assert.deepEqual(await notifications(page), [
      { title: "New order", body: "o-2, £12.34", tag: "new-orders", lang: "en" },
    ]);
    await place(url, "o-3");
    await shown((count) => page.evaluate(count), 2);
    await deliver(await pushed());
    await shown((count) => worker.evaluate(count), 2);
    assert.deepEqual(await notifications(page), [
      { title: "2 new orders", body: "o-3, £12.34", tag: "new-orders", lang: "en" },
    ]);
    assert.equal(await page.locator(".toast").count(), 0);
  });

  await t.step("whoever comes back has seen them", async () => {
    await setVisibility(page, "visible");
    await eventually(async () => (await notifications(page)).length === 0, "cleared");
  });

  await t.step("the service worker leads back to the page", async () => {
    const worker = await workerOf(context);
    const opened = await worker.evaluate(async () => {
      const scope = globalThis as unknown as {
        clients: { matchAll: unknown; openWindow: unknown };
        dispatchEvent(event: Event): void;
      };
      const asked: string[] = [];
      Object.assign(scope.clients, {
        matchAll: () => Promise.resolve([]),
        openWindow: (path: string) => Promise.resolve(asked.push(`open ${path}`)),
      });
      let work: Promise<unknown> = Promise.resolve();
      scope.dispatchEvent(Object.assign(new Event("notificationclick"), {
        notification: { close: () => asked.push("close") },
        waitUntil: (promise: Promise<unknown>) => work = promise,
      }));
      await work;
      return asked;
    });
    assert.deepEqual(opened, ["close", "open /"]);
  });

  await t.step("a subscription that the browser replaces goes on", async () => {
    const worker = await workerOf(context);
    await worker.evaluate(async ({ old, next, keys }) => {
      let work: Promise<unknown> = Promise.resolve();
      const subscription = (endpoint: string) => ({ endpoint, toJSON: () => ({ endpoint, keys }) });
      const scope = globalThis as unknown as { dispatchEvent(event: Event): void };
      scope.dispatchEvent(Object.assign(new Event("pushsubscriptionchange"), {
        oldSubscription: subscription(old),
        newSubscription: subscription(next),
        waitUntil: (promise: Promise<unknown>) => work = promise,
      }));
      await work;
    }, { old: `${service.url}/one`, next: `${service.url}/two`, keys: receiver.keys });
  });

  await t.step("whose page is closed is pushed, in the page's language", async () => {
    await page.close();
    await place(url, "o-4");
    const request = await service.next();
    assert.equal(request.path, "/two");
    const message = receiver.decrypt(request.body);
    // Another page of the site, which shows no orders.
    const other = await context.newPage();
    await other.goto(`${url}/healthz`);
    const deliver = await deliverer(await context.newCDPSession(other), url);
    const worker = await workerOf(context);
    await worker.evaluate(countShown);
    await deliver(message);
    await shown((count) => worker.evaluate(count), 1);
    assert.deepEqual(await notifications(other), [
      { title: "New order", body: "o-4, £12.34", tag: "new-orders", lang: "en" },
    ]);
    await other.close();
  });

  await t.step("whoever turns it off is left alone", async () => {
    const page = await browser.open(`${url}/?lang=vi`);
    await consent(page, "on");
    assert.equal(await page.textContent(".notify button"), "Tắt thông báo");
    await page.click(".notify button");
    await consent(page, "off");
    await page.reload();
    await consent(page, "off");
  });
  assert.deepEqual(browser.errors, []);
});

testWith(["chromium"], "what keeps a reader from being notified is said", async (t) => {
  await using server = await startServer({ dev: true });
  const { url } = server;
  const opened = async (script: () => void, language = "en") => {
    const browser = await launchBrowser({ viewport: { width: 390, height: 844 }, mobile: true });
    await browser.context.addInitScript(script);
    const page = await browser.open(`${url}/?lang=${language}`);
    return { browser, page };
  };
  const denied = () => Object.defineProperty(Notification, "permission", { value: "denied" });

  await t.step("blocked, with what to do", async () => {
    const { browser, page } = await opened(denied, "vi");
    await using _ = browser;
    await consent(page, "denied");
    assert.match(await page.textContent(".notify p") ?? "", /^Thông báo đang bị chặn/);
    assert.equal(await page.locator(".notify button").count(), 0);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 390);
  });

  await t.step("a browser that cannot", async () => {
    const { browser, page } = await opened(() => Reflect.deleteProperty(globalThis, "PushManager"));
    await using _ = browser;
    await consent(page, "unsupported");
  });

  await t.step("a push service that is out of reach", async () => {
    const { browser, page } = await opened(() => {
      Object.assign(Notification, { requestPermission: () => Promise.resolve("granted") });
      PushManager.prototype.subscribe = () => Promise.reject(new Error("no service"));
    });
    await using _ = browser;
    await consent(page, "off");
    await page.click(".notify button");
    await consent(page, "failed");
    assert.match(await page.textContent(".notify p") ?? "", /^That did not work/);
  });
});

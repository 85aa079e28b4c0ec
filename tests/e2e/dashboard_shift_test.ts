/// <reference lib="dom" />
/** Nothing in the operations room moves by itself while it fills. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { signToken } from "../../lib/auth/tokens.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { apiKey, startServer, type TestServer, tokenSecret } from "../support/server.ts";

/** As browsers sum up what moves, this is nothing that anybody could see. */
const most = 0.001;

interface Shift {
  readonly value: number;
  readonly moved: readonly string[];
}

async function shop({ url }: TestServer, method: string, path: string, body: unknown) {
  const response = await fetch(`${url}/store/${path}`, {
    method,
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, `${path}: ${response.status} ${await response.text()}`);
}

const place = (server: TestServer, id: string) =>
  shop(server, "POST", "orders", { id, country: "Norway", lines: [{ sku: "A", quantity: 1 }] });

/** Runs in the page before anything else does; keeps what moves, whatever the cause. */
function watch(): void {
  const shifts: Shift[] = [];
  Object.assign(globalThis, { shifts });
  type Entry = PerformanceEntry & {
    readonly value: number;
    readonly sources: readonly { readonly node: Node | null }[];
  };
  const nameOf = (node: Node | null) =>
    node instanceof Element ? `${node.localName}.${node.className}` : node?.textContent ?? "";
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries() as Entry[]) {
      shifts.push({ value, moved: sources.map(({ node }) => nameOf(node)) });
    }
  }).observe({ type: "layout-shift", buffered: true });
}

async function shiftsOf(page: Page): Promise<readonly Shift[]> {
  return await page.evaluate(() => (globalThis as unknown as { shifts: Shift[] }).shifts);
}

/** Charts and the map, orders in toasts and in the list, a vehicle, an alert. */
async function fill(server: TestServer, page: Page): Promise<void> {
  await page.waitForSelector(`.badge[data-state="online"]`);
  await page.waitForSelector(".chart canvas");
  await page.locator(".map-panel").scrollIntoViewIfNeeded();
  await page.waitForSelector(".map-vehicles");
  await page.waitForSelector(".map-credit");
  await page.evaluate(() => scrollTo(0, 0));
  for (let i = 0; i < 5; i++) {
    await place(server, `after-${i}`);
    await page.waitForSelector(`[data-order="after-${i}"]`);
    await page.waitForSelector(`[data-toast="after-${i}"]`);
  }
  await page.waitForSelector(".latency:not(.unknown)");
  await shop(server, "PUT", "vehicles/van/position", { lat: 30.2, lon: -97.7, speed: 2 });
  await page.waitForSelector(`[data-vehicle="van"]`);
  await shop(server, "PUT", "stock/B", { name: "Gone", quantity: 0, unitPrice: 1 });
  await page.waitForSelector(`.tally[data-severity="critical"]`);
}

for (
  const [name, viewport] of [
    ["desktop", { width: 1280, height: 800 }],
    ["phone", { width: 390, height: 844 }],
  ] as const
) {
  testWith(["chromium"], `nothing on the page moves when it fills, on a ${name}`, async (t) => {
    // In development the reader may look at once, and may ask to be notified.
    for (const [language, dev] of [["en", false], ["vi", true]] as const) {
      await t.step(dev ? "in development" : "with a token", async () => {
        await using server = await startServer({ dev });
        await shop(server, "PUT", "stock/A", { name: "Mug", quantity: 99, unitPrice: 250 });
        await place(server, "before");
        await using browser = await launchBrowser({ viewport, mobile: name === "phone" });
        await browser.context.addInitScript(watch);
        const token = await signToken(tokenSecret, { sub: "anna", role: "staff" });
        const page = await browser.open(`${server.url}/?lang=${language}#token=${token}`);
        await fill(server, page);
        // All toasts have their time, and go.
        await page.waitForFunction(() => document.querySelector(".toast") === null);
        const shifts = await shiftsOf(page);
        const sum = shifts.reduce((total, { value }) => total + value, 0);
        // deno-lint-ignore no-console -- the figure itself is worth knowing
        console.log(`cumulative layout shift, ${name}, ${language}: ${sum.toFixed(5)}`);
        assert.ok(sum <= most, JSON.stringify(shifts));
      });
    }
  });
}

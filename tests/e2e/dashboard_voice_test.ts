/// <reference lib="dom" />
/** What a screen reader is told of new orders: each of them, once, by one voice. */
import assert from "node:assert/strict";
import type { CDPSession, Page } from "playwright-core";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { apiKey, startServer, type TestServer } from "../support/server.ts";

async function shop({ url }: TestServer, method: string, path: string, body: unknown) {
  const response = await fetch(`${url}/store/${path}`, {
    method,
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, `${path}: ${response.status} ${await response.text()}`);
}

const place = (server: TestServer, id: string) =>
  shop(server, "POST", "orders", { id, lines: [{ sku: "A", quantity: 1 }] });

/** Keeps what becomes of every live region's text, as a screen reader would say it. */
function listen(): void {
  const heard: string[] = [];
  Object.assign(globalThis, { heard });
  const live = `[aria-live]:not([aria-live="off"]), [role=status], [role=alert], [role=log]`;
  new MutationObserver((changes) => {
    const regions = new Set<Element>();
    for (const { target } of changes) {
      const element = target instanceof Element ? target : target.parentElement;
      const region = element?.closest(live);
      if (region) regions.add(region);
    }
    for (const region of regions) heard.push(region.textContent ?? "");
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}

const heardBy = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard);

interface Region {
  readonly politeness: string;
  readonly text: string;
}

/** The live regions of the browser's own accessibility tree, with all that is in them. */
async function regionsOf(devtools: CDPSession): Promise<Region[]> {
  const { nodes } = await devtools.send("Accessibility.getFullAXTree");
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const textOf = (id: string): string => {
    const node = byId.get(id);
    if (node === undefined) return "";
    if (node.role?.value === "StaticText") return String(node.name?.value ?? "");
    return (node.childIds ?? []).map(textOf).join(" ");
  };
  return nodes.flatMap(({ nodeId, properties = [] }) => {
    const of = (name: string) => properties.find((one) => one.name === name)?.value.value;
    const politeness = of("live");
    // What is within a region has its politeness, too, and names the region as its root.
    if (politeness === undefined || politeness === "off" || of("root") !== undefined) return [];
    return [{ politeness: String(politeness), text: textOf(nodeId) }];
  });
}

testWith(["chromium"], "a new order is told once to who listens", async (t) => {
  await using server = await startServer({ dev: true });
  await shop(server, "PUT", "stock/A", { name: "Mug", quantity: 99, unitPrice: 250 });
  await using browser = await launchBrowser();
  for (
    const [language, one, more] of [
      ["en", "New order en-1, £2.50", /^2 new orders, the latest en-[23], £2\.50$/],
      ["vi", "Đơn hàng mới vi-1, 2,50 £", /^2 đơn hàng mới, mới nhất là vi-[23], 2,50 £$/],
    ] as const
  ) {
    await t.step(language, async () => {
      const page = await browser.open(`${server.url}/?lang=${language}`);
      await page.waitForSelector(`.badge[data-state="online"]`);
      await page.waitForSelector(".chart canvas");
      await page.focus(".place [name=article]");
      await page.evaluate(listen);
      const told = (text: string) =>
        page.waitForFunction(
          (id) =>
            (globalThis as unknown as { heard: string[] }).heard.some((one) => one.includes(id)),
          text,
        );
      await place(server, `${language}-1`);
      await page.waitForSelector(`[data-toast="${language}-1"]`);
      await told(`${language}-1`);
      assert.deepEqual((await heardBy(page)).map(plain), [one]);
      const devtools = await browser.context.newCDPSession(page);
      const telling = (await regionsOf(devtools)).filter(({ text }) => text.includes("-1"));
      assert.deepEqual(telling.map(({ politeness, text }) => [politeness, plain(text)]), [
        ["polite", one],
      ]);
      await Promise.all([2, 3].map((n) => place(server, `${language}-${n}`)));
      await told("2 ");
      const heard = (await heardBy(page)).map(plain);
      assert.equal(heard.length, 2, heard.join("\n"));
      assert.match(heard[1] ?? "", more);
      assert.equal(
        await page.evaluate(() => document.activeElement?.getAttribute("name")),
        "article",
      );
      await page.close();
    });
  }

  await t.step("one's own order is no news", async () => {
    const page = await browser.open(`${server.url}/?lang=en`);
    await page.waitForSelector(`.badge[data-state="online"]`);
    await page.evaluate(listen);
    await page.fill(".place [name=article]", "A");
    await page.click(".place button");
    await page.waitForSelector("[data-order]:not([data-pending])");
    await place(server, "others");
    await page.waitForSelector(`[data-toast="others"]`);
    assert.equal(await page.locator(".toast").count(), 1);
    await page.waitForFunction(() =>
      (globalThis as unknown as { heard: string[] }).heard.includes("New order others, £2.50")
    );
  });
  assert.deepEqual(browser.errors, []);
});

/** Languages put spaces that do not break before a currency's sign. */
function plain(text: string): string {
  return text.replaceAll(/\s/gu, " ");
}

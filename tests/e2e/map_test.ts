/// <reference lib="dom" />
/** The fleet's map in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { violations } from "../support/axe.ts";
import { launchBrowser, type TestBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { apiKey, startServer, type TestServer } from "../support/server.ts";
import { watchMarkers, watchMotion } from "./map_eye.ts";
import { startTiles } from "./tiles.ts";

const hostile = `<img src=x onerror="globalThis.hit=1"><b>bold</b></script>`;
const corner = { lat: 30.27, lon: -97.74 };

interface Report {
  readonly lat?: number;
  readonly lon?: number;
  readonly at?: number;
  readonly route?: string;
  readonly headsign?: string;
}

async function report({ url }: TestServer, id: string, where: Report): Promise<void> {
  const body = { ...corner, speed: 5, route: "", headsign: "", ...where };
  const response = await fetch(`${url}/store/vehicles/${id}/position`, {
    method: "PUT",
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, `${response.status} ${await response.text()}`);
}

/** The page, when the map is open and shows vehicles. */
async function openMap(
  browser: TestBrowser,
  { url }: TestServer,
  prepare: (page: Page) => Promise<unknown> = () => Promise.resolve(),
): Promise<Page> {
  const page = await browser.prepared(prepare);
  await page.goto(`${url}/?lang=en`);
  await page.locator(".map-panel").scrollIntoViewIfNeeded();
  await page.waitForSelector("[data-vehicle]");
  await page.waitForSelector(".map-vehicles");
  await watchMarkers(page, ({ count }) => count > 0);
  return page;
}

async function policyOf({ url }: TestServer): Promise<string> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.headers.get("content-security-policy") ?? "";
}

/** What the chosen vehicle's card says of its age. */
const age = (page: Page, { source }: RegExp) =>
  page.waitForFunction(
    (wanted) =>
      new RegExp(wanted).test(document.querySelector(".map-card-state")?.textContent ?? ""),
    source,
  );
const isStill = (page: Page) => page.emulateMedia({ reducedMotion: "reduce" });
const pick = (page: Page, id: string) => page.locator(`[data-vehicle="${id}"] .pick`);

testWith(["chromium"], "the map shows where vehicles are, and where they go", async (t) => {
  await using server = await startServer({ dev: true });
  await using browser = await launchBrowser({ viewport: { width: 1280, height: 1000 } });
  await report(server, "a", {});

  await t.step("a position that comes moves the marker, smoothly", async () => {
    const page = await openMap(browser, server);
    await pick(page, "a").click();
    await report(server, "a", {});
    await age(page, / [01] s ago$/);
    // It takes as long to get there as it has taken to report.
    await age(page, / [23] s ago$/);
    const before = await watchMarkers(page, ({ count }) => count > 0);
    const motion = await watchMotion(page, before, 30);
    await report(server, "a", { lon: corner.lon + 0.002 });
    const { places, end } = await motion.done();
    assert.ok(places > 5, `seen at ${places} places`);
    assert.ok(Math.abs(end.y - before.y) < 4, `${end.y} ${before.y}`);
    await page.close();
  });

  await t.step("where motion is not wanted, it is there at once", async () => {
    const page = await openMap(browser, server, isStill);
    const before = await watchMarkers(page, ({ count }) => count > 0);
    const motion = await watchMotion(page, before, 30);
    await report(server, "a", { lon: corner.lon + 0.004 });
    const { places } = await motion.done();
    assert.equal(places, 2);
    await page.close();
  });

  await t.step("the list leads to it by keyboard, and Escape gives back", async () => {
    await report(server, "b", { lat: 30.4, lon: -97.6 });
    const page = await openMap(browser, server);
    await watchMarkers(page, ({ count }) => count > 100);
    const zoomed = () => page.textContent(".leaflet-control-scale-line");
    const first = await zoomed();
    await pick(page, "b").focus();
    await page.keyboard.press("Enter");
    const card = page.locator(".map-card");
    await card.waitFor();
    assert.equal(await pick(page, "b").getAttribute("aria-pressed"), "true");
    await page.waitForFunction(
      (before) => document.querySelector(".leaflet-control-scale-line")?.textContent !== before,
      first,
    );
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "detached" });
    assert.equal(await pick(page, "b").getAttribute("aria-pressed"), "false");
    assert.equal(await pick(page, "b").evaluate((one) => one === document.activeElement), true);
    await page.waitForFunction(
      (before) => document.querySelector(".leaflet-control-scale-line")?.textContent === before,
      first,
    );
    await page.close();
  });

  await t.step("a marker is touched, followed, and let go", async () => {
    // Without motion a place on the canvas stays true until it is clicked.
    const page = await openMap(browser, server, isStill);
    await pick(page, "a").click();
    await page.locator(".map-card-close").click();
    await page.locator(".map-card").waitFor({ state: "detached" });
    // The map is where the reader was: both are in view, and a click finds the nearest.
    const map = page.locator(".fleet-map");
    const box = await map.boundingBox();
    const at = await watchMarkers(page, ({ count }) => count > 0);
    assert.ok(box !== null && at.last !== null);
    await page.mouse.click(box.x + at.last.x, box.y + at.last.y);
    await page.locator(".map-card").waitFor();
    const follow = page.getByRole("button", { name: "Follow" });
    await follow.click();
    assert.equal(await follow.getAttribute("aria-pressed"), "true");
    await page.getByRole("button", { name: "See all" }).click();
    await page.waitForSelector(`.map-card [aria-pressed="false"]`);
    await page.close();
  });

  await t.step("what a vehicle says of itself is text", async () => {
    await report(server, "h", { route: hostile.slice(0, 32), headsign: hostile.slice(0, 64) });
    const page = await openMap(browser, server);
    await pick(page, "h").click();
    await page.locator(".map-card").waitFor();
    assert.equal(await page.textContent(".map-card-headsign"), hostile.slice(0, 64));
    assert.equal(await page.textContent(".map-card-title"), `h · Route ${hostile.slice(0, 32)}`);
    assert.equal(await page.$(".map-card img, .map-card b b"), null);
    assert.equal(await page.evaluate(() => "hit" in globalThis), false);
    assert.deepEqual(await violations(page), []);
    await page.close();
  });

  assert.deepEqual(browser.errors, []);
});

testWith(["chromium"], "a vehicle that has gone silent is shown so", async () => {
  await using server = await startServer({ dev: true });
  await using browser = await launchBrowser();
  await report(server, "a", {});
  const page = await openMap(browser, server, (page) => page.clock.install());
  await pick(page, "a").click();
  await page.waitForSelector(".map-card-state:not([data-stale])");
  const fresh = await watchMarkers(page, ({ count }) => count > 0);
  await page.clock.runFor(61_000);
  await page.waitForSelector(".map-card-state[data-stale]");
  assert.equal(await page.textContent(".map-card-state"), "No news: last seen 1 min ago");
  const stale = await watchMarkers(page, ({ colour }) => colour !== fresh.colour);
  // More than the marker and its ring: its age stands beside it.
  assert.ok(stale.count > 0);
  assert.deepEqual(browser.errors, []);
});

testWith(["chromium"], "the map is loaded when it is seen, into the place it has", async (t) => {
  await using server = await startServer({ dev: true });
  await report(server, "a", {});
  await using browser = await launchBrowser({
    viewport: { width: 390, height: 844 },
    mobile: true,
  });
  const isMap = (url: string) => /\/static\/map[._]/.test(new URL(url).pathname);

  await t.step("not before, and nothing else on the page moves", async () => {
    const asked: string[] = [];
    const page = await browser.prepared((page) => {
      page.on("request", (request) => asked.push(request.url()));
      return Promise.resolve();
    });
    await page.goto(`${server.url}/?lang=vi`);
    await page.waitForSelector("[data-vehicle]");
    assert.deepEqual(asked.filter(isMap), []);
    const size = () =>
      page.locator(".map-place").evaluate((one) => [one.clientWidth, one.clientHeight]);
    const before = await size();
    await page.locator(".map-panel").scrollIntoViewIfNeeded();
    await page.waitForSelector(".map-vehicles");
    await page.waitForSelector(".map-credit");
    assert.deepEqual(await size(), before);
    assert.equal(asked.filter(isMap).length, 3);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    assert.deepEqual(await violations(page), []);
    await page.close();
  });

  await t.step("one that could not be loaded says so, and may be tried again", async () => {
    const page = await browser.prepared((page) =>
      page.route(/\/static\/map\..*\.css$/, (route) => route.abort())
    );
    await page.goto(`${server.url}/?lang=en`);
    await page.locator(".map-panel").scrollIntoViewIfNeeded();
    const again = page.getByRole("button", { name: "Try again" });
    await again.waitFor();
    await page.unrouteAll();
    await again.click();
    await page.waitForSelector(".map-vehicles");
    assert.equal(await again.count(), 0);
    await page.close();
  });

  await t.step("without script there is a note, and the list", async () => {
    const html = await (await fetch(`${server.url}/?lang=en`)).text();
    assert.ok(html.includes("The map appears here once it has loaded."));
    assert.ok(html.includes(`data-vehicle="a"`));
  });
});

testWith(["chromium"], "tiles come from the server that was named, and from no other", async () => {
  await using tiles = startTiles();
  const template = `${tiles.url}/tiles/{z}/{x}/{y}.png?key=1`;
  await using server = await startServer({
    dev: true,
    env: { MAP_TILES_URL: template, MAP_TILES_CREDIT: "© <b>Tile</b> people" },
  });
  await report(server, "a", {});
  const policy = await policyOf(server);
  assert.match(policy, new RegExp(`; img-src 'self' ${RegExp.escape(tiles.url)};`));
  await using browser = await launchBrowser();
  const page = await openMap(browser, server);
  await page.waitForSelector("img.leaflet-tile-loaded");
  assert.equal(await page.textContent(".map-credit"), "© <b>Tile</b> people · Leaflet");
  assert.ok(tiles.asked.length > 0);
  for (const { path, referrer } of tiles.asked) {
    assert.match(path, /^\/tiles\/\d+\/\d+\/\d+\.png\?key=1$/);
    assert.equal(referrer, `${server.url}/`);
  }
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(browser.errors, []);
});

testWith(["chromium"], "without tiles nothing is asked of anybody else", async () => {
  await using server = await startServer({ dev: true });
  await report(server, "a", {});
  const policy = await policyOf(server);
  assert.match(policy, /; img-src 'self';/);
  await using browser = await launchBrowser();
  const asked = new Set<string>();
  const page = await openMap(browser, server, (page) => {
    page.on("request", (request) => asked.add(new URL(request.url()).host));
    return Promise.resolve();
  });
  await page.waitForFunction(
    () => document.querySelector(".map-credit")?.textContent?.includes("CapMetrics"),
  );
  assert.deepEqual([...asked], [new URL(server.url).host]);
  assert.deepEqual(browser.errors, []);
});

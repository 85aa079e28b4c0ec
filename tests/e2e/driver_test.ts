/// <reference lib="dom" />
/** A phone that shares where its vehicle is, in a real browser. */
import assert from "node:assert/strict";
import { violations } from "../support/axe.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { startServer } from "../support/server.ts";
import { phone } from "./chat.ts";
import {
  busTrack,
  driverUrl,
  inState,
  isReport,
  known,
  listed,
  moveTo,
  press,
  put,
  reads,
  said,
  Taken,
  unlisted,
  wait,
} from "./driver.ts";
import { watchMarkers } from "./map_eye.ts";

testWith(["chromium"], "a driver's way is seen by others, and nothing of it is lost", async (t) => {
  const way = await busTrack("5011");
  const [first, second, third] = way;
  const last = way.at(-1);
  assert.ok(first && second && third && last);
  await using server = await startServer({ dev: true });
  // So that the others' map has the whole way in view, and stays where it is.
  const lats = way.map(({ lat }) => lat);
  const lons = way.map(({ lon }) => lon);
  await put(server, "south", { lat: Math.min(...lats) - 0.002, lon: Math.min(...lons) - 0.002 });
  await put(server, "north", { lat: Math.max(...lats) + 0.002, lon: Math.max(...lons) + 0.002 });
  await using browser = await launchBrowser(phone);
  await using office = await launchBrowser({ viewport: { width: 1280, height: 1000 } });
  const { context } = browser;
  await context.grantPermissions(["geolocation"]);
  await moveTo(context, first);
  const driver = await browser.open(driverUrl(server, "van-1"));
  const taken = new Taken(driver);
  const other = await office.prepared((page) => page.emulateMedia({ reducedMotion: "reduce" }));
  await other.goto(`${server.url}/?lang=en`);
  await other.locator(".map-panel").scrollIntoViewIfNeeded();

  await t.step("what is shared moves the marker on another's map", async () => {
    await press(driver);
    await inState(driver, "sharing");
    await listed(other, "van-1", first);
    await other.waitForSelector(".map-vehicles");
    const before = await watchMarkers(other, ({ count }) => count > 0);
    for (const place of [second, third]) {
      await moveTo(context, place);
      await taken.last(place);
      await listed(other, "van-1", place);
    }
    // To the south-west.
    await watchMarkers(other, ({ x, y }) => x < before.x - 2 && y > before.y + 2);
    await reads(driver, "accuracy", "± 6 m");
    await reads(driver, "waiting", "0");
    assert.deepEqual(await violations(driver), []);
  });

  await t.step("in a dead spot positions wait, and go out in order when it is over", async () => {
    await context.setOffline(true);
    await inState(driver, "offline");
    const spot = way.slice(3, 7);
    for (const [i, place] of spot.entries()) {
      await moveTo(context, place);
      await wait(driver, i + 1);
    }
    assert.deepEqual(await violations(driver), []);
    const before = taken.positions.length;
    await context.setOffline(false);
    await reads(driver, "waiting", "0");
    await inState(driver, "sharing");
    assert.deepEqual(taken.placesFrom(before), spot);
    await listed(other, "van-1", spot.at(-1) ?? first);
  });

  await t.step("a reload in a dead spot loses nothing, and goes on sharing", async () => {
    // The page can be had again, and nothing can be sent yet.
    let server: "away" | "mute" | "back" = "away";
    await driver.route("**/positions", async (route) => {
      if (server === "back") return route.continue();
      // It takes the first ones, and its answer is lost.
      if (server === "mute") {
        server = "back";
        await route.fetch();
      }
      await route.abort();
    });
    const spot = way.slice(7);
    for (const [i, place] of spot.slice(0, -1).entries()) {
      await moveTo(context, place);
      await wait(driver, i + 1);
    }
    await driver.reload();
    await inState(driver, "offline");
    const before = taken.positions.length;
    await moveTo(context, last);
    await wait(driver, spot.length);
    server = "mute";
    await driver.evaluate(() => dispatchEvent(new Event("online")));
    await reads(driver, "waiting", "0");
    await inState(driver, "sharing");
    assert.deepEqual(taken.placesFrom(before), spot);
    const times = taken.positions.map(({ time }) => time);
    assert.deepEqual(times, times.toSorted((a, b) => a - b));
  });

  await t.step(
    "the marker is where the driver is, and nothing is kept of what was sent",
    async () => {
      await listed(other, "van-1", last);
      assert.equal((await known(server, "van-1")).lat, last.lat);
      assert.equal(await driver.evaluate(() => localStorage.length), 0);
    },
  );

  await t.step("it ends when the driver wants it to", async () => {
    await press(driver);
    await inState(driver, "idle");
    await unlisted(other, "van-1");
    const { requests } = taken;
    await moveTo(context, first);
    await driver.reload();
    await driver.waitForSelector(".driver-switch button:enabled");
    await inState(driver, "idle");
    assert.equal(taken.requests, requests);
    assert.deepEqual(office.errors, []);
  });
});

testWith(
  ["chromium"],
  "what keeps a position from being shared is said, in both languages",
  async (t) => {
    await using server = await startServer({ dev: true });
    await using browser = await launchBrowser(phone);
    const { context } = browser;

    await t.step("location that is not allowed, and how to allow it", async () => {
      const texts = { en: "Allow it for this site", vi: "Hãy cho phép trang này" };
      for (const language of ["en", "vi"] as const) {
        const page = await browser.open(driverUrl(server, "van-1", language));
        assert.deepEqual(await violations(page), []);
        await press(page);
        await inState(page, "denied");
        await said(page, ".driver-how", texts[language]);
        assert.deepEqual(await violations(page), []);
        await page.close();
      }
    });

    await t.step("once it is allowed, trying again is enough", async () => {
      const page = await browser.open(driverUrl(server, "van-1"));
      await press(page);
      await inState(page, "denied");
      await context.grantPermissions(["geolocation"]);
      await moveTo(context, { lat: 10.77, lon: 106.7 });
      await press(page);
      await inState(page, "sharing");
      await page.close();
    });

    await t.step("an address that is not secure", async () => {
      const page = await browser.prepared((page) =>
        page.addInitScript(() => {
          Object.defineProperty(globalThis, "isSecureContext", { value: false });
        })
      );
      await page.goto(driverUrl(server, "van-1"));
      await press(page);
      await inState(page, "insecure");
      await said(page, ".driver-how", "https:// or on localhost");
      await page.close();
    });

    await t.step("a server that refuses the vehicle", async () => {
      const page = await browser.open(driverUrl(server, "van-1"));
      await page.route("**/positions", (route) => route.fulfill({ status: 403, body: "{}" }));
      await press(page);
      await inState(page, "refused");
      await reads(page, "waiting", "1");
      await page.unroute("**/positions");
      await press(page);
      await inState(page, "sharing");
      await reads(page, "waiting", "0");
      await press(page);
      await page.close();
    });

    await t.step("a map that cannot be loaded keeps nothing from being shared", async () => {
      const page = await browser.open(driverUrl(server, "van-1"));
      await page.route(/\/static\/map[._]/, (route) => route.abort());
      await press(page);
      await inState(page, "sharing");
      await said(page, ".driver-map", "Sharing works without it.");
      await reads(page, "waiting", "0");
      assert.deepEqual(await violations(page), []);
      await page.unroute(/\/static\/map[._]/);
      await page.click(".driver-map button");
      await page.waitForSelector(".map-vehicles");
      await press(page);
      await page.close();
    });

    await t.step("a phone whose clock is wrong is corrected", async () => {
      const page = await browser.prepared((page) =>
        page.addInitScript(() => {
          const now = Date.now;
          Date.now = () => now() + 20 * 60_000;
        })
      );
      const asked: number[] = [];
      page.on("request", (request) => {
        if (isReport(request)) asked.push(Date.now());
      });
      await page.goto(driverUrl(server, "van-3"));
      await press(page);
      await inState(page, "sharing");
      await reads(page, "waiting", "0");
      const { at } = await known(server, "van-3");
      assert.ok(Math.abs(at - (asked[0] ?? 0)) < 10_000, `${at} ${asked}`);
      await page.close();
    });
  },
);

/// <reference lib="dom" />
/** The inspector in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { signToken } from "../../lib/auth/tokens.ts";
import { violations } from "../support/axe.ts";
import { launchBrowser } from "../support/browser.ts";
import { openWebSocket } from "../support/clients/websocket.ts";
import { testWith } from "../support/programs.ts";
import { rooms } from "../support/rooms.ts";
import { startServer, tokenSecret } from "../support/server.ts";
import { states } from "../support/states.ts";

const channels = { namespaces: [...rooms.namespaces, ...states] };
const hostile = `<img src=x onerror="globalThis.hit=1">`;

const said = (page: Page, text: string) =>
  page.waitForFunction(
    (wanted) => document.querySelector("#publish-said")?.textContent?.includes(wanted),
    text,
  );

/** Resolves when the focus is on what says this. */
const focused = (page: Page, text: string) =>
  page.waitForFunction((wanted) => document.activeElement?.textContent === wanted, text);

testWith(["chromium"], "inspector: an operator looks, publishes and disconnects", async (t) => {
  await using server = await startServer({ dev: true, channels });
  const open = async (user: string) =>
    await openWebSocket(server.url, { channels: ["room:a"], token: await server.token(user) });
  await using mai = await open("mai");
  await using evil = await open(hostile);
  await using browser = await launchBrowser();
  const page = await browser.open(`${server.url}/inspect?lang=en`);

  await t.step("channels, sessions and nodes are there, as text", async () => {
    await page.waitForSelector('[data-channel="room:a"]');
    const users = await page.$$eval(
      "[data-session] .name",
      (all) => all.map((one) => one.textContent),
    );
    assert.deepEqual(users, [hostile, "mai"]);
    assert.equal(await page.locator("[data-node]").count(), 1);
    assert.equal(await page.evaluate(() => "hit" in globalThis), false);
  });

  await t.step("what is published by hand arrives in the tail and at a subscriber", async () => {
    await page.click('[data-channel="room:a"] button');
    await page.waitForSelector('[data-tail="live"]');
    await page.fill('[name="data"]', "{\n  n: 1 }");
    await page.click('.publish [type="submit"]');
    await said(page, "The data is not JSON: line 2, column 3.");
    await page.fill('[name="data"]', JSON.stringify({ text: hostile }));
    await page.fill('[name="tags"]', "city=HN");
    await page.click('.publish [type="submit"]');
    await said(page, "Published, at offset 1.");
    const entry = await page.waitForSelector('[data-entry="publication"]');
    const shown = await entry.textContent();
    assert.ok(shown?.includes(JSON.stringify({ text: hostile })) && shown.includes("city=HN"));
    assert.deepEqual((await mai.next()).data, { text: hostile });
    assert.equal(await page.evaluate(() => "hit" in globalThis), false);
  });

  await t.step("a state channel wants a key; a channel there is not is refused", async () => {
    await page.fill('.channel [name="channel"]', "board:x");
    await page.click('.channel .sheet-head [type="submit"]');
    await page.waitForSelector('[data-tail="live"]');
    await page.fill('[name="key"]', "k1");
    await page.fill('[name="data"]', "1");
    await page.focus('.publish [type="submit"]');
    await page.keyboard.press("Enter");
    await said(page, "Published, at offset 1.");
    // Where the keyboard is, it stays.
    await focused(page, "Publish");
    await page.waitForSelector('[data-entry="publication"] >> text=k1');
    await page.fill('.channel [name="channel"]', "nowhere:x");
    await page.click('.channel .sheet-head [type="submit"]');
    await page.waitForSelector('.channel [role="alert"] >> text=no namespace “nowhere”');
    await page.fill('.channel [name="channel"]', "nowhere");
    await page.click('.channel .sheet-head [type="submit"]');
    await page.waitForSelector('.channel [role="alert"] >> text=write namespace:name');
  });

  await t.step("a session is ended after it was asked once more, and leaves the list", async () => {
    await page.fill('[type="search"] >> nth=1', "onerror");
    await page.waitForFunction(() => document.querySelectorAll("[data-session]").length === 1);
    await page.click("[data-session] button");
    await page.click("dialog .grave >> nth=0");
    await page.waitForSelector("dialog >> text=Really disconnect this session?");
    assert.deepEqual(await violations(page), []);
    // What stands there first, where Enter leads, ends nothing.
    await focused(page, "No, keep it");
    await page.click("dialog .grave");
    await page.waitForSelector("dialog >> text=Disconnected 1 session.");
    await focused(page, "Disconnected 1 session.");
    assert.equal((await evil.closed).code, 3503);
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.querySelector("[data-session]") === null);
    await page.fill('[type="search"] >> nth=1', "mai");
    await page.waitForSelector("[data-session]");
  });

  await t.step("of a session that ends while one looks at it that is said", async () => {
    await page.click("[data-session] button");
    await page.waitForSelector("dialog dl");
    await mai[Symbol.asyncDispose]();
    await page.waitForSelector("dialog >> text=It has ended.");
    await page.keyboard.press("Escape");
  });

  assert.deepEqual(
    browser.errors.filter((error) => !/status of 40[04]/.test(error)),
    [],
    "the refused channel's answer alone is complained of",
  );
});

testWith(["chromium"], "inspector: accessible in both languages, on a phone, too", async () => {
  await using server = await startServer({ dev: true, channels });
  await using _client = await openWebSocket(server.url, {
    channels: ["room:a", `room:${"long".repeat(20)}`],
    token: await server.token("mai"),
  });
  await using browser = await launchBrowser({
    viewport: { width: 390, height: 844 },
    mobile: true,
  });
  for (const language of ["en", "vi"]) {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.prepared((page) => page.emulateMedia({ colorScheme }));
      await page.goto(`${server.url}/inspect?lang=${language}`);
      await page.click('[data-channel="room:a"] button');
      await page.waitForSelector('[data-tail="live"]');
      assert.deepEqual(await violations(page), [], `${language}, ${colorScheme}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
      await page.click("thead th:nth-child(2) button >> nth=0");
      await page.waitForSelector('th[aria-sort="descending"]');
      const isWider = await page.$$eval(
        ".scroll",
        (all) => all.map((one) => one.scrollWidth > one.clientWidth),
      );
      assert.deepEqual(isWider, [false, false], "no table is wider than the phone");
      await page.close();
    }
  }
  assert.deepEqual(browser.errors, []);
});

testWith(["chromium"], "inspector: in production for an admin's token alone", async (t) => {
  await using server = await startServer({ channels, env: { SHOP: "off" } });
  await using browser = await launchBrowser();
  const gate = (page: Page, text: string) => page.waitForSelector(`.gate >> text=${text}`);
  const address = async (role?: "staff" | "admin") =>
    `${server.url}/inspect?lang=en#token=${await signToken(tokenSecret, {
      sub: "op",
      ...(role && { role }),
    })}`;

  await t.step("without one, and with one of another role, nothing is shown", async () => {
    const page = await browser.open(`${server.url}/inspect?lang=en`);
    await gate(page, "This page needs an admin's token");
    assert.deepEqual(await violations(page), []);
    for (const role of [undefined, "staff"] as const) {
      // What the page says then is said of this token.
      await page.goto("about:blank");
      await page.goto(await address(role));
      await gate(page, "its role is not admin");
      assert.equal(await page.locator(".inspect").count(), 0);
    }
    await page.goto("about:blank");
    await page.goto(`${server.url}/inspect?lang=en#token=none`);
    await gate(page, "The token was refused");
  });

  await t.step("with an admin's, although the shop is off", async () => {
    const page = await browser.open(await address("admin"));
    await page.waitForSelector("[data-node]");
    assert.doesNotMatch(page.url(), /token/);
  });
});

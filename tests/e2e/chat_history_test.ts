/// <reference lib="dom" />
/** What the chat shows: much of it, and texts that mean harm. */
import assert from "node:assert/strict";
import { violations } from "../support/axe.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { startServer } from "../support/server.ts";
import { chatUrl, delivery, online, phone, post, shows, stored, textsOf, write } from "./chat.ts";

testWith(["chromium"], "a long history loads while one scrolls, and keeps its place", async (t) => {
  await using server = await startServer({ dev: true });
  for (let i = 1; i <= 130; i++) await post(server, i % 3 === 0 ? "minh" : "an", `message ${i}`);
  await using browser = await launchBrowser(phone);

  await t.step("the newest can be read without a script", async () => {
    const html = await (await fetch(chatUrl(server, "lan"))).text();
    const shown = [...html.matchAll(/class="text"[^>]*>message (\d+)</g)].map(([, n]) => Number(n));
    assert.deepEqual(shown, Array.from({ length: 50 }, (_, i) => 81 + i));
    assert.match(html, /<textarea id="message"[^>]* disabled/, "nobody would send it");
    assert.match(html, /<button type="submit" disabled/);
  });

  const page = await browser.open(chatUrl(server, "lan"));
  await online(page);
  const place = (text: string) =>
    page.evaluate((text) => {
      const line = [...document.querySelectorAll(".text")].find((one) => one.textContent === text);
      return Math.round(line?.getBoundingClientRect().top ?? NaN);
    }, text);
  const atEnd = () => page.waitForFunction(() => document.querySelector(".log")?.scrollTop === 0);
  const count = (least: number) =>
    page.waitForFunction((least) => document.querySelectorAll(".message").length >= least, least);

  await t.step("it begins with the newest message in view", async () => {
    assert.ok(await place("message 130") < 844);
    assert.equal(await page.evaluate(() => document.querySelector(".log")?.scrollTop), 0);
  });

  await t.step("older ones come above, and nothing moves", async () => {
    await page.evaluate(() => {
      const log = document.querySelector(".log");
      if (log !== null) log.scrollTop = -(log.scrollHeight - log.clientHeight) + 100;
    });
    const before = await place("message 83");
    await count(100);
    assert.ok(Math.abs(await place("message 83") - before) <= 1);
    await page.evaluate(() => document.querySelector(".log")?.scrollTo(0, -1e6));
    await count(130);
    await page.evaluate(() => document.querySelector(".log")?.scrollTo(0, -1e6));
    await shows(page, ".beginning", "The conversation begins here.");
    assert.deepEqual(await textsOf(page), await stored(server));
  });

  await t.step("who reads above is not moved by what comes, and told how much it is", async () => {
    await page.evaluate(() => document.querySelector(".log")?.scrollTo(0, -1_500));
    const line = "message 100";
    const before = await place(line);
    await post(server, "minh", "new one");
    await shows(page, ".news", "1 new message");
    await post(server, "minh", "another");
    await shows(page, ".news", "2 new messages");
    assert.ok(Math.abs(await place(line) - before) <= 1);
    assert.deepEqual(await violations(page), []);
    await page.click(".news");
    await page.waitForSelector(".news", { state: "detached" });
    await atEnd();
    await post(server, "minh", "followed");
    await shows(page, ".text", "followed");
    await atEnd();
    assert.equal(await page.$(".news"), null);
  });

  await t.step("what comes before the browser has told of a scroll does not undo it", async () => {
    await page.evaluate(() => {
      addEventListener("scroll", (event) => event.stopImmediatePropagation(), true);
      document.querySelector(".log")?.scrollTo(0, -1_500);
    });
    const line = "message 100";
    const before = await place(line);
    await post(server, "minh", "in between");
    await shows(page, "li:last-child .text", "in between");
    assert.ok(Math.abs(await place(line) - before) <= 1);
  });

  await t.step("what one writes oneself is always in view", async () => {
    await page.evaluate(() => document.querySelector(".log")?.scrollTo(0, -1_500));
    await write(page, "mine");
    await delivery(page, "mine", "stored");
    await atEnd();
    assert.deepEqual(browser.errors, []);
  });
});

const hostile = [
  `<img src=x onerror="globalThis.hit=1">`,
  `</script><script>globalThis.hit=1</script>`,
  `javascript:globalThis.hit=1`,
  `https://example.com/"onmouseover="globalThis.hit=1`,
  `\u202Emoc.live//:sptth \u2066x`,
  `w${"i".repeat(1_900)}de`,
  `https://example.com/${"path/".repeat(300)}`,
];

testWith(["chromium"], "hostile texts and names are text", async () => {
  await using server = await startServer({ dev: true });
  for (const text of hostile) {
    await post(server, hostile[1] ?? "", text);
    await post(server, `\u202Enal`, text);
  }
  await using browser = await launchBrowser(phone);
  const page = await browser.open(chatUrl(server, encodeURIComponent(`<b onclick="x">lan`)));
  await online(page);
  await write(page, hostile[0] ?? "");
  await delivery(page, hostile[0] ?? "", "stored");
  assert.deepEqual(await textsOf(page), await stored(server));
  const found = await page.evaluate(() => ({
    hit: "hit" in globalThis,
    width: document.documentElement.scrollWidth,
    log: document.querySelector(".log")?.scrollWidth,
    links: [...document.querySelectorAll<HTMLAnchorElement>(".text a")].map((one) =>
      [one.protocol, one.rel, one.getAttribute("onmouseover")].join(" ")
    ),
    strange: document.querySelectorAll("main img, main script, main b, main [onclick]").length,
  }));
  assert.deepEqual({ ...found, links: [...new Set(found.links)] }, {
    hit: false,
    width: 390,
    log: 390,
    links: ["https: noopener noreferrer nofollow "],
    strange: 0,
  });
  assert.deepEqual(browser.errors, []);
});

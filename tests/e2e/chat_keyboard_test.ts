/// <reference lib="dom" />
/** The chat by keyboard alone: where the focus is when what had it goes. */
import assert from "node:assert/strict";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { startServer } from "../support/server.ts";
import { chatUrl, delivery, online, post, shows, write } from "./chat.ts";

testWith(
  ["chromium"],
  "the focus stays in the conversation when a button of it goes",
  async (t) => {
    await using server = await startServer({ dev: true });
    for (let i = 1; i <= 80; i++) await post(server, "an", `message ${i}`);
    await using browser = await launchBrowser();
    const page = await browser.open(chatUrl(server, "lan"));
    await online(page);
    const focused = () => page.evaluate(() => document.activeElement?.className);

    await t.step("the way to earlier messages", async () => {
      await page.focus(".beginning button");
      await shows(page, ".beginning", "The conversation begins here.");
      assert.equal(await focused(), "log");
    });

    await t.step("the way to new ones", async () => {
      await page.evaluate(() => document.querySelector(".log")?.scrollTo(0, -1_000));
      await post(server, "an", "new one");
      await shows(page, ".news", "1 new message");
      await page.focus(".news");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".news", { state: "detached" });
      assert.equal(await focused(), "log");
    });

    await t.step("what can be done about a message that was refused", async () => {
      await page.route("**/messages", (route) => route.fulfill({ status: 400, body: "{}" }));
      for (const text of ["một", "hai"]) await write(page, text);
      await delivery(page, "hai", "failed");
      await page.unroute("**/messages");
      await page.focus('.failed button:has-text("Delete")');
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.querySelectorAll(".failed").length === 1);
      assert.equal(await focused(), "log");
      await page.focus('.failed button:has-text("Try again")');
      await page.keyboard.press("Enter");
      await delivery(page, "hai", "stored");
      assert.equal(await focused(), "log");
    });
  },
);

/// <reference lib="dom" />
/** The chat through lost connections. */
import assert from "node:assert/strict";
import { violations } from "../support/axe.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { startServer } from "../support/server.ts";
import { chatUrl, delivery, online, phone, post, shows, stored, textsOf, write } from "./chat.ts";

testWith(
  ["chromium"],
  "what is written without a connection goes out once, also after a reload",
  async (t) => {
    await using server = await startServer({ dev: true });
    await using browser = await launchBrowser(phone);
    await using other = await launchBrowser();
    const lan = await browser.open(chatUrl(server, "lan"));
    await online(lan);
    const minh = await other.open(chatUrl(server, "minh"));
    await online(minh);

    const titleOfTime = async () => await lan.getAttribute(".message.mine time", "title") ?? "";

    await t.step("offline it is shown as being sent, and kept", async () => {
      await browser.context.setOffline(true);
      for (const text of ["một", "hai", "ba"]) await write(lan, text);
      await delivery(lan, "ba", "sending");
      await shows(lan, ".notices", "No connection.");
      assert.deepEqual(await textsOf(lan), ["một", "hai", "ba"]);
      assert.match(await titleOfTime(), /^Written at \d\d:\d\d, not in the room yet$/);
    });

    await t.step("it is there after a reload, and goes out in order", async () => {
      // The page can be had again, and messages cannot be posted yet.
      let posts = 0;
      await lan.route("**/messages", async (route) => {
        if (route.request().method() !== "POST") return route.continue();
        posts++;
        // The server takes it, and its answer is lost.
        if (posts === 2) await route.fetch();
        await route.abort();
      });
      await browser.context.setOffline(false);
      await lan.reload();
      await online(lan);
      await delivery(lan, "ba", "sending");
      await lan.waitForFunction(() =>
        document.querySelectorAll('[data-delivery="sending"]').length <= 2
      );
      await lan.unroute("**/messages");
      for (const text of ["một", "hai", "ba"]) await delivery(lan, text, "seen");
      assert.deepEqual(await stored(server), ["một", "hai", "ba"]);
      for (const page of [lan, minh]) assert.deepEqual(await textsOf(page), ["một", "hai", "ba"]);
      assert.match(await titleOfTime(), /^Reached the room at \d\d:\d\d$/);
      const kept = await lan.evaluate(() => localStorage.getItem("nhip-chat support lan"));
      assert.equal(kept, null);
    });

    await t.step("what the server refuses can be sent again, or given up", async () => {
      await lan.route("**/messages", (route) => route.fulfill({ status: 400, body: "{}" }));
      for (const text of ["bốn", "năm"]) await write(lan, text);
      await delivery(lan, "bốn", "failed");
      await delivery(lan, "năm", "failed");
      await shows(lan, ".failed", "Not sent (error 400)");
      assert.deepEqual(await violations(lan), []);
      await lan.unroute("**/messages");
      await lan.click('.failed button:has-text("Delete")');
      await lan.click('.failed button:has-text("Try again")');
      await delivery(lan, "năm", "seen");
      assert.deepEqual(await stored(server), ["một", "hai", "ba", "năm"]);
    });

    await t.step("what comes too fast waits as long as the server says, in order", async () => {
      const before = await stored(server);
      const posted: number[] = [];
      await lan.route("**/messages", async (route) => {
        if (route.request().method() !== "POST") return route.continue();
        posted.push(performance.now());
        if (posted.length > 1) return await route.continue();
        await route.fulfill({ status: 429, headers: { "retry-after": "2" }, body: "{}" });
      });
      for (const text of ["sáu", "bảy"]) await write(lan, text);
      await delivery(lan, "sáu", "sending");
      for (const text of ["sáu", "bảy"]) await delivery(lan, text, "seen");
      assert.deepEqual(await stored(server), [...before, "sáu", "bảy"]);
      const [first = 0, second = 0] = posted;
      assert.ok(second - first >= 2_000, `${second - first} ms`);
      await lan.unroute("**/messages");
    });

    await t.step("what others wrote meanwhile is made up for", async () => {
      await browser.context.setOffline(true);
      await lan.waitForSelector('.badge[data-state="offline"]');
      for (let i = 1; i <= 20; i++) await post(server, "minh", `tin ${i}`);
      await browser.context.setOffline(false);
      await shows(lan, ".message .text", "tin 20");
      assert.deepEqual(await textsOf(lan), await stored(server));
    });
  },
);

/// <reference lib="dom" />
/** The chat in real browsers: who comes in, and two people. */
import assert from "node:assert/strict";
import { signToken } from "../../lib/auth/tokens.ts";
import { violations } from "../support/axe.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { startServer, tokenSecret } from "../support/server.ts";
import { chatUrl, delivery, online, phone, post, shows, write } from "./chat.ts";

testWith(["chromium"], "two people chat, and see each other come, type, read and go", async (t) => {
  await using server = await startServer({ dev: true });
  await using first = await launchBrowser();
  await using second = await launchBrowser(phone);
  const lan = await first.open(chatUrl(server, "lan", "&staff"));
  await online(lan);
  await shows(lan, ".people", "Here now: lan (you)");
  assert.match(await lan.textContent(".lines") ?? "", /Nobody has written here yet/);
  const minh = await second.open(`${server.url}/chat/support?lang=vi&as=minh`);

  await t.step("presence", async () => {
    await shows(lan, ".people", "Here now: lan (you), minh");
    await shows(minh, ".people", "Đang có mặt: minh (bạn), lan");
  });

  await t.step("typing shows, and ends when the message is there", async () => {
    // It shows for a while only.
    const isTyping = () => shows(lan, ".typing", "minh is typing…");
    await Promise.all([isTyping(), minh.fill("#message", "Xin chào")]);
    await minh.press("#message", "Enter");
    await shows(lan, ".message .text", "Xin chào");
    await lan.waitForFunction(() => document.querySelector(".typing")?.textContent === "");
    // Who stops without a word stops being shown, too.
    await Promise.all([isTyping(), minh.fill("#message", "a")]);
    await lan.waitForFunction(() => document.querySelector(".typing")?.textContent === "");
    await minh.fill("#message", "");
  });

  await t.step("what was written is stored, then seen", async () => {
    await delivery(minh, "Xin chào", "seen");
    await shows(minh, '[data-delivery="seen"] .delivery', "Đã xem");
    await write(lan, "Chào anh!");
    await delivery(lan, "Chào anh!", "seen");
    await shows(minh, ".author", "lan");
    await shows(minh, ".staff", "Nhân viên");
    assert.equal(await minh.$$eval(".message", (all) => all.length), 2);
  });

  await t.step("Enter sends, Shift+Enter does not, and the focus stays", async () => {
    await lan.focus("#message");
    await lan.keyboard.type("one");
    await lan.keyboard.press("Shift+Enter");
    await lan.keyboard.type("two");
    await lan.keyboard.press("Enter");
    await delivery(lan, "one\ntwo", "seen");
    await lan.keyboard.type("by the button");
    await lan.click(".composer button");
    await delivery(lan, "by the button", "seen");
    assert.equal(await lan.evaluate(() => document.activeElement?.id), "message");
  });

  await t.step("a word that is being composed is not sent by the Enter that ends it", async () => {
    const input = await lan.context().newCDPSession(lan);
    await input.send("Input.imeSetComposition", {
      text: "chà",
      selectionStart: 3,
      selectionEnd: 3,
    });
    await lan.evaluate(() => {
      const composing = { key: "Enter", isComposing: true, bubbles: true, cancelable: true };
      document.querySelector("#message")?.dispatchEvent(new KeyboardEvent("keydown", composing));
    });
    await input.send("Input.insertText", { text: "chào" });
    assert.equal(await lan.inputValue("#message"), "chào");
    await lan.press("#message", "Enter");
    await delivery(lan, "chào", "seen");
    await input.detach();
  });

  await t.step("too much is not sent, and said to be", async () => {
    await lan.fill("#message", "x".repeat(2_001));
    await shows(lan, "#message-length", "2,001 of 2,000, 1 too many");
    await lan.press("#message", "Enter");
    assert.equal((await lan.inputValue("#message")).length, 2_001);
    await lan.fill("#message", "");
  });

  await t.step(
    "axe-core finds nothing, in either language, and nothing is wider than a phone",
    async () => {
      for (const page of [lan, minh]) assert.deepEqual(await violations(page), []);
      assert.equal(await minh.evaluate(() => document.documentElement.scrollWidth), 390);
      assert.deepEqual([...first.errors, ...second.errors], []);
    },
  );

  await t.step("who goes is seen to", async () => {
    await minh.close();
    await lan.waitForFunction(() =>
      !document.querySelector(".people")?.textContent?.includes("minh")
    );
  });
});

testWith(
  ["chromium"],
  "who comes in: by a name in development, by a token in production",
  async (t) => {
    await t.step("in development a form asks for a name, and a bad one again", async () => {
      await using server = await startServer({ dev: true });
      await using browser = await launchBrowser(phone);
      const page = await browser.open(`${server.url}/chat/support?lang=vi&as=${"x".repeat(61)}`);
      await shows(page, "#as-problem", "Tên có từ 1 đến 60 ký tự");
      assert.deepEqual(await violations(page), []);
      await page.fill("#as", "Nguyễn Ái Lan");
      await page.check("[name=staff]");
      await page.press("#as", "Enter");
      await shows(page, ".people", "Đang có mặt: Nguyễn Ái Lan (bạn)");
      await page.click('nav a[lang="en"]');
      await shows(page, ".people", "Here now: Nguyễn Ái Lan (you)");
      const none = await fetch(`${server.url}/chat/..%2Fx`);
      await none.body?.cancel();
      assert.equal(none.status, 404);
      assert.deepEqual(browser.errors, []);
    });

    await t.step(
      "in production nothing is shown without a token, and a name gives none",
      async () => {
        await using server = await startServer();
        await post(server, "minh", "secret");
        const html = await (await fetch(chatUrl(server, "lan", "&staff"))).text();
        for (const secret of ["secret", "eyJ", 'id="as"']) {
          assert.ok(
            !html.includes(secret),
            secret,
          );
        }
        assert.match(html, /This page needs a token/);
        await using browser = await launchBrowser();
        const token = await signToken(tokenSecret, { sub: "lan", role: "staff" });
        const page = await browser.open(`${server.url}/chat/support?lang=en#token=${token}`);
        await shows(page, ".message .text", "secret");
        await write(page, "hello");
        await delivery(page, "hello", "stored");
        const unnamed = await browser.open(
          `${server.url}/chat/support?lang=en#token=${await signToken(tokenSecret, { sub: "" })}`,
        );
        await shows(unnamed, ".message .text", "hello");
        await shows(unnamed, ".composer", "Your token names no user");
        assert.deepEqual(await violations(unnamed), []);
        assert.deepEqual(browser.errors, []);
      },
    );
  },
);

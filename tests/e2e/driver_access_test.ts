/** Who may open the driver's page, for which vehicle, and what the page may do itself. */
import assert from "node:assert/strict";
import { signToken } from "../../lib/auth/tokens.ts";
import { violations } from "../support/axe.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { startServer, tokenSecret } from "../support/server.ts";
import { phone } from "./chat.ts";
import { driverUrl, inState, known, moveTo, press, reads, said } from "./driver.ts";

testWith(
  ["chromium"],
  "who drives what: by a name in development, by a token in production",
  async (t) => {
    await t.step("in development a form asks for the vehicle, and a bad name again", async () => {
      await using server = await startServer({ dev: true });
      await using browser = await launchBrowser(phone);
      const page = await browser.open(`${server.url}/driver?lang=vi&vehicle=xe+t%E1%BA%A3i`);
      await said(page, "#vehicle-problem", "Tên có từ 1 đến 64 ký tự");
      assert.deepEqual(await violations(page), []);
      await page.fill("#vehicle", "xe-tai.1");
      await page.press("#vehicle", "Enter");
      await said(page, "#driver-vehicle", "xe-tai.1");
      await page.click('nav a[lang="en"]');
      await said(page, "#driver-vehicle", "Vehicle xe-tai.1");
      assert.deepEqual(browser.errors, []);
    });

    await t.step("in production a driver's token alone, and for its own vehicle", async () => {
      await using server = await startServer();
      const html = await (await fetch(driverUrl(server, "van-1"))).text();
      assert.ok(!html.includes("eyJ"));
      assert.match(html, /This page needs a token/);
      const token = await signToken(tokenSecret, { sub: "van-1", role: "driver" });
      const report = (id: string) =>
        fetch(`${server.url}/store/vehicles/${id}/positions`, {
          method: "POST",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify({ positions: [{ lat: 1, lon: 2, time: 1 }] }),
        });
      const another = await report("van-2");
      assert.equal(another.status, 403);
      assert.match(await another.text(), /for the vehicle .*van-1.*not for .*van-2/);
      await using browser = await launchBrowser(phone);
      await browser.context.grantPermissions(["geolocation"]);
      await moveTo(browser.context, { lat: 10.77, lon: 106.7 });
      const page = await browser.open(`${server.url}/driver?lang=en&vehicle=van-2#token=${token}`);
      await said(page, "#driver-vehicle", "van-1");
      await press(page);
      await inState(page, "sharing");
      await reads(page, "waiting", "0");
      assert.equal((await known(server, "van-1")).lat, 10.77);
      const customer = await signToken(tokenSecret, { sub: "lan" });
      const none = await browser.open(`${server.url}/driver?lang=en#token=${customer}`);
      await said(none, ".gate", "This token is for no vehicle");
      assert.deepEqual(await violations(none), []);
      assert.deepEqual(browser.errors, []);
    });
  },
);

testWith(
  ["chromium"],
  "the driver's page: its rights, and what is there without script",
  async () => {
    await using server = await startServer({ dev: true });
    const open = async (path: string) => {
      const response = await fetch(server.url + path);
      return { html: await response.text(), policy: response.headers.get("permissions-policy") };
    };
    const page = await open("/driver?lang=en&vehicle=van-1");
    assert.match(page.html, /To share a position needs JavaScript/);
    assert.match(page.html, /Keep this page open while you drive/);
    assert.match((await open("/driver?lang=vi&vehicle=van-1")).html, /Muốn chia sẻ vị trí cần có/);
    assert.match(page.policy ?? "", /geolocation=\(self\).*screen-wake-lock=\(self\)/);
    for (const other of ["/", "/chat/support", "/inspect"]) {
      const { policy } = await open(other);
      assert.match(policy ?? "", /geolocation=\(\).*screen-wake-lock=\(\)/, other);
    }
  },
);

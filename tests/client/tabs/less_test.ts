/** Tabs where the platform lacks, or denies, what they would share a connection by. */
import assert from "node:assert/strict";
import { launchBrowser } from "../../support/browser.ts";
import { eventually } from "../../support/clients/eventually.ts";
import { connections } from "../../support/clients/metrics.ts";
import { testWith } from "../../support/programs.ts";
import { startServer } from "../../support/server.ts";
import { openTab, reached, withoutWorkers } from "./pages.ts";

testWith(["chromium"], "tabs do with less where the platform has less", async (t) => {
  await using server = await startServer();
  const less = {
    "the worker's script is not there": {
      script: "",
      worker: "/nowhere.js",
      count: 1,
    },
    "the worker is of another origin": {
      script: "",
      worker: "https://elsewhere.example/worker.js",
      count: 1,
    },
    "no locks": {
      script: "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })",
      worker: "/client/worker.js",
      count: 2,
    },
    "locks that are denied": {
      script: withoutWorkers +
        "; LockManager.prototype.request = () => Promise.reject(new Error('denied'))",
      worker: "/client/worker.js",
      count: 2,
    },
  };
  for (const [name, { script, worker, count }] of Object.entries(less)) {
    await t.step(`${name}: ${count} connection(s) for two tabs`, async () => {
      await using browser = await launchBrowser();
      await browser.context.addInitScript(script);
      const options = { url: server.url, channel: `public:${name.length}`, worker };
      const pages = [await openTab(browser, options), await openTab(browser, options)];
      await server.api("publish", { channel: options.channel, data: { n: 1 } });
      await Promise.all(pages.map((page) => reached(page, 1)));
      assert.equal(await connections(server.url, "websocket"), count);
      await Promise.all(pages.map((page) => page.close()));
      await eventually(async () => await connections(server.url, "websocket") === 0, "none");
    });
  }
});

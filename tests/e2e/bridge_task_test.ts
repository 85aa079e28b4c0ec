/// <reference lib="dom" />
/** `deno task bridge`, from what it says of a URL to the page that shows it live. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { violations } from "../support/axe.ts";
import { launchBrowser } from "../support/browser.ts";
import { eventually } from "../support/clients/eventually.ts";
import { testWith } from "../support/programs.ts";
import { freePort } from "../support/server.ts";
import { type BridgeTask, startBridge, startRest, tryBridge } from "./bridge_task.ts";

const hostile = `<img src=x onerror="globalThis.hit=1">`;
const json = (status: number, text: string) =>
  new Response(text, { status, headers: { "content-type": "application/json" } });

Deno.test("bridge task: a bad command line is told how it should be", async () => {
  const bad: [string[], RegExp][] = [
    [[], /the URL to ask is missing/],
    [["http://a.test/x", "http://b.test/y"], /one URL at a time; "http:\/\/b\.test\/y"/],
    [["ftp://a.test/x"], /URL begins with ftp:; only http: and https: are fetched/],
    [["http://a.test/x", "--every", "soon"], /--every "soon" is not a time/],
    [["http://a.test/x", "--every", "1ms"], /--every must be from 100ms to 1d/],
    [["http://a.test/x", "--items", "data"], /--items "data" is not a JSON Pointer/],
    [["http://a.test/x", "--key"], /--key needs a value/],
    [["http://a.test/x", "--port", "99999"], /--port "99999" is not a port/],
    [["http://a.test/x", "--speed", "9"], /unknown option --speed/],
    [["http://a.test/{id}"], /has parameters in braces/],
    [["http://a.test/x", "--header", "Authorization"], /not of the form 'Name=env:VARIABLE'/],
    [["http://a.test/x", "--header", "Authorization=abc"], /Authorization: must be "env:"/],
    [
      ["http://a.test/x", "--header", "A=env:NHIP_NOT_SET"],
      /--header A: .*NHIP_NOT_SET is not set/,
    ],
  ];
  for (const [args, message] of bad) {
    const { code, text } = await tryBridge(args);
    assert.equal(code, 2, args.join(" "));
    assert.match(text, message);
    assert.match(text, /usage: deno task bridge URL/);
  }
});

Deno.test("bridge task: says what of an answer cannot work, and what would", async () => {
  await using rest = startRest({ data: { items: [{ id: 7, no: "a" }, { id: 8, no: "b" }] } });
  const port = `${freePort()}`;
  const attempt = async (...args: string[]) => {
    const { code, text } = await tryBridge([rest.url, "--port", port, ...args], {
      NHIP_TEST_TOKEN: "Bearer not-to-be-shown",
    });
    assert.equal(code, 1, text);
    assert.doesNotMatch(text, /not-to-be-shown|\s{4}at /);
    return text;
  };
  const elsewhere = await attempt("--items", "/data/orders");
  assert.match(elsewhere, /there is no "\/data\/orders"/);
  assert.match(elsewhere, /Items seem to be at \/data\/items \(array of 2 objects with id\)/);
  assert.match(elsewhere, /Try --items \/data\/items/);
  rest.document = [{ no: "a", name: "x" }, { no: "b", name: "x" }];
  assert.match(
    await attempt(),
    /item 0 has no key "id"\nDifferent in each item: no\.\nTry --key no/,
  );
  rest.answer = () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
  assert.match(await attempt(), /the answer \(content-type text\/html\) is not JSON/);
  rest.answer = () => json(401, "{}");
  assert.match(await attempt(), /answered 401\n.*\n.*--header 'Authorization=env:TOKEN'/);
  const sent = await attempt("--header", "Authorization=env:NHIP_TEST_TOKEN");
  assert.match(sent, /answered 401\nSent with it: Authorization\./);
  rest.answer = () => json(404, "{}");
  assert.match(await attempt(), /answered 404\nIs the path right\?/);
  rest.answer = () => new Response(null, { status: 302, headers: { location: "http://b.test/" } });
  assert.match(await attempt(), /which is another host/);
});

Deno.test("bridge task: a server that is away is asked until it comes, with its headers", async () => {
  const port = freePort();
  const env = { NHIP_TEST_TOKEN: "Bearer not-to-be-shown" };
  const args = [`127.0.0.1:${port}/v2/items.json`, "--every=100ms", "--header"];
  await using task = await startBridge([...args, "Authorization=env:NHIP_TEST_TOKEN"], env);
  assert.match(task.output(), /cannot be reached: .*; it is asked again and again/);
  assert.match(task.output(), /bridge:items /);
  const subscriber = new EventSource(`${task.url}/v1/events?channels=bridge:items`);
  try {
    const arrived = new Promise((resolve) => subscriber.addEventListener("message", resolve));
    await eventually(() => task.output().includes("bridge: stale"), "it is told stale");
    await using server = Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, (request) => {
      const isSent = request.headers.get("authorization") === env.NHIP_TEST_TOKEN;
      return isSent ? Response.json([{ id: 1 }]) : json(401, "{}");
    });
    await arrived;
    assert.ok(server.addr.port === port);
  } finally {
    subscriber.close();
  }
  assert.doesNotMatch(task.output(), /not-to-be-shown/);
});

const badge = (page: Page, text: string) =>
  page.waitForFunction(
    (wanted) => document.querySelector(".badge")?.textContent?.includes(wanted),
    text,
  );
const keysOf = (page: Page) =>
  page.$$eval("[data-key]", (rows) => rows.map((row) => row.getAttribute("data-key")));

interface Printed {
  readonly state?: readonly { readonly key: string; readonly data: { status: string } }[];
  readonly pub?: { readonly key: string; readonly removed?: true; data?: { status: string } };
}

/** The lines that it gives for one's own page. */
function printedLines(task: BridgeTask): string {
  const lines = task.output().split("\n");
  const at = lines.findIndex((line) => line.startsWith("const events"));
  return lines.slice(at, at + 2).join("\n");
}

testWith(
  ["chromium"],
  "bridge task: the page and the printed lines show each change",
  async (t) => {
    const items = [{ id: 1, status: "placed", buyer: { name: "An" } }, { id: 2, status: "placed" }];
    await using rest = startRest({ data: { items } });
    const set = (...next: unknown[]) => void (rest.document = { data: { items: next } });
    await using task = await startBridge([rest.url, "--every", "200ms", "--items", "/data/items"]);
    await using browser = await launchBrowser();
    const page = await browser.open(`${task.url}/live/bridge:orders?lang=en`);

    await t.step("what is there", async () => {
      assert.match(task.output(), /bridge:orders .*every 200ms, 2 items/);
      await badge(page, "WebSocket · Live");
      await page.waitForSelector(`[data-key="2"]`);
      assert.deepEqual(await keysOf(page), ["1", "2"]);
      await badge(page, "2 entries");
      const heads = await page.$$eval("thead th", (cells) => cells.map((cell) => cell.textContent));
      assert.deepEqual(heads, ["Key", "status", "buyer"]);
      await page.evaluate(() => document.body.setAttribute("data-loaded", "once"));
    });

    await t.step("what changes, comes and goes", async () => {
      set({ ...items[0], status: "packed" }, items[1]);
      const cell = await page.waitForSelector(`[data-key="1"] td.fresh`);
      assert.equal(await cell.textContent(), "packed");
      assert.equal((await page.$$("td.fresh, th.fresh")).length, 1);
      set({ id: 10, status: hostile }, { ...items[0], status: "packed" });
      await page.waitForSelector(`[data-key="10"]`);
      await page.waitForSelector(`[data-key="2"]`, { state: "detached" });
      assert.deepEqual(await keysOf(page), ["1", "10"]);
      assert.equal(await page.textContent(`[data-key="10"] td`), hostile);
      assert.equal(await page.evaluate(() => "hit" in globalThis), false);
    });

    await t.step("the printed lines, in the console of the page", async () => {
      const held = new Map<string, { status: string }>();
      const take = ({ state = [], pub }: Printed) => {
        for (const { key, data } of state) held.set(key, data);
        if (pub?.removed) held.delete(pub.key);
        else if (pub?.data) held.set(pub.key, pub.data);
      };
      let taken = Promise.resolve();
      page.on("console", (message) => {
        const [said] = message.args();
        // The browser's own complaints have none.
        if (said !== undefined) taken = taken.then(async () => take(await said.jsonValue()));
      });
      const shown = () => [...held].map(([key, { status }]) => `${key}:${status}`).sort().join();
      await page.evaluate(`(() => { ${printedLines(task)} })()`);
      await eventually(() => shown() === `10:${hostile},1:packed`, "the state");
      set({ id: 10, status: "placed" }, { ...items[0], status: "packed" });
      await eventually(() => shown() === "10:placed,1:packed", "the change");
    });

    await t.step("a failing endpoint is shown, with its last good state", async () => {
      rest.answer = () => json(500, "{}");
      await badge(page, "WebSocket · Stale");
      assert.match(await page.textContent(".trouble") ?? "", /answered 500/);
      assert.deepEqual(await keysOf(page), ["1", "10"]);
      rest.answer = null;
      await badge(page, "WebSocket · Live");
    });

    await t.step("in the other language, without a reload of the first", async () => {
      const other = await browser.open(`${task.url}/live/bridge:orders?lang=vi`);
      await badge(other, "WebSocket · Trực tiếp");
      await badge(other, "2 mục");
      assert.equal(await page.evaluate(() => document.body.dataset["loaded"]), "once");
    });

    assert.deepEqual(browser.errors, []);

    await t.step("it ends with everything it has started, and leaves nothing", async () => {
      assert.equal(await task.stop("SIGINT"), 0);
      await assert.rejects(fetch(`${task.url}/healthz`));
      await badge(page, "Reconnecting");
      assert.deepEqual([...Deno.readDirSync(`${task.folder}/.nhip/bridge`)], []);
    });
  },
);

testWith(["chromium"], "bridge task: many columns and rows fit a phone", async () => {
  const wide = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`field${i}`, "x".repeat(40)]),
  );
  const updatedAt = Date.UTC(2026, 10, 23, 8, 34, 12);
  const many = Array.from({ length: 80 }, (_, i) => ({ id: `k-${i}`, updatedAt, ...wide }));
  await using rest = startRest(many);
  await using task = await startBridge([rest.url]);
  await using browser = await launchBrowser({
    viewport: { width: 390, height: 844 },
    mobile: true,
  });
  const page = await browser.open(`${task.url}/live/bridge:orders?lang=en`);
  await badge(page, "80 entries");
  await page.waitForSelector(".note");
  assert.equal((await keysOf(page)).length, 50);
  const labels = await page.$$eval(
    `[data-key="k-0"] td`,
    (cells) => cells.map((cell) => cell.getAttribute("data-label")),
  );
  const shown = ["updatedAt", ...Array.from({ length: 6 }, (_, i) => `field${i}`), "Other fields"];
  assert.deepEqual(labels, shown);
  const time = await page.waitForSelector('[data-key="k-0"] td[data-label="updatedAt"]');
  assert.match(await time.textContent() ?? "", /^\d\d\/11\/2026 \d\d:\d\d:12$/);
  assert.equal(await time.getAttribute("title"), `${updatedAt}`);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 390, "the page is wider than the phone");
  assert.deepEqual(await violations(page), []);
  await page.click(".note button");
  await page.waitForFunction(() => document.querySelectorAll("[data-key]").length === 80);
  assert.equal(await page.evaluate(() => document.activeElement?.className), "scroll");
  await page.fill("#filter", "K-79");
  await page.waitForFunction(() => document.querySelectorAll("[data-key]").length === 1);
  assert.deepEqual(await keysOf(page), ["k-79"]);
  await page.fill("#filter", "nothing has this");
  await page.waitForFunction(() =>
    document.querySelector("main .empty")?.textContent === "No entry has that in it."
  );
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(browser.errors, []);
});

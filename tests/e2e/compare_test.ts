/// <reference lib="dom" />
/** The comparison of polling with push in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { compareTexts } from "../../islands/compare/texts.ts";
import { type Way, ways } from "../../islands/compare/ways.ts";
import type { DevTools } from "../../tools/compare/devtools.ts";
import { NetworkCounters } from "../../tools/compare/network.ts";
import { isUpgrade, startProxy } from "../client/proxy.ts";
import { violations } from "../support/axe.ts";
import { launchBrowser } from "../support/browser.ts";
import { testWith } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

const cell = (row: string, way: Way) => `.compare [data-row="${row}"] [data-way="${way}"]`;
const phase = (name: string) => `[data-phase="${name}"]`;
const tile = (way: Way, state: string) => `[data-tile="${way}"][data-state="${state}"]`;

/** Presses start once the script is there. */
async function start(page: Page): Promise<void> {
  await page.waitForSelector(phase("idle"));
  await page.click(".go");
  await page.waitForSelector(phase("running"));
}

async function stop(page: Page): Promise<void> {
  await page.click(".go");
  await page.waitForSelector(phase("stopped"));
}

/** Resolves when these ways have shown so many changes. */
async function shown(page: Page, least: number, which: readonly Way[] = ways): Promise<void> {
  for (const way of which) {
    await page.waitForFunction(
      ([selector, least]) =>
        Number(document.querySelector<HTMLElement>(selector)?.dataset["value"]) >= least,
      [cell("shown", way), least] as const,
    );
  }
}

async function figures(page: Page, way: Way) {
  const read = async (row: string) => {
    const text = await page.getAttribute(cell(row, way), "data-value");
    return text === null || text === "" ? NaN : Number(text);
  };
  return {
    p50: await read("p50"),
    p99: await read("p99"),
    requests: await read("requests"),
    up: await read("up"),
    down: await read("down"),
    lteOn: await read("lteOn"),
    nrOn: await read("nrOn"),
  };
}

testWith(["chromium"], "compare: four ways side by side, as Chromium itself counts", async (t) => {
  await using server = await startServer({ dev: true });
  await using browser = await launchBrowser();
  const counters = new NetworkCounters();
  const page = await browser.prepared(async (page) => {
    const session = await browser.context.newCDPSession(page);
    const events: DevTools = {
      on: (name, listener) => session.on(name, (event) => listener(event as never)),
      send: (method) => session.send(method),
    };
    await counters.watch(events);
  });
  await page.goto(`${server.url}/compare?lang=en&interval=2&every=0.2`);
  assert.equal(await page.inputValue('[name="every"]'), "200");
  await start(page);
  await shown(page, 25);
  await stop(page);
  const [polling, longPoll, sse, websocket] = [
    await figures(page, "polling"),
    await figures(page, "long_poll"),
    await figures(page, "sse"),
    await figures(page, "websocket"),
  ];

  await t.step("what is pushed is sooner, and takes fewer requests", () => {
    for (const [name, way] of Object.entries({ longPoll, sse, websocket })) {
      assert.ok(way.p50 < polling.p50, `${name}: ${way.p50} ms, polling ${polling.p50} ms`);
    }
    for (const way of [polling, longPoll, sse, websocket]) {
      assert.ok(way.p50 >= 0 && way.p99 >= way.p50);
      // Something comes all the time.
      assert.ok(way.lteOn > 0.8 && way.lteOn <= 1 && way.nrOn > 0.8 && way.nrOn <= 1);
    }
    // Long-poll asks once for each change here, polling once for many.
    assert.ok(websocket.requests < polling.requests && sse.requests < polling.requests);
    assert.ok(polling.requests < longPoll.requests);
    assert.ok(websocket.up < polling.up && polling.up < longPoll.up);
  });

  await t.step("the bytes are those of the browser's network counters", async (t) => {
    const all = { polling, long_poll: longPoll, sse, websocket };
    for (const way of ways) {
      await t.step(way, () => {
        const { up, down, requests } = counters.traffic[way].totals;
        const said = all[way];
        // Within 3 %, and what came in the moment of the stop: at most one exchange.
        const near = (mine: number, its: number, what: string) =>
          assert.ok(
            Math.abs(mine - its) <= its * 0.03 + 1_500,
            `${what}: the page says ${mine}, Chromium ${its}`,
          );
        near(said.up, up, "up");
        near(said.down, down, "down");
        assert.ok(Math.abs(said.requests - requests) <= 1, `${said.requests}, ${requests}`);
      });
    }
  });

  await t.step("it may be measured again, and begins anew", async () => {
    await page.selectOption('[name="interval"]', "5000");
    await page.click(".go");
    await page.waitForSelector(phase("running"));
    await shown(page, 3, ["websocket"]);
    const { requests } = await figures(page, "polling");
    assert.ok(requests < polling.requests, `${requests}`);
  });

  await t.step("a page that is hidden measures no more, and says so", async () => {
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { get: () => true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await page.waitForSelector(`${phase("stopped")} >> text=this tab was hidden`);
  });

  assert.deepEqual(browser.errors, []);
});

testWith(
  ["chromium"],
  "compare: one way that is blocked is shown so, the others go on",
  async () => {
    await using server = await startServer({ dev: true });
    await using proxy = startProxy(server.port);
    proxy.rule = (head) => isUpgrade(head) ? "refuse" : "pass";
    await using browser = await launchBrowser();
    const page = await browser.open(`${proxy.url}/compare?lang=en&every=0.2`);
    await start(page);
    await shown(page, 5, ["polling", "long_poll", "sse"]);
    await page.waitForSelector(`${tile("websocket", "failing")} >> text=Fails, trying again`);
    for (const way of ["polling", "long_poll", "sse"] as const) {
      await page.waitForSelector(tile(way, "running"));
    }
    assert.equal(await page.textContent(cell("p50", "websocket")), "–");
    await stop(page);
  },
);

testWith(["chromium"], "compare: accessible in both languages, on a phone, too", async () => {
  await using server = await startServer({ dev: true });
  await using browser = await launchBrowser({
    viewport: { width: 390, height: 844 },
    mobile: true,
  });
  for (const language of ["en", "vi"] as const) {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.prepared((page) => page.emulateMedia({ colorScheme }));
      await page.goto(`${server.url}/compare?lang=${language}&every=0.1&interval=0.25`);
      await page.waitForSelector(phase("idle"));
      await page.evaluate(() => {
        const all = globalThis as unknown as { shifts: number };
        all.shifts = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) all.shifts += (entry as LayoutShift).value;
        }).observe({ type: "layout-shift" });
      });
      await start(page);
      await shown(page, 3);
      const { now, stopFirst } = compareTexts[language];
      assert.equal(await page.textContent("#now-heading"), now.during);
      assert.match(await page.textContent(phase("running")) ?? "", new RegExp(stopFirst));
      const shifts = await page.evaluate(() =>
        (globalThis as unknown as { shifts: number }).shifts
      );
      // What is written to the right edge counts for a little when it gets longer.
      assert.ok(shifts < 0.01, `something moves when figures arrive: ${shifts}`);
      await stop(page);
      assert.equal(
        await page.textContent(`${phase("stopped")} [role="status"]`),
        compareTexts[language].ends.asked,
      );
      assert.deepEqual(await violations(page), [], `${language}, ${colorScheme}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
      assert.equal(await page.textContent("#now-heading"), now.after);
      assert.deepEqual(await page.evaluate(misplacedFigures), [], `${language}, ${colorScheme}`);
      await page.close();
    }
  }
  assert.deepEqual(browser.errors, []);
});

/** In a page: the rows whose four figures are cut, or not beside one another under the ways. */
function misplacedFigures(): (string | undefined)[] {
  const rows = [...document.querySelectorAll<HTMLElement>(".compare [data-row]")];
  const heads = [...document.querySelectorAll(".compare thead th")].slice(1);
  // Far down, where the head of the table stays in sight.
  rows[5]?.scrollIntoView({ block: "start" });
  const isUnder = (cell: Element, index: number) => {
    const head = heads[index]?.getBoundingClientRect();
    const { right } = cell.getBoundingClientRect();
    return head !== undefined && head.top >= 0 && Math.abs(head.right - right) < 1;
  };
  const isWhole = (row: HTMLElement) => {
    const cells = [...row.querySelectorAll("td")];
    const tops = new Set(cells.map((cell) => Math.round(cell.getBoundingClientRect().top)));
    return cells.length === 4 && tops.size === 1 && cells.every(isUnder) &&
      cells.every((cell) => cell.scrollWidth <= cell.clientWidth + 1);
  };
  return rows.filter((row) => !isWhole(row)).map((row) => row.dataset["row"]);
}

/** Not in the library's types. */
interface LayoutShift extends PerformanceEntry {
  readonly value: number;
}

testWith(
  ["chromium"],
  "compare: in production behind a token, and lost with its server",
  async (t) => {
    await using server = await startServer({ env: { SHOP: "off" } });
    await using browser = await launchBrowser();

    await t.step("without one there is the recorded table alone", async () => {
      const page = await browser.open(`${server.url}/compare?lang=en`);
      await page.waitForSelector(".gate >> text=This page needs a token");
      assert.equal(await page.locator(".compare").count(), 0);
      assert.deepEqual(await violations(page), []);
      await page.goto(`${server.url}/compare?lang=en#token=none`);
      await page.waitForSelector(phase("idle"));
      await page.click(".go");
      await page.waitForSelector(".gate >> text=The token was refused");
    });

    await t.step("what is there without a script says what is missing", async () => {
      const html = await (await fetch(`${server.url}/compare?lang=vi`)).text();
      assert.match(html, /<noscript><p class="notice">Trang cần JavaScript/);
    });

    await t.step("with one it measures, until the server is gone", async () => {
      const page = await browser.open(
        `${server.url}/compare?lang=en&every=0.2#token=${await server.token()}`,
      );
      await start(page);
      assert.doesNotMatch(page.url(), /token/);
      await shown(page, 2, ["websocket"]);
      await server.signal("SIGKILL");
      await page.waitForSelector(`${phase("stopped")} >> text=the feed was lost`);
      assert.ok((await figures(page, "websocket")).p50 >= 0, "the figures stay");
      await page.click(".go");
      await page.waitForSelector(`${phase("stopped")} >> text=The server does not answer`);
    });
  },
);

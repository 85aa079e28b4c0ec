/** Tabs of one browser that share one connection to the real server. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { launchBrowser, type TestBrowser } from "../support/browser.ts";
import { eventually } from "../support/clients/eventually.ts";
import { connections } from "../support/clients/metrics.ts";
import { numbers, publishAll } from "../support/clients/publish.ts";
import { testWith } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { states } from "../support/states.ts";
import { openTab, reached, seen, type TabOptions, withoutWorkers } from "./tabs/pages.ts";

const channel = "public:tabs";

async function publish({ url }: TestServer, from: number, to: number): Promise<void> {
  const size = 20;
  await publishAll({ url, channel, size }, numbers(from, to).map((n) => ({ n })));
}

async function isOne(server: TestServer): Promise<void> {
  const count = () => connections(server.url, "websocket");
  await eventually(async () => await count() === 1, "one connection");
}

/** The tab whose page is the host, by the locks that it holds. */
async function leaderOf(pages: readonly Page[]): Promise<Page> {
  for (const page of pages) {
    const leads = await page.evaluate(async () => {
      const { locks } = navigator as unknown as {
        locks: {
          query(): Promise<{ held: { name: string; clientId: string }[] }>;
          request(name: string, held: () => Promise<void>): Promise<void>;
        };
      };
      const own = crypto.randomUUID();
      return await new Promise<boolean>((resolve) => {
        locks.request(own, async () => {
          const { held } = await locks.query();
          const me = held.find(({ name }) => name === own)?.clientId;
          resolve(held.some(({ name, clientId }) => clientId === me && name.endsWith(" leads")));
        });
      });
    });
    if (leads) return page;
  }
  throw new Error("no page leads");
}

async function reconnected(page: Page): Promise<void> {
  await page.waitForFunction(() => globalThis.tab.client.quality.value.reconnects > 0);
}

/** As the system does with a renderer that runs out of memory. */
async function crash(browser: TestBrowser, page: Page): Promise<void> {
  const session = await browser.context.newCDPSession(page);
  const crashed = new Promise((resolve) => page.once("crash", resolve));
  session.send("Page.crash").catch(() => {}); // It does not live to answer.
  await crashed;
}

interface Killed {
  /** The page that is lost with the host. */
  readonly page?: Page;
  /** Makes it live again. */
  readonly revive?: () => Promise<unknown>;
}

/** How the host of all is lost. */
type Kill = (browser: TestBrowser, pages: readonly Page[]) => Promise<Killed>;

const workerKilled: Kill = async ({ context }, [page]) => {
  if (page === undefined) throw new Error("no page");
  const session = await context.newCDPSession(page);
  const { targetInfos } = await session.send("Target.getTargets");
  const worker = targetInfos.find(({ type }) => type === "shared_worker");
  if (worker === undefined) throw new Error("no worker");
  await session.send("Target.closeTarget", { targetId: worker.targetId });
  return {};
};
const leaderClosed: Kill = async (_browser, pages) => {
  const leader = await leaderOf(pages);
  await leader.close();
  return { page: leader };
};
const leaderCrashed: Kill = async (browser, pages) => {
  const leader = await leaderOf(pages);
  await crash(browser, leader);
  return { page: leader };
};
/** It still holds its lock; the others find out when they are looked at. */
const leaderStuck: Kill = async ({ context }, pages) => {
  const leader = await leaderOf(pages);
  const session = await context.newCDPSession(leader);
  await session.send("Debugger.enable");
  const paused = new Promise((resolve) => session.once("Debugger.paused", resolve));
  await session.send("Debugger.pause");
  await paused;
  const others = pages.filter((page) => page !== leader);
  const look = 'void document.dispatchEvent(new Event("visibilitychange"))';
  await Promise.all(others.map((page) => page.evaluate(look)));
  return { page: leader, revive: () => session.send("Debugger.disable") };
};
const leaderFrozen: Kill = async (_browser, pages) => {
  const leader = await leaderOf(pages);
  await leader.evaluate('void document.dispatchEvent(new Event("freeze"))');
  return {};
};

interface Case {
  readonly name: string;
  readonly script: string;
  readonly kills: readonly Kill[];
}

const cases: readonly Case[] = [
  { name: "a SharedWorker", script: "", kills: [workerKilled, workerKilled, workerKilled] },
  {
    name: "a leader among them",
    script: withoutWorkers,
    kills: [leaderClosed, leaderCrashed, leaderFrozen, leaderStuck],
  },
];

for (const { name, script, kills } of cases) {
  testWith(["chromium"], `tabs share one connection through ${name}`, async (t) => {
    await using server = await startServer({ channels: { namespaces: states } });
    await using browser = await launchBrowser();
    await browser.context.addInitScript(script);
    const { url } = server;
    const open = (options: Partial<TabOptions> = {}) =>
      openTab(browser, { url, channel, ...options });
    const all = async (pages: readonly Page[], n: number) => {
      await Promise.all(pages.map((page) => reached(page, n)));
    };
    const areNone = () =>
      eventually(async () => await connections(server.url, "websocket") === 0, "none");

    await t.step("each gets everything, once and in order, whoever comes and goes", async () => {
      let pages = [await open(), await open(), await open()];
      await isOne(server);
      await publish(server, 1, 150);
      let n = 150;
      for (const kill of kills) {
        const publishing = publish(server, n + 1, n += 120);
        const { page: lost, revive } = await kill(browser, pages);
        pages = pages.filter((page) => page !== lost);
        await publishing;
        await publish(server, n + 1, n += 30);
        await all(pages, n);
        await Promise.all(pages.map(reconnected));
        await revive?.();
        if (lost !== undefined) pages.push(revive === undefined ? await open() : lost);
        await isOne(server);
      }
      await publish(server, n + 1, 1_000);
      await all(pages, 1_000);
      for (const page of pages) {
        const { numbers: got, gaps, states } = await seen(page);
        const first = got[0] ?? 0;
        assert.deepEqual([got, gaps], [numbers(first, 1_000), []]);
        assert.equal(states.at(-1), "online:websocket");
      }
      await isOne(server);
      await Promise.all(pages.map((page) => page.close()));
      await areNone();
    });

    await t.step(
      "a state channel is the same in all, at once in one that comes later",
      async () => {
        const state = "board:tabs";
        const set = async (data: Record<string, unknown>) => {
          for (const [key, value] of Object.entries(data)) {
            await server.api("map_publish", { channel: state, key, data: value });
          }
        };
        await set({ a: 1, b: 2 });
        const pages = [await open({ state }), await open({ state })];
        await set({ b: 3, c: 4 });
        await server.api("map_remove", { channel: state, key: "a" });
        const isThere = (page: Page, expected: Record<string, unknown>) =>
          page.waitForFunction((text) => {
            const { entries } = globalThis.tab;
            const keys = Object.keys(entries).sort();
            return JSON.stringify(keys.map((key) => [key, entries[key]])) === text;
          }, JSON.stringify(Object.entries(expected)));
        await Promise.all(pages.map((page) => isThere(page, { b: 3, c: 4 })));
        pages.push(await open({ state }));
        await Promise.all(pages.map((page) => isThere(page, { b: 3, c: 4 })));
        const { page: lost } = await kills[0]?.(browser, pages) ?? {};
        await set({ d: 5 });
        const others = pages.filter((page) => page !== lost);
        await Promise.all(others.map((page) => isThere(page, { b: 3, c: 4, d: 5 })));
        await isOne(server);
        await Promise.all(others.map((page) => page.close()));
        await areNone();
      },
    );

    await t.step("a tab that crashes is noticed, and what it alone wanted is left", async () => {
      const own = "public:tabs-alone";
      const subscribers = (count: number) =>
        eventually(async () => {
          const { result } = await server.api("channels", { pattern: own }) as {
            result: { channels: Record<string, { num_clients: number }> };
          };
          return (result.channels[own]?.num_clients ?? 0) === count;
        }, `${count} subscribers`);
      const first = await open();
      const second = await open({ channel: own });
      await subscribers(1);
      await isOne(server);
      await crash(browser, second);
      await subscribers(0);
      await isOne(server);
      await Promise.all([first.close(), second.close()]);
      await areNone();
    });

    await t.step(
      "calls go through and show who shares, and quality is the connection's",
      async () => {
        const pages = [await open(), await open()];
        const asked = await Promise.all(pages.map((page) =>
          page.evaluate(async () => {
            const { client } = globalThis.tab;
            const { position, publications } = await client.channel("public:tabs").history({
              limit: 1,
            });
            const refused = await client.channel("public:tabs").presence().catch(({ code }) =>
              code
            );
            return { offset: position.offset, publications: publications.length, refused };
          })
        ));
        assert.deepEqual(asked[0], { offset: 1_000, publications: 1, refused: asked[1]?.refused });
        assert.equal(typeof asked[0]?.refused, "number");
        await publish(server, 1_001, 1_010);
        await all(pages, 1_010);
        for (const page of pages) {
          await page.waitForFunction(() => {
            const { transport, bytesIn, latency } = globalThis.tab.client.quality.value;
            const { last = -1 } = latency["public:tabs"] ?? {};
            return transport === "websocket" && bytesIn > 500 && last >= 0;
          });
        }
        await Promise.all(pages.map((page) => page.evaluate(() => globalThis.tab.client.close())));
        await areNone();
        await Promise.all(pages.map((page) => page.close()));
      },
    );

    await t.step("who has another grant or other options has another connection", async () => {
      const ann = [await server.token("ann"), await server.token("ann")];
      const pages: Page[] = [];
      for (const token of [...ann, await server.token("bob"), ""]) {
        pages.push(await open({ token }));
      }
      pages.push(await open({ transports: ["websocket"] }));
      await publish(server, 1_011, 1_020);
      await all(pages, 1_020);
      assert.equal(await connections(url, "websocket"), 4);
      await Promise.all(pages.map((page) => page.close()));
      await areNone();
    });

    await t.step("more tabs than HTTP/1.1 has connections share one event stream", async () => {
      const pages: Page[] = [];
      for (let i = 0; i < 9; i++) pages.push(await open({ transports: ["sse"] }));
      await publish(server, 1_021, 1_100);
      await all(pages, 1_100);
      assert.equal(await connections(url, "sse"), 1);
      await Promise.all(pages.map((page) => page.close()));
    });

    await t.step("the policy of the server's own pages allows it", async () => {
      const before = browser.errors.length;
      const page = await open({ path: "/" });
      await publish(server, 1_101, 1_102);
      await reached(page, 1_102);
      assert.deepEqual(browser.errors.slice(before), []);
      await page.close();
    });
  });
}

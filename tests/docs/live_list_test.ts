/// <reference lib="dom" />
/** The pages of docs/live-list.md in a real browser, against a real server. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { isUpgrade, type Proxy as CuttingProxy, startProxy } from "../client/proxy.ts";
import { launchBrowser, type TestBrowser } from "../support/browser.ts";
import { requireProgram, testWith } from "../support/programs.ts";
import { apiKey, startServer, type TestServer } from "../support/server.ts";
import { exampleFolder, exampleText } from "./example.ts";
import { type ExamplePages, startPages } from "./pages.ts";

async function listServer(after?: TestServer): Promise<TestServer> {
  if (after !== undefined) return await startServer({ after });
  return await startServer({ channels: JSON.parse(await exampleText("live_list.json")) });
}

const put = (server: TestServer, key: string, text: string) =>
  server.api("map_publish", { channel: "tasks:today", key, data: { text } });
const remove = (server: TestServer, key: string) =>
  server.api("map_remove", { channel: "tasks:today", key });
const note = (server: TestServer, text: string) =>
  server.api("publish", { channel: "notes:today", data: { text } });

/** Resolves when the list shows these texts, the tasks' in any order. */
async function shows(page: Page, list: "ul" | "ol", ...wanted: string[]): Promise<void> {
  await page.waitForFunction(
    ([list, wanted]) => {
      const texts = [...document.querySelectorAll(`${list} li`)].map((item) => item.textContent);
      return (list === "ul" ? texts.sort() : texts).join("\n") === wanted;
    },
    [list, (list === "ul" ? wanted.sort() : wanted).join("\n")] as const,
  );
}

/** A task that comes, changes and goes, and what happened while the connection was cut. */
async function showsTasks(page: Page, server: TestServer, proxy: CuttingProxy): Promise<void> {
  await shows(page, "ul", "Buy milk", "Bake");
  await put(server, "milk", "Buy oat milk");
  await shows(page, "ul", "Buy oat milk", "Bake");
  await remove(server, "bake");
  await put(server, "tea", "Make tea");
  await shows(page, "ul", "Buy oat milk", "Make tea");
  proxy.rule = () => "refuse";
  proxy.cut();
  await remove(server, "milk");
  await put(server, "tea", "Make green tea");
  proxy.rule = () => "pass";
  await shows(page, "ul", "Make green tea");
}

async function twoTasks(server: TestServer): Promise<void> {
  await put(server, "milk", "Buy milk");
  await put(server, "bake", "Bake");
}

const portOf = (url: string) => Number(new URL(url).port);

for (const file of ["event_source_list.html", "client_list.html"]) {
  testWith(["chromium"], `docs: ${file}, opened from the disk, is a live list`, async () => {
    await using server = await listServer();
    await twoTasks(server);
    await using proxy = startProxy(server.port);
    await using folder = await exampleFolder({ server: portOf(proxy.url) });
    await using browser = await launchBrowser();
    const page = await browser.open(`file://${folder.path}/${file}`);
    await showsTasks(page, server, proxy);
  });
}

/** A page with both lists, from its opening on. */
async function followsBoth(
  browser: TestBrowser,
  server: TestServer,
  open: (pages: ExamplePages) => Promise<string> | string,
): Promise<void> {
  await twoTasks(server);
  for (let n = 1; n <= 25; n++) await note(server, `n${n}`);
  await using proxy = startProxy(server.port);
  const client = await (await fetch(`${server.url}/client.js`)).text();
  await using pages = await startPages(portOf(proxy.url), client);
  const page = await browser.open(await open(pages));
  const last = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `n${from + i}`);
  await shows(page, "ol", ...last(6, 25));
  await note(server, "n26");
  await shows(page, "ol", ...last(7, 26));
  assert.equal(await page.textContent("p[role=status]"), "online");
  assert.deepEqual(browser.errors, []);
  await showsTasks(page, server, proxy);
  await note(server, "n27");
  await shows(page, "ol", ...last(8, 27));
  await page.close();
}

testWith(["chromium"], "docs: plain_lists.html follows a state channel and a stream", async () => {
  await using server = await listServer();
  await using browser = await launchBrowser();
  await followsBoth(browser, server, ({ url }) => `${url}/plain_lists.html`);
});

for (
  const [name, module] of [
    ["React", "react_lists.jsx"],
    ["Preact's signals", "preact_lists.jsx"],
    ["Vue", "vue_lists.js"],
  ] as const
) {
  testWith(["chromium"], `docs: with ${name}, lists follow both kinds of channels`, async () => {
    await using server = await listServer();
    await using browser = await launchBrowser();
    await followsBoth(browser, server, (pages) => pages.bundled(module));
  });
}

testWith(["chromium"], "docs: what publish_queue.html publishes waits for the server", async () => {
  await using first = await listServer();
  await put(first, "milk", "Buy milk");
  await using folder = await exampleFolder({ server: first.port });
  await using browser = await launchBrowser();
  const page = await browser.open(`file://${folder.path}/publish_queue.html`);
  const add = async (text: string) => {
    await page.fill("input", text);
    await page.click("button");
  };
  await add("Bake");
  await shows(page, "ul", "Buy milk", "Bake");
  await first.signal("SIGKILL");
  await add("Make tea");
  await add("Call Lan");
  await shows(page, "ul", "Buy milk", "Bake", "Make tea …", "Call Lan …");
  assert.equal(await page.textContent("p"), "2 to be sent");
  await using _second = await listServer(first);
  await shows(page, "ul", "Buy milk", "Bake", "Make tea", "Call Lan");
  assert.equal(await page.textContent("p"), "");
  const other = await browser.open(`file://${folder.path}/client_list.html`);
  await shows(other, "ul", "Buy milk", "Bake", "Make tea", "Call Lan");
});

testWith(["chromium", "curl"], "docs: add_task.sh adds a task to an open page", async () => {
  await using server = await listServer();
  await using folder = await exampleFolder({ server: server.port });
  await using browser = await launchBrowser();
  const page = await browser.open(`file://${folder.path}/client_list.html`);
  const curl = requireProgram("curl");
  const { success } = await new Deno.Command("sh", {
    args: [`${folder.path}/add_task.sh`],
    env: { API_KEY: apiKey, PATH: `${curl.slice(0, curl.lastIndexOf("/"))}:/bin:/usr/bin` },
  }).output();
  assert.ok(success);
  await shows(page, "ul", "Buy milk");
});

testWith(["chromium"], "docs: tabs with tabs_list.html share one connection", async () => {
  await using server = await listServer();
  await put(server, "milk", "Buy milk");
  await using proxy = startProxy(server.port);
  let sockets = 0;
  proxy.rule = (head) => {
    if (isUpgrade(head)) sockets++;
    return "pass";
  };
  await using pages = await startPages(portOf(proxy.url), "");
  await using browser = await launchBrowser();
  const first = await browser.open(`${pages.url}/tabs_list.html`);
  await shows(first, "ul", "Buy milk");
  const second = await browser.open(`${pages.url}/tabs_list.html`);
  await shows(second, "ul", "Buy milk");
  await put(server, "tea", "Make tea");
  for (const page of [first, second]) await shows(page, "ul", "Buy milk", "Make tea");
  assert.equal(sockets, 1);
  await first.close();
  await remove(server, "milk");
  await shows(second, "ul", "Make tea");
});

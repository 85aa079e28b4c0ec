/// <reference lib="dom" />
/**
 * Makes the README's pictures anew, of the shop that the pages' test looks at:
 *
 *     deno task build && deno run -A tests/e2e/pages/pictures.ts
 *
 * Not while the machine is busy: they show delays that are measured.
 */
import type { Browser, Page } from "playwright-core";
import type { Language } from "../../../islands/language.ts";
import { eventually } from "../../support/clients/eventually.ts";
import { openShop, type Shop } from "./shop.ts";
import { addressOf, entries, seeMap } from "./table.ts";
import { launch, type Scheme, type Screen, Visit } from "./visit.ts";

const folder = new URL("../../../docs/pictures/", import.meta.url);
const mostBytes = 60_000;

interface View {
  readonly name: string;
  readonly language: Language;
  readonly screen: Screen;
  readonly scheme: Scheme;
  /** What was looked at after the page had settled. */
  readonly look?: string;
}

async function open(browser: Browser, shop: Shop, view: View): Promise<Visit> {
  const entry = entries.find(({ name }) => name === view.name);
  if (entry === undefined) throw new Error(`no page ${view.name}`);
  const { language, screen, scheme } = view;
  const visit = await Visit.open(browser, language, screen, { colorScheme: scheme });
  const { page } = visit;
  // As often as most poll.
  const address = addressOf(entry, language).replace("interval=1", "interval=2");
  await page.goto(shop.url + address);
  await entry.settle(page, shop);
  await seeMap(page, shop);
  for (const { name, arrange } of entry.looks ?? []) {
    if (name === view.look) await arrange(page, shop);
  }
  await visit.still();
  return visit;
}

/** What can be seen of the page. */
async function capture(page: Page, quality: number): Promise<Uint8Array<ArrayBuffer>> {
  const tools = await page.context().newCDPSession(page);
  const { data } = await tools.send("Page.captureScreenshot", { format: "webp", quality });
  return Uint8Array.fromBase64(data);
}

/** As good as it may be at its size. */
async function keep(page: Page, name: string): Promise<void> {
  for (let quality = 90; quality >= 30; quality -= 5) {
    const bytes = await capture(page, quality);
    if (bytes.length > mostBytes) continue;
    await Deno.writeFile(new URL(`${name}.webp`, folder), bytes);
    return say(`${name}.webp: ${bytes.length} bytes, quality ${quality}`);
  }
  throw new Error(`${name} does not fit in ${mostBytes} bytes`);
}

/** Side by side, as two phones. */
async function pair(browser: Browser, phones: readonly Page[], name: string): Promise<void> {
  const shots = [];
  for (const phone of phones) shots.push((await capture(phone, 95)).toBase64());
  const page = await browser.newPage({ viewport: { width: 812, height: 860 } });
  const frame = "border:1px solid #9aa;border-radius:20px;display:block";
  await page.setContent(
    `<body style="margin:8px;display:flex;gap:14px;background:#fff">${
      shots.map((shot) => `<img style="${frame}" src="data:image/webp;base64,${shot}">`).join("")
    }`,
  );
  await keep(page, name);
  await page.close();
}

/** Until what one sees of delays is not of the opening. */
async function calm(page: Page, shop: Shop): Promise<void> {
  await eventually(
    async () => {
      await shop.drive();
      const said = await page.textContent(".latency") ?? "";
      return Math.max(...[...said.matchAll(/\d+/g)].map(Number)) < 30;
    },
    "delays of less than 30 ms",
    60_000,
  );
}

function say(text: string): void {
  // deno-lint-ignore no-console -- a tool for the command line
  console.log(text);
}

async function main(): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await using shop = await openShop();
  const browser = await launch();
  await using _browser = { [Symbol.asyncDispose]: () => browser.close() };
  const look = (name: string, screen: Screen, scheme: Scheme, look?: string) =>
    open(browser, shop, { name, language: "en", screen, scheme, ...(look && { look }) });
  {
    await using room = await look("dashboard", "desktop", "light");
    await calm(room.page, shop);
    await keep(room.page, "operations");
  }
  {
    await using map = await look("dashboard", "phone", "light", "map");
    await using chat = await look("chat", "phone", "dark");
    await map.page.locator(".map-panel").evaluate((panel) =>
      scrollBy(0, panel.getBoundingClientRect().top - 12)
    );
    await pair(browser, [map.page, chat.page], "phone");
  }
  await using compare = await look("compare", "desktop", "dark", "running");
  await compare.page.waitForFunction(
    () => document.querySelectorAll('[data-tile="polling"] rect').length >= 20,
  );
  await compare.page.setViewportSize({ width: 1280, height: 740 });
  await keep(compare.page, "compare");
}

if (import.meta.main) await main();

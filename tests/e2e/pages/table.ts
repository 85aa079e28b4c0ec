/// <reference lib="dom" />
/** All pages. One that the pages lead to and that is missing here fails the test. */
import type { Page } from "playwright-core";
import type { Language, Translated } from "../../../islands/language.ts";
import { watchMarkers } from "../map_eye.ts";
import type { Shop } from "./shop.ts";
import { corner } from "./visit.ts";

export interface Entry {
  readonly name: string;
  /** Its path and what it needs in the query. */
  readonly at: Translated<string>;
  readonly title: Translated<string>;
  /** Resolves when everything that comes by itself is there. */
  readonly settle: (page: Page, shop: Shop) => Promise<unknown>;
  /** What can be read of it where no script runs. */
  readonly readable: string;
  /** What else it may look like, each after the one before. */
  readonly looks?: readonly Look[];
}

export interface Look {
  readonly name: string;
  readonly arrange: (page: Page, shop: Shop) => Promise<unknown>;
}

const same = (at: string) => ({ en: at, vi: at });
const online = (page: Page) => page.waitForSelector('.badge[data-state="online"]');
const inEach = (en: string, vi: string): Translated<string> => ({ en, vi });

export const entries: readonly Entry[] = [
  {
    name: "dashboard",
    at: same("/"),
    title: inEach("Nhịp · Live shop", "Nhịp · Cửa hàng trực tiếp"),
    settle: settleDashboard,
    readable: "[data-order]",
    looks: [
      {
        name: "alerts",
        async arrange(page) {
          await page.click(".alerts summary");
          await page.waitForSelector(".alert-sheet [data-alert]");
        },
      },
      {
        name: "map",
        async arrange(page) {
          await page.keyboard.press("Escape");
          await page.click('[data-vehicle="2254"] .pick');
          await page.waitForSelector(".map-card");
        },
      },
    ],
  },
  {
    name: "chat",
    at: inEach("/chat/support?as=lan&staff", "/chat/ho-tro?as=lan&staff"),
    title: inEach("support · Chat · Nhịp", "ho-tro · Trò chuyện · Nhịp"),
    settle: async (page) => {
      await online(page);
      await page.waitForSelector(".room[data-live]");
      await page.waitForSelector('[data-delivery="seen"]');
      const other = await page.context().newPage();
      await other.goto(page.url().replace("as=lan&staff", "as=minh"));
      await page.bringToFront();
      await page.waitForFunction(() =>
        document.querySelector(".people")?.textContent?.includes("minh")
      );
    },
    readable: ".message .text",
  },
  {
    name: "chat-entrance",
    at: same("/chat/support"),
    title: inEach("support · Chat · Nhịp", "support · Trò chuyện · Nhịp"),
    settle: (page) => page.waitForSelector("#as"),
    readable: ".gate",
  },
  {
    name: "driver",
    at: inEach("/driver?vehicle=van-7", "/driver?vehicle=xe-12"),
    title: inEach("Driver · Nhịp", "Tài xế · Nhịp"),
    settle: (page) => page.waitForSelector('[data-sharing="idle"] button:enabled'),
    readable: "#main",
    looks: [{
      name: "sharing",
      async arrange(page) {
        await page.context().grantPermissions(["geolocation"]);
        await page.click(".driver-switch button");
        await page.waitForSelector('[data-sharing="sharing"]');
        await page.waitForSelector(".map-vehicles");
        await page.context().setGeolocation({ ...corner, latitude: corner.latitude + 0.001 });
        await online(page);
        await watchMarkers(page, ({ count }) => count > 0);
      },
    }],
  },
  {
    name: "driver-entrance",
    at: same("/driver"),
    title: inEach("Driver · Nhịp", "Tài xế · Nhịp"),
    settle: (page) => page.waitForSelector("#vehicle"),
    readable: ".gate",
  },
  {
    name: "compare",
    at: same("/compare?interval=1&every=0.2"),
    title: inEach("Polling beside push · Nhịp", "Hỏi định kỳ và đẩy · Nhịp"),
    settle: (page) => page.waitForSelector(".go:enabled"),
    readable: ".lead",
    looks: [{
      name: "running",
      async arrange(page) {
        await page.click(".go");
        await page.waitForFunction(() => {
          const bars = (way: string) => document.querySelectorAll(`[data-tile="${way}"] rect`);
          return ["polling", "long_poll", "sse", "websocket"]
            .every((way) => bars(way).length > 5);
        });
      },
    }],
  },
  {
    name: "inspect",
    at: same("/inspect"),
    title: inEach("Inspector · Nhịp", "Giám sát · Nhịp"),
    settle: async (page) => {
      await online(page);
      await page.waitForSelector("[data-node]");
      await page.waitForSelector("[data-session]");
    },
    readable: "#main",
    looks: [
      {
        name: "channel",
        async arrange(page, shop) {
          await page.click('[data-channel="orders:all"] button');
          await page.waitForSelector('[data-tail="live"]');
          await shop.order();
          await page.waitForSelector('[data-entry="publication"]');
        },
      },
      {
        name: "session",
        async arrange(page) {
          await page.click("[data-session] button >> nth=0");
          await page.waitForSelector("dialog[open]");
        },
      },
    ],
  },
  {
    name: "live",
    at: same("/live/stock:all"),
    title: inEach("stock:all · Nhịp", "stock:all · Nhịp"),
    settle: async (page) => {
      await online(page);
      await page.waitForSelector('[data-key="CF-ARA-500"]');
    },
    readable: "#main",
  },
];

async function settleDashboard(page: Page, shop: Shop): Promise<void> {
  await online(page);
  await page.waitForSelector("[data-order]");
  await page.waitForSelector("[data-sku]");
  await page.waitForFunction(() => document.querySelectorAll(".chart canvas").length === 3);
  await shop.drive();
  await page.waitForSelector(".latency:not(.unknown)");
}

/** On a phone it is loaded when one gets there. */
export async function seeMap(page: Page, shop: Shop): Promise<void> {
  const map = page.locator(".map-panel");
  if (await map.count() === 0) return;
  await map.scrollIntoViewIfNeeded();
  await page.waitForSelector(".map-vehicles");
  await page.waitForFunction(() =>
    document.querySelector(".map-credit")?.textContent?.includes("CapMetrics")
  );
  await watchMarkers(page, ({ count }) => count > 0);
  // A vehicle has a direction when it was seen in two places.
  await shop.drive();
  await watchMarkers(page, ({ count }) => count > 0);
  await page.evaluate(() => scrollTo(0, 0));
}

export const addressOf = ({ at }: Entry, language: Language) =>
  `${at[language]}${at[language].includes("?") ? "&" : "?"}lang=${language}`;

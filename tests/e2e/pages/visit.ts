/// <reference lib="dom" />
/** A reader's visit to a page: one screen, one language. */
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Language } from "../../../islands/language.ts";
import { chromiumArgs } from "../../support/browser.ts";
import { requireProgram } from "../../support/programs.ts";

export const screens = ["desktop", "phone"] as const;
export type Screen = (typeof screens)[number];
export const sizes = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
} as const;
export type Scheme = "light" | "dark";

interface Seen {
  /** How far what had been shown was moved by itself, as browsers count it; 0: nothing was. */
  shift: number;
  readonly moved: string[];
  /** What the page's Content-Security-Policy kept from it. */
  readonly refused: string[];
}

/** Where every reader is at first. */
export const corner = { latitude: 30.2672, longitude: -97.7431, accuracy: 12 };

declare const globalThis: { seen: Seen };

export class Visit implements AsyncDisposable {
  readonly page: Page;
  readonly language: Language;
  readonly screen: Screen;
  /** What the browser complained of. */
  readonly errors: string[] = [];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page, language: Language, screen: Screen) {
    this.#context = context;
    this.page = page;
    this.language = language;
    this.screen = screen;
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.errors.push(message.text());
    });
  }

  static async open(
    browser: Browser,
    language: Language,
    screen: Screen,
    options: { readonly javaScriptEnabled?: boolean; readonly colorScheme?: Scheme } = {},
  ): Promise<Visit> {
    const context = await browser.newContext({
      ...sizes[screen],
      reducedMotion: "reduce",
      geolocation: corner,
      locale: language === "vi" ? "vi-VN" : "en-GB",
      ...options,
    });
    await context.addInitScript(watch);
    return new Visit(context, await context.newPage(), language, screen);
  }

  seen(): Promise<Seen> {
    return this.page.evaluate(() => globalThis.seen);
  }

  /** Resolves when what is to be seen has been drawn and stands still. */
  async still(): Promise<void> {
    await this.page.evaluate(async () => {
      await document.fonts.ready;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const all = document.getAnimations().map(({ finished }) => finished.catch(() => {}));
      await Promise.all(all);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#context.close();
  }
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: requireProgram("chromium"),
    headless: true,
    args: [...chromiumArgs],
  });
}

/** Runs in the page before anything else does. */
function watch(): void {
  const seen: Seen = { shift: 0, moved: [], refused: [] };
  globalThis.seen = seen;
  interface Shift extends PerformanceEntry {
    readonly value: number;
    readonly hadRecentInput: boolean;
    readonly sources: readonly { readonly node: Node | null }[];
  }
  const nameOf = (node: Node | null) =>
    node instanceof Element ? `${node.localName}.${node.className}` : node?.nodeName ?? "";
  new PerformanceObserver((list) => {
    for (const { hadRecentInput, value, sources } of list.getEntries() as Shift[]) {
      if (hadRecentInput) continue;
      seen.shift += value;
      seen.moved.push(...sources.map(({ node }) => nameOf(node)));
    }
  }).observe({ type: "layout-shift", buffered: true });
  document.addEventListener("securitypolicyviolation", (event) => {
    seen.refused.push(`${event.effectiveDirective}: ${event.blockedURI}`);
  });
}

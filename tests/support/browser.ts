/** Chromium, without a window, as a process of the test's own with a profile of its own. */
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { requireProgram } from "./programs.ts";

export interface BrowserOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  /** As a phone: touch, and pages laid out for a small screen. */
  readonly mobile?: boolean;
  /** As `chromiumProxy` gives it (proxies/proxy.ts). */
  readonly proxy?: { readonly server: string; readonly bypass: string } | undefined;
}

export interface TestBrowser extends AsyncDisposable {
  readonly context: BrowserContext;
  /** A new page that is nowhere yet, and is made ready to go somewhere. */
  prepared(prepare: (page: Page) => Promise<unknown>): Promise<Page>;
  /** A new page; what it complained of is in `errors`. */
  open(url: string): Promise<Page>;
  /** Uncaught errors and `console.error` of all pages so far. */
  readonly errors: readonly string[];
}

export const chromiumArgs: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function launchBrowser(options: BrowserOptions = {}): Promise<TestBrowser> {
  const profile = await Deno.makeTempDir({ prefix: "nhip-chromium-" });
  const { viewport = { width: 1280, height: 800 }, mobile = false } = options;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: requireProgram("chromium"),
    headless: true,
    args: [...chromiumArgs],
    viewport,
    isMobile: mobile,
    hasTouch: mobile,
    ...(options.proxy && { proxy: options.proxy }),
  });
  const errors: string[] = [];
  const prepared: TestBrowser["prepared"] = async (prepare) => {
    const page = await context.newPage();
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await prepare(page);
    return page;
  };
  return {
    context,
    errors,
    prepared,
    async open(url) {
      const page = await prepared(() => Promise.resolve());
      await page.goto(url);
      return page;
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      await Deno.remove(profile, { recursive: true }).catch(() => {});
    },
  };
}

/** Where a client runs: in this process, or on a page of Chromium. */
import type { Page } from "playwright-core";
import { connect } from "../../../lib/client/mod.ts";
import { launchBrowser, type TestBrowser } from "../../support/browser.ts";
import { within } from "../../support/clients/eventually.ts";
import { chromiumProxy, environmentOf, type Proxy } from "../../support/proxies/mod.ts";
import { type Observation, observe, type Observer, type Task } from "./observe.ts";

/** One visitor, who may come again: what the client has noted is still there then. */
export interface Visitor extends AsyncDisposable {
  readonly runtime: "Deno" | "Chromium";
  /** A new client, in place of the last one. Resolves when it has begun. */
  begin(task: Task): Promise<void>;
  first(): Promise<void>;
  all(): Promise<void>;
  now(): Promise<Observation>;
}

export function visitInDeno(proxy: Proxy): Promise<Visitor> {
  const environment = environmentOf(proxy);
  const { fetch, WebSocket } = environment;
  const notes = new Map<string, string>();
  // One whose connection was lost on the way may be waiting for the proxy's end.
  const closing: Promise<void>[] = [];
  const memory = {
    getItem: (key: string) => notes.get(key) ?? null,
    setItem: (key: string, value: string) => void notes.set(key, value),
  };
  let observer: Observer | undefined;
  const begun = () => {
    if (observer === undefined) throw new Error("begin comes first");
    return observer;
  };
  return Promise.resolve({
    runtime: "Deno",
    begin(task) {
      if (observer !== undefined) closing.push(observer.close());
      observer = observe(connect, task, { memory, environment: { fetch, WebSocket } });
      return Promise.resolve();
    },
    first: () => begun().first,
    all: () => begun().all,
    now: () => Promise.resolve(begun().now()),
    async [Symbol.asyncDispose]() {
      await Promise.all([...closing, observer?.close()]);
      environment[Symbol.dispose]();
    },
  });
}

declare global {
  var observer: Observer;
}

/** @param browser goes to addresses directly; a forward proxy gets a browser of its own. */
export async function visitInChromium(browser: TestBrowser, proxy: Proxy): Promise<Visitor> {
  await using stack = new AsyncDisposableStack();
  const own = proxy.forward === undefined
    ? browser
    : stack.use(await launchBrowser({ proxy: chromiumProxy(proxy) }));
  const page = stack.adopt(await own.context.newPage(), (page) => page.close());
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  const held = stack.move();
  return {
    runtime: "Chromium",
    begin: (task) => begin(page, proxy.url, task),
    first: () => page.evaluate(() => globalThis.observer.first),
    all: () => page.evaluate(() => globalThis.observer.all),
    async now() {
      if (errors.length > 0) throw new Error(`uncaught on the page: ${errors.join("; ")}`);
      return await page.evaluate(() => globalThis.observer.now());
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** How long a page may take to load, and how often it is loaded at most. */
const loading = { ms: 15_000, times: 3 };

/**
 * After a time in the dark the browser has connections of which it does not know that they are lost:
 * loading the page again gets it others.
 */
async function begin(page: Page, url: string, task: Task): Promise<void> {
  for (let time = 1;; time++) {
    try {
      return await within(load(page, url, task), "the page", loading.ms);
    } catch (error) {
      if (time === loading.times) throw error;
    }
  }
}

async function load(page: Page, url: string, task: Task): Promise<void> {
  await page.goto(`${url}/healthz`, { timeout: loading.ms });
  // The content security policy of a page does not hold for what a test evaluates.
  await page.evaluate(`globalThis.observe = ${observe}`);
  await page.evaluate(async (task) => {
    const path = "/client.js";
    const client: { connect: typeof connect } = await import(path);
    const { observe: run } = globalThis as unknown as { observe: typeof observe };
    globalThis.observer = run(client.connect, task, {});
  }, task);
}

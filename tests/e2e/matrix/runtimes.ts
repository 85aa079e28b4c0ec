/** Where a client runs: in this process, or on a page of Chromium. */
import type { Page } from "playwright-core";
import { connect } from "../../../lib/client/mod.ts";
import { launchBrowser, type TestBrowser } from "../../support/browser.ts";
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
    async begin(task) {
      await page.goto(`${proxy.url}/healthz`);
      await begin(page, task);
    },
    first: () => page.evaluate(() => globalThis.observer.first),
    all: () => page.evaluate(() => globalThis.observer.all),
    async now() {
      if (errors.length > 0) throw new Error(`uncaught on the page: ${errors.join("; ")}`);
      return await page.evaluate(() => globalThis.observer.now());
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

async function begin(page: Page, task: Task): Promise<void> {
  // The content security policy of a page does not hold for what a test evaluates.
  await page.evaluate(`globalThis.observe = ${observe}`);
  await page.evaluate(async (task) => {
    const path = "/client.js";
    const client: { connect: typeof connect } = await import(path);
    const { observe: run } = globalThis as unknown as { observe: typeof observe };
    globalThis.observer = run(client.connect, task, {});
  }, task);
}

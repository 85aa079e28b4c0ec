/** Pages of a server in Chromium, each with a client that shares its connection. */
import type { Page } from "playwright-core";
import type { Client } from "../../../lib/client/mod.ts";
import type { TestBrowser } from "../../support/browser.ts";
import { within } from "../../support/clients/eventually.ts";

export interface Tab {
  readonly client: Client;
  /** The `n` of each publication. */
  readonly numbers: number[];
  /** The state channel as the changes make it. */
  readonly entries: Record<string, unknown>;
  readonly gaps: string[];
  readonly states: string[];
}

declare global {
  var tab: Tab;
}

export interface TabOptions {
  readonly url: string;
  readonly channel?: string;
  readonly state?: string;
  readonly token?: string;
  readonly transports?: readonly ("websocket" | "sse" | "long_poll")[];
  readonly worker?: string;
  /** The page that is shown. */
  readonly path?: string;
}

export const withoutWorkers = "delete globalThis.SharedWorker";

/** Resolves when the channels have started. */
export async function openTab(browser: TestBrowser, options: TabOptions): Promise<Page> {
  const page = await browser.open(`${options.url}${options.path ?? "/healthz"}`);
  const started = page.evaluate(async ({ channel, state, token = "", transports, worker }) => {
    const script = "/client/tabs.js";
    const { connect } = await import(script);
    const client: Client = connect(location.origin, {
      token,
      ...(transports && { transports }),
      ...(worker !== undefined && { worker }),
    });
    const tab: Tab = globalThis.tab = { client, numbers: [], entries: {}, gaps: [], states: [] };
    client.status.subscribe((status) => {
      tab.states.push("transport" in status ? `${status.name}:${status.transport}` : status.name);
    });
    const subscriptions = [];
    if (channel !== undefined) {
      subscriptions.push(
        client.channel(channel).subscribe(
          ({ data }) => tab.numbers.push((data as { n: number }).n),
          { onGap: () => tab.gaps.push(channel) },
        ),
      );
    }
    if (state !== undefined) {
      const set = (key: string, data: unknown) => {
        if (data === undefined) delete tab.entries[key];
        else tab.entries[key] = data;
      };
      subscriptions.push(
        client.state(state).subscribe({
          onSync: (entries) => {
            for (const key of Object.keys(tab.entries)) delete tab.entries[key];
            for (const [key, data] of entries) set(key, data);
          },
          onChange: ({ key, data }) => set(key, data),
        }),
      );
    }
    await Promise.all(subscriptions.map(({ ready }) => ready));
  }, options);
  await within(started, "the tab's channels have started");
  return page;
}

export async function reached(page: Page, n: number): Promise<void> {
  await page.waitForFunction((n) => globalThis.tab.numbers.at(-1) === n, n, { timeout: 20_000 });
}

export function seen(page: Page): Promise<Omit<Tab, "client">> {
  return page.evaluate(() => {
    const { numbers, entries, gaps, states } = globalThis.tab;
    return { numbers, entries, gaps, states };
  });
}

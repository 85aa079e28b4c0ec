/** One measurement in headless Chromium: the page's delays, and the browser's own counters. */
import { type Figures, figuresOf } from "../../islands/compare/figures.ts";
import { type Way, ways } from "../../islands/compare/ways.ts";
import { startChromium } from "./chromium.ts";
import type { DevToolsPage } from "./devtools.ts";
import { NetworkCounters } from "./network.ts";
import type { Server } from "./server.ts";

export interface BrowseOptions {
  readonly server: Server;
  readonly seconds: number;
  readonly intervalMs: number;
  readonly everyMs: number;
  /** For the browser's profile; removed at the end. */
  readonly folder: string;
}

export interface Browsed {
  /** Such as `HeadlessChrome 120.0.1.2`. */
  readonly browser: string;
  readonly ways: Readonly<Record<Way, Figures>>;
}

/** @throws Error when there is no Chromium, or the measurement ends early */
export async function browse(options: BrowseOptions): Promise<Browsed> {
  const { server, seconds, intervalMs, everyMs, folder } = options;
  await using chromium = await startChromium(folder);
  const page = await chromium.connection.page();
  const counters = new NetworkCounters();
  await counters.watch(page);
  // It stays the page that is looked at, whatever else the browser has open.
  await page.send("Emulation.setFocusEmulationEnabled", { enabled: true });
  const query = `lang=en&interval=${intervalMs / 1_000}&every=${everyMs / 1_000}`;
  await page.send("Page.navigate", {
    url: `${server.url}/compare?${query}#token=${server.token}`,
  });
  await page.shows('[data-phase="idle"]');
  await page.evaluate('document.querySelector(".go").click()');
  await page.shows('[data-phase="running"], [data-phase="stopped"]');
  const startedAt = performance.now();
  await new Promise((later) => setTimeout(later, seconds * 1_000));
  const early = await page.evaluate<string | null>(
    `document.querySelector('[data-phase="stopped"]')?.textContent ?? null`,
  );
  if (early !== null) throw new Error(`the measurement has ended early: ${early}`);
  const windowMs = performance.now() - startedAt;
  const counted = perWay((way) => ({
    totals: counters.traffic[way].totals,
    times: counters.traffic[way].times(counters.startedAt ?? 0),
  }));
  await page.evaluate('document.querySelector(".go").click()');
  await page.shows('[data-phase="stopped"]');
  const delays = await readDelays(page);
  return {
    browser: chromium.product.replace("/", " "),
    ways: perWay((way) => {
      const measured = { ...counted[way], windowMs, made: 0, delays: [] };
      return { ...figuresOf(measured), ...delays[way] };
    }),
  };
}

type Delays = Pick<Figures, "p50" | "p99" | "shown" | "made">;

/** As the page's table has them. */
async function readDelays(page: DevToolsPage): Promise<Readonly<Record<Way, Delays>>> {
  const read = async (way: Way, row: string, name: "value" | "of" = "value") => {
    const selector = `.compare [data-row="${row}"] [data-way="${way}"]`;
    const text = await page.evaluate<string>(
      `document.querySelector(${JSON.stringify(selector)}).dataset.${name}`,
    );
    return text === "" ? null : Number(text);
  };
  const all = new Map<Way, Delays>();
  for (const way of ways) {
    all.set(way, {
      p50: await read(way, "p50"),
      p99: await read(way, "p99"),
      shown: await read(way, "shown") ?? 0,
      made: await read(way, "shown", "of") ?? 0,
    });
  }
  return perWay((way) => all.get(way) ?? { p50: null, p99: null, shown: 0, made: 0 });
}

export function perWay<Value>(make: (way: Way) => Value): Readonly<Record<Way, Value>> {
  return {
    polling: make("polling"),
    long_poll: make("long_poll"),
    sse: make("sse"),
    websocket: make("websocket"),
  };
}

/**
 * How busy the operations room's main thread is while much happens and the map is in view, at
 * 1280 × 800, and what with, by Chromium's own trace.
 *
 *     deno run -A bench/dashboard.ts [--rate 200] [--seconds 5] [--orders 3000]
 *
 * Two figures: of a processor, which is what the page costs, and of the time, which has in it what
 * the thread waited for a processor while the server, this program, the browser's other processes
 * and all else on the machine had it. The first is the page's own and is what a limit is set on, as
 * long as the page has its frames; on a machine with nothing else to do the second comes near it.
 * Tracing itself costs some of both.
 *
 * Updates are a mix of the shop's: half of vehicles, a quarter each of stock and orders. The
 * vehicles are all in view, and faster than any real one: the map has something to draw in each of
 * its frames.
 */
import { parseArgs } from "node:util";
import type { BrowserContext, Page } from "playwright-core";
import { signToken } from "../lib/auth/tokens.ts";
import { launchBrowser } from "../tests/support/browser.ts";
import { startServer, type TestServer, tokenSecret } from "../tests/support/server.ts";
import { kinds, traced } from "./dashboard_trace.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "200" },
    seconds: { type: "string", default: "5" },
    orders: { type: "string", default: "3000" },
  },
});
const [rate, seconds, orders] = [values.rate, values.seconds, values.orders].map(Number);
/** Updates are sent so often, several at once, as a server under load does. */
const everyMs = 50;

await main(rate ?? 200, seconds ?? 5, orders ?? 3_000);

async function main(rate: number, seconds: number, orders: number): Promise<void> {
  await using server = await startServer();
  for (let from = 0; from < orders; from += 500) {
    const length = Math.min(500, orders - from);
    await send(server, Array.from({ length }, (_, i) => orderOf(from + i, 1)));
  }
  await send(server, Array.from({ length: 200 }, (_, i) => stockOf(i, 100)));
  await using browser = await launchBrowser();
  const token = await signToken(tokenSecret, { sub: "bench", role: "staff" });
  const page = await browser.open(`${server.url}/?lang=en#token=${token}`);
  await page.waitForSelector(".chart canvas");
  await page.waitForSelector("[data-order]");
  await page.waitForSelector(".map-vehicles");
  const load = () => update(server, rate, seconds, orders);
  const busy = await measured(browser.context, page, load);
  const devtools = await browser.context.newCDPSession(page);
  const trace = await traced(devtools, server.url, load);
  say(`${orders} orders, ${busy.rate.toFixed(0)} updates a second for ${seconds} s`);
  say(
    `main thread, untraced: ${percent(busy.cpu)} of a processor, ${percent(busy.wall)} of the time`,
  );
  say(
    `traced: ${percent(trace.total.cpu / trace.lasted)} of a processor, ` +
      `${percent(trace.total.wall / trace.lasted)} of the time at ` +
      `${(trace.frames * 1_000 / trace.lasted).toFixed(0)} frames a second, namely`,
  );
  for (const kind of kinds) {
    const { cpu, wall } = trace.breakdown[kind];
    say(`  ${kind.padEnd(8)} ${percent(cpu / trace.lasted)} ${percent(wall / trace.lasted)}`);
  }
}

interface Busy {
  /** Of one processor. */
  readonly cpu: number;
  /** Of the time, processor or not. */
  readonly wall: number;
  /** Updates a second. */
  readonly rate: number;
}

/** The share of the job's time that the page's main thread is in tasks. */
async function measured(
  context: BrowserContext,
  page: Page,
  job: () => Promise<number>,
): Promise<Busy> {
  const clock = async (timeDomain: "timeTicks" | "threadTicks") => {
    const devtools = await context.newCDPSession(page);
    await devtools.send("Performance.enable", { timeDomain });
    return async () => {
      const { metrics } = await devtools.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN;
    };
  };
  const [wall, cpu] = [await clock("timeTicks"), await clock("threadTicks")];
  const before = [await wall(), await cpu()];
  const started = performance.now();
  const sent = await job();
  const lasted = (performance.now() - started) / 1_000;
  const share = (now: number, then = NaN) => (now - then) / lasted;
  return {
    wall: share(await wall(), before[0]),
    cpu: share(await cpu(), before[1]),
    rate: sent / lasted,
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`.padStart(7);
}

/** Returns how many updates were sent. */
async function update(
  server: TestServer,
  rate: number,
  seconds: number,
  orders: number,
): Promise<number> {
  const started = performance.now();
  let sent = 0;
  for (let n = 0; n < seconds * 1_000 / everyMs; n++) {
    const due = Math.round((n + 1) * rate * everyMs / 1_000) - sent;
    const updates = Array.from({ length: due }, (_, i) => updateOf(sent + i, orders));
    sent += due;
    await send(server, updates);
    const restMs = started + (n + 1) * everyMs - performance.now();
    if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
  }
  return sent;
}

interface Update {
  readonly channel: string;
  readonly key: string;
  readonly data: unknown;
}

function updateOf(n: number, orders: number): Update {
  if (n % 2 === 0) return vehicleOf(n % 200, n);
  if (n % 4 === 1) return stockOf(n % 200, 100 + n % 50);
  // Some are new, the others change.
  return n % 8 === 3 ? orderOf(orders + n + Math.floor(performance.now()), 1) : orderOf(n, n);
}

function vehicleOf(n: number, step: number): Update {
  const id = `bus-${n}`;
  const [lat, lon] = [59.9 + n / 1_000 + step / 1e5, 10.7 + step / 1e5];
  const data = { id, lat, lon, speed: 8, route: `${n % 20}`, headsign: "", at: Date.now() };
  return { channel: "vehicles:all", key: id, data };
}

function stockOf(n: number, quantity: number): Update {
  const sku = `SKU-${n}`;
  const data = { sku, name: `Article ${n}`, quantity, unitPrice: 250, lowAt: 10, updatedAt: 0 };
  return { channel: "stock:all", key: sku, data };
}

function orderOf(n: number, version: number): Update {
  const id = `order-${n}`;
  const placedAt = 1_700_000_000_000 + n;
  const status = version % 2 === 0 ? "packed" : "placed";
  const sums = { lineCount: 2, total: 1_250, currency: "GBP" };
  const data = { id, status, country: "Norway", ...sums, placedAt, updatedAt: 0, version };
  return { channel: "orders:all", key: id, data };
}

async function send(server: TestServer, updates: readonly Update[]): Promise<void> {
  await server.api("batch", {
    commands: updates.map((update) => ({ map_publish: update })),
    parallel: false,
  });
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/**
 * Polling, long-poll, SSE and WebSocket side by side: the page's delays and Chromium's own network
 * counters, and the server's CPU under many clients of one way at a time. Starts what it needs on the
 * loopback, ends all of it, and prints a table in Markdown.
 *
 *     deno task compare --seconds 60 --interval 2 --rate 5,30 --clients 100
 */
import type { Recorded, RecordedRun } from "../islands/compare/recorded.ts";
import { ways } from "../islands/compare/ways.ts";
import { type CompareArgs, parseArgs, usage, UsageError } from "./compare/args.ts";
import { browse, perWay } from "./compare/browse.ts";
import { endWithSignals } from "./compare/children.ts";
import { loadCpu } from "./compare/load.ts";
import { markdownOf } from "./compare/markdown.ts";
import { record } from "./compare/record.ts";
import { startServer } from "./compare/server.ts";

const folder = new URL(`../.nhip/compare/${Deno.pid}`, import.meta.url).pathname;
/** Of each load: two changes in the mean, within bounds. */
const loadSeconds = { least: 20, most: 60 };

if (import.meta.main) {
  const cleanUp = () => Deno.remove(folder, { recursive: true }).catch(() => {});
  endWithSignals(cleanUp);
  try {
    const args = parseArgs(Deno.args);
    const measured = await measure(args);
    if (args.record) await record(measured);
    print(markdownOf(measured));
  } catch (error) {
    say(error instanceof UsageError ? `${error.message}\n\n${usage}` : String(error));
    Deno.exitCode = 1;
  } finally {
    await cleanUp();
    // It would go on waiting for signals.
    Deno.exit();
  }
}

async function measure(args: CompareArgs): Promise<Recorded> {
  const { everyMs, clients } = args;
  const runs: RecordedRun[] = [];
  let browser = "";
  for (const every of everyMs) {
    const { run, browser: name } = await measureOne(args, every);
    runs.push(run);
    browser = name;
  }
  const { hardwareConcurrency: cores } = navigator;
  const machine = `${cores} ${
    cores === 1 ? "core" : "cores"
  }, ${Deno.build.os}, Deno ${Deno.version.deno}`;
  return { date: new Date().toISOString().slice(0, 10), clients, machine, browser, runs };
}

async function measureOne(
  { seconds, intervalMs, clients }: CompareArgs,
  everyMs: number,
): Promise<{ readonly run: RecordedRun; readonly browser: string }> {
  say(`a change every ${everyMs / 1_000} s: ${seconds} s in the browser`);
  const { browser, ways: figures } = await browsed({ seconds, intervalMs, everyMs });
  const { least, most } = loadSeconds;
  const ofLoad = Math.min(most, Math.max(least, (2 * everyMs) / 1_000));
  const load = { clients, intervalMs, everyMs, seconds: ofLoad, folder: `${folder}/load` };
  const cpu = new Map<string, number | null>();
  if (clients > 0) {
    say(`no clients for ${ofLoad} s`);
    const idle = await loadCpu({ ...load, way: null });
    for (const way of ways) {
      say(`${clients} clients of ${way} for ${ofLoad} s`);
      const busy = await loadCpu({ ...load, way });
      cpu.set(way, busy === null || idle === null ? null : Math.max(0, busy - idle) / clients);
    }
  }
  const all = perWay((way) => ({ ...figures[way], cpuMs: cpu.get(way) ?? null }));
  return { run: { intervalMs, everyMs, ways: all }, browser };
}

async function browsed(
  options: { readonly seconds: number; readonly intervalMs: number; readonly everyMs: number },
) {
  await using server = await startServer(`${folder}/server`);
  return await browse({ ...options, server, folder: `${folder}/browser` });
}

/** The table alone goes to the standard output. */
function print(text: string): void {
  // deno-lint-ignore no-console -- a tool for the command line
  console.log(text);
}

function say(text: string): void {
  // deno-lint-ignore no-console -- a tool for the command line
  console.error(text);
}

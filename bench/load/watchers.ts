/**
 * Clients that want to know of changed orders, by the hundred in one process.
 *
 *     watchers.ts poll|browser|events|map URL COUNT SECONDS EVERY_MS
 *
 * `poll` and `browser` ask the URL for all orders every EVERY_MS, the latter as browsers do;
 * `events` and `map` listen to channel `bridge:orders` of the server at the URL. Says READY when
 * each of them has all orders. What they do in the SECONDS from then on is counted; changes that
 * are under way by then have two intervals more to arrive. Ends with one line of JSON.
 */
import { listenToEvents, listenToMap } from "./watchers/listener.ts";
import { Poller } from "./watchers/poller.ts";
import { Tally } from "./watchers/tally.ts";

const [mode = "", address = "", ...numbers] = Deno.args;
const [count = 0, seconds = 0, everyMs = 0] = numbers.map(Number);
const atOnce = 50;
const url = new URL(address);
const tally = new Tally();

await openAll();
say("READY");
const opening = tally.traffic();
await pause(seconds * 1_000);
const counted = tally.traffic();
await pause(everyMs * 2);
report();

async function openAll(): Promise<void> {
  const clients = Array.from({ length: count }, clientOf);
  // Pollers spread themselves over the first interval.
  if (mode === "poll" || mode === "browser") {
    await Promise.all(clients.map((start) => start()));
    return;
  }
  const queue = clients.values();
  const work = async () => {
    for (const start of queue) await start();
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

function clientOf(): () => Promise<void> {
  const listening = { url, channel: "bridge:orders", tally };
  switch (mode) {
    case "events":
      return () => listenToEvents(listening);
    case "map":
      return () => listenToMap(listening);
    default: {
      const poller = new Poller({ url, everyMs, asBrowser: mode === "browser", tally });
      return () => poller.start();
    }
  }
}

function report(): void {
  const delays = tally.delays.sort((a, b) => a - b);
  const at = (share: number) => delays[Math.floor((delays.length - 1) * share)] ?? 0;
  say(JSON.stringify({
    requests: counted.requests - opening.requests,
    bytesDown: counted.bytesDown - opening.bytesDown,
    bytesUp: counted.bytesUp - opening.bytesUp,
    opening,
    seen: delays.length,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    closed: tally.closed,
  }));
  Deno.exit(0);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** What many clients of one way cost the server, which has nothing else to do. */
import type { Channels } from "../../lib/channels.ts";
import { connect } from "../../lib/client/mod.ts";
import type { RunLine } from "../../lib/compare/feed_run.ts";
import { feedPath } from "../../islands/compare/offered.ts";
import type { Way } from "../../islands/compare/ways.ts";
import { cpuMs } from "./cpu.ts";
import { type Server, startServer } from "./server.ts";

export interface LoadOptions {
  /** null: the feed alone, which nobody reads. */
  readonly way: Way | null;
  readonly clients: number;
  readonly intervalMs: number;
  readonly everyMs: number;
  readonly seconds: number;
  /** For the server's database. */
  readonly folder: string;
}

interface Client {
  /** Resolves when it has the feed. */
  readonly ready: Promise<unknown>;
  close(): Promise<unknown>;
}

/** From the last client's beginning until what that cost is over. */
const settleMs = 2_000;

/** Milliseconds of CPU that the server took in a minute; null: this system does not tell. */
export async function loadCpu(options: LoadOptions): Promise<number | null> {
  const { way, clients, seconds, everyMs, intervalMs, folder } = options;
  await using server = await startServer(folder);
  const end = new AbortController();
  const feed = await openFeed(server, everyMs, end.signal);
  const all = way === null ? [] : Array.from({ length: clients }, (_, n) =>
    way === "polling"
      // Not all at once, as those who come when they like.
      ? pollFrom(server, feed, intervalMs, (n * intervalMs) / clients)
      : listen(server, feed, way));
  try {
    await Promise.all(all.map(({ ready }) => ready));
    await pause(settleMs);
    const before = await cpuMs(server.pid);
    const startedAt = performance.now();
    await pause(seconds * 1_000);
    const after = await cpuMs(server.pid);
    const minutes = (performance.now() - startedAt) / 60_000;
    return before === null || after === null ? null : (after - before) / minutes;
  } finally {
    await Promise.all(all.map((client) => client.close()));
    end.abort();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((later) => setTimeout(later, ms));
}

/** Its name; it changes until the signal aborts. */
async function openFeed(server: Server, everyMs: number, signal: AbortSignal): Promise<string> {
  const response = await fetch(`${server.url}/compare/api/runs?every=${everyMs}`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.token}` },
    signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader?.read();
  const line: RunLine = JSON.parse(first?.value?.split("\n")[0] ?? "{}");
  if (reader === undefined || !("feed" in line)) throw new Error("the server gave no feed");
  const readOn = async () => {
    while (!(await reader.read()).done);
  };
  // It ends by the signal.
  readOn().catch(() => {});
  return line.feed;
}

function listen({ url, token }: Server, feed: string, way: Exclude<Way, "polling">): Client {
  const client = connect<Channels>(url, { token, transports: [way], memory: null });
  const { ready } = client.state(`compare:${feed}`).subscribe({});
  return { ready, close: () => client.close() };
}

function pollFrom(server: Server, feed: string, intervalMs: number, afterMs: number): Client {
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  let timer = setTimeout(() => next(), afterMs);
  let etag = "";
  let hasEnded = false;
  let last: Promise<void> = Promise.resolve();
  const ask = async () => {
    const response = await fetch(`${server.url}${feedPath(feed)}`, {
      headers: {
        accept: "application/json",
        authorization: `Bearer ${server.token}`,
        ...(etag !== "" && { "if-none-match": etag }),
      },
    });
    await response.text();
    if (response.status !== 304 && !response.ok) throw new Error(`HTTP ${response.status}`);
    etag = response.headers.get("etag") ?? etag;
    resolve();
  };
  const next = () => {
    const startedAt = performance.now();
    last = ask().catch(reject).then(() => {
      if (hasEnded) return;
      timer = setTimeout(next, Math.max(0, intervalMs - (performance.now() - startedAt)));
    });
  };
  return {
    ready,
    close() {
      hasEnded = true;
      clearTimeout(timer);
      return last;
    },
  };
}

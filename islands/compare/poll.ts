/// <reference lib="dom" />
/** The first way: the whole list is asked for again and again; a server that has no news says 304. */
import type { Follower, Sink } from "./follower.ts";
import type { MeteredFetch } from "./metered.ts";

export interface PollOptions {
  readonly fetch: MeteredFetch;
  readonly url: URL;
  readonly token: string;
  /** Milliseconds from the beginning of one poll to that of the next. */
  readonly intervalMs: number;
  readonly sink: Sink;
}

/** An answer that takes longer is given up. */
const patienceMs = 10_000;

export function poll({ fetch, url, token, intervalMs, sink }: PollOptions): Follower {
  const end = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let etag = "";
  const ask = async () => {
    const signal = AbortSignal.any([end.signal, AbortSignal.timeout(patienceMs)]);
    const headers = {
      accept: "application/json",
      authorization: `Bearer ${token}`,
      ...(etag !== "" && { "if-none-match": etag }),
    };
    const response = await fetch(url, { headers, signal });
    const text = await response.text();
    if (response.status === 304) return;
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    etag = response.headers.get("etag") ?? "";
    sink.changed(JSON.parse(text).items);
  };
  const next = async () => {
    const startedAt = performance.now();
    try {
      await ask();
      if (!end.signal.aborted) sink.is({ name: "running" });
    } catch (error) {
      if (!end.signal.aborted) sink.is({ name: "failing", reason: reasonOf(error) });
    }
    if (end.signal.aborted) return;
    timer = setTimeout(next, Math.max(0, intervalMs - (performance.now() - startedAt)));
  };
  next();
  return {
    close() {
      end.abort();
      clearTimeout(timer);
      return Promise.resolve();
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/// <reference lib="dom" />
/** The feed that all ways read: it changes as long as this page reads what its run says. */
import type { RunLine } from "../../lib/compare/feed_run.ts";
import type { End } from "./compare.ts";

export interface Feed {
  readonly name: string;
  /** Changes made so far. */
  readonly made: () => number;
  /** Why it has ended; never before it is closed, or ends by itself. */
  readonly ended: Promise<Extract<End, "over" | "lost">>;
  close(): void;
}

/** Why there is none. */
export class NoFeed extends Error {
  readonly why: Extract<End, "unreachable" | "busy"> | "refused";

  constructor(why: NoFeed["why"]) {
    super(why);
    this.why = why;
  }
}

/** @throws NoFeed */
export async function openFeed(token: string, everyMs: number): Promise<Feed> {
  const end = new AbortController();
  const response = await fetch(`/compare/api/runs?every=${everyMs}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    signal: end.signal,
  }).catch(() => null);
  if (response?.status === 401) throw new NoFeed("refused");
  if (response?.status === 429) throw new NoFeed("busy");
  if (!response?.ok || response.body === null) throw new NoFeed("unreachable");
  const lines = linesOf(response.body);
  const first = await lines.next().catch(() => null);
  if (first === null || first.done || !("feed" in first.value)) throw new NoFeed("unreachable");
  let made = 0;
  const read = async () => {
    try {
      for await (const line of lines) if ("n" in line) made = line.n;
      return "over";
    } catch {
      return "lost";
    }
  };
  return { name: first.value.feed, made: () => made, ended: read(), close: () => end.abort() };
}

async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<RunLine> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}

/// <reference lib="dom" />
/** Follows one channel's tail until it is closed, and comes back when the connection is lost. */
import { readEvents } from "../../lib/client/sse_parser.ts";
import { headersFor } from "./requests.ts";
import { entryOf, gapAt, type TailEntry, type TailList } from "./tail_list.ts";

const againMs = 2_000;

/** @returns what ends it. */
export function followTail(list: TailList, channel: string, token: string): () => void {
  const stop = new AbortController();
  const gather = gatherer(list);
  list.clear();
  list.state.value = "opening";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const attempt = (isGap: boolean): void => {
    read(channel, token, stop.signal, {
      opened: () => {
        list.state.value = "live";
        if (isGap) gather(gapAt(Date.now()));
      },
      event: (type, data) => {
        const entry = entryOf(type, data, Date.now());
        if (entry !== null) gather(entry);
      },
    }).then(() => again(true), () => again(isGap));
  };
  const again = (isGap: boolean): void => {
    if (stop.signal.aborted) return;
    list.state.value = "waiting";
    timer = setTimeout(() => attempt(isGap), againMs);
  };
  attempt(false);
  return () => {
    stop.abort();
    clearTimeout(timer);
    list.state.value = "off";
  };
}

interface Handler {
  opened(): void;
  event(type: string, data: string): void;
}

/** Resolves when a stream that was live has ended; rejects when there was none. */
async function read(
  channel: string,
  token: string,
  signal: AbortSignal,
  { opened, event }: Handler,
): Promise<void> {
  const path = `/inspect/api/tail?channel=${encodeURIComponent(channel)}`;
  const response = await fetch(path, { headers: headersFor(token), signal });
  const { body } = response;
  if (!response.ok || body === null) {
    await body?.cancel();
    throw new Error(`HTTP ${response.status}`);
  }
  opened();
  const take = readEvents(({ type, data }) => event(type, data));
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      take(chunk.value);
    }
  } catch {
    // It is over, however it ended.
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Puts entries into the list once a frame, for a fast channel brings many of them. */
function gatherer(list: TailList): (entry: Omit<TailEntry, "id">) => void {
  let gathered: Omit<TailEntry, "id">[] = [];
  return (entry) => {
    gathered.push(entry);
    // A page that is not seen has no frames.
    if (gathered.length > 1_000) gathered = gathered.slice(-200);
    if (gathered.length > 1) return;
    requestAnimationFrame(() => {
      const came = gathered;
      gathered = [];
      list.add(came);
    });
  };
}

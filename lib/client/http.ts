/** What event streams, long-poll and calls without a WebSocket have in common (PROTOCOL.md 3, 4). */
import type { FetchAnswer } from "./api.ts";
import { addressOf, type LinkContext, lost } from "./link.ts";
import { refusal } from "./refusal.ts";
import type { Down } from "./state.ts";

/**
 * One request for events.
 * @param query besides what every request has.
 * @returns the answer where it is of the type that was asked for; else what it asks of the client,
 * undefined: to ask again. A channel that alone is at fault is told, and left out then.
 */
export async function requestEvents(
  context: LinkContext,
  accept: string,
  query: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<FetchAnswer | Down | undefined> {
  const wanted = context.wanted();
  const { cursor } = query;
  const url = addressOf(context, "v1/events", {
    channels: wanted.map(({ channel }) => escapeName(channel)).join(","),
    since: cursor === undefined &&
      wanted.map(({ position }) => position ? `${position.epoch}:${position.offset}` : "").join(
        ",",
      ),
    // Of the whole request: streams have none.
    maxRate: wanted.every(({ keyed }) => keyed) && context.maxRate,
    ...context.query,
    ...query,
  });
  context.counted(0, url.href);
  const init = { headers: headers(context, { accept }), signal };
  const response = await context.environment.fetch(url, init);
  const { status } = response;
  if (status === 200 && response.headers.get("content-type")?.startsWith(accept)) return response;
  const { why, channel } = await downByAnswer(response);
  if (why.kind !== "refused") return why;
  // Not the client but this request: a cursor of another version, too many channels for one.
  if (channel === undefined) return status === 400 ? lost(why.reason) : why;
  context.refused(channel, refusal(why.code, why.reason));
  return undefined;
}

export function headers(
  { token }: { readonly token: string },
  others: Record<string, string>,
): Record<string, string> {
  return token === "" ? others : { ...others, authorization: `Bearer ${token}` };
}

/**
 * What an answer that is not the expected one asks of the client, and the channel that is at fault
 * where it is one alone. Only a problem document is the server's own word; anything else may come
 * from a proxy on the way, and may pass.
 */
export async function downByAnswer(
  response: FetchAnswer,
): Promise<{ readonly why: Down; readonly channel?: string | undefined }> {
  const { status } = response;
  const { headers } = response;
  const after = Number(headers.get("retry-after") ?? NaN);
  const isProblem = headers.get("content-type")?.startsWith("application/problem+json");
  const text = await response.text();
  if (!isProblem || status >= 429) {
    const why = lost(`HTTP ${status}`);
    return { why: after >= 0 ? { ...why, afterMs: after * 1_000 } : why };
  }
  const { code, detail, channel }: {
    readonly code?: number;
    readonly detail: string;
    readonly channel?: string;
  } = JSON.parse(text);
  // Others send such documents, too.
  return { why: code ? { kind: "refused", code, reason: detail } : lost(detail), channel };
}

/** In a list separated by commas. */
function escapeName(name: string): string {
  return name.replace(/[%,]/g, encodeURIComponent);
}

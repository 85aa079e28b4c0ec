/** What event streams, long-poll and calls without a WebSocket have in common (PROTOCOL.md 3, 4). */
import type { LinkContext } from "./link.ts";
import { lost } from "./link.ts";
import { refusal } from "./refusal.ts";
import type { Down } from "./state.ts";

/** Where a channel begins, in the `channels` object of both forms. */
export interface WireStart {
  readonly epoch?: string;
  readonly offset?: number;
  readonly recovered?: boolean;
}

/** @param query besides what every request has. */
export function requestEvents(
  context: LinkContext,
  accept: string,
  query: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Response> {
  const wanted = context.wanted();
  const url = new URL("v1/events", context.url);
  const since = wanted.map(({ position }) =>
    position ? `${position.epoch}:${position.offset}` : ""
  );
  const { maxRate } = context;
  const all: Record<string, string | undefined> = {
    channels: wanted.map(({ channel }) => escapeName(channel)).join(","),
    since: query["cursor"] === undefined ? since.join(",") : undefined,
    // Of the whole request: streams have none.
    maxRate: wanted.every(({ keyed }) => keyed) ? maxRate?.toString() : undefined,
    ...context.query,
    ...query,
  };
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  context.counted(0, url.href);
  return context.environment.fetch(url, { headers: headers(context, { accept }), signal });
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
  response: Response,
): Promise<{ readonly why: Down; readonly channel?: string; readonly status: number }> {
  const { status } = response;
  const after = Number(response.headers.get("retry-after") ?? NaN);
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json");
  const text = await response.text();
  const why = lost(`HTTP ${status}`);
  if (why.kind === "lost" && after >= 0) why.afterMs = after * 1_000;
  if (!isProblem || status >= 500 || status === 429) return { why, status };
  const { code, detail = why.kind, channel }: {
    readonly code: number;
    readonly detail?: string;
    readonly channel?: string;
  } = JSON.parse(text);
  const refused: Down = { kind: "refused", code, reason: detail };
  return channel === undefined ? { why: refused, status } : { why: refused, status, channel };
}

/**
 * Gives what an answer says to the client: a channel that is at fault is left out of the next
 * request.
 * @returns undefined: ask again without it.
 */
export async function judge(context: LinkContext, response: Response): Promise<Down | undefined> {
  const { why, channel } = await downByAnswer(response);
  if (channel === undefined || why.kind !== "refused") return why;
  context.refused(channel, refusal(why.code, why.reason));
  return undefined;
}

/** In a list separated by commas. */
function escapeName(name: string): string {
  return name.replace(/[%,]/g, encodeURIComponent);
}

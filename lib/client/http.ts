/** What event streams and long-poll have in common (PROTOCOL.md 3). */
import { downByError, type LinkContext } from "./link.ts";
import type { Down } from "./state.ts";

/** Where a channel begins, in the `channels` object of both forms. */
export interface WireStart {
  readonly epoch?: string;
  readonly offset?: number;
  readonly recovered?: boolean;
}

export interface EventsQuery {
  readonly accept: string;
  /** What the last answer said; absent: from the positions reached. */
  readonly cursor?: string | undefined;
  readonly waitSeconds?: number;
}

export function requestEvents(
  context: LinkContext,
  { accept, cursor, waitSeconds }: EventsQuery,
  signal: AbortSignal,
): Promise<Response> {
  const { channels } = context;
  const url = new URL("v1/events", context.url);
  url.searchParams.set("channels", channels.map(escapeName).join(","));
  if (cursor !== undefined) url.searchParams.set("cursor", cursor);
  else url.searchParams.set("since", channels.map((one) => since(context, one)).join(","));
  if (waitSeconds !== undefined) url.searchParams.set("wait", String(waitSeconds));
  return context.environment.fetch(url, { headers: headers(context, accept), signal });
}

/** Empty for a channel without a position: it goes on from now, or from a snapshot. */
function since(context: LinkContext, channel: string): string {
  const position = context.position(channel);
  return position === undefined ? "" : `${position.epoch}:${position.offset}`;
}

/**
 * Asks for the server's time, more exactly than the beginning of a stream tells it. Never rejects:
 * without it nothing but the latency is unknown.
 */
export async function askTime(context: LinkContext, signal: AbortSignal): Promise<void> {
  try {
    const sentAt = Date.now();
    const response = await context.environment.fetch(new URL("v1/commands", context.url), {
      method: "POST",
      headers: headers(context, "application/json"),
      body: `{"id":1,"rpc":{"method":"time"}}`,
      signal,
    });
    const { rpc } = await response.json() as { rpc?: { data: { time: number } } };
    if (rpc !== undefined) context.clock(sentAt, rpc.data.time);
  } catch {
    // Whoever reads the events finds out what is wrong.
  }
}

function headers({ token }: LinkContext, accept: string): Record<string, string> {
  return token === "" ? { accept } : { accept, authorization: `Bearer ${token}` };
}

export function tellStart(context: LinkContext, channel: string, start: WireStart): void {
  const { epoch, offset = 0, recovered } = start;
  context.started(channel, {
    position: epoch === undefined ? null : { epoch, offset },
    ...(recovered !== undefined && { recovered }),
  });
}

/**
 * What an answer that is not the expected one asks of the client. Only a problem document is the
 * server's own word; anything else may come from a proxy on the way, and may pass.
 */
export async function downByAnswer(response: Response): Promise<Down> {
  const { status } = response;
  const after = Number(response.headers.get("retry-after") ?? NaN);
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json");
  const text = await response.text();
  const reason = `HTTP ${status}`;
  if (isProblem && status >= 400 && status < 500 && status !== 429) {
    const { detail, code } = JSON.parse(text) as { detail?: string; code?: number };
    if (status === 401) return { kind: "expired", reason: detail ?? reason };
    return downByError(code ?? status, detail ?? reason, false);
  }
  return Number.isFinite(after) && isProblem
    ? { kind: "lost", reason, afterMs: after * 1_000 }
    : { kind: "lost", reason };
}

/** Names are separated by commas; one that holds a comma or a percent sign is encoded once more. */
function escapeName(channel: string): string {
  return channel.replace(/[%,]/g, encodeURIComponent);
}

/** What event streams and long-poll have in common (PROTOCOL.md 3). */
import { downByError, type LinkContext, type Start } from "./link.ts";
import type { Down } from "./state.ts";

/** The `channels` object of both forms. */
export type Starts = Readonly<
  Record<string, { readonly epoch?: string; readonly offset?: number; recovered?: boolean }>
>;

export interface EventsQuery {
  readonly accept: string;
  readonly channels: readonly string[];
  /** Whether to go on from the positions reached; else from now. */
  readonly resume: boolean;
  readonly waitSeconds?: number;
}

export function requestEvents(
  context: LinkContext,
  { accept, channels, resume, waitSeconds }: EventsQuery,
  signal: AbortSignal,
): Promise<Response> {
  const url = new URL("v1/events", context.url);
  url.searchParams.set("channels", channels.map(escapeName).join(","));
  if (resume) url.searchParams.set("since", channels.map((one) => since(context, one)).join(","));
  if (waitSeconds !== undefined) url.searchParams.set("wait", String(waitSeconds));
  return context.environment.fetch(url, { headers: headers(context, accept), signal });
}

/** Empty for a channel that keeps no history: it goes on from now. */
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

export function tellStarts(context: LinkContext, starts: Starts): void {
  for (const [channel, { epoch, offset = 0, recovered }] of Object.entries(starts)) {
    const start: Start = {
      position: epoch === undefined ? null : { epoch, offset },
      ...(recovered !== undefined && { recovered }),
    };
    context.started(channel, start);
  }
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

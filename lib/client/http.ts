/** What event streams, long-poll and calls without a WebSocket have in common (PROTOCOL.md 3, 4). */
import type { LinkContext, Wanted, WireError } from "./link.ts";
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
  context.counted(0, url.href.length);
  return context.environment.fetch(url, { headers: headers(context, { accept }), signal });
}

type Caller = Pick<LinkContext, "url" | "token" | "environment" | "counted">;

/** @returns the replies, a line each. @throws Down-like errors, see `downByAnswer`. */
export async function postCommands(
  context: Caller,
  body: string,
  signal: AbortSignal,
): Promise<readonly string[] | Down> {
  const url = new URL("v1/commands", context.url);
  const init = { method: "POST", headers: headers(context, {}), body, signal };
  context.counted(0, body.length);
  const response = await context.environment.fetch(url, init);
  if (response.status !== 200) return (await downByAnswer(response)).why;
  const text = await response.text();
  context.counted(text.length, 0);
  return text.split("\n").filter((line) => line !== "");
}

/**
 * Asks for the server's time, more exactly than the beginning of a stream tells it. Never rejects:
 * without it nothing but the latency is unknown.
 */
export async function askTime(context: LinkContext, signal: AbortSignal): Promise<void> {
  try {
    const sentAt = Date.now();
    const lines = await postCommands(context, `{"id":1,"rpc":{"method":"time"}}`, signal);
    if (!("kind" in lines)) context.clock(sentAt, JSON.parse(lines[0] ?? "").rpc.data.time);
  } catch {
    // Whoever reads the events finds out what is wrong.
  }
}

function headers({ token }: Caller, others: Record<string, string>): Record<string, string> {
  return token === "" ? others : { ...others, authorization: `Bearer ${token}` };
}

export function positionOf({ epoch, offset = 0 }: WireStart) {
  return epoch === undefined ? null : { epoch, offset };
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

export function errorOf(why: Down): WireError {
  return { code: why.kind === "refused" ? why.code : 0, message: why.reason };
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

/** One that was left and wanted anew is another: it starts again. */
export function areSame(some: readonly Wanted[], others: readonly Wanted[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}

/** In a list separated by commas. */
function escapeName(name: string): string {
  return name.replace(/[%,]/g, encodeURIComponent);
}

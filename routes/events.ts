/** `GET /v1/events`: SSE and long-poll (PROTOCOL.md 3). */
import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import type { Identity } from "../lib/auth/identity.ts";
import { allows } from "../lib/auth/permissions.ts";
import type { Namespace } from "../lib/channels.ts";
import type { Node } from "../lib/node/node.ts";
import { BadCursor, decodeCursor, type Places } from "../lib/protocol/cursor.ts";
import { ProtocolError } from "../lib/protocol/errors.ts";
import { type Filter, parseFilter } from "../lib/protocol/filter.ts";
import { EventGroups } from "../lib/session/event_group.ts";
import type { EventRequest } from "../lib/session/event_reader.ts";
import { openEventSession } from "../lib/session/event_session.ts";
import { longPoll } from "../lib/session/long_poll.ts";
import { intervalOf } from "../lib/session/rate.ts";
import { liveHeaders } from "../lib/transport/sse.ts";
import { identify, requireOrigin } from "./access.ts";

const maxChannels = 32;
const waitSeconds = { default: 25, max: 55 };

export function eventRoutes(node: Node, allowedOrigins: readonly string[]): Hono {
  const groups = new EventGroups();
  const routes = new Hono();
  const origin = allowedOrigins.includes("*") ? "*" : [...allowedOrigins];
  routes.use(
    "/v1/*",
    cors({
      origin,
      allowHeaders: ["authorization", "content-type", "last-event-id"],
      exposeHeaders: ["retry-after"],
    }),
  );
  routes.get("/v1/events", requireOrigin(allowedOrigins), async (c) => {
    // Hono answers HEAD by GET and lets its body lie, which nobody then would end.
    if (c.req.method === "HEAD") throw new HTTPException(405, { message: "GET only" });
    const identity = await identify(c, node.tokens);
    const request = readRequest(c, node, identity);
    const streaming = accepts(c.req.header("accept"), "text/event-stream");
    const waitMs = readWait(c.req.query("wait")) * 1_000;
    if (!node.sessions.admit()) throw new HTTPException(503, { message: "no free connection" });
    if (streaming) {
      const joinLeave = c.req.query("join_leave") === "true";
      return await openEventSession({ node, groups, request, identity, joinLeave });
    }
    const { signal } = c.req.raw;
    const answer = await longPoll({ node, groups, request, identity, waitMs, signal });
    return c.body(answer, 200, { "content-type": "application/json", ...liveHeaders });
  });
  return routes;
}

function readRequest(c: Context, node: Node, identity: Identity): EventRequest {
  const channels = readChannels(c.req.query("channels"));
  const rules = channels.map((channel) => node.registry.rules(channel));
  const websocketOnly = "only a WebSocket serves the shared polls of namespace";
  requireAll(rules, (one) => one.sharedPoll === undefined, websocketOnly);
  rules.forEach((one, i) => authorize(one, identity, channels[i] ?? ""));
  return {
    channels,
    rules,
    from: readPlaces(c, channels),
    filter: readFilter(c.req.query("filter"), rules),
    everyMs: readRate(c.req.query("maxRate"), rules),
  };
}

/** One filter for all channels of the request. */
function readFilter(text: string | undefined, rules: readonly Namespace[]): Filter | null {
  if (text === undefined || text === "") return null;
  requireAll(rules, (one) => one.filter, "no filters in namespace");
  return parseFilter(text);
}

/** Milliseconds between updates; 0: every one. */
function readRate(text: string | undefined, rules: readonly Namespace[]): number {
  if (text === undefined || text === "") return 0;
  requireAll(rules, (one) => one.keyed?.maxRate ?? false, "no maxRate in namespace");
  return intervalOf(Number(text));
}

function requireAll(
  rules: readonly Namespace[],
  allowed: (one: Namespace) => boolean,
  message: string,
): void {
  const not = rules.find((one) => !allowed(one));
  if (not !== undefined) throw new ProtocolError("notAvailable", `${message} "${not.name}"`);
}

function authorize(rules: Namespace, identity: Identity, channel: string): void {
  if (allows(rules.allow.subscribe, { identity, subscribed: false, token: false })) return;
  const missing = identity.anonymous ? "; a connection token may be needed" : "";
  throw new ProtocolError("permissionDenied", `subscribe to ${channel}${missing}`);
}

function readChannels(list: string | undefined): string[] {
  if (list === undefined || list === "") {
    throw new ProtocolError("badRequest", "channels is missing: name some, as ?channels=a,b");
  }
  const channels = list.split(",").map(decodeName);
  if (channels.length > maxChannels) {
    throw new ProtocolError("badRequest", `at most ${maxChannels} channels`);
  }
  if (new Set(channels).size < channels.length) {
    throw new ProtocolError("badRequest", "channels names one twice");
  }
  return channels;
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw new ProtocolError("badRequest", `channels: "${name.slice(0, 40)}" is badly encoded`);
  }
}

function readPlaces(c: Context, channels: readonly string[]): Places | null {
  const cursor = c.req.header("last-event-id") || c.req.query("cursor");
  if (cursor !== undefined && cursor !== "") {
    try {
      return decodeCursor(cursor, channels);
    } catch (error) {
      if (error instanceof BadCursor) throw new ProtocolError("badRequest", error.message);
      throw error;
    }
  }
  const since = c.req.query("since");
  return since === undefined ? null : readSince(since, channels.length);
}

/** `<epoch>:<offset>` once per channel, an empty item meaning from now. */
function readSince(since: string, count: number): Places {
  const items = since.split(",");
  if (items.length !== count) {
    throw new ProtocolError("badRequest", `since has ${items.length} items for ${count} channels`);
  }
  return items.map((item) => {
    if (item === "") return null;
    const [, epoch, offset] = /^([^:,]{0,64}):(\d{1,15})$/.exec(item) ?? [];
    if (epoch === undefined) {
      throw new ProtocolError("badRequest", `since: "${item.slice(0, 40)}" is not epoch:offset`);
    }
    // Of a position alone nobody knows how its client came to it.
    return { epoch, offset: Number(offset), base: 0 };
  });
}

function readWait(wait: string | undefined): number {
  if (wait === undefined) return waitSeconds.default;
  if (!/^\d{1,3}(\.\d{1,3})?$/.test(wait)) {
    throw new ProtocolError(
      "badRequest",
      `wait is not a number of seconds up to ${waitSeconds.max}`,
    );
  }
  return Math.min(Number(wait), waitSeconds.max);
}

/** Whether the header names the type; wildcards do not count. */
function accepts(header: string | undefined, type: string): boolean {
  return (header ?? "").toLowerCase().split(",").some((one) => one.split(";")[0]?.trim() === type);
}

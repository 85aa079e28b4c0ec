/** `GET /v1/events`: SSE and long-poll (PROTOCOL.md 3). */
import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import type { Identity } from "../lib/auth/identity.ts";
import { allows } from "../lib/auth/permissions.ts";
import type { Namespace } from "../lib/channels.ts";
import type { Node } from "../lib/node/node.ts";
import { BadCursor, decodeCursor, type Places } from "../lib/protocol/cursor.ts";
import { blaming, concerning, ProtocolError } from "../lib/protocol/errors.ts";
import { parseFilter } from "../lib/protocol/filter.ts";
import { EventGroups } from "../lib/session/event_group.ts";
import type { EventRequest } from "../lib/session/event_reader.ts";
import { openEventSession } from "../lib/session/event_session.ts";
import { longPoll } from "../lib/session/long_poll.ts";
import { PollAttendances } from "../lib/session/poll_attendance.ts";
import { intervalOf } from "../lib/session/rate.ts";
import { Grid } from "../lib/transport/grid.ts";
import { liveHeaders } from "../lib/transport/sse.ts";
import { identify, requireOrigin } from "./access.ts";
import { readPace, readWhole } from "./pace.ts";

/**
 * UTF-16 units, all of ASCII. The platform answers a request whose head is longer than 64 KiB with a
 * bare 400; the rest is for headers.
 */
const maxUrlLength = 48 * 1024;
const waitSeconds = { default: 25, max: 55 };
/** Milliseconds until an event stream's probe that a client may ask for. */
const probeRange = { least: 100, most: 10_000 };
/** How long a browser need not ask again whether a page may come; it may ask sooner. */
const preflightSeconds = 3_600;

export function eventRoutes(node: Node, allowedOrigins: readonly string[]): Hono {
  const groups = new EventGroups();
  const attendances = new PollAttendances(node);
  const grid = new Grid(node.onError);
  const routes = new Hono();
  const origin = allowedOrigins.includes("*") ? "*" : [...allowedOrigins];
  routes.use(
    "/v1/*",
    cors({
      origin,
      allowHeaders: ["authorization", "content-type", "last-event-id"],
      allowMethods: ["GET", "POST"],
      exposeHeaders: ["retry-after"],
      maxAge: preflightSeconds,
    }),
  );
  routes.get("/v1/events", requireOrigin(allowedOrigins), async (c) => {
    // Hono answers HEAD by GET and lets its body lie, which nobody then would end.
    if (c.req.method === "HEAD") throw new HTTPException(405, { message: "GET only" });
    if (c.req.url.length > maxUrlLength) {
      throw new ProtocolError(
        "badRequest",
        `the URL is longer than ${maxUrlLength} bytes: ask for fewer channels`,
      );
    }
    const identity = await identify(c, node.tokens);
    const request = readRequest(c, node, identity);
    const streaming = accepts(c.req.header("accept"), "text/event-stream");
    const waitMs = readWait(c.req.query("wait")) * 1_000;
    const { pingSeconds, batchMs: windowMs } = readPace(c);
    const probeMs = readWhole(c, "probe", "milliseconds", probeRange);
    if (!node.sessions.admit()) throw new HTTPException(503, { message: "no free connection" });
    if (streaming) {
      const joinLeave = c.req.query("join_leave") === "true";
      const batch = windowMs === undefined ? undefined : { windowMs, grid };
      const asked = { joinLeave, pingSeconds, batch, probeMs };
      return await openEventSession({ node, groups, request, identity, ...asked });
    }
    const { signal } = c.req.raw;
    const common = { node, groups, request, identity };
    const answer = await longPoll({ ...common, attendances, waitMs, signal });
    return c.body(answer, 200, { "content-type": "application/json", ...liveHeaders });
  });
  return routes;
}

function readRequest(c: Context, node: Node, identity: Identity): EventRequest {
  const channels = readChannels(c.req.query("channels"), node.limits.subscriptions);
  const filter = c.req.query("filter") ?? "";
  const maxRate = c.req.query("maxRate") ?? "";
  const rules = channels.map((channel) =>
    concerning(channel, () => {
      const one = node.registry.rules(channel);
      require(one, one.sharedPoll === undefined, "only a WebSocket serves the shared polls of");
      authorize(one, identity, channel);
      require(one, filter === "" || one.filter, "no filters in");
      require(one, maxRate === "" || one.keyed?.maxRate === true, "no maxRate in");
      return one;
    })
  );
  return {
    channels,
    rules,
    from: readPlaces(c, channels),
    // One for all channels of the request.
    filter: filter === "" ? null : parseFilter(filter),
    everyMs: maxRate === "" ? 0 : intervalOf(Number(maxRate)),
  };
}

function require({ name }: Namespace, met: boolean, otherwise: string): void {
  if (!met) throw new ProtocolError("notAvailable", `${otherwise} namespace "${name}"`);
}

function authorize(rules: Namespace, identity: Identity, channel: string): void {
  if (allows(rules.allow.subscribe, { identity, subscribed: false, token: false })) return;
  const missing = identity.anonymous ? "; a connection token may be needed" : "";
  throw new ProtocolError("permissionDenied", `subscribe to ${channel}${missing}`);
}

function readChannels(list: string | undefined, most: number): string[] {
  if (list === undefined || list === "") {
    throw new ProtocolError("badRequest", "channels is missing: name some, as ?channels=a,b");
  }
  const channels = list.split(",").map(decodeName);
  // The others can be had: who asked for one too many may leave it out.
  const excess = channels[most];
  if (excess !== undefined) {
    throw blaming(excess, new ProtocolError("badRequest", `at most ${most} channels`));
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

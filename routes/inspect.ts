/**
 * `/inspect/api/…`: what an operator sees of the running server and does to it; with the API key or
 * an admin's token.
 */
import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import type { Config } from "../lib/config.ts";
import { anonymous } from "../lib/auth/identity.ts";
import { channelFacts } from "../lib/inspect/channel_facts.ts";
import { inspect } from "../lib/inspect/overview.ts";
import { channelOrders, inspectionQuery, rowLimit, sessionOrders } from "../lib/inspect/query.ts";
import { readHistory } from "../lib/node/history.ts";
import type { Node } from "../lib/node/node.ts";
import { disconnects } from "../lib/protocol/disconnects.ts";
import { ProtocolError } from "../lib/protocol/errors.ts";
import { EventGroups } from "../lib/session/event_group.ts";
import { openEventSession } from "../lib/session/event_session.ts";
import { identify, requireOrigin, requireRole } from "./access.ts";
import { boundedBody } from "./body.ts";
import { check, refuseOtherBodies } from "./problem.ts";

/** A publication of the largest size, escaped, with room to spare. */
const maxBytes = 512 * 1024;
/** Only the head is asked for. */
const none = { publications: 0, length: 0 };

const flag = z.enum(["true", "false"]).transform((text) => text === "true").default(false);
const overviewQuery = z.object({
  limit: z.coerce.number().int().min(1).max(rowLimit).default(200),
  channels: z.string().max(255).default(""),
  channel_order: z.enum(channelOrders).default("channel"),
  channel_descending: flag,
  sessions: z.string().max(255).default(""),
  session_order: z.enum(sessionOrders).default("user"),
  session_descending: flag,
});
const channelQuery = z.object({ channel: z.string().min(1, "is missing") });
const publishBody = z.object({
  channel: z.string().min(1, "is empty"),
  /** Of a state channel, and only of one. */
  key: z.string().optional(),
  data: z.custom<unknown>((value) => value !== undefined, "is missing"),
  tags: z.record(z.string().max(64), z.string().max(256))
    .refine((all) => Object.keys(all).length <= 16, "at most 16 tags").optional(),
});
/** A user is not empty: that would be every anonymous client. */
const disconnectBody = z.union([
  z.strictObject({ client: z.string().min(1, "is empty") }),
  z.strictObject({ user: z.string().min(1, "is empty") }),
], "either client or user, which is not empty");

export function inspectRoutes(
  node: Node,
  { apiKey, allowedOrigins }: Pick<Config, "apiKey" | "allowedOrigins">,
): Hono {
  const groups = new EventGroups();
  const body = boundedBody({ maxBytes });
  const routes = new Hono().basePath("/inspect/api");
  routes.use(requireOrigin(allowedOrigins), requireRole("admin", node.tokens, apiKey));
  routes.use(async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
  });
  routes.get("/overview", check("query", overviewQuery), async (c) => {
    const asked = c.req.valid("query");
    const { limit } = asked;
    const query = inspectionQuery.parse({
      channels: {
        filter: asked.channels,
        order: asked.channel_order,
        descending: asked.channel_descending,
        limit,
      },
      sessions: {
        filter: asked.sessions,
        order: asked.session_order,
        descending: asked.session_descending,
        limit,
      },
    });
    return c.json(await inspect(node.cluster, query));
  });
  routes.get("/channel", check("query", channelQuery), async (c) => {
    return c.json(await channelFacts(node, c.req.valid("query").channel));
  });
  routes.get("/tail", check("query", channelQuery), (c) => {
    return tail(c, node, groups, c.req.valid("query").channel);
  });
  routes.post("/publish", refuseOtherBodies, body, check("json", publishBody), async (c) => {
    const { channel, key, data, tags } = c.req.valid("json");
    const options = tags === undefined ? {} : { tags };
    const { position } = key === undefined
      ? await node.publisher.publish(channel, data, options)
      : await node.publisher.publishKey(channel, key, data, options);
    return c.json({ position });
  });
  routes.post("/disconnect", refuseOtherBodies, body, check("json", disconnectBody), async (c) => {
    const asked = { ...c.req.valid("json"), disconnect: disconnects.forceNoReconnect };
    const answers = await node.cluster.ask("disconnect", asked);
    let ended = 0;
    for (const answer of answers.values()) if (typeof answer === "number") ended += answer;
    return c.json({ ended });
  });
  return routes;
}

/**
 * An event stream (PROTOCOL.md 3) of what is published from now on, whoever may subscribe otherwise.
 * Whoever looks is present nowhere.
 * @throws ProtocolError 108 for a channel of shared polls: nothing is published there.
 */
async function tail(c: Context, node: Node, groups: EventGroups, channel: string) {
  if (c.req.method === "HEAD") throw new HTTPException(405, { message: "GET only" });
  const rules = node.registry.rules(channel);
  if (rules.sharedPoll !== undefined) {
    throw new ProtocolError("notAvailable", "a channel of shared polls has no publications");
  }
  const unseen = {
    ...rules,
    presence: false,
    joinLeave: false,
    presenceIn: null,
    keyed: rules.keyed && { ...rules.keyed, removeOnUnsubscribe: false },
  };
  const token = await identify(c, node.tokens).catch(() => anonymous);
  const now = { limit: 0, since: null, reverse: false };
  const from = rules.history === null
    ? null
    : [(await readHistory(node, channel, rules, now, none)).position];
  if (!node.sessions.admit()) throw new HTTPException(503, { message: "no free connection" });
  const request = { channels: [channel], rules: [unseen], from, filter: null, everyMs: 0 };
  return await openEventSession({
    node,
    groups,
    request,
    identity: token,
    joinLeave: rules.joinLeave,
  });
}

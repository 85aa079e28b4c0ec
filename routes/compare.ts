/**
 * `/compare/api/…`: the feed that the comparison's page and tool read in four ways, and what a browser
 * cannot see of its own requests. Needs a connection token, as the feed's channel does.
 */
import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { feedChannel, FeedRuns } from "../lib/compare/feed_run.ts";
import { runLimits } from "../lib/compare/limits.ts";
import { requestHeadBytes } from "../islands/compare/wire.ts";
import type { Config } from "../lib/config.ts";
import type { Node } from "../lib/node/node.ts";
import { readState } from "../lib/node/state.ts";
import type { Publication } from "../lib/protocol/publication.ts";
import { liveHeaders } from "../lib/transport/sse.ts";
import { requireOrigin, requireUser } from "./access.ts";
import { check, problem } from "./problem.ts";

/** A socket that only tells the length of its own request may stay for so many seconds. */
const headSocketSeconds = 5;
const page = { publications: 100, length: 256 * 1_024 };
const firstPage = { key: "", cursor: "", revision: { epoch: "", offset: 0 }, ascending: true };

const runQuery = z.object({
  every: z.coerce.number().min(runLimits.every.least).max(runLimits.every.most),
});
const feedParam = z.object({ feed: z.uuid() });

export function compareRoutes(
  node: Node,
  { apiKey, allowedOrigins }: Pick<Config, "apiKey" | "allowedOrigins">,
): Hono {
  const runs = new FeedRuns(node);
  const routes = new Hono().basePath("/compare/api");
  routes.use(requireOrigin(allowedOrigins));
  // No token is asked for: it says nothing that the asker has not said.
  routes.on(["GET", "POST"], "/head", answerHead);
  routes.use(requireUser(node.tokens, apiKey));
  routes.post("/runs", check("query", runQuery), (c) => {
    const body = runs.start(c.req.valid("query").every);
    if (body !== null) {
      return c.body(body, 200, { "content-type": "application/jsonl", ...liveHeaders });
    }
    c.header("retry-after", "10");
    throw new HTTPException(429, { message: `at most ${runLimits.atOnce} feeds at a time` });
  });
  routes.get("/feeds/:feed", check("param", feedParam), (c) => {
    return answerFeed(c, node, c.req.valid("param").feed);
  });
  return routes;
}

/** How long the head of the request was, and what the server's clock shows. */
function answerHead(c: Context): Response {
  const { pathname, search } = new URL(c.req.url);
  const { headers, method } = c.req.raw;
  const bytes = requestHeadBytes(method, pathname + search, headers);
  const answer = JSON.stringify({ bytes, time: Date.now() });
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return c.body(answer, 200, {
      "content-type": "application/json",
      "cache-control": "no-store",
    });
  }
  const { socket, response } = Deno.upgradeWebSocket(c.req.raw, { idleTimeout: headSocketSeconds });
  socket.onopen = () => {
    if (socket.readyState === WebSocket.OPEN) socket.send(answer);
    socket.close();
  };
  // Whoever leaves at once is no fault.
  socket.onerror = (event) => event.preventDefault();
  return response;
}

/** The whole list, or 304 to who has it already: what a REST endpoint that is polled answers. */
async function answerFeed(c: Context, node: Node, feed: string): Promise<Response> {
  const channel = feedChannel(feed);
  const rules = node.registry.rules(channel);
  const read = (limit: number) => readState(node, channel, rules, { ...firstPage, limit }, page);
  const known = c.req.header("if-none-match");
  const { position, keys } = await read(0);
  if (keys === 0) return problem(c, 404, `no feed ${feed}`);
  if (known === etagOf(position)) return c.body(null, 304, { etag: known });
  // It may have changed meanwhile; the list and its tag are of one moment.
  const { entries, position: at } = await read(-1);
  const body = `{"items":[${entries.map(itemText).join(",")}]}`;
  return c.body(body, 200, {
    "content-type": "application/json",
    "cache-control": "no-cache",
    etag: etagOf(at),
  });
}

/** As a REST endpoint would, it reads the rows and writes them out. */
function itemText({ body }: Publication): string {
  return JSON.stringify(JSON.parse(body).data);
}

function etagOf({ epoch, offset }: { readonly epoch: string; readonly offset: number }): string {
  return `"${epoch}-${offset}"`;
}

/** `POST /api/<method>`: the server API, for back ends that hold the key. */
import { zValidator } from "@hono/zod-validator";
import { type Context, Hono } from "hono";
import type { z } from "zod";
import * as requests from "../lib/api/requests.ts";
import { type Answer, ServerApi } from "../lib/api/server_api.ts";
import type { Node } from "../lib/node/node.ts";
import { ProtocolError } from "../lib/protocol/errors.ts";
import { requireApiKey } from "./access.ts";
import { boundedBody } from "./body.ts";
import { refuseOtherBodies } from "./problem.ts";

/** A publication of the largest size, escaped, with room to spare. */
const maxBytes = 512 * 1024;
const maxBatchBytes = 8 * 1024 * 1024;

export function apiRoutes(node: Node, apiKey: string): Hono {
  const api = new ServerApi(node);
  const routes = new Hono();
  const one = boundedBody({ maxBytes });
  const many = boundedBody({ maxBytes: maxBatchBytes, maxMs: 30_000 });
  routes.use("/api/*", requireApiKey(apiKey));
  routes.post("/api/*", refuseOtherBodies);

  const answer = async (c: Context, method: Promise<unknown>) =>
    send(c, await api.answer(() => method));
  routes.post(
    "/api/publish",
    one,
    body(requests.publishRequest),
    (c) => answer(c, api.publish(c.req.valid("json"))),
  );
  routes.post(
    "/api/broadcast",
    one,
    body(requests.broadcastRequest),
    (c) => answer(c, api.broadcast(c.req.valid("json"))),
  );
  routes.post(
    "/api/history",
    one,
    body(requests.historyRequest),
    (c) => answer(c, api.history(c.req.valid("json"))),
  );
  routes.post(
    "/api/presence",
    one,
    body(requests.presenceRequest),
    (c) => answer(c, api.presence(c.req.valid("json"))),
  );
  routes.post(
    "/api/presence_stats",
    one,
    body(requests.presenceRequest),
    (c) => answer(c, api.presenceStats(c.req.valid("json"))),
  );
  routes.post(
    "/api/channels",
    one,
    body(requests.channelsRequest),
    (c) => answer(c, api.channels(c.req.valid("json"))),
  );
  routes.post("/api/info", one, body(requests.infoRequest), (c) => answer(c, api.info()));
  routes.post(
    "/api/disconnect",
    one,
    body(requests.disconnectRequest),
    (c) => answer(c, api.disconnect(c.req.valid("json"))),
  );
  routes.post(
    "/api/batch",
    many,
    body(requests.batchRequest),
    async (c) => c.json(await api.batch(c.req.valid("json"))),
  );
  routes.all("/api/*", () => {
    throw new ProtocolError(
      "methodNotFound",
      "POST /api/publish, broadcast, batch, history, " +
        "presence, presence_stats, channels, info or disconnect",
    );
  });
  return routes;
}

function body<Schema extends z.ZodType>(schema: Schema) {
  return zValidator("json", schema, (result) => {
    if (result.success) return;
    const [issue] = result.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? "body" : issue.path.join(".");
    throw new ProtocolError("badRequest", `${where}: ${issue?.message ?? "of another form"}`);
  });
}

function send(c: Context, answer: Answer): Response {
  return c.json("error" in answer ? { error: answer.error.toJSON() } : answer);
}

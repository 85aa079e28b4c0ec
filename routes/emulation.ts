/** The fallbacks of the client protocol's published clients (PROTOCOL.md 2.8). */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import type { Emulation } from "../lib/node/emulation.ts";
import type { Node } from "../lib/node/node.ts";
import { isLonger } from "../lib/protocol/utf8.ts";
import { openEmulatedSession } from "../lib/session/emulated_session.ts";
import type { EmulatedForm } from "../lib/transport/emulated.ts";
import { requireOrigin } from "./access.ts";
import { boundedBody } from "./body.ts";
import { check, refuseOtherBodies } from "./problem.ts";

const maxBytes = 64 * 1024;
const paths = {
  sse: "/connection/sse",
  httpStream: "/connection/http_stream",
  up: "/emulation",
} as const;

const upShape = z.object({
  session: z.string().max(100),
  node: z.string().max(100),
  /** A frame, as on a WebSocket. */
  data: z.string(),
});

export function emulationRoutes(
  node: Node,
  emulation: Emulation,
  allowedOrigins: readonly string[],
): Hono {
  const routes = new Hono();
  const origin = allowedOrigins.includes("*") ? "*" : [...allowedOrigins];
  for (const path of Object.values(paths)) {
    routes.use(path, cors({ origin, exposeHeaders: ["retry-after"] }));
  }
  const allowed = requireOrigin(allowedOrigins);
  const limits = boundedBody({ maxBytes });
  const open = (form: EmulatedForm, commands: string) => {
    if (!node.sessions.admit()) throw new HTTPException(503, { message: "no free connection" });
    return openEmulatedSession(node, emulation, form, commands);
  };
  routes.get(paths.sse, refuseHead, allowed, refuseProtobuf, (c) => open("sse", readConnect(c)));
  routes.post(
    paths.sse,
    allowed,
    refuseProtobuf,
    limits,
    async (c) => open("sse", await c.req.text()),
  );
  routes.post(
    paths.httpStream,
    allowed,
    refuseProtobuf,
    limits,
    async (c) => open("http_stream", await c.req.text()),
  );
  routes.post(
    paths.up,
    allowed,
    refuseProtobuf,
    limits,
    refuseOtherBodies,
    check("json", upShape),
    async (c) => {
      const { node: to, session, data } = c.req.valid("json");
      const handed = await emulation.hand(to, { session, frame: data });
      if (handed === "taken") return c.body(null, 204);
      if (handed === "unknown node") throw new HTTPException(404, { message: "no such node" });
      const why = handed === "overloaded" ? "has too much to take" : "does not answer";
      throw new HTTPException(503, { message: `the node of the session ${why}` });
    },
  );
  routes.all(paths.sse, (c) => refuseMethod(c, "GET, POST, OPTIONS"));
  for (const path of [paths.httpStream, paths.up]) {
    routes.all(path, (c) => refuseMethod(c, "POST, OPTIONS"));
  }
  return routes;
}

function readConnect(c: Context): string {
  const commands = c.req.query("cf_connect") ?? "";
  if (commands === "") {
    throw new HTTPException(400, { message: "cf_connect is missing: the first commands" });
  }
  if (isLonger(commands, maxBytes)) {
    throw new HTTPException(413, { message: `cf_connect is larger than ${maxBytes} bytes` });
  }
  return commands;
}

/** Hono answers HEAD by GET and lets its body lie, which nobody then would end. */
const refuseHead: MiddlewareHandler = async (c, next) => {
  if (c.req.method === "HEAD") refuseMethod(c, "GET, POST, OPTIONS");
  await next();
};

const refuseProtobuf: MiddlewareHandler = async (c, next) => {
  const asked = c.req.query("cf_protocol") === "protobuf" ||
    /^application\/octet-stream\b/i.test(c.req.header("content-type") ?? "");
  if (asked) {
    throw new HTTPException(415, { message: "the Protobuf protocol is not available: use JSON" });
  }
  await next();
};

function refuseMethod(c: Context, allow: string): never {
  c.header("allow", allow);
  throw new HTTPException(405, { message: `${allow} only` });
}

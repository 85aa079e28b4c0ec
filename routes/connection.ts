/** `GET /connection/websocket`: the client protocol (PROTOCOL.md 2). */
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Node } from "../lib/node/node.ts";
import { Session } from "../lib/session/session.ts";
import { isReply } from "../lib/protocol/replies.ts";
import { BatchedTransport, joinTexts } from "../lib/transport/batched.ts";
import { Grid } from "../lib/transport/grid.ts";
import type { Transport } from "../lib/transport/transport.ts";
import {
  upgradeWebSocket,
  type WebSocketHost,
  type WebSocketOwner,
} from "../lib/transport/websocket.ts";
import { requireOrigin } from "./access.ts";
import { type Pace, readPace } from "./pace.ts";

export function connectionRoutes(node: Node, allowedOrigins: readonly string[]): Hono {
  const routes = new Hono();
  const grid = new Grid(node.onError);
  const host: WebSocketHost = {
    maxBacklog: node.limits.backlog,
    open: (transport) => new Session(node, transport),
    gone: () => node.sessions.dismiss(),
    onError: node.onError,
  };
  const hostFor = (pace: Pace): WebSocketHost => {
    const asksForNothing = pace.pingSeconds === undefined && pace.batchMs === undefined;
    if (asksForNothing) return host;
    return { ...host, open: (transport) => openPaced(node, grid, pace, transport) };
  };
  routes.get("/connection/websocket", requireOrigin(allowedOrigins), (c) => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      c.header("upgrade", "websocket");
      throw new HTTPException(426, { message: "this address takes WebSocket connections only" });
    }
    if (wantsProtobuf(c.req.header("sec-websocket-protocol"), c.req.query("cf_protocol"))) {
      throw new HTTPException(400, { message: "the Protobuf protocol is not available: use JSON" });
    }
    const pace = readPace(c);
    if (!node.sessions.admit()) throw new HTTPException(503, { message: "no free connection" });
    try {
      return upgradeWebSocket(c.req.raw, hostFor(pace));
    } catch (error) {
      node.sessions.dismiss();
      throw new HTTPException(400, { message: `bad upgrade: ${error}` });
    }
  });
  return routes;
}

function openPaced(
  node: Node,
  grid: Grid,
  { pingSeconds, batchMs: windowMs }: Pace,
  transport: Transport<string>,
): WebSocketOwner {
  if (windowMs === undefined) return new Session(node, transport, { pingSeconds });
  // Whoever waits for a reply has just sent something: its radio is awake.
  const options = { windowMs, grid, join: joinTexts, isUrgent: isReply };
  const batched = new BatchedTransport(transport, options);
  const session = new Session(node, batched, { pingSeconds });
  return {
    receive: (frame) => session.receive(frame),
    closed: () => {
      batched.stop();
      session.closed();
    },
  };
}

function wantsProtobuf(subprotocols: string | undefined, query: string | undefined): boolean {
  const offered = (subprotocols ?? "").split(",").map((name) => name.trim());
  const json = offered.includes("centrifuge-json");
  return query === "protobuf" || (offered.includes("centrifuge-protobuf") && !json);
}

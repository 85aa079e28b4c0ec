/** `POST /v1/commands`: upstream without a WebSocket (PROTOCOL.md 4). */
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { allows } from "../lib/auth/permissions.ts";
import { clientInfo, type Identity } from "../lib/auth/identity.ts";
import type { Node } from "../lib/node/node.ts";
import { BadFrame, type Command, decodeFrame } from "../lib/protocol/commands.ts";
import { ProtocolError } from "../lib/protocol/errors.ts";
import { errorReply, reply } from "../lib/protocol/replies.ts";
import { type Caller, perform, type UpstreamCommand } from "../lib/session/upstream.ts";
import { identify, requireOrigin } from "./access.ts";
import { boundedBody } from "./body.ts";

const maxCommands = 100;
const maxBytes = 64 * 1024;
/** UTF-16 units of read replies after which an answer takes no more of them. */
const maxReadLength = 1024 * 1024;
const upstream = new Set(["publish", "presence", "presence_stats", "history", "rpc"]);

type Numbered = Exclude<Command, { method: "pong" | "send" }>;

export function commandRoutes(node: Node, allowedOrigins: readonly string[]): Hono {
  const routes = new Hono();
  const limits = boundedBody({ maxBytes });
  routes.post("/v1/commands", requireOrigin(allowedOrigins), limits, async (c) => {
    const identity = await identify(c, node.tokens);
    const commands = decode(await c.req.text());
    if (!node.sessions.admit()) throw new HTTPException(503, { message: "no free connection" });
    const body = await answerAll(node, callerOf(identity), commands)
      .finally(() => node.sessions.dismiss());
    const type = commands.length === 1 ? "application/json" : "application/x-ndjson";
    return c.body(body, 200, { "content-type": type, "cache-control": "no-store" });
  });
  return routes;
}

/** The replies, joined. What they may come to is bounded, whatever was asked for. */
async function answerAll(
  node: Node,
  caller: Caller,
  commands: readonly Numbered[],
): Promise<string> {
  const replies: Promise<string>[] = [];
  let length = 0;
  for (const command of commands) {
    // Publishes keep their order without waiting for one another; what reads sees those before it,
    // and none after it.
    if (command.method === "publish") {
      replies.push(answerTo(node, caller, command));
      continue;
    }
    await Promise.all(replies);
    const reply = length > maxReadLength
      ? errorReply(command.id, new ProtocolError("limitExceeded", "this answer is full: ask again"))
      : await answerTo(node, caller, command);
    length += reply.length;
    replies.push(Promise.resolve(reply));
  }
  return (await Promise.all(replies)).join("\n");
}

function decode(body: string): Numbered[] {
  try {
    const commands = decodeFrame(body).map((command) => {
      if (command.method === "pong" || command.method === "send") {
        throw new BadFrame("every command needs an id and a method");
      }
      return command;
    });
    if (commands.length > maxCommands) throw new BadFrame(`more than ${maxCommands} commands`);
    return commands;
  } catch (error) {
    if (error instanceof BadFrame) throw new ProtocolError("badRequest", error.message);
    throw error;
  }
}

/** Nobody is subscribed here: a subscriber's rights are those of whoever may subscribe. */
function callerOf(identity: Identity): Caller {
  return {
    identity,
    info: clientInfo(identity, ""),
    isSubscribed: (_channel, rules) =>
      allows(rules.allow.subscribe, { identity, subscribed: false, token: false }),
  };
}

/** Rejects only for a fault of ours. */
async function answerTo(
  node: Node,
  caller: Caller,
  command: Numbered,
): Promise<string> {
  try {
    if (command.method === "unreadable") throw new ProtocolError("badRequest", command.reason);
    if (!isUpstream(command)) {
      throw new ProtocolError("notAvailable", `${command.method} needs a WebSocket`);
    }
    return reply(command.id, command.method, await perform(node, caller, command));
  } catch (error) {
    if (error instanceof ProtocolError) return errorReply(command.id, error);
    node.onError(error, command.method);
    return errorReply(command.id, new ProtocolError("internal"));
  }
}

function isUpstream(command: Command): command is UpstreamCommand {
  return upstream.has(command.method);
}

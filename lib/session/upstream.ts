/**
 * Commands that need no connection of their own: publish, presence, presence_stats, history and
 * rpc. A WebSocket session and `POST /v1/commands` both come here.
 */
import type { Identity } from "../auth/identity.ts";
import { allows } from "../auth/permissions.ts";
import type { Namespace, Right } from "../channels.ts";
import { readHistory } from "../node/history.ts";
import type { Node } from "../node/node.ts";
import { statsOf } from "../presence/presence.ts";
import type { Command, HistoryCommand, PublishCommand } from "../protocol/commands.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { ClientInfo } from "../protocol/publication.ts";
import { historyResult } from "../protocol/replies.ts";

export type UpstreamCommand = Extract<
  Command,
  { method: "publish" | "presence" | "presence_stats" | "history" | "rpc" }
>;

/** Who gives the command. */
export interface Caller {
  readonly identity: Identity;
  /** What others see of it. */
  readonly info: ClientInfo;
  isSubscribed(channel: string, rules: Namespace): boolean;
}

/** What one history reply carries. */
const historyLimit = { publications: 300, length: 512 * 1024 };

/** The result as JSON text. @throws ProtocolError */
export async function perform(
  node: Node,
  caller: Caller,
  command: UpstreamCommand,
): Promise<string> {
  switch (command.method) {
    case "publish":
      return await publish(node, caller, command);
    case "presence": {
      authorizePresence(node, caller, command.channel);
      const present = await node.presence.list(command.channel);
      return JSON.stringify({ presence: Object.fromEntries(present) });
    }
    case "presence_stats": {
      authorizePresence(node, caller, command.channel);
      const stats = statsOf(await node.presence.list(command.channel));
      return JSON.stringify({ num_clients: stats.clients, num_users: stats.users });
    }
    case "history":
      return await history(node, caller, command);
    case "rpc":
      if (command.name === "time") return `{"data":{"time":${Date.now()}}}`;
      throw new ProtocolError("methodNotFound");
  }
}

async function publish(node: Node, caller: Caller, command: PublishCommand): Promise<string> {
  const rules = node.registry.rules(command.channel);
  require(rules.allow.publish, caller, command.channel, rules);
  if (!command.hasData) throw new ProtocolError("badRequest", "data is missing");
  await node.publisher.publish(command.channel, command.data, {
    info: caller.info,
    idempotencyKey: command.idempotencyKey,
    idempotencyOwner: caller.identity.user,
  });
  return "{}";
}

function authorizePresence(node: Node, caller: Caller, channel: string): void {
  const rules = node.registry.rules(channel);
  if (!rules.presence) throw new ProtocolError("notAvailable", "no presence in this namespace");
  require(rules.allow.presence, caller, channel, rules);
}

async function history(node: Node, caller: Caller, command: HistoryCommand): Promise<string> {
  const rules = node.registry.rules(command.channel);
  if (rules.history === null) {
    throw new ProtocolError("notAvailable", "no history in this namespace");
  }
  require(rules.allow.history, caller, command.channel, rules);
  const page = await readHistory(node, command.channel, rules, command, historyLimit);
  return historyResult(page.publications, page.position);
}

function require(right: Right, caller: Caller, channel: string, rules: Namespace): void {
  const standing = {
    identity: caller.identity,
    subscribed: caller.isSubscribed(channel, rules),
    token: false,
  };
  if (!allows(right, standing)) throw new ProtocolError("permissionDenied");
}

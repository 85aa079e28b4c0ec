/**
 * Commands that need no connection of their own: publish, also of keys, presence, presence_stats,
 * history and rpc. A WebSocket session and `POST /v1/commands` both come here.
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
  const { channel, type } = command;
  const rules = node.registry.rules(channel);
  checkWritable(rules, command);
  require(rules.allow.publish, caller, channel, rules);
  const options = {
    info: caller.info,
    idempotencyKey: command.idempotencyKey,
    idempotencyOwner: caller.identity.user,
  };
  if (command.removed) {
    await node.publisher.removeKey(channel, keyOf(rules, caller, command), options);
    return "{}";
  }
  if (!command.hasData) throw new ProtocolError("badRequest", "data is missing");
  if (type === "stream") await node.publisher.publish(channel, command.data, options);
  else {
    const key = keyOf(rules, caller, command);
    await node.publisher.publishKey(channel, key, command.data, options);
  }
  return "{}";
}

/** @throws ProtocolError 103, 107 unless a client may at all write there in this way */
function checkWritable(rules: Namespace, { type, key, removed }: PublishCommand): void {
  if (type === "stream") {
    if (rules.keyed !== null) {
      throw new ProtocolError("badRequest", "a state channel takes publications of type 1, by key");
    }
    if (key !== "" || removed) {
      throw new ProtocolError("badRequest", "key and removed are for state channels, with type 1");
    }
  } else if (type !== "map" || rules.keyed?.kind !== "map") {
    throw new ProtocolError("permissionDenied", "clients write no keys of that type there");
  }
}

/** What the client said, unless the namespace ties keys to who writes. @throws ProtocolError */
function keyOf({ keyed }: Namespace, { identity, info }: Caller, { key }: PublishCommand): string {
  switch (keyed?.clientKey) {
    case "client":
      if (info.client !== "") return info.client;
      throw new ProtocolError(
        "notAvailable",
        "keys are ids of connections: this needs a WebSocket",
      );
    case "user":
      if (identity.user !== "") return identity.user;
      throw new ProtocolError("permissionDenied", "keys are ids of users: this needs a token");
    default:
      return key;
  }
}

function authorizePresence(node: Node, caller: Caller, channel: string): void {
  const rules = node.registry.rules(channel);
  if (!rules.presence) throw new ProtocolError("notAvailable", "no presence in this namespace");
  require(rules.allow.presence, caller, channel, rules);
}

async function history(node: Node, caller: Caller, command: HistoryCommand): Promise<string> {
  const rules = node.registry.rules(command.channel);
  if (rules.keyed !== null) {
    throw new ProtocolError("notAvailable", "a state channel is read by subscribing to it");
  }
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

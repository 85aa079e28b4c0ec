/**
 * Commands of the client protocol, decoded once at the edge (PROTOCOL.md 2.1). Written by hand:
 * every frame of every client passes here.
 */
import {
  BadFrame,
  channel,
  type Fields,
  flag,
  isFields,
  list,
  offset,
  oneOf,
  position,
  text,
  whole,
} from "./fields.ts";
import type { StreamPosition } from "./publication.ts";

export { BadFrame };

export type Command =
  | { readonly method: "connect"; readonly id: number; readonly token: string }
  | SubscribeCommand
  | { readonly method: "unsubscribe"; readonly id: number; readonly channel: string }
  | PublishCommand
  | { readonly method: "presence"; readonly id: number; readonly channel: string }
  | { readonly method: "presence_stats"; readonly id: number; readonly channel: string }
  | HistoryCommand
  | {
    readonly method: "rpc";
    readonly id: number;
    readonly name: string;
  }
  | { readonly method: "refresh"; readonly id: number; readonly token: string }
  | SubRefreshCommand
  | TrackCommand
  | { readonly method: "send" }
  | { readonly method: "pong" }
  | UnreadableCommand;

/** It is of another form, and has an id by which that can be answered. */
export interface UnreadableCommand {
  readonly method: "unreadable";
  readonly id: number;
  /** What is wrong with it. */
  readonly reason: string;
}

export interface SubscribeCommand {
  readonly method: "subscribe";
  readonly id: number;
  readonly channel: string;
  readonly token: string;
  /** null: from now. */
  readonly recover: StreamPosition | null;
  /** Asks for pushes by the channel's number. */
  readonly numericId: boolean;
  /** A failed recovery is to be error 112. */
  readonly strictRecovery: boolean;
  readonly joinLeave: boolean;
  /** "" when absent. */
  readonly delta: string;
  readonly type: SubscriptionType;
  readonly phase: Phase;
  /** State pages: entries wanted in one; 0: as many as the server likes. */
  readonly limit: number;
  /** State pages: where the page before ended; "" for the first. */
  readonly cursor: string;
  /** What the client is level with, in any phase; null: it gave none. */
  readonly position: StreamPosition | null;
  /** A filter over tags, as the client sent it; null: none. */
  readonly filter: unknown;
  /** What the application adds. */
  readonly data: unknown;
}

/** As the wire numbers them: 0, 1, 2, 3, 4. */
export const subscriptionTypes = ["stream", "map", "clients", "users", "shared_poll"] as const;
export type SubscriptionType = (typeof subscriptionTypes)[number];

/** How a map subscription comes in, as the wire numbers them: 0, 1, 2. */
export const phases = ["live", "stream", "state"] as const;
export type Phase = (typeof phases)[number];

export interface SubRefreshCommand {
  readonly method: "sub_refresh";
  readonly id: number;
  readonly channel: string;
  readonly token: string;
}

/** A shared poll subscription follows keys, or no longer: `sub_refresh` with a type. */
export interface TrackCommand {
  readonly method: "track";
  readonly id: number;
  readonly channel: string;
  /** Empty in a command that only gives up keys, and in one that makes no sense. */
  readonly batches: readonly TrackBatch[];
  readonly untrack: readonly string[];
}

export interface TrackBatch {
  readonly signature: string;
  readonly items: readonly { readonly key: string; readonly version: number }[];
}

export interface PublishCommand {
  readonly method: "publish";
  readonly id: number;
  readonly channel: string;
  /** null: there was none. */
  readonly data: unknown;
  readonly hasData: boolean;
  readonly idempotencyKey: string;
  /** "map" writes a key of a state channel. */
  readonly type: SubscriptionType;
  /** "" when absent. */
  readonly key: string;
  readonly removed: boolean;
}

export interface HistoryCommand {
  readonly method: "history";
  readonly id: number;
  readonly channel: string;
  readonly limit: number;
  readonly since: StreamPosition | null;
  readonly reverse: boolean;
}

const maxId = 0xffff_ffff;
const methods = [
  "connect",
  "subscribe",
  "unsubscribe",
  "publish",
  "presence",
  "presence_stats",
  "history",
  "rpc",
  "refresh",
  "sub_refresh",
  "send",
] as const;

/** The commands of one frame, in order. @throws BadFrame where one of them could not be answered. */
export function decodeFrame(frame: string): Command[] {
  if (frame === "{}") return [{ method: "pong" }];
  const text = frame.endsWith("\n") ? frame.slice(0, -1) : frame;
  if (text === "") throw new BadFrame("empty frame");
  return text.split("\n").map(decodeCommand);
}

/** @throws BadFrame where it could not be answered. */
export function decodeCommand(line: string): Command {
  if (line.trim() === "") throw new BadFrame("blank line between commands");
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new BadFrame("command is not JSON");
  }
  if (!isFields(value)) throw new BadFrame("command is not an object");
  if (Object.keys(value).length === 0) return { method: "pong" };
  const { id } = value;
  if (!isId(id)) return decodeMethod(value, null);
  try {
    return decodeMethod(value, id);
  } catch (error) {
    if (!(error instanceof BadFrame)) throw error;
    return { method: "unreadable", id, reason: error.message };
  }
}

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= maxId;
}

function decodeMethod(value: Fields, id: number | null): Command {
  let found: (typeof methods)[number] | undefined;
  for (const method of methods) {
    if (value[method] === undefined) continue;
    if (found !== undefined) throw new BadFrame(`command has both ${found} and ${method}`);
    found = method;
  }
  if (found === undefined) throw new BadFrame("unknown method");
  const request = value[found];
  if (!isFields(request)) throw new BadFrame(`${found} is not an object`);
  if (found === "send") return { method: "send" };
  if (id === null) throw new BadFrame(`id must be a whole number from 1 to ${maxId}`);
  return decodeRequest(found, id, request);
}

function decodeRequest(
  method: Exclude<(typeof methods)[number], "send">,
  id: number,
  request: Fields,
): Command {
  switch (method) {
    case "connect":
    case "refresh":
      return { method, id, token: text(request, "token") };
    case "subscribe":
      return decodeSubscribe(id, request);
    case "publish":
      return {
        method,
        id,
        channel: channel(request),
        data: request["data"],
        hasData: request["data"] !== undefined,
        idempotencyKey: text(request, "idempotency_key"),
        type: oneOf(subscriptionTypes, request, "type"),
        key: text(request, "key"),
        removed: flag(request, "removed"),
      };
    case "history":
      return {
        method,
        id,
        channel: channel(request),
        limit: whole(request, "limit"),
        since: position(request["since"]),
        reverse: flag(request, "reverse"),
      };
    case "rpc":
      return { method, id, name: text(request, "method") };
    case "sub_refresh":
      return decodeSubRefresh(id, request);
    case "unsubscribe":
    case "presence":
    case "presence_stats":
      return { method, id, channel: channel(request) };
  }
}

function decodeSubscribe(id: number, request: Fields): SubscribeCommand {
  const flags = whole(request, "flag");
  const given = { epoch: text(request, "epoch"), offset: offset(request) };
  return {
    method: "subscribe",
    id,
    channel: channel(request),
    token: text(request, "token"),
    recover: flag(request, "recover") ? given : null,
    numericId: (flags & 1) !== 0,
    strictRecovery: (flags & 2) !== 0,
    joinLeave: flag(request, "join_leave"),
    delta: text(request, "delta"),
    type: oneOf(subscriptionTypes, request, "type"),
    phase: oneOf(phases, request, "phase"),
    limit: whole(request, "limit"),
    cursor: text(request, "cursor"),
    position: given.epoch === "" ? null : given,
    filter: request["tf"] ?? null,
    data: request["data"] ?? null,
  };
}

function decodeSubRefresh(id: number, request: Fields): SubRefreshCommand | TrackCommand {
  const name = channel(request);
  const type = whole(request, "type");
  if (type === 0) {
    return { method: "sub_refresh", id, channel: name, token: text(request, "token") };
  }
  const given = {
    track: list(request, "track").map(decodeBatch),
    untrack: list(request, "untrack").map((key) => text({ key }, "key")),
  };
  // Type 1 follows keys, and may give up others; 2 gives up keys. Without what its type asks for,
  // and of any other type, the command is empty.
  const batches = type === 1 ? given.track : [];
  const untrack = type === 2 || batches.length > 0 ? given.untrack : [];
  return { method: "track", id, channel: name, batches, untrack };
}

function decodeBatch(value: unknown): TrackBatch {
  if (!isFields(value)) throw new BadFrame("track has something that is not an object");
  const items = list(value, "items").map((item) => {
    if (!isFields(item)) throw new BadFrame("items has something that is not an object");
    return { key: text(item, "key"), version: whole(item, "version") };
  });
  return { signature: text(value, "signature"), items };
}

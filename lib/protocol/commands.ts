/**
 * Commands of the client protocol, decoded once at the edge (PROTOCOL.md 2.1). Written by hand:
 * every frame of every client passes here.
 */
import type { StreamPosition } from "./publication.ts";

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
  | {
    readonly method: "sub_refresh";
    readonly id: number;
    readonly channel: string;
    readonly token: string;
  }
  | { readonly method: "send" }
  | { readonly method: "pong" };

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
  /** What this server does not have yet, by name, if it was asked for. */
  readonly unsupported: string | null;
}

export interface PublishCommand {
  readonly method: "publish";
  readonly id: number;
  readonly channel: string;
  /** null: there was none. */
  readonly data: unknown;
  readonly hasData: boolean;
  readonly idempotencyKey: string;
}

export interface HistoryCommand {
  readonly method: "history";
  readonly id: number;
  readonly channel: string;
  readonly limit: number;
  readonly since: StreamPosition | null;
  readonly reverse: boolean;
}

/** A frame that is not of the protocol: the connection ends with 3501 and this reason. */
export class BadFrame extends Error {
  override readonly name = "BadFrame";
}

type Fields = Readonly<Record<string, unknown>>;

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

/** The commands of one frame, in order. @throws BadFrame */
export function decodeFrame(frame: string): Command[] {
  if (frame === "{}") return [{ method: "pong" }];
  const text = frame.endsWith("\n") ? frame.slice(0, -1) : frame;
  if (text === "") throw new BadFrame("empty frame");
  return text.split("\n").map(decodeCommand);
}

/** @throws BadFrame */
export function decodeCommand(line: string): Command {
  if (line.trim() === "") throw new BadFrame("blank line between commands");
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new BadFrame("command is not JSON");
  }
  if (!isFields(value)) throw new BadFrame("command is not an object");
  let found: (typeof methods)[number] | undefined;
  for (const method of methods) {
    if (value[method] === undefined) continue;
    if (found !== undefined) throw new BadFrame(`command has both ${found} and ${method}`);
    found = method;
  }
  if (found === undefined) {
    if (Object.keys(value).length === 0) return { method: "pong" };
    throw new BadFrame("unknown method");
  }
  const request = value[found];
  if (!isFields(request)) throw new BadFrame(`${found} is not an object`);
  if (found === "send") return { method: "send" };
  const { id } = value;
  if (typeof id !== "number" || !Number.isInteger(id) || id < 1 || id > maxId) {
    throw new BadFrame("id must be a whole number from 1 to 4294967295");
  }
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
      return { method, id, channel: channel(request), token: text(request, "token") };
    case "unsubscribe":
    case "presence":
    case "presence_stats":
      return { method, id, channel: channel(request) };
  }
}

function decodeSubscribe(id: number, request: Fields): SubscribeCommand {
  const flags = whole(request, "flag");
  const unsupported = whole(request, "type") !== 0
    ? "type"
    : request["tf"] !== undefined && request["tf"] !== null
    ? "tf"
    : null;
  return {
    method: "subscribe",
    id,
    channel: channel(request),
    token: text(request, "token"),
    recover: flag(request, "recover")
      ? { epoch: text(request, "epoch"), offset: offset(request) }
      : null,
    numericId: (flags & 1) !== 0,
    strictRecovery: (flags & 2) !== 0,
    joinLeave: flag(request, "join_leave"),
    delta: text(request, "delta"),
    unsupported,
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw new BadFrame(`${name} is not a string`);
  return value;
}

function channel(fields: Fields): string {
  const name = text(fields, "channel");
  if (name === "") throw new BadFrame("channel is empty");
  return name;
}

function flag(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw new BadFrame(`${name} is not true or false`);
  return value;
}

function whole(fields: Fields, name: string): number {
  const value = fields[name];
  if (value === undefined || value === null) return 0;
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw new BadFrame(`${name} is not a whole number`);
  }
  return value;
}

function offset(fields: Fields): number {
  const value = whole(fields, "offset");
  if (value < 0) throw new BadFrame("offset is negative");
  return value;
}

function position(value: unknown): StreamPosition | null {
  if (value === undefined || value === null) return null;
  if (!isFields(value)) throw new BadFrame("since is not an object");
  return { epoch: text(value, "epoch"), offset: offset(value) };
}

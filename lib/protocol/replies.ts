/** Replies and pushes of the client protocol as JSON text (PROTOCOL.md 2.1, 2.2). */
import type { Disconnect } from "./disconnects.ts";
import type { ProtocolError } from "./errors.ts";
import type { Publication, Signal, StreamPosition } from "./publication.ts";

/** @param result JSON text of the method's result. */
export function reply(id: number, method: string, result = "{}"): string {
  return `{"id":${id},"${method}":${result}}`;
}

export function errorReply(id: number, error: ProtocolError): string {
  return `{"id":${id},"error":${JSON.stringify(error)}}`;
}

/** Whether the text is a reply; else it is of pushes or a ping. */
export function isReply(text: string): boolean {
  return text.startsWith('{"id":');
}

/** How long a token holds: nothing to say of one that does not expire. */
export interface Lifetime {
  readonly expires?: true;
  /** Whole seconds, at least 1. */
  readonly ttl?: number;
}

/** @param expiresAt in Unix seconds; null: it does not expire. */
export function lifetime(expiresAt: number | null): Lifetime {
  if (expiresAt === null) return {};
  return { expires: true, ttl: Math.max(1, Math.ceil(expiresAt - Date.now() / 1_000)) };
}

export interface SubscribeResult {
  /** null in a namespace without history. */
  readonly position: StreamPosition | null;
  readonly recoverable: boolean;
  readonly wasRecovering: boolean;
  readonly recovered: boolean;
  readonly publications: readonly Publication[];
  /** Present: pushes carry this number in place of the channel's name. */
  readonly numericId?: number;
  /** Unix seconds; null or absent: the subscription does not expire. */
  readonly expiresAt?: number | null;
  /** Of a keyed channel. */
  readonly map?: MapResult;
}

export interface MapResult {
  /** The last page's entries: the items of a JSON list, without its brackets. */
  readonly state: string;
  /** The client gathers what it publishes to one key for so long; 0: it does not. */
  readonly debounceMs: number;
}

/** A page of state that others follow. The reply's `type` is 1 for all kinds of keyed channels. */
export function statePageResult(position: StreamPosition, state: string, cursor: string): string {
  return `{${positionFields(position)},"type":1,"phase":2,"cursor":${
    JSON.stringify(cursor)
  },"state":[${state}]}`;
}

export function subscribeResult(result: SubscribeResult): string {
  const fields: string[] = [];
  if (result.position !== null) {
    if (result.recoverable) fields.push(`"recoverable":true`);
    fields.push(`"positioned":true,${positionFields(result.position)}`);
  }
  if (result.map !== undefined) fields.push(...mapFields(result.map));
  if (result.wasRecovering) fields.push(`"was_recovering":true`);
  if (result.recovered) fields.push(`"recovered":true`);
  if (result.publications.length > 0) fields.push(`"publications":${bodies(result.publications)}`);
  const { ttl } = lifetime(result.expiresAt ?? null);
  if (ttl !== undefined) fields.push(`"expires":true,"ttl":${ttl}`);
  if (result.numericId !== undefined) fields.push(`"id":${result.numericId}`);
  return `{${fields.join(",")}}`;
}

/** @param epoch "" while the back end has told none. */
export function sharedPollResult(epoch: string, expiresAt: number | null): string {
  return JSON.stringify({ ...(epoch !== "" && { epoch }), type: 4, ...lifetime(expiresAt) });
}

function positionFields({ epoch, offset }: StreamPosition): string {
  return `"epoch":${JSON.stringify(epoch)}${offset > 0 ? `,"offset":${offset}` : ""}`;
}

function mapFields({ state, debounceMs }: MapResult): string[] {
  const fields = [`"type":1`];
  if (state !== "") fields.push(`"state":[${state}]`);
  if (debounceMs > 0) fields.push(`"publish_debounce":${debounceMs}`);
  return fields;
}

export function historyResult(
  publications: readonly Publication[],
  position: StreamPosition,
): string {
  return `{"publications":${bodies(publications)},"epoch":${
    JSON.stringify(position.epoch)
  },"offset":${position.offset}}`;
}

export function signalPush(channel: string, signal: Signal): string {
  return push(channel, signal.kind, JSON.stringify({ info: signal.info }));
}

export function unsubscribePush(channel: string, { code, reason }: Disconnect): string {
  return push(channel, "unsubscribe", JSON.stringify({ code, reason }));
}

/** In place of a close frame, where there is none. */
export function disconnectPush({ code, reason }: Disconnect): string {
  return `{"push":{"disconnect":${JSON.stringify({ code, reason })}}}`;
}

function push(channel: string, kind: string, content: string): string {
  return `{"push":{"channel":${JSON.stringify(channel)},"${kind}":${content}}}`;
}

function bodies(publications: readonly Publication[]): string {
  return `[${publications.map(({ body }) => body).join(",")}]`;
}

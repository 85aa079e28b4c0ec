/** The forms of `/v1/events`: SSE blocks and the long-poll answer (PROTOCOL.md 3). */
import type { Disconnect } from "./disconnects.ts";
import type { Signal, StreamPosition } from "./publication.ts";

/** Where a channel's messages go on from, as told to the client. */
export interface ChannelStart {
  readonly channel: string;
  readonly position: StreamPosition | null;
  /** Only when a position was given. */
  readonly recovered?: boolean;
  /** A state channel; absent: a plain one. */
  readonly keyed?: boolean;
}

/** A part of a keyed channel's state in a long-poll answer. */
export interface StatePart {
  /** The items of a JSON list, without its brackets. */
  readonly bodies: string;
  /** The next answer goes on with it. */
  readonly more: boolean;
}

/** The `channels` object as JSON text. */
export function encodeStarts(
  starts: readonly ChannelStart[],
  states: ReadonlyMap<string, StatePart> = new Map(),
): string {
  const channels = starts.map(({ channel, position, recovered, keyed }) => {
    const fields = position === null ? [] : [
      `"epoch":${JSON.stringify(position.epoch)}`,
      `"offset":${position.offset}`,
    ];
    if (recovered !== undefined) fields.push(`"recovered":${recovered}`);
    if (keyed === true) fields.push(`"keyed":true`);
    const state = states.get(channel);
    if (state !== undefined) fields.push(`"state":[${state.bodies}],"more":${state.more}`);
    return `${JSON.stringify(channel)}:{${fields.join(",")}}`;
  });
  return `{${channels.join(",")}}`;
}

/** A client reconnects this long after a stream has ended. */
export const retryMs = 1_000;
export const heartbeatBlock = ": \n\n";

export function subscribedBlock(
  starts: readonly ChannelStart[],
  cursor: string,
  time: number,
): string {
  const data = `{"channels":${encodeStarts(starts)},"time":${time}}`;
  return `event: subscribed\nid: ${cursor}\ndata: ${data}\n\n`;
}

/** @param cursor null when the message does not move it. */
export function messageBlock(message: string, cursor: string | null): string {
  return cursor === null ? `data: ${message}\n\n` : `id: ${cursor}\ndata: ${message}\n\n`;
}

/**
 * A page of a keyed channel's state.
 * @param bodies the entries' JSON texts, joined by commas.
 * @param cursor what the client goes on from after the last page; null: another page follows.
 */
export function stateBlock(channel: string, bodies: string, cursor: string | null): string {
  const data = `{"channel":${JSON.stringify(channel)},"state":[${bodies}],"more":${
    cursor === null
  }}`;
  const id = cursor === null ? "" : `id: ${cursor}\n`;
  return `event: state\n${id}data: ${data}\n\n`;
}

/** Moves the client's cursor, and nothing else. */
export function cursorBlock(cursor: string): string {
  return `id: ${cursor}\n\n`;
}

export function signalBlock(channel: string, signal: Signal): string {
  return `event: ${signal.kind}\ndata: ${JSON.stringify({ channel, info: signal.info })}\n\n`;
}

/** Tells when it was made, in Unix milliseconds: who gets it much later is behind a proxy that holds back. */
export function probeBlock(time: number): string {
  return `event: probe\ndata: {"time":${time}}\n\n`;
}

export function disconnectBlock({ code, reason }: Disconnect): string {
  return `event: disconnect\ndata: ${JSON.stringify({ code, reason })}\n\n`;
}

export interface LongPollAnswer {
  readonly cursor: string;
  /** Unix milliseconds by the server's clock. */
  readonly time: number;
  readonly starts: readonly ChannelStart[];
  /** By channel, each of which has a start. */
  readonly states?: ReadonlyMap<string, StatePart>;
  /** Each the JSON text of a message. */
  readonly messages: readonly string[];
}

export function encodeLongPoll(answer: LongPollAnswer): string {
  const { cursor, time, starts, states, messages } = answer;
  const told = starts.length > 0 ? `"channels":${encodeStarts(starts, states)},` : "";
  const head = `"cursor":${JSON.stringify(cursor)},"time":${time}`;
  return `{${head},${told}"messages":[${messages.join(",")}]}`;
}

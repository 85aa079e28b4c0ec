/** The port between the client and its transports: one attempt, one connection, one end. */
import { reconnects } from "../protocol/disconnects.ts";
import type { ClientInfo, StreamPosition, Tags } from "../protocol/publication.ts";
import type { Down } from "./state.ts";

/** The wire's `pub` object (PROTOCOL.md 2.2); an entry of a state channel's snapshot has its form, too. */
export interface WirePublication {
  readonly data?: unknown;
  /** In a state channel. */
  readonly key?: string;
  readonly removed?: true;
  readonly offset?: number;
  readonly epoch?: string;
  /** Unix milliseconds by the server's clock. */
  readonly time?: number;
  readonly info?: ClientInfo;
  readonly tags?: Tags;
}

/** Where a channel goes on from, as the server said; a state channel after pages, unless `recovered`. */
export interface Start {
  /** null: the channel keeps no history. */
  readonly position: StreamPosition | null;
  /** Absent where no position was given. */
  readonly recovered?: boolean;
}

/** What a link tells its client. Nothing comes after `down` or `close`. */
export interface LinkEvents {
  started(channel: string, start: Start): void;
  /** A part of a state channel's snapshot; without `more` the last one. */
  page(channel: string, page: readonly WirePublication[], more: boolean): void;
  published(channel: string, publication: WirePublication): void;
  /** The server's clock, asked at `sentAt` by this machine's. */
  clock(sentAt: number, serverTime: number): void;
  /** Every channel has started. Once. */
  up(): void;
  down(why: Down): void;
}

export interface LinkContext extends LinkEvents {
  /** The server's root. */
  readonly url: URL;
  readonly channels: readonly string[];
  isState(channel: string): boolean;
  readonly token: string;
  /** How far a channel has been delivered; undefined: from now, or from a snapshot. */
  position(channel: string): StreamPosition | undefined;
  readonly environment: Environment;
  readonly timing: Timing;
}

export interface Link {
  /** Resolves when nothing of it is left open. */
  close(): Promise<void>;
}

export type OpenLink = (context: LinkContext) => Link;

/** What a link needs of the platform. */
export interface Environment {
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
  readonly WebSocket: new (url: URL) => WebSocket;
  /** From 0 to below 1. */
  readonly random: () => number;
}

export interface Timing {
  /** A WebSocket that is not subscribed by then is given up. */
  readonly webSocketMs: number;
  /** An event stream or a first poll that has not begun by then is given up. */
  readonly eventsMs: number;
  /** An event stream that says nothing for so long is dead; the server speaks every 15 s. */
  readonly silenceMs: number;
  /** How long a long-poll asks the server to wait. */
  readonly pollSeconds: number;
}

/** What a disconnect code asks of the client. */
export function downBy(code: number, reason: string): Down {
  const said = `${reason || "connection lost"} (${code})`;
  if (code === 3005) return { kind: "expired", reason: said };
  return reconnects(code) ? { kind: "lost", reason: said } : { kind: "refused", code, reason };
}

/** What an error of the protocol asks of the client. */
export function downByError(code: number, reason: string, isTemporary: boolean): Down {
  if (code === 109) return { kind: "expired", reason };
  return isTemporary ? { kind: "lost", reason } : { kind: "refused", code, reason };
}

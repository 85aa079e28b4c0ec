/** The port between the client and its transports: one attempt, one connection, one end. */
import { reconnects } from "../protocol/disconnects.ts";
import type { ClientInfo, StreamPosition, Tags } from "../protocol/publication.ts";
import type { Environment, Refusal, Timing } from "./api.ts";
import { refusal } from "./refusal.ts";
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
  /** Not of the wire: measured by the host of a connection that tabs share. */
  readonly latencyMs?: number;
}

/** Where a channel goes on from, as the server said. */
export interface Start {
  /** null: the channel keeps no history. Of a state channel: after the publications. */
  readonly position: StreamPosition | null;
  /** Absent where no position was given. */
  readonly recovered?: boolean | undefined;
  /** Of a state channel that was not recovered: all there is at the position. */
  readonly entries?: readonly WirePublication[] | undefined;
  /** What was missed, or the beginning of it. */
  readonly publications?: readonly WirePublication[] | undefined;
}

/** Where a channel begins, on the wire (PROTOCOL.md 3). */
export interface WireStart {
  readonly epoch?: string;
  readonly offset?: number;
  readonly recovered?: boolean;
  /** It is a state channel. */
  readonly keyed?: true;
}

/** The reply to a subscribe command (PROTOCOL.md 2.1, 2.6). */
export interface SubscribeReply extends WireStart {
  readonly was_recovering?: true;
  readonly publications?: readonly WirePublication[];
  /** Of a state channel: a page of its snapshot. */
  readonly state?: readonly WirePublication[];
  /** Another page has to be asked for. */
  readonly phase?: number;
  readonly cursor?: string;
}

/** How one channel starts on one link: what is asked of the server, until its answers say where. */
export interface Opening {
  /** The next subscribe command. */
  command(maxRate: number | undefined): object;
  /** @returns undefined: the next command asks for more. */
  reply(reply: SubscribeReply): Start | undefined;
  /** @returns whether the next command may do; absent: it may not. */
  mayFollow?(error: WireError): boolean;
  /** The beginning as an event stream or an answer tells it. @returns undefined: pages follow. */
  begin(start: WireStart): Start | undefined;
  /** Of a state channel. @returns undefined: more follows. */
  page?(state: readonly WirePublication[], more: boolean): Start | undefined;
}

/** One channel that is subscribed to, as a link sees it. */
export interface Wanted {
  readonly channel: string;
  readonly keyed: boolean;
  /** How far it has been delivered; undefined: from now, or from a snapshot. */
  readonly position: StreamPosition | undefined;
}

export interface Opens extends Wanted {
  opening(): Opening;
}

/** One call, as the wire has it without its `id`: `{"publish":{…}}`. */
export type Command = Readonly<Record<string, unknown>>;

/** A reply to a call, or an error. */
export interface Reply {
  readonly id?: number;
  readonly error?: WireError;
}

export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly temporary?: true;
}

/** Bytes, or a text. */
export type Countable = number | string;

/** What a link tells its client. Nothing comes after `down` or `close`. */
export interface LinkEvents {
  started(channel: string, start: Start): void;
  published(channel: string, publication: WirePublication): void;
  /** This channel alone will not be served. */
  refused(channel: string, reason: Refusal): void;
  /** An answer to one of `Link.send`. */
  replied(reply: Reply): void;
  /** What came, and what went. */
  counted(received: Countable, sent: Countable): void;
  /** All channels that were wanted at the beginning have started. Once. */
  up(): void;
  down(why: Down): void;
}

export interface LinkContext extends LinkEvents {
  /** The server's root. */
  readonly url: URL;
  readonly token: string;
  /** Parameters of every request, such as `ping`. */
  readonly query: Readonly<Record<string, string>>;
  /** Of state channels: updates a second; undefined: all. */
  readonly maxRate: number | undefined;
  readonly environment: Environment;
  readonly timing: Timing;
  /** Seconds between the server's signs of life. */
  readonly heartbeat: number;
  /** Whether there is a connection that works: who would replace it is to be sure of itself. */
  isBeside(): boolean;
  wanted(): readonly Opens[];
  /** A number for a command that no other on this client has. */
  nextId(): number;
}

export interface Link {
  /** Other channels are wanted. */
  update(): void;
  /** Takes commands, joined by newlines, or says that calls go another way. */
  send?(commands: string): void;
  /** Something may have happened to the connection: it is down, or shows soon that it is not. */
  check(): void;
  /** Resolves when nothing of it is left open. */
  close(): Promise<void>;
}

export type OpenLink = (context: LinkContext) => Link;

/** The token has expired; the client gets a new one. */
export const expired = 109;

/** What a disconnect code asks of the client. */
export function downBy(code: number, reason: string): Down {
  const said = `${reason || "lost"} (${code})`;
  if (code === 3005) return { kind: "refused", code: expired, reason: said };
  return reconnects(code) ? { kind: "lost", reason: said } : { kind: "refused", code, reason };
}

/** What an error of the protocol asks of the client. */
export function downByError({ code, message, temporary }: WireError): Down {
  return temporary ? { kind: "lost", reason: message } : { kind: "refused", code, reason: message };
}

/** An address of the server; parameters that are undefined or false are left out. */
export function addressOf(
  { url }: { readonly url: URL },
  path: string,
  query: Readonly<Record<string, string | number | false | undefined>>,
): URL {
  const address = new URL(path, url);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== false) address.searchParams.set(name, `${value}`);
  }
  return address;
}

export function positionOf({ epoch, offset = 0 }: WireStart): StreamPosition | null {
  return epoch === undefined ? null : { epoch, offset };
}

export function lost(reason: unknown): Extract<Down, { kind: "lost" }> {
  return { kind: "lost", reason: String(reason) };
}

export function refusalOf({ code, message }: WireError): Refusal {
  return refusal(code, message);
}

/** Nothing was heard for too long. */
export const silent = lost("silent");

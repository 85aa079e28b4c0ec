/**
 * The port between a node's hub and whatever keeps the streams and carries news between nodes.
 * Implementations stand beside this file; `tests/broker/` holds the suite each of them passes.
 */
import type { Keyed, Retention } from "../channels.ts";
import type { Draft, Publication, Signal, StreamPosition } from "../protocol/publication.ts";

/** What a broker is given by its node. None of these throws, and none waits. */
export interface BrokerContext {
  /** Unique for each isolate's life. */
  readonly nodeId: string;
  /**
   * Live publications of channels this node subscribed to, its own included. Those with a position
   * may come out of order, twice, or not at all: the receiver orders them and reads holes from the
   * log. Those without come at most once.
   */
  deliver(publications: readonly Publication[]): void;
  /** A subscribed channel's stream has reached at least this position. A hint, as `deliver` is. */
  head(channel: string, position: StreamPosition): void;
  /** Somebody joined or left a subscribed channel, at most once. */
  signal(channel: string, signal: Signal): void;
  /** A message another node posted; never one's own. At most once. */
  control(message: string): void;
  onError(error: unknown, stage: string): void;
}

export interface PublishOptions {
  /** null: give no position and keep nothing. */
  readonly retention: Retention | null;
  /** The same key on the same channel within its lifetime publishes once. */
  readonly idempotency?: { readonly key: string; readonly ttlMs: number };
  /** Of a state channel, which has retention; the draft has a key then. */
  readonly keyed?: Keyed;
  readonly condition?: KeyCondition;
}

/**
 * What must hold of a state channel's key in the very commit; else nothing is published. A key whose
 * time is over is not there, but may be named by its offset, and removed.
 */
export interface KeyCondition {
  /** The key is there, or is not. */
  readonly exists?: boolean;
  /** The key's latest publication is the one with this offset. */
  readonly offset?: number;
  /**
   * Newer than what the key has: a higher number, or another epoch. Kept with the key until it is
   * removed, also when others publish to it without a version.
   */
  readonly version?: { readonly number: number; readonly epoch: string };
}

/** Why nothing was published; a removal of a key that is not there is suppressed, too. */
export type Suppressed = "idempotency" | "version" | "key_exists" | "key_not_found";

export interface Published {
  /** null where nothing is kept. Of what was suppressed: what its key published, or the head. */
  readonly position: StreamPosition | null;
  /** null: it was published. */
  readonly suppressed: Suppressed | null;
}

export interface Broker
  extends HistoryReader, StateReader, Leases, ControlBus, HealthCheck, AsyncDisposable {
  /**
   * From its resolution on, what other nodes publish into the channel reaches `deliver`. Calling it
   * for a channel that is subscribed changes nothing.
   */
  subscribe(channel: string, retention: Retention | null): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  /**
   * Resolves once the publication is kept (or, without retention, sent out). Calls for one channel
   * get their offsets in the order of the calls.
   * @throws ProtocolError 111 when the engine is overloaded or away: nothing is known to be kept;
   * 106 when a new key, or a longer value, is more than the state channel may hold (keys whose time
   * is over are removed first, now and then); 107 for a key that is empty, longer than 255 UTF-16
   * units or not well-formed.
   */
  publish(channel: string, draft: Draft, options: PublishOptions): Promise<Published>;
  /** Tells the channel's subscribers on every node, this one included; at most once. */
  signal(channel: string, signal: Signal): void;
}

/** Reads the log of a channel. */
export interface HistoryReader {
  history(channel: string, query: HistoryQuery): Promise<HistoryPage>;
}

export interface HistoryQuery {
  readonly retention: Retention;
  /** Exclusive. Absent: from the first kept one, in reverse from the last. */
  readonly since?: StreamPosition;
  /** 0: only the position. */
  readonly limit: number;
  /** UTF-16 units of all bodies together; one publication always fits. Absent: no bound. */
  readonly maxLength?: number;
  readonly reverse?: boolean;
}

export interface HistoryPage {
  /** In offset order, falling when read in reverse; without a hole between `since` and the first
   * only if `reachable`. */
  readonly publications: readonly Publication[];
  /** The head. A stream that did not exist has been given its epoch by this read. */
  readonly position: StreamPosition;
  /**
   * Whether everything after `since` is still kept. An empty `since.epoch` matches any epoch. True
   * without `since`.
   */
  readonly reachable: boolean;
}

/**
 * The state of a keyed channel: the latest publication of each key that was not removed since. A
 * change of it and the publication that tells of it are kept together or not at all.
 */
export interface StateReader {
  /**
   * Entries that were published up to the first page's position and not changed since; what was
   * changed since follows in the stream. So a snapshot and the stream after its position make the
   * state of any later position.
   * @throws ProtocolError 107 for a cursor that is not one of these; 112 when the stream began anew,
   * or never had the position.
   */
  state(channel: string, query: StateQuery): Promise<StatePage>;
  /**
   * Removes everything, the stream included: its next life has another epoch. Nodes that subscribed
   * hear of its head. Idempotency keys go on standing for what they published.
   */
  clear(channel: string): Promise<void>;
}

export interface StateQuery {
  readonly retention: Retention;
  readonly keyed: Keyed;
  /** 0: only the position. */
  readonly limit: number;
  /** UTF-16 units of all bodies together; one entry always fits. Absent: no bound. */
  readonly maxLength?: number;
  /** Only this key. */
  readonly key?: string;
  /** Default ascending by key: by code points (`compareKeys`); those of equal score, too. */
  readonly order?: "key" | "score";
  readonly descending?: boolean;
  /** Those whose time is over and that nobody has removed yet are left out, unless asked for. */
  readonly withExpired?: boolean;
  /** Where the page before ended, with the position it gave. Absent: the first page. */
  readonly after?: { readonly cursor: string; readonly position: StreamPosition };
}

export interface StatePage {
  readonly entries: readonly Publication[];
  /** The head when the first page was read. A stream that did not exist has been given its epoch. */
  readonly position: StreamPosition;
  /** Opaque; null: this was the last page. */
  readonly cursor: string | null;
  /** How many keys there are now; those whose time is over may count. */
  readonly keys: number;
}

/**
 * What one node does for all: each name is held by one of them at a time, as far as their clocks
 * agree.
 */
export interface Leases {
  /**
   * Takes the name, or goes on holding it, for `ttlMs` from now. False while another node holds it;
   * one that died holds it until its time is over.
   */
  lease(name: string, ttlMs: number): Promise<boolean>;
  /** Gives it back at once. Nothing happens to what another holds. */
  unlease(name: string): Promise<void>;
}

/** Small messages between nodes, for surveys and the like. */
export interface ControlBus {
  /** Reaches every other node at most once. */
  post(message: string): void;
}

export interface HealthCheck {
  /** Rejects when the engine cannot be used now; the error says why. */
  ready(signal: AbortSignal): Promise<void>;
}

/** Whether a position belongs to a stream with this epoch. */
export function sameEpoch(asked: string, epoch: string): boolean {
  return asked === "" || asked === epoch;
}

/** A new name for one life of a stream: 8 characters, 40 random bits. */
export function newEpoch(): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  let epoch = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(8))) epoch += alphabet[byte & 31];
  return epoch;
}

/** As many of the publications as fit into `maxLength`, one at least. */
export function fitting(
  publications: readonly Publication[],
  maxLength = Infinity,
): readonly Publication[] {
  let length = 0;
  for (const [i, { body }] of publications.entries()) {
    length += body.length;
    if (length > maxLength && i > 0) return publications.slice(0, i);
  }
  return publications;
}

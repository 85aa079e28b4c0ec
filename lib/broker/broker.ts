/**
 * The port between a node's hub and whatever keeps the streams and carries news between nodes.
 * Implementations stand beside this file; `tests/broker/` holds the suite each of them passes.
 */
import type { Retention } from "../channels.ts";
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
}

export interface Published {
  /** null where nothing is kept. */
  readonly position: StreamPosition | null;
  /** The idempotency key had been seen: nothing new was published. */
  readonly duplicate: boolean;
}

export interface Broker extends HistoryReader, ControlBus, HealthCheck, AsyncDisposable {
  /**
   * From its resolution on, what other nodes publish into the channel reaches `deliver`. Calling it
   * for a channel that is subscribed changes nothing.
   */
  subscribe(channel: string, retention: Retention | null): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  /**
   * Resolves once the publication is kept (or, without retention, sent out). Calls for one channel
   * get their offsets in the order of the calls.
   * @throws ProtocolError 111 when the engine is overloaded or away: nothing is known to be kept.
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

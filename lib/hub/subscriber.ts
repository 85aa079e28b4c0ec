import type { Signal, StreamPosition } from "../protocol/publication.ts";
import type { Batch } from "./batch.ts";

/**
 * Whoever listens to a channel in this isolate: a WebSocket session, or a group of `/v1/events`
 * requests. All methods return at once and never throw; a subscriber that cannot take more ends
 * itself.
 */
export interface Subscriber {
  /** The publications after what it was given last, without a hole. */
  deliver(batch: Batch): void;
  /** The stream cannot be read on from where it was: it goes on at `position`. */
  reset(channel: string, position: StreamPosition): void;
  signal(channel: string, signal: Signal): void;
  /** Bytes given to the transport and not yet written; paces the flushes. */
  readonly backlog: number;
}

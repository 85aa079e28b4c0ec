/** What a subscription of a WebSocket session is made with. */
import type { Filter } from "../protocol/filter.ts";
import type { StreamPosition } from "../protocol/publication.ts";
import type { Transport } from "../transport/transport.ts";

export interface SubscriptionOptions {
  /** null: from now. */
  readonly recover: StreamPosition | null;
  readonly recoverable: boolean;
  readonly strictRecovery: boolean;
  readonly numericId: boolean;
  readonly joinLeave: boolean;
  readonly filter: Filter | null;
  /** Unix seconds; null: does not expire. */
  readonly expiresAt: number | null;
  /** Of a keyed channel; null: a plain stream. */
  readonly map: MapOptions | null;
}

export interface MapOptions {
  readonly debounceMs: number;
  /** Time between updates that the client asked for; 0: none. */
  readonly everyMs: number;
}

/** What the subscription asks of its session. */
export interface SubscriptionOwner {
  readonly transport: Transport<string>;
  /** The subscription has ended by itself, and the client has been told. */
  lost(channel: string): void;
  onError(error: unknown, stage: string): void;
}

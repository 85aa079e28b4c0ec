/** What one isolate is made of, put together by `main.ts` and handed to routes and sessions. */
import type { TokenVerifier } from "../auth/tokens.ts";
import type { SharedPolls } from "../shared_poll/shared_polls.ts";
import type { Broker } from "../broker/broker.ts";
import type { ChannelRegistry } from "../channels.ts";
import type { Hub } from "../hub/hub.ts";
import type { PresenceInState } from "./presence_in_state.ts";
import type { PresenceStore } from "../presence/presence.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { Sessions } from "./sessions.ts";
import type { Cluster } from "./cluster.ts";
import type { Publisher } from "./publisher.ts";

export const version = "0.1.0";

export interface Node {
  readonly id: string;
  readonly registry: ChannelRegistry;
  readonly broker: Broker;
  readonly hub: Hub;
  readonly presence: PresenceStore;
  readonly presenceInState: PresenceInState;
  readonly publisher: Publisher;
  readonly sharedPolls: SharedPolls;
  readonly sessions: Sessions;
  readonly cluster: Cluster;
  /** null: no tokens are configured, everybody is anonymous. */
  readonly tokens: TokenVerifier | null;
  /** Pings of WebSocket sessions. */
  readonly pings: Heartbeat;
  /** Seconds between pings, as told to clients. */
  readonly pingSeconds: number;
  /** Comments on event streams. */
  readonly comments: Heartbeat;
  readonly limits: Limits;
  readonly onError: (error: unknown, stage: string) => void;
}

export interface Limits {
  /** Channels one client may be subscribed to. */
  readonly subscriptions: number;
  /** Bytes a client may leave unread. */
  readonly backlog: number;
  /** Milliseconds a WebSocket may stay open without `connect`. */
  readonly connectMs: number;
}

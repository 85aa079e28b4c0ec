/** The port to whoever keeps who is in which channel, across all nodes. */
import type { ClientInfo } from "../protocol/publication.ts";

export interface PresenceStats {
  readonly clients: number;
  /** Different users among them; anonymous ones count as one. */
  readonly users: number;
}

export interface PresenceStore extends AsyncDisposable {
  /** Keeps a client in a channel until it is removed, or for a minute after this node has died. */
  add(channel: string, info: ClientInfo): Promise<void>;
  remove(channel: string, client: string): Promise<void>;
  /** By client id. */
  list(channel: string): Promise<ReadonlyMap<string, ClientInfo>>;
}

export function statsOf(present: ReadonlyMap<string, ClientInfo>): PresenceStats {
  const users = new Set<string>();
  for (const { user } of present.values()) users.add(user);
  return { clients: present.size, users: users.size };
}

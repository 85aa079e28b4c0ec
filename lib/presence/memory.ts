/** Presence of a single node, in memory. */
import type { ClientInfo } from "../protocol/publication.ts";
import type { PresenceStore } from "./presence.ts";

export function memoryPresence(): PresenceStore {
  const channels = new Map<string, Map<string, ClientInfo>>();
  return {
    add(channel, info) {
      const present = channels.get(channel) ?? new Map();
      channels.set(channel, present.set(info.client, info));
      return Promise.resolve();
    },
    remove(channel, client) {
      const present = channels.get(channel);
      present?.delete(client);
      if (present?.size === 0) channels.delete(channel);
      return Promise.resolve();
    },
    list: (channel) => Promise.resolve(new Map(channels.get(channel))),
    [Symbol.asyncDispose]() {
      channels.clear();
      return Promise.resolve();
    },
  };
}

/** What one node does when another asks all of them (`cluster.ts`). */
import { z } from "zod";
import type { Hub } from "../hub/hub.ts";
import type { Sessions } from "../session/sessions.ts";
import type { Operation } from "./cluster.ts";

const channelsArgument = z.object({ pattern: z.string() });
const disconnectArgument = z.object({
  user: z.string(),
  client: z.string().optional(),
  disconnect: z.object({ code: z.number(), reason: z.string() }),
});

export function operations(hub: Hub, sessions: Sessions): Record<string, Operation> {
  return {
    /** → [channel, subscribers][] */
    channels(argument) {
      const matches = glob(channelsArgument.parse(argument).pattern);
      const found: [string, number][] = [];
      for (const { channel, subscribers } of hub.active()) {
        if (matches(channel)) found.push([channel, subscribers]);
      }
      return found;
    },
    /** → how many sessions were ended */
    disconnect(argument) {
      const { user, client, disconnect } = disconnectArgument.parse(argument);
      return sessions.disconnect(user, client, disconnect);
    },
  };
}

/** `*` stands for any characters, `?` for one; an empty pattern matches everything. */
export function glob(pattern: string): (text: string) => boolean {
  if (pattern === "") return () => true;
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, ".*").replaceAll("?", ".");
  const expression = new RegExp(`^${source}$`, "su");
  return (text) => expression.test(text);
}

/** What one node does when another asks all of them (`cluster.ts`). */
import { z } from "zod";
import type { Hub } from "../hub/hub.ts";
import { nodeReporter } from "../inspect/node_report.ts";
import { inspectionQuery } from "../inspect/query.ts";
import type { SharedPolls } from "../shared_poll/shared_polls.ts";
import type { Sessions } from "./sessions.ts";
import type { Operation } from "./cluster.ts";

const channelsArgument = z.object({ pattern: z.string() });
const disconnectArgument = z.object({
  /** Absent: whoever's the client is. */
  user: z.string().optional(),
  client: z.string().optional(),
  disconnect: z.object({ code: z.number(), reason: z.string() }),
});

const sharedPollArgument = z.object({
  channel: z.string(),
  publishing: z.object({
    key: z.string(),
    text: z.string(),
    version: z.number(),
    epoch: z.string(),
  }),
});

export function operations(
  hub: Hub,
  sessions: Sessions,
  sharedPolls: SharedPolls,
): Record<string, Operation> {
  const report = nodeReporter(hub, sessions, sharedPolls);
  return {
    /** → NodeReport */
    inspect: (argument) => report(inspectionQuery.parse(argument)),
    /** → [channel, subscribers][] */
    channels(argument) {
      const matches = glob(channelsArgument.parse(argument).pattern);
      const found: [string, number][] = [];
      for (const { channel, subscribers } of [...hub.active(), ...sharedPolls.active()]) {
        if (matches(channel)) found.push([channel, subscribers]);
      }
      return found;
    },
    /** → how many sessions were ended */
    disconnect(argument) {
      const { user, client, disconnect } = disconnectArgument.parse(argument);
      return sessions.disconnect(user, client, disconnect);
    },
    shared_poll_publish(argument) {
      const { channel, publishing } = sharedPollArgument.parse(argument);
      sharedPolls.publish(channel, publishing);
    },
  };
}

/**
 * `*` stands for any characters, `?` for one; an empty pattern matches everything. Takes at most
 * the product of both lengths, whatever the pattern.
 */
export function glob(pattern: string): (text: string) => boolean {
  if (pattern === "") return () => true;
  const wanted = [...pattern];
  return (text) => matches(wanted, [...text]);
}

function matches(wanted: readonly string[], text: readonly string[]): boolean {
  let at = 0;
  /** The last star, and how far into the text what follows it was tried. */
  let star = -1;
  let tried = 0;
  for (let i = 0; i < text.length;) {
    if (wanted[at] === "*") {
      star = at++;
      tried = i;
    } else if (wanted[at] === "?" || wanted[at] === text[i]) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++tried;
    } else return false;
  }
  while (wanted[at] === "*") at++;
  return at === wanted.length;
}

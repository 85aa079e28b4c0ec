/** Coming to a channel and leaving it: presence, and the signals to those who want them. */
import type { Namespace } from "../channels.ts";
import type { Node } from "../node/node.ts";
import type { ClientInfo } from "../protocol/publication.ts";

/** Resolves when the client is present; nothing happens in a namespace without presence. */
export async function enter(
  node: Node,
  channel: string,
  rules: Namespace,
  info: ClientInfo,
): Promise<void> {
  if (!rules.presence) return;
  await node.presence.add(channel, info);
  if (rules.joinLeave) node.broker.signal(channel, { kind: "join", info });
}

/** Returns at once; a failure is reported. */
export function exit(node: Node, channel: string, rules: Namespace, info: ClientInfo): void {
  if (!rules.presence) return;
  node.presence.remove(channel, info.client).catch((error) => node.onError(error, "presence"));
  if (rules.joinLeave) node.broker.signal(channel, { kind: "leave", info });
}

/** A node in this process, of the parts it is given. */
import { tokenVerifier } from "../../lib/auth/tokens.ts";
import type { Broker, BrokerContext } from "../../lib/broker/broker.ts";
import type { ChannelRegistry } from "../../lib/channels.ts";
import { Hub, type HubOptions } from "../../lib/hub/hub.ts";
import { Cluster } from "../../lib/node/cluster.ts";
import { Heartbeat } from "../../lib/node/heartbeat.ts";
import type { Limits, Node } from "../../lib/node/node.ts";
import { PresenceInState } from "../../lib/node/presence_in_state.ts";
import { operations } from "../../lib/node/operations.ts";
import { Publisher } from "../../lib/node/publisher.ts";
import { Sessions } from "../../lib/node/sessions.ts";
import { SharedPolls, type SharedPollsOptions } from "../../lib/shared_poll/shared_polls.ts";
import { memoryPresence } from "../../lib/presence/memory.ts";
import type { PresenceStore } from "../../lib/presence/presence.ts";

export const secret = "a secret that is longer than thirty-two bytes";

export interface NodeParts extends HubOptions {
  readonly id?: string;
  readonly registry: ChannelRegistry;
  readonly broker: (context: BrokerContext) => Broker;
  readonly presence?: PresenceStore;
  readonly limits?: Partial<Limits>;
  readonly sharedPolls?: Partial<SharedPollsOptions>;
}

/** Its hub, its broker, its shared polls and its presence in state are to be disposed by the caller. */
export function makeNode(parts: NodeParts): Node {
  const { id = "n1", registry, onError, presence = memoryPresence(), limits } = parts;
  const hub = new Hub(parts);
  const broker = parts.broker({ nodeId: id, ...hub.brokerContext, control() {}, onError });
  hub.connect(broker);
  const sessions = new Sessions(1_000);
  const sharedPolls = new SharedPolls({
    onPolled() {},
    onConflated() {},
    onChange() {},
    onError,
    ...parts.sharedPolls,
  });
  const self = { id, name: "n", version: "0", uptimeSeconds: 0, clients: 0, users: 0 };
  return {
    id,
    registry,
    broker,
    hub,
    presence,
    presenceInState: new PresenceInState({ registry, broker, onError }),
    publisher: new Publisher(registry, broker),
    sharedPolls,
    sessions,
    cluster: new Cluster({
      self: () => ({ ...self, channels: 0, subscriptions: 0 }),
      operations: operations(hub, sessions, sharedPolls),
      onError,
    }),
    tokens: tokenVerifier({ secret }),
    pings: new Heartbeat(25, 8),
    pingSeconds: 25,
    comments: new Heartbeat(15, 0),
    limits: { subscriptions: 128, backlog: 1024 * 1024, connectMs: 10_000, ...limits },
    onError,
  };
}

/** Clusters of this process that hear each other over a bus that can lose messages. */
import { Cluster, type Operation } from "../../lib/node/cluster.ts";
import { setImmediate } from "node:timers";

export interface Link {
  /** Whether a message arrives; all by default. */
  passes: (message: { readonly kind: string }) => boolean;
  /** Those posted so far. */
  readonly posted: { readonly kind: string; readonly to?: string }[];
  /** A node that is told of the others, and they of it. */
  join(id: string, operations: Readonly<Record<string, Operation>>): Cluster;
}

/** @param onError what a node reports. */
export function link(onError: (error: unknown) => void): Link {
  const members = new Map<string, Cluster>();
  const made: Link = {
    passes: () => true,
    posted: [],
    join(id, operations) {
      const info = { id, name: id, version: "0", uptimeSeconds: 0, clients: 0, users: 0 };
      const self = () => ({ ...info, channels: 0, subscriptions: 0 });
      const cluster = new Cluster({ self, operations, onError });
      members.set(id, cluster);
      cluster.connect({ post: (text) => deliver(id, text) });
      return cluster;
    },
  };
  const deliver = (from: string, text: string) => {
    const message = JSON.parse(text) as { kind: string };
    made.posted.push(message);
    for (const [id, member] of members) {
      if (id !== from && made.passes(message)) setImmediate(() => member.receive(text));
    }
  };
  return made;
}

/** Where the shop's events go: this node's channels. */
import type { Node } from "../node/node.ts";
import type { PublishFigures } from "./figure_teller.ts";
import type { ReadEpoch } from "./refill.ts";
import type { PublishEvent } from "./relay.ts";

interface Outlet {
  readonly publish: PublishEvent;
  readonly publishFigures: PublishFigures;
  readonly epoch: ReadEpoch;
  readonly isOpen: (channel: string) => boolean;
}

export function outlet(
  { publisher, registry, broker }: Pick<Node, "publisher" | "registry" | "broker">,
): Outlet {
  return {
    async publish({ channel, key, removed, data, tags }, once) {
      if (key !== undefined && removed) {
        return (await publisher.removeKey(channel, key, once)).position;
      }
      const value: unknown = JSON.parse(data);
      const options = { ...once, ...(tags && { tags }) };
      const published = key === undefined
        ? publisher.publish(channel, value, options)
        : publisher.publishKey(channel, key, value, options);
      return (await published).position;
    },
    async publishFigures(figures, number) {
      const condition = { version: { number, epoch: "figures" } };
      const key = `${figures.from}`;
      return (await publisher.publishKey("figures:all", key, figures, { condition })).position;
    },
    isOpen: (channel) => ["anyone", "user"].includes(registry.rules(channel).allow.subscribe),
    async epoch(channel) {
      const { history: retention } = registry.rules(channel);
      if (retention === null) throw new Error(`${channel} keeps no history`);
      return (await broker.history(channel, { retention, limit: 0 })).position.epoch;
    },
  };
}

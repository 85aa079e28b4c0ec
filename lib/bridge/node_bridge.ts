/** The bridge of a node: it publishes as a back end does, and polls what is listened to here. */
import type { Published } from "../broker/broker.ts";
import type { Demand } from "../hub/hub.ts";
import type { Node } from "../node/node.ts";
import type { Log } from "../ops/log.ts";
import type { Metrics } from "../ops/metrics.ts";
import { Bridge } from "./bridge.ts";
import type { Sources } from "./sources.ts";
import type { SourceStatus } from "./status.ts";

type Parts = Pick<Node, "broker" | "publisher" | "onError">;

/** @param changed is told how a source goes, beside the log; the channel is that of its status. */
export function nodeBridge(
  sources: Sources,
  node: Parts,
  metrics: Metrics,
  log: Log,
  changed: (channel: string, status: SourceStatus) => void,
): Bridge {
  const { broker, publisher, onError } = node;
  return new Bridge({
    sources,
    leases: broker,
    target: {
      set: async (channel, key, data, condition) =>
        positionOf(await publisher.publishKey(channel, key, data, { condition })),
      remove: async (channel, key, condition) =>
        positionOf(await publisher.removeKey(channel, key, { condition })),
    },
    onPolled: (source, outcome, changes) => metrics.polled(source, outcome, changes),
    onChange: (channel, status) => {
      const { state, error } = status;
      log(state === "stale" ? "warn" : "info", `bridge: ${state}`, {
        channel,
        ...(error !== null && { error }),
      });
      changed(channel, status);
    },
    onError,
  });
}

/** @param bridge is called once somebody listens, and may be made after the hub. */
export function bridgeDemand(bridge: () => Bridge): Demand {
  return {
    begun({ channel, state }) {
      if (state === null) return;
      const { mirror } = state;
      return bridge().begun({
        channel,
        get: (key) => mirror.get(key),
        entries: () => mirror.entries(),
      });
    },
    ended: ({ channel }) => bridge().ended(channel),
  };
}

function positionOf({ position, suppressed }: Published): Published["position"] {
  return suppressed === null ? position : null;
}

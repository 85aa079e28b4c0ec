/** Web Push as one node of the product has it. */
import type { Config } from "../config.ts";
import type { Node } from "../node/node.ts";
import type { Log } from "../ops/log.ts";
import type { Metrics } from "../ops/metrics.ts";
import { openPush, type Push } from "./mod.ts";

/** Pages subscribe to it while they are visible: so their users see new orders there. */
const watchChannel = "watch:orders";

export function nodePush(
  { shop, push }: Pick<Config, "shop" | "push">,
  { presence, onError }: Pick<Node, "presence" | "onError">,
  kv: Deno.Kv,
  metrics: Metrics,
  log: Log,
): Push {
  if (shop && push === null) log("info", "web push is off: VAPID_KEYS is not set");
  return openPush({
    config: shop ? push : null,
    kv,
    watching: async () => {
      const present = await presence.list(watchChannel);
      return new Set([...present.values()].map(({ user }) => user));
    },
    count: (outcome, n) => metrics.pushed(outcome, n),
    log,
    onError,
  });
}

/** Says that alerts are not raised: each in the metrics, and now and then in the log. */
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

const everyMs = 60_000;

/** @returns what is to be told of each; it logs the first, and then at most once a minute. */
export function droppedAlerts(
  metrics: Pick<Metrics, "alertDropped">,
  log: Log,
  now: () => number = Date.now,
): (kind: string) => void {
  let nextAt = -Infinity;
  let unsaid: Record<string, number> = {};
  return (kind) => {
    metrics.alertDropped(kind);
    unsaid[kind] = (unsaid[kind] ?? 0) + 1;
    if (now() < nextAt) return;
    log("warn", "alerts are not raised: as many as may be are open", unsaid);
    nextAt = now() + everyMs;
    unsaid = {};
  };
}

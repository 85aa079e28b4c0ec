/** Whether the server can be reached, and how long its last answer took. */
import type { Driver } from "./driver.ts";
import type { Link } from "./uplink.ts";

const looks: Readonly<Record<Link, string>> = { unknown: "unknown", up: "online", down: "waiting" };

export function DriverBadge({ driver }: { driver: Driver }) {
  const { texts, page, link, lastTaken } = driver;
  if (page.access.value !== "granted") return null;
  const state = link.value;
  const taken = lastTaken.value;
  const isKnown = state === "up" && taken !== null;
  return (
    <div class="badge" data-state={looks[state]} role="group" aria-label={page.texts.connection}>
      <span class="state" role="status">{texts.links[state]}</span>
      <span class="latency">
        {isKnown ? page.texts.latency(page.format.number(taken.latencyMs)) : page.texts.noLatency}
      </span>
    </div>
  );
}

/** How the page is connected, how the polling goes, and when something last changed. */
import { Badge } from "../badge.tsx";
import type { LiveView } from "./view.ts";

export function LiveBadge({ view }: { view: LiveView }) {
  const { texts, page, count, changedAt, isLoaded, source } = view;
  const { format } = page;
  const at = changedAt.value;
  const isStale = page.connection.status.value.name === "online" && source.value?.state === "stale";
  return (
    <Badge page={page} stale={isStale ? texts.stale : undefined}>
      {isLoaded.value && (
        <span class="entries">
          {texts.entries(format.number(count.value), count.value === 1)} ·{" "}
        </span>
      )}
      {at === null ? texts.noChange : `${texts.lastChange} ${format.clock(at)}`}
    </Badge>
  );
}

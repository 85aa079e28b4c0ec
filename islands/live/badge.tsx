/** How the page is connected, how the polling goes, and when something last changed. */
import { QualityDetails } from "../quality.tsx";
import { transportNames } from "../texts.ts";
import type { LiveView } from "./view.ts";

type Health = "online" | "stale" | "waiting" | "offline" | "closed";

export function LiveBadge({ view }: { view: LiveView }) {
  const { texts, page, count, changedAt, format, isLoaded, quality, latencies } = view;
  const { health, text } = describe(view);
  const at = changedAt.value;
  return (
    <div class="badge" data-state={health} role="group" aria-label={texts.connection}>
      <span class="state" role="status">{text}</span>
      <QualityDetails
        language={page.language}
        format={format}
        quality={quality.value}
        latencies={latencies.value}
      >
        <span class="latency">
          {isLoaded.value && (
            <span class="entries">
              {texts.entries(format.number(count.value), count.value === 1)} ·{" "}
            </span>
          )}
          {at === null ? texts.noChange : `${texts.lastChange} ${format.clock(at)}`}
        </span>
      </QualityDetails>
    </div>
  );
}

function describe(view: LiveView): { readonly health: Health; readonly text: string } {
  const { texts, connection, source, staleSince, format } = view;
  const state = connection.value;
  const asOf = !view.wasOnline || staleSince.value === null
    ? null
    : texts.asOf(format.clock(staleSince.value));
  switch (state.name) {
    case "online": {
      const transport = transportNames[state.transport];
      const health = source.value?.state === "stale" ? "stale" : "online";
      return { health, text: `${transport} · ${health === "stale" ? texts.stale : texts.live}` };
    }
    case "closed":
      return { health: "closed", text: `${texts.closed}: ${state.reason}` };
    case "idle":
      return { health: "waiting", text: `${texts.connecting}…` };
    case "offline":
      return {
        health: "offline",
        text: asOf === null ? texts.offline : `${texts.offline} · ${asOf}`,
      };
    case "connecting":
    case "waiting": {
      const text = asOf === null ? `${texts.connecting}…` : `${texts.reconnecting}… ${asOf}`;
      return { health: "waiting", text };
    }
  }
}

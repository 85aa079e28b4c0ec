/** How the page is connected, how the polling goes, and when something last changed. */
import type { LiveView } from "./view.ts";

type Health = "online" | "stale" | "waiting" | "closed";

export function LiveBadge({ view }: { view: LiveView }) {
  const { texts, count, changedAt, format, isLoaded } = view;
  const { health, text } = describe(view);
  const at = changedAt.value;
  return (
    <div class="badge" data-state={health} role="group" aria-label={texts.connection}>
      <span class="state" role="status">{text}</span>
      <span class="latency">
        {isLoaded.value && (
          <span class="entries">
            {texts.entries(format.number(count.value), count.value === 1)} ·{" "}
          </span>
        )}
        {at === null ? texts.noChange : `${texts.lastChange} ${format.clock(at)}`}
      </span>
    </div>
  );
}

function describe(view: LiveView): { readonly health: Health; readonly text: string } {
  const { texts, connection, source, staleSince, format } = view;
  const state = connection.value;
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
      return { health: "waiting", text: texts.offline };
    case "connecting":
    case "waiting": {
      const since = staleSince.value;
      const text = !view.wasOnline || since === null
        ? `${texts.connecting}…`
        : `${texts.reconnecting}… ${texts.asOf(format.clock(since))}`;
      return { health: "waiting", text };
    }
  }
}

const transportNames = { websocket: "WebSocket", sse: "SSE", long_poll: "Long-poll" } as const;
